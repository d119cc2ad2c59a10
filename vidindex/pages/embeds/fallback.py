"""Find players that no other finder recognizes: by yt-dlp's extractors, then by words in their URLs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from itertools import islice
from urllib.parse import unquote, urlsplit

from lxml.html import HtmlElement

from ..providers import is_button_url
from .document import EmbedCandidate, PageDocument
from .incidental_audio import is_reading_service

_FRAME_TAGS = ("iframe", "frame", "amp-iframe", "amp-video-iframe")
_PLAYER_TAGS = (*_FRAME_TAGS, "embed", "object", "script", "video-js")
_URL_ATTRIBUTES = ("src", "data-src", "data-lazy-src", "data-litespeed-src", "data-url", "data")
_PLAYER_URL = re.compile(
    r"(?i)(?:^|[/_.=-])(?:video|player|videoplayer|vplayer|jwplayer|embed-?video|video-?embed|watch|vod|clip|movie|"
    r"webcast|livestream|replay|tv)s?\d*(?:[/_.?=-]|embed|player|$)"
)
_PLAYER_PERMISSION = re.compile(r"(?i)picture-in-picture|encrypted-media")
"""What pages allow the frames of players only."""
_PLAYER_WORD = re.compile(r"(?i)\b(?:video|player|trailer|clip|film|webcast|screencast|episode)")
_NON_PLAYER_URL = re.compile(
    r"(?i)(?:doubleclick|googlesyndication|adserv|/ads?[/._?]|advert|banner|captcha|/maps?[/?.]|googletagmanager|"
    r"soundcloud|spotify|8tracks|ooyala_storage|mixcloud|bandcamp|podcast|audio|radio|simplecast|player\.fm|libsyn|captivate\.fm|transistor\.fm|"
    r"npr\.org/player|megaphone\.fm|omny\.fm|acast\.com|player\.ex\.co|slideshare|speakerdeck|scribd|issuu|prezi|disqus|"
    r"facebook\.com/plugins|platform\.twitter|addthis|sharethis|outbrain|taboola|connatix|primis|/form|newsletter|"
    r"last\.fm|giphy\.com|tenor\.com|flo\.uri\.sh|knightlab\.com|padlet\.com|figma\.com|"
    r"miro\.com|airtable\.com|openstreetmap\.org|arcgis\.com|thinglink\.com|genial\.ly|public\.tableau\.com|geogebra\.org|"
    r"sketchfab\.com|h5p\.(?:org|com)|matterport\.com|docs\.google\.com/(?:presentation|document|spreadsheets|forms)/|game|survey|poll|chart|infogram|datawrapper|flourish|codepen|jsfiddle|calendar|weather|/widget/card|login|consent|"
    r"comments?\b|sharethis|/shar(?:e|er|ing)(?:[._-]\w*)?(?:\.\w+)?(?:[?#]|$)|tracking|analytics|pixel|livestream-?chat|chat)"
)
_WRAPPER_URLS = (
    ("iframely", re.compile(r"(?i)^https?://(?:[\w-]+\.)?(?:iframe\.ly|iframely\.net|if-cdn\.com)/\w{5,12}(?:$|[?#])")),
    ("embedly", re.compile(r"(?i)^https?://(?:[\w-]+\.)?(?:embedly\.com|embed\.ly)/widgets/media\.html\?")),
)
"""Services whose frames contain the player of another provider but do not name it."""
_PLAYER_META_NAME = re.compile(r"(?i)^(?:og:video(?::(?:secure_)?url|:iframe)?|twitter:player)$")
_MAX_UNKNOWN_PLAYERS = 12
_ADVERT_WORD = re.compile(
    r"(?i)\b(?:ads?|advert\w*|sponsor\w*|google_ads\w*|container|safeframe|recaptcha|anchor|aframe|zrt_lookup|like|follow)\b|_ads?_"
)
_SAVED_ID = re.compile(r"(?=.{0,10}[\dA-Z_-])[\w-]{11}|\d{6,12}")
"""What Firefox calls a saved frame of YouTube or Vimeo."""


def find_unknown_players(page: PageDocument, known_elements: set[HtmlElement]) -> Iterator[EmbedCandidate]:
    """Yield the players among the elements of *page* that are not in *known_elements*."""
    metadata_urls = _collect_metadata_players(page)
    for element in islice(
        (e for e in page.elements_by_tag(*_PLAYER_TAGS) if e not in known_elements), 10 * _MAX_UNKNOWN_PLAYERS
    ):
        if not (url := _find_player_url(element, page)):
            continue
        label = element.get("title") or ""
        if element.tag in _FRAME_TAGS and (wrapper := _match_wrapper(url)):
            yield EmbedCandidate(element, url, label=label, provider=wrapper)
            continue
        found = list(_find_with_ytdlp(element, url, page)) if "://" in url else []
        yield from found[:3]
        if not found and element.tag in _FRAME_TAGS and (url in metadata_urls or _is_likely_player(element, url)):
            yield EmbedCandidate(element, url, label=label, provider=_guess_provider(url, page))


def _collect_metadata_players(page: PageDocument) -> frozenset[str]:
    """Return the player URLs in the metadata of the page; a frame with one of them is a player."""
    tags = (
        meta
        for meta in page.elements_by_tag("meta")
        if _PLAYER_META_NAME.match(meta.get("property") or meta.get("name") or "")
    )
    return frozenset(page.absolute_url(meta.get("content")) for meta in islice(tags, _MAX_UNKNOWN_PLAYERS))


def _find_with_ytdlp(element: HtmlElement, url: str, page: PageDocument) -> Iterator[EmbedCandidate]:
    if not url.startswith(("http:", "https:")):
        return
    from .ytdlp import find_markup_embeds, match_extractor

    label = element.get("title") or ""
    video = match_extractor(url) if element.tag != "script" else None
    if video is not None:
        yield EmbedCandidate(element, url, label=label, provider=video.provider, id=video.id)
        return
    for embed_url in islice(
        find_markup_embeds(_serialize_tag(element), url, page.url or "https://example.invalid/"), 3
    ):
        if (video := match_extractor(embed_url)) is not None:
            yield EmbedCandidate(element, embed_url, label=label, provider=video.provider, id=video.id)


def _find_player_url(element: HtmlElement, page: PageDocument) -> str:
    url = next(filter(None, (page.absolute_url(element.get(name)) for name in _URL_ATTRIBUTES)), "")
    if element.tag == "script" and not any(word in url.lower() for word in ("embed", "player", "video")):
        return ""
    if len(url) > 2000 or is_button_url(url) or is_reading_service(url) or _is_small(element):
        return ""
    # The folder of a saved page says nothing about its frames.
    return "" if _NON_PLAYER_URL.search(url.rpartition("/")[2] if url.startswith("file:") else url) else url


def _match_wrapper(url: str) -> str:
    return next((name for name, pattern in _WRAPPER_URLS if pattern.match(url)), "")


def _serialize_tag(element: HtmlElement) -> str:
    """Return *element* without its content, as HTML that matches yt-dlp's patterns."""
    attributes = [f'{name}="{escape(value)}"' for name, value in element.items() if len(value) < 2000]
    tag = "iframe" if element.tag in _FRAME_TAGS else str(element.tag)
    return f"<{tag} {' '.join(attributes)}></{tag}>"


