"""Run every rule over a page and make one embed of all that was seen of one video."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice

from lxml.html import HtmlElement

from ...model import Embed
from ..markup import parse
from ..providers import Recognised, recognise
from . import fallback as leftovers
from . import flash, links, media, metadata, scripts, shortcodes, social
from . import nested_markup as nested
from . import provider_attributes as named
from . import url_attributes as players
from .boilerplate import Regions
from .document import Page, Sighting
from .labels import Labels
from .wrapper_urls import recognise_wrapped

FAMILIES: tuple[Callable[[Page], Iterator[Sighting]], ...] = (
    players.find,
    flash.find,
    media.find,
    named.find,
    social.find,
    shortcodes.find,
    scripts.find,
    metadata.find,
    links.find,
)
_INSIDE = (nested.fragments, scripts.fragments)
_DEPTH = 2
_FRAGMENTS = 80
_MAX_EMBEDS = 500
_RANK = {"embed": 0, "meta": 1, "link": 2}


def find(html: str | bytes, url: str | None) -> list[Embed]:
    """Find the embeds of *html* in its order: the best sighting of each video, with its label."""
    root = parse(html)
    if root is None:
        return []
    page = Page(root, url or "")
    seen = list(sightings(page))
    seen += leftovers.find(page, {sighting.at for sighting in seen if recognise_wrapped(sighting.url)})
    return _embeds(page, seen)


def sightings(page: Page) -> Iterator[Sighting]:
    """Yield what the families see in *page* and in the markup that stands inside it, unordered."""
    for family in FAMILIES:
        yield from family(page)
    if page.depth >= _DEPTH:
        return
    inside = (fragment for fragments in _INSIDE for fragment in fragments(page))
    for fragment in islice(inside, _FRAGMENTS):
        root = parse(fragment.html)
        if root is None:
            continue
        for sighting in sightings(Page(root, page.base, depth=page.depth + 1)):
            kind = "embed" if fragment.lift else sighting.kind if sighting.kind != "embed" else fragment.kind
            yield replace(sighting, at=fragment.at, kind=kind, weak=sighting.weak or fragment.weak)


def _embeds(page: Page, seen: list[Sighting]) -> list[Embed]:
    order = {element: at for at, element in enumerate(page.elements)}
    regions = Regions(page)
    seen = [sighting for sighting in seen if not regions.chrome(sighting.at)]
    merged = _merged(seen, order)
    labels = Labels(_linked(seen), {at for embed, at in merged if embed.kind == "embed"})
    in_order = sorted(merged, key=lambda pair: order.get(pair[1], 0))
    return [replace(embed, label=labels.of(at, embed)) for embed, at in in_order[:_MAX_EMBEDS]]


def _linked(seen: list[Sighting]) -> dict[str, str]:
    """Collect the words with which the text links to videos, by the video's address."""
    linked: dict[str, str] = {}
    for sighting in seen:
        if sighting.kind == "link" and sighting.label and (known := recognise(sighting.url)):
            linked.setdefault(known.url, sighting.label)
    return linked


def _merged(seen: list[Sighting], order: dict[HtmlElement, int]) -> list[tuple[Embed, HtmlElement]]:
    """Make one embed of all sightings of a video, at the place of the strongest of them."""
    if any(s.kind == "embed" and not s.weak for s in seen):
        seen = [replace(s, kind="meta") if s.weak and s.kind == "embed" else s for s in seen]
    merged: dict[str, tuple[Embed, HtmlElement]] = {}
    alias: dict[str, str] = {}
    for sighting in sorted(seen, key=lambda s: (_RANK[s.kind], order.get(s.at, 0))):
        embed = _embed(sighting)
        if embed is None:
            continue
        key = _key(embed, alias)
        if key in merged:
            merged[key] = (_joined(merged[key][0], embed), merged[key][1])
            continue
        for other in sighting.also:
            alias.setdefault(_bare(other), key)
        merged[key] = (embed, sighting.at)
    return list(merged.values())


def _embed(sighting: Sighting) -> Embed | None:
    known = recognise_wrapped(sighting.url)
    if known is None:
        if not sighting.provider:
            return None
        known = Recognised(sighting.provider, sighting.id or sighting.url, sighting.url, False)
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


def _key(embed: Embed, alias: dict[str, str]) -> str:
    key = _bare(embed.id) if embed.provider == "html5" else f"{embed.provider}:{embed.id}"
    return alias.get(key, key)


def _bare(url: str) -> str:
    return url.partition("?")[0].partition("://")[2] or url


def _joined(first: Embed, other: Embed) -> Embed:
    return replace(first, label=first.label or other.label, captions=first.captions or other.captions)
