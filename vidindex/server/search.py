"""A page of hits with what the whole search can be narrowed by: for the API and for the search page alike."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..model import Hit
from ..search.facets import Facet as Facet
from ..search.hits import MOST
from ..search.options import SearchOptions
from .params import Asked

if TYPE_CHECKING:
    from ..library import Index


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
    found = index.survey(asked.q, options=_options(asked))
    return Page(
        hits=found.hits,
        total=found.total,
        is_more=found.is_more,
        facets=found.facets,
        suggestion="" if found.total or not asked.q else index.suggest(asked.q) or "",
        took_ms=round((time.perf_counter() - began) * 1000, 1),
    )


def _options(asked: Asked) -> SearchOptions:
    first = (asked.page - 1) * asked.size
    return SearchOptions(
        limit=max(0, min(asked.size, MOST - first)),
        offset=min(first, MOST),
        match=asked.match or None,
        sort=asked.sort,
        site=asked.site,
        channel=asked.channel,
        kind=asked.kind,
        lang=asked.lang,
        article=asked.article,
        after=asked.first_day,
        before=asked.last_day,
        videos=frozenset([asked.video] if asked.video else []),
    )
