"""Run all finders on a page, and merge their candidates for the same video into one embed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

from lxml.html import HtmlElement

from ...model import Embed, EmbedKind, Medium
from ...net.sites import is_same_site
from ..markup import parse_html
from ..providers import RecognizedVideo, is_audio_file, media_file_id, recognize_url, strip_audio_prefix
from . import (
    audio,
    fallback,
    flash,
    links,
    media,
    metadata,
    nested_markup,
    platforms,
    provider_attributes,
    scripts,
    shortcodes,
    social,
    url_attributes,
)
from .boilerplate import BoilerplateDetector
from .document import MAX_PAGE_ELEMENTS, EmbedCandidate, PageDocument
from .incidental_audio import is_in_podcast_rail
from .label_words import clean_label
from .labels import LabelFinder
from .nested_markup import MarkupFragment
from .wrapper_urls import recognize_wrapped_url

FINDERS: tuple[Callable[[PageDocument], Iterator[EmbedCandidate]], ...] = (
    url_attributes.find_url_attributes,
    flash.find_flash_players,
    media.find_media_elements,
    provider_attributes.find_provider_attributes,
    platforms.find_platform_players,
    social.find_social_posts,
    shortcodes.find_shortcodes,
    scripts.find_script_players,
    metadata.find_metadata_videos,
    links.find_video_links,
    audio.find_audio_players,
)
_MARKUP_FINDERS = (nested_markup.find_nested_markup, scripts.find_script_markup)
_MAX_FRAGMENT_DEPTH = 2
_MAX_FRAGMENTS = 80
_MAX_EMBEDS = 500
_MAX_WEAK_EMBEDS = 3
"""The number of videos in the data of a page above which they are more than those of its article."""
_MAX_CANDIDATES_PER_FINDER = 5000
_KIND_RANK: dict[EmbedKind, int] = {"embed": 0, "meta": 1, "link": 2}


def find_page_embeds(html: str | bytes, url: str | None) -> list[Embed]:
    """Return the embeds of *html* in document order: the strongest candidate for each video, with its label."""
    root = parse_html(html)
    return [] if root is None else find_tree_embeds(root, url)


def find_tree_embeds(root: HtmlElement, url: str | None) -> list[Embed]:
    """Return the embeds of a parsed page; see `find_page_embeds`."""
    page = PageDocument(root, url or "")
    candidates = list(find_candidates(page))
    candidates += fallback.find_unknown_players(
        page, {candidate.element for candidate in candidates if recognize_wrapped_url(candidate.url)}
    )
    return _make_embeds(page, candidates)


def find_candidates(page: PageDocument) -> Iterator[EmbedCandidate]:
    """Yield the candidates of all finders in *page* and in markup that is nested as text in it, unordered."""
    for finder in FINDERS:
        yield from islice(finder(page), _MAX_CANDIDATES_PER_FINDER)
    if page.depth >= _MAX_FRAGMENT_DEPTH:
        return
    nested_fragments = (fragment for fragments in _MARKUP_FINDERS for fragment in fragments(page))
    for fragment in islice(nested_fragments, _MAX_FRAGMENTS):
        root = parse_html(fragment.html)
        if root is None:
            continue
        found = find_candidates(PageDocument(root, page.base_url, depth=page.depth + 1))
        for candidate in _mark_facade(fragment, found) if fragment.links_are_players else found:
            kind = candidate.kind if candidate.kind != "embed" else fragment.kind
            yield replace(candidate, element=fragment.element, kind=kind, weak=candidate.weak or fragment.weak)


def _mark_facade(fragment: MarkupFragment, candidates: Iterator[EmbedCandidate]) -> Iterator[EmbedCandidate]:
    """Yield *candidates*; links in a frame to the video that it plays, the first one if it does not say, are embeds.

    A frame that a browser saved also has links to the videos that the player suggests.
    """
    framed = recognize_wrapped_url(fragment.element.get("src") or "")
    played = f"{framed.provider}:{framed.id}" if framed else ""
    for candidate in candidates:
        played = played or _identify(candidate)
        yield replace(candidate, kind="embed") if _identify(candidate) == played else candidate


def _make_embeds(page: PageDocument, candidates: list[EmbedCandidate]) -> list[Embed]:
    order = {node: index for index, node in enumerate(islice(page.root.iter(), MAX_PAGE_ELEMENTS))}
    detector = BoilerplateDetector(page)
    outside = {
        _identify(c) for c in candidates if c.kind == "embed" and not c.weak and detector.is_boilerplate(c.element)
    }
    candidates = [
        candidate
        for candidate in candidates
        if not (media.plays_as_background(candidate.url) or _is_outside_article(candidate, detector))
    ]
    candidates = list(_weigh_mentions([*map(_weaken_channel, candidates)], outside))
    merged = _merge_candidates(candidates, order)
    labels = LabelFinder(
        _collect_link_texts(candidates), {found.element for found in merged if found.embed.kind == "embed"}
    )
    in_order = sorted(merged, key=lambda found: order.get(found.element, 0))
    return [
        found.embed if found.shows_label else replace(found.embed, label=labels.find_label(found.element, found.embed))
        for found in in_order[:_MAX_EMBEDS]
    ]


def _is_outside_article(candidate: EmbedCandidate, detector: BoilerplateDetector) -> bool:
    if detector.is_boilerplate(candidate.element):
        return True
    return is_in_podcast_rail(candidate.element) and _medium_of(candidate) == "audio"


def _weigh_mentions(candidates: list[EmbedCandidate], outside: set[str]) -> Iterator[EmbedCandidate]:
    """Yield *candidates*; weak ones are mentions if their videos play *outside* the article, or are a whole list."""
    inside = {_identify(c) for c in candidates if c.kind == "embed" and not c.weak}
    linked = {_identify(c) for c in candidates if c.kind == "link" and c.element.tag == "a"} - inside
    listed = {_identify(c) for c in candidates if c.kind == "embed" and c.weak} - inside
    for candidate in candidates:
        if not candidate.weak or candidate.kind != "embed" or (key := _identify(candidate)) in inside:
            yield candidate
        elif key in linked:
            yield replace(candidate, kind="link")
        elif key in outside or (len(listed) > _MAX_WEAK_EMBEDS and key in listed):
            yield replace(candidate, kind="meta")
        else:
            yield candidate


def _weaken_channel(candidate: EmbedCandidate) -> EmbedCandidate:
    """Return *candidate* as a weak one if it plays what a channel uploads or sends now: sites have it on every page."""
    video = recognize_url(candidate.url) if candidate.kind == "embed" and "youtu" in candidate.url else None
    is_channel = video is not None and (
        (video.id.startswith("UU") and len(video.id) > 11) or video.url.endswith("/live")
    )
    return replace(candidate, weak=True) if is_channel else candidate


def _identify(candidate: EmbedCandidate) -> str:
    video = recognize_wrapped_url(candidate.url)
    if video is None:
        return candidate.url
    return _media_key(video.id) if video.provider == "html5" else f"{video.provider}:{video.id}"


def _medium_of(candidate: EmbedCandidate) -> Medium:
    video = recognize_wrapped_url(candidate.url)
    return video.medium if video is not None else candidate.medium


def _collect_link_texts(candidates: list[EmbedCandidate]) -> dict[str, str]:
    """Return the text of the links to videos, by the canonical URL of the video."""
    link_texts: dict[str, str] = {}
    for candidate in candidates:
        if candidate.kind == "link" and clean_label(candidate.label) and (video := recognize_url(candidate.url)):
            link_texts.setdefault(video.url, candidate.label)
    return link_texts


class _FoundEmbed(NamedTuple):
    """An embed with the element at which it was found."""

    embed: Embed
    element: HtmlElement
    shows_label: bool


def _merge_candidates(candidates: list[EmbedCandidate], order: dict[HtmlElement, int]) -> list[_FoundEmbed]:
    """Merge the candidates for each video into one embed, at the element of the strongest candidate."""
    strong = {_medium_of(s) for s in candidates if s.kind == "embed" and not s.weak}
    if strong:  # audio beside a video does not make the video weaker
        candidates = [
            replace(s, kind="meta")
            if s.weak and s.kind == "embed" and ("video" in strong or _medium_of(s) == "audio")
            else s
            for s in candidates
        ]
    merged: dict[str, _FoundEmbed] = {}
    keys_by_url: dict[str, str] = {}
    keys_by_element: dict[HtmlElement, str] = {}  # the files of one element are one video
    for candidate in sorted(candidates, key=lambda s: (_KIND_RANK[s.kind], order.get(s.element, 0))):
        embed = _make_embed(candidate)
        if embed is None:
            continue
        key = _deduplication_key(embed, keys_by_url)
        if embed.provider == "html5" and candidate.element.tag in ("video", "audio"):
            key = keys_by_element.setdefault(candidate.element, key)
        if key in merged:
            merged[key] = merged[key]._replace(embed=_combine_embeds(merged[key].embed, embed))
            continue
        for other in candidate.alternate_urls:
            keys_by_url.setdefault(_media_key(other), key)
        merged[key] = _FoundEmbed(embed, candidate.element, candidate.shows_label and bool(clean_label(embed.label)))
    return _drop_files_of_players(list(merged.values()))


def _drop_files_of_players(found: list[_FoundEmbed]) -> list[_FoundEmbed]:
    """Return *found* without audio files of hosts whose players are there, too: they play these files."""
    audio = [each.embed for each in found if each.embed.medium == "audio"]
    files = [embed for embed in audio if is_audio_file(embed.url)]
    players = [embed for embed in audio if not is_audio_file(embed.url)]
    if not files or not players:
        return found
    dropped = {embed.url for embed in files if _is_file_of_player(embed, files, players)}
    return [each for each in found if each.embed.url not in dropped]


def _is_file_of_player(embed: Embed, files: list[Embed], players: list[Embed]) -> bool:
    """Return whether a player of the same host may play *embed*: there are not more files than players."""
    url = strip_audio_prefix(embed.url)
    same = [player for player in players if is_same_site(url, player.url)]
    among = [each for each in files if _KIND_RANK[each.kind] <= _KIND_RANK[embed.kind]]
    count = sum(is_same_site(url, strip_audio_prefix(each.url)) for each in among)
    return any(_KIND_RANK[player.kind] <= _KIND_RANK[embed.kind] for player in same) and count <= len(same)


def _make_embed(candidate: EmbedCandidate) -> Embed | None:
    video = recognize_wrapped_url(candidate.url)
    if video is None:
        if not candidate.provider:
            return None
        video = RecognizedVideo(
            candidate.provider, candidate.id or candidate.url, candidate.url, False, candidate.medium
        )
    return Embed(
        video.url,
        video.provider,
        video.id,
        candidate.label,
        candidate.kind,
        video.dead,
        candidate.captions,
        candidate.url if candidate.url != video.url else "",
        video.medium,
    )


def _deduplication_key(embed: Embed, keys_by_url: dict[str, str]) -> str:
    key = _media_key(embed.id) if embed.provider == "html5" else f"{embed.provider}:{embed.id}"
    return keys_by_url.get(key, key)


def _media_key(url: str) -> str:
    return media_file_id(url).partition("://")[2] or url


def _combine_embeds(first: Embed, other: Embed) -> Embed:
    # The longer URL has the key of an unlisted video.
    is_file = first.medium == "audio" and is_audio_file(other.url) and not is_audio_file(first.url)
    url = other.url if is_file or other.url.startswith(f"{first.url}/") else first.url
    return replace(first, url=url, label=first.label or other.label, captions=first.captions or other.captions)
