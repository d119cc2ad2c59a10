"""Run every rule over a page and make one embed of all that was seen of one video."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from lxml.html import HtmlElement

from ..markup import parse
from ..model import Embed
from ..providers import Recognised
from . import flash, links, media, players
from .labels import Labels
from .page import Page, Sighting
from .regions import Regions
from .wrappers import recognise_wrapped

FAMILIES: tuple[Callable[[Page], Iterator[Sighting]], ...] = (players.find, flash.find, media.find, links.find)
_RANK = {"embed": 0, "meta": 1, "link": 2}


def find(html: str | bytes, url: str | None) -> list[Embed]:
    """Find the embeds of *html* in its order: the best sighting of each video, with its label."""
    root = parse(html)
    if root is None:
        return []
    page = Page(root, url or "")
    return _embeds(page, list(sightings(page)))


def sightings(page: Page) -> Iterator[Sighting]:
    """Yield what the families see, unordered."""
    for family in FAMILIES:
        yield from family(page)


def _embeds(page: Page, seen: list[Sighting]) -> list[Embed]:
    order = {element: at for at, element in enumerate(page.elements)}
    regions, labels = Regions(page), Labels(page)
    merged: dict[str, tuple[Embed, HtmlElement]] = {}
    alias: dict[str, str] = {}
    for sighting in sorted(seen, key=lambda s: (_RANK[s.kind], order.get(s.at, 0))):
        if regions.chrome(sighting.at):
            continue
        embed = _embed(sighting)
        if embed is None:
            continue
        key = _key(embed.provider, embed.id, alias)
        if key in merged:
            merged[key] = (_joined(merged[key][0], embed), merged[key][1])
            continue
        for other in sighting.also:
            alias.setdefault(_bare(other), key)
        merged[key] = (embed, sighting.at)
    in_order = sorted(merged.values(), key=lambda pair: order.get(pair[1], 0))
    return [replace(embed, label=labels.of(at, embed.label, embed.kind)) for embed, at in in_order]


def _embed(sighting: Sighting) -> Embed | None:
    known = recognise_wrapped(sighting.url)
    if known is None:
        if not sighting.provider:
            return None
        known = Recognised(sighting.provider, sighting.url, sighting.url, False)
    return Embed(known.url, known.provider, known.id, sighting.label, sighting.kind, known.dead, sighting.captions)


def _key(provider: str, id_: str, alias: dict[str, str]) -> str:
    key = _bare(id_) if provider == "html5" else f"{provider}:{id_}"
    return alias.get(key, key)


def _bare(url: str) -> str:
    return url.partition("?")[0].partition("://")[2] or url


def _joined(first: Embed, other: Embed) -> Embed:
    return replace(first, label=first.label or other.label, captions=first.captions or other.captions)
