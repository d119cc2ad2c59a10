"""Run every rule over a page and make one embed of all that was seen of one video."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice

from lxml.html import HtmlElement

from ...model import Embed
from ..markup import parse_html
from ..providers import RecognizedVideo, recognize_url
from . import fallback as leftovers
from . import flash, links, media, metadata, scripts, shortcodes, social
from . import nested_markup as nested
from . import provider_attributes as named
from . import url_attributes as players
from .boilerplate import BoilerplateDetector
from .document import EmbedCandidate, PageDocument
from .labels import LabelFinder
from .wrapper_urls import recognize_wrapped_url

FINDERS: tuple[Callable[[PageDocument], Iterator[EmbedCandidate]], ...] = (
    players.find_url_attributes,
    flash.find_flash_players,
    media.find_media_elements,
    named.find_provider_attributes,
    social.find_social_posts,
    shortcodes.find_shortcodes,
    scripts.find_script_players,
    metadata.find_metadata_videos,
    links.find_video_links,
)
_MARKUP_FINDERS = (nested.find_nested_markup, scripts.find_script_markup)
_MAX_FRAGMENT_DEPTH = 2
_MAX_FRAGMENTS = 80
_MAX_EMBEDS = 500
_KIND_RANK = {"embed": 0, "meta": 1, "link": 2}


def find_page_embeds(html: str | bytes, url: str | None) -> list[Embed]:
    """Find the embeds of *html* in its order: the best sighting of each video, with its label."""
    root = parse_html(html)
    if root is None:
        return []
    page = PageDocument(root, url or "")
    seen = list(find_candidates(page))
    seen += leftovers.find_unknown_players(
        page, {sighting.element for sighting in seen if recognize_wrapped_url(sighting.url)}
    )
    return _make_embeds(page, seen)


def find_candidates(page: PageDocument) -> Iterator[EmbedCandidate]:
    """Yield what the families see in *page* and in the markup that stands inside it, unordered."""
    for family in FINDERS:
        yield from family(page)
    if page.depth >= _MAX_FRAGMENT_DEPTH:
        return
    inside = (fragment for fragments in _MARKUP_FINDERS for fragment in fragments(page))
    for fragment in islice(inside, _MAX_FRAGMENTS):
        root = parse_html(fragment.html)
        if root is None:
            continue
        for sighting in find_candidates(PageDocument(root, page.base_url, depth=page.depth + 1)):
            kind = (
                "embed" if fragment.links_are_players else sighting.kind if sighting.kind != "embed" else fragment.kind
            )
            yield replace(sighting, element=fragment.element, kind=kind, weak=sighting.weak or fragment.weak)


def _make_embeds(page: PageDocument, seen: list[EmbedCandidate]) -> list[Embed]:
    order = {element: at for at, element in enumerate(page.elements)}
    regions = BoilerplateDetector(page)
    seen = [sighting for sighting in seen if not regions.is_boilerplate(sighting.element)]
    merged = _merge_candidates(seen, order)
    labels = LabelFinder(_collect_link_texts(seen), {at for embed, at in merged if embed.kind == "embed"})
    in_order = sorted(merged, key=lambda pair: order.get(pair[1], 0))
    return [replace(embed, label=labels.find_label(at, embed)) for embed, at in in_order[:_MAX_EMBEDS]]


def _collect_link_texts(seen: list[EmbedCandidate]) -> dict[str, str]:
    """Collect the words with which the text links to videos, by the video's address."""
    linked: dict[str, str] = {}
    for sighting in seen:
        if sighting.kind == "link" and sighting.label and (known := recognize_url(sighting.url)):
            linked.setdefault(known.url, sighting.label)
    return linked


def _merge_candidates(seen: list[EmbedCandidate], order: dict[HtmlElement, int]) -> list[tuple[Embed, HtmlElement]]:
    """Make one embed of all sightings of a video, at the place of the strongest of them."""
    if any(s.kind == "embed" and not s.weak for s in seen):
        seen = [replace(s, kind="meta") if s.weak and s.kind == "embed" else s for s in seen]
    merged: dict[str, tuple[Embed, HtmlElement]] = {}
    alias: dict[str, str] = {}
    for sighting in sorted(seen, key=lambda s: (_KIND_RANK[s.kind], order.get(s.element, 0))):
        embed = _make_embed(sighting)
        if embed is None:
            continue
        key = _deduplication_key(embed, alias)
        if key in merged:
            merged[key] = (_combine_embeds(merged[key][0], embed), merged[key][1])
            continue
        for other in sighting.alternate_urls:
            alias.setdefault(_strip_query(other), key)
        merged[key] = (embed, sighting.element)
    return list(merged.values())


def _make_embed(sighting: EmbedCandidate) -> Embed | None:
    known = recognize_wrapped_url(sighting.url)
    if known is None:
        if not sighting.provider:
            return None
        known = RecognizedVideo(sighting.provider, sighting.id or sighting.url, sighting.url, False)
    return Embed(
        known.url,
        known.provider,
        known.id,
        sighting.label,
        sighting.kind,
        known.dead,
        sighting.captions,
        sighting.url if sighting.url != known.url else "",
    )


def _deduplication_key(embed: Embed, alias: dict[str, str]) -> str:
    key = _strip_query(embed.id) if embed.provider == "html5" else f"{embed.provider}:{embed.id}"
    return alias.get(key, key)


def _strip_query(url: str) -> str:
    return url.partition("?")[0].partition("://")[2] or url


def _combine_embeds(first: Embed, other: Embed) -> Embed:
    return replace(first, label=first.label or other.label, captions=first.captions or other.captions)