def _is_likely_player(frame: HtmlElement, url: str) -> bool:
    parts = urlsplit(url)
    searched_url = f"{parts.netloc.partition('.')[0]}{parts.path}?{parts.query[:200]}"
    words = " ".join(frame.get(name) or "" for name in ("title", "class", "id", "name"))
    has_fullscreen = frame.get("allowfullscreen") is not None or "fullscreen" in (frame.get("allow") or "")
    if url.startswith("file:"):
        return _is_saved_player(words, parts.path, has_fullscreen=has_fullscreen)
    return (
        bool(_PLAYER_URL.search(searched_url))
        or _PLAYER_PERMISSION.search(frame.get("allow") or "") is not None
        or (has_fullscreen and (bool(_PLAYER_WORD.search(words)) or ("/embed" in parts.path and _is_wide(frame))))
    )


def _is_saved_player(words: str, path: str, *, has_fullscreen: bool) -> bool:
    """Return whether a frame that was saved beside the page played: its name is what is left of its URL."""
    name = unquote(path.rpartition("/")[2]).rpartition(".")[0]
    if _ADVERT_WORD.search(f"{words} {name}"):
        return False
    return has_fullscreen or bool(
        _PLAYER_URL.search(f"/{name}") or _PLAYER_WORD.search(words) or _SAVED_ID.fullmatch(name)
    )


def _is_small(element: HtmlElement) -> bool:
    if element.get("layout") == "responsive":
        return False  # the sizes of AMP are a ratio then
    return any(size is not None and size < 90 for size in _read_sizes(element))


def _is_wide(element: HtmlElement) -> bool:
    """Return whether *element* has the shape of a film, 16:9."""
    width, height = _read_sizes(element)
    return width is not None and height is not None and height > 0 and abs(9 * width - 16 * height) <= 16


def _read_sizes(element: HtmlElement) -> tuple[int | None, int | None]:
    width, height = ((element.get(name) or "").removesuffix("px") for name in ("width", "height"))
    return _read_pixels(width), _read_pixels(height)


def _read_pixels(size: str) -> int | None:
    return int(size) if size.isdecimal() and len(size) < 9 else None


def _guess_provider(url: str, page: PageDocument) -> str:
    """Return a name for an unknown provider: `page` if the site of the article serves it, otherwise the host."""
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    page_host = (urlsplit(page.base_url).hostname or "").removeprefix("www.")
    return "page" if host == page_host else host
