"""Find what is only heard: `<audio>`, attributes of custom players, metadata, and links to audio files.

Frames of audio providers have rows in the table of providers, as those of videos do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import unquote

from lxml.html import HtmlElement

from ...model import CaptionLink, EmbedKind
from ..json_ld import load_json_ld
from ..markup import element_text
from ..providers import is_audio_file, media_file_id, recognize_url, strip_audio_prefix
from .buttons import is_button
from .document import EmbedCandidate, PageDocument
from .incidental_audio import is_incidental, is_incidental_file

_AUDIO_TAGS = ("audio", "amp-audio")
_SOURCE_ATTRIBUTES = (
    "src", "data-src", "data-lazy-src", "data-audio-src", "data-url", "data-litespeed-src", "data-mp3",
)  # fmt: skip
_OTHER_TAGS = frozenset((
    "audio", "amp-audio", "a", "source", "link", "meta", "object", "embed", "param", "input", "script", "video",
))  # fmt: skip
_PLAYER_ATTRIBUTE = re.compile(r"(?i)audio|mp3|podcast|episode|sound|track|media|enclosure|stream")
_PLAYER_NAME = re.compile(r"(?i)audio|podcast|mp3|player|episode|listen")
_PLAIN_ATTRIBUTES = frozenset(("src", "href", "data-src", "data-url", "data-file", "data-source", "data-href", "url"))
_NO_PLAYER_ATTRIBUTE = re.compile(
    r"(?i)share|download|next|prev|related|^(?:alt|title|class|style|content|value|action|onclick)$"
)
_END_OF_URL = re.compile(r"[\"'\s<>\\|,{}\[\]]+")
_FLASHVARS = re.compile(r"(?i)(?:^|[&?;])(?:soundfile|mp3|file|song_?url|audio(?:file|url)?|son|src)=([^&;]{5,1000})")
_META_NAME = re.compile(r"(?i)^(?:og:audio(?::(?:secure_)?url)?|twitter:player:stream)$")
_EPISODE_TYPE = re.compile(r"(?:Podcast|Radio)Episode")
_ARTICLE_TYPE = re.compile(r"Article|BlogPosting|Report|LiveBlog|Recipe")
_MAX_JSON_LD_NODES = 2000
_MAX_SOURCES = 20
_MAX_ATTRIBUTE_CHARS = 20_000


def find_audio_players(page: PageDocument) -> Iterator[EmbedCandidate]:
    """Yield what plays audio in *page*, except audio that is no evidence; then audio that it names or links to."""
    for element in page.elements_by_tag(*_AUDIO_TAGS):
        urls = list(dict.fromkeys(_list_sources(element, page)))
        if urls and not is_incidental(element, urls[0]):
            label = element.get("title") or element.get("aria-label") or element.get("data-title") or ""
            captions = tuple(_list_captions(element, page))
            yield make_audio_candidate(element, urls[0], label=label, captions=captions, others=tuple(urls[1:]))
    for element in page.elements_by_tag("amp-soundcloud", "amp-megaphone"):
        yield from _find_in_amp_player(element)
    for element in page.elements_by_tag("object", "embed"):
        yield from _find_in_object(element, page)
    for element in page.elements:
        yield from _find_in_attributes(element, page)
    yield from _find_in_metadata(page)
    for anchor in page.elements_by_tag("a"):
        yield from _find_in_link(anchor, page)


def make_audio_candidate(
    element: HtmlElement,
    url: str,
    *,
    kind: EmbedKind = "embed",
    label: str = "",
    captions: tuple[CaptionLink, ...] = (),
    others: tuple[str, ...] = (),
    weak: bool = False,
) -> EmbedCandidate:
    """Return the candidate for the audio file at *url*, which services that count listeners may stand before."""
    plain = strip_audio_prefix(url)
    known = recognize_url(plain)
    provider, id_ = (known.provider, known.id) if known is not None else ("html5", media_file_id(plain))
    return EmbedCandidate(
        element, url, kind, label, captions, tuple(map(strip_audio_prefix, others)), provider, id_, weak, medium="audio"
    )  # fmt: skip


def _list_sources(element: HtmlElement, page: PageDocument) -> Iterator[str]:
    for each in islice((element, *element.iter("source")), _MAX_SOURCES):
        if (each.get("type") or "").startswith(("video/", "image/")):
            continue
        for name in _SOURCE_ATTRIBUTES:
            url = page.absolute_url(each.get(name))
            # `<audio>` may play a script that sends a file; in other attributes, only a file counts.
            if url.startswith(("http:", "https:", "file:")) and (name == "src" or is_audio_file(url)):
                yield url


def _list_captions(element: HtmlElement, page: PageDocument) -> Iterator[CaptionLink]:
    for track in islice(element.iter("track"), _MAX_SOURCES):
        url = page.absolute_url(track.get("src") or track.get("data-src"))
        if url and (track.get("kind") or "subtitles").lower() in ("captions", "subtitles"):
            yield CaptionLink(url, track.get("srclang") or "", track.get("label") or "")


def _find_in_amp_player(element: HtmlElement) -> Iterator[EmbedCandidate]:
    for name, template in (
        ("data-trackid", "https://api.soundcloud.com/tracks/{}"),
        ("data-playlistid", "https://api.soundcloud.com/playlists/{}"),
        ("data-episode", "https://player.megaphone.fm/{}"),
    ):
        if (value := element.get(name)) and recognize_url(url := template.format(value)):
            yield EmbedCandidate(element, url)


def _find_in_object(element: HtmlElement, page: PageDocument) -> Iterator[EmbedCandidate]:
    """Yield the file that an old player in `<object>` or `<embed>` plays."""
    values = [element.get(name) or "" for name in ("src", "data", "flashvars")]
    values += [param.get("value") or "" for param in islice(element.iter("param"), _MAX_SOURCES)]
    for value in values:
        for reference in (value, *_FLASHVARS.findall(value[:4000])):
            url = page.absolute_url(unquote(reference))
            if is_audio_file(url) and not is_incidental_file(url) and element.get("hidden") is None:
                yield make_audio_candidate(element, url)
                return


def _find_in_attributes(element: HtmlElement, page: PageDocument) -> Iterator[EmbedCandidate]:
    """Yield the file that an attribute gives a player which is made by a script; many such are no single episode."""
    if element.tag in _OTHER_TAGS:
        return
    for name, value in element.items():
        if len(value) < 8 or "." not in value or _NO_PLAYER_ATTRIBUTE.search(name):
            continue
        names = f"{element.tag!s} {element.get('class') or ''} {element.get('id') or ''}"[:400]
        if not (_PLAYER_ATTRIBUTE.search(name) or (name in _PLAIN_ATTRIBUTES and _PLAYER_NAME.search(names))):
            continue
        url = page.absolute_url(_first_file(value))
        if url and is_audio_file(url) and not is_button(element) and not is_incidental(element, url):
            yield make_audio_candidate(element, url, label=element.get("data-title") or "", weak=True)
            return


def _first_file(value: str) -> str:
    if value[:1] not in "{[":
        return value
    pieces = _END_OF_URL.split(value[:_MAX_ATTRIBUTE_CHARS].replace("\\/", "/"))
    return next((piece for piece in pieces if "//" in piece and is_audio_file(piece)), "")


def _find_in_metadata(page: PageDocument) -> Iterator[EmbedCandidate]:
    for meta in page.elements_by_tag("meta"):
        if _META_NAME.match(meta.get("property") or meta.get("name") or ""):
            yield from _find_named(meta, page.absolute_url(meta.get("content")))
    for script in page.elements_by_tag("script"):
        if "ld+json" in (script.get("type") or "").lower():
            for reference, title in _list_episodes(load_json_ld(script.text or "")):
                yield from _find_named(script, page.absolute_url(reference), title)


def _find_named(element: HtmlElement, url: str, label: str = "") -> Iterator[EmbedCandidate]:
    if is_audio_file(url) and not is_incidental_file(url):
        yield make_audio_candidate(element, url, kind="meta", label=label)


def _list_episodes(data: object) -> Iterator[tuple[str, str]]:
    """Yield the file and the title of each episode in JSON-LD; the audio of an article reads the article."""
    stack: list[tuple[object, bool, bool, str]] = [(data, False, False, "")]
    for _ in range(_MAX_JSON_LD_NODES):
        if not stack:
            return
        item, in_article, in_episode, title = stack.pop()
        if isinstance(item, list):
            stack.extend((each, in_article, in_episode, title) for each in reversed(item[:200]))
        elif isinstance(item, dict):
            kind = str(item.get("@type", ""))
            in_episode = in_episode or bool(_EPISODE_TYPE.search(kind))
            in_article = (in_article or bool(_ARTICLE_TYPE.search(kind))) and not in_episode
            name = item.get("name")
            title = name if isinstance(name, str) and name else title
            reference = item.get("contentUrl")
            is_audio = in_episode or ("AudioObject" in kind and not in_article)
            if isinstance(reference, str) and is_audio:
                yield reference, title
            inner = (value for value in item.values() if isinstance(value, list | dict))
            stack.extend((value, in_article, in_episode, title) for value in inner)


def _find_in_link(anchor: HtmlElement, page: PageDocument) -> Iterator[EmbedCandidate]:
    href = anchor.get("href") or ""
    if "." not in href or len(href) > _MAX_ATTRIBUTE_CHARS:
        return
    is_player = "spreaker-player" in (anchor.get("class") or "")
    url = page.absolute_url(href)
    if is_player and recognize_url(url):
        yield EmbedCandidate(anchor, url, label=anchor.get("data-title") or "")
    elif is_audio_file(url) and not is_button(anchor) and not is_incidental(anchor, url):
        yield make_audio_candidate(anchor, url, kind="link", label=element_text(anchor, limit=200))
