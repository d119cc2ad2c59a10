"""A page of hits with what the whole search can be narrowed by: for the API and for the search page alike."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..model import Hit
from .asking import Asked

if TYPE_CHECKING:
    from ..library import Index

MOST = 1000
"""Hits that are counted, and that can be paged through: the best ones."""

FACETS = ("site", "channel", "kind", "lang", "year", "article")


@dataclass(frozen=True, slots=True)
class Facet:
    """What hits can be narrowed to: pairs of a value and how many hits have it, most first.

    *names* are those of the values that are no names themselves (articles), by value.
    """

    name: str
    values: tuple[tuple[str, int], ...]
    names: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A page of hits.  *total* counts the hits of the whole search; where *is_more*, there are more than it says."""

    hits: tuple[Hit, ...] = ()
    total: int = 0
    is_more: bool = False
    facets: tuple[Facet, ...] = ()
    suggestion: str = ""
    took_ms: float = 0.0


def search(index: Index, asked: Asked) -> Page:
    """Find the page that is *asked* for.  Raises `QuerySyntaxError`, `EngineError`."""
    began = time.perf_counter()
    hits = _all_hits(index, asked)
    first = (asked.page - 1) * asked.size
    return Page(
        hits=tuple(hits[first : min(first + asked.size, MOST)]),
        total=min(len(hits), MOST),
        is_more=len(hits) > MOST,
        facets=tuple(_facet(hits, name) for name in FACETS),
        suggestion="" if hits or not asked.q else index.suggest(asked.q) or "",
        took_ms=round((time.perf_counter() - began) * 1000, 1),
    )


def _all_hits(index: Index, asked: Asked) -> list[Hit]:
    if not asked.q:
        return []
    return index.search(
        asked.q,
        limit=MOST + 1,
        sort=asked.sort,
        match=asked.match or None,
        site=asked.site,
        channel=asked.channel,
        kind=asked.kind,
        lang=asked.lang,
        article=asked.article,
        after=asked.first_day,
        before=asked.last_day,
    )


def _facet(hits: Sequence[Hit], name: str) -> Facet:
    counted = Counter(value for hit in hits for value in _values(hit, name) if value)
    names = {article.url: article.title for hit in hits for article in hit.articles} if name == "article" else {}
    return Facet(name, tuple(counted.most_common()), tuple(names.items()))


def _values(hit: Hit, name: str) -> tuple[str, ...]:
    if name == "article":
        return tuple(article.url for article in hit.articles)
    of = {"channel": hit.video.channel, "site": hit.video.site, "kind": hit.kind, "lang": hit.language}
    return (of.get(name, hit.video.date[:4]),)
