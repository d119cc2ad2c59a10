"""A page of hits for the search page, with what it can be narrowed by."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..model import Hit
from .views.outcome import Count, Found
from .views.state import State

if TYPE_CHECKING:
    from ..library import Index

SIZE = 20
_MOST = 1000  # hits that are counted
_FACETS = ("site", "channel", "kind", "lang", "year", "article")


def hits_of(index: Index, state: State, number: int) -> Found:
    """Find page *number* (from 1) of what *state* asks for.  Raises `QuerySyntaxError`, `EngineError`."""
    began = time.perf_counter()
    hits = _search(index, state)
    first = (number - 1) * SIZE
    return Found(
        hits=hits[first : first + SIZE],
        total=min(len(hits), _MOST),
        first=first,
        size=SIZE,
        is_more=len(hits) > _MOST,
        facets=[(name, _counts(hits, name)) for name in _FACETS],
        suggestion="" if hits else index.suggest(state.text) or "",
        took_ms=(time.perf_counter() - began) * 1000,
    )


def _search(index: Index, state: State) -> list[Hit]:
    year = state.value("year")
    match = state.value("match")
    return index.search(
        state.text,
        limit=_MOST + 1,
        sort="date" if state.sort == "date" else "length" if state.sort == "length" else "score",
        site=state.value("site"),
        channel=state.value("channel"),
        kind=state.value("kind"),
        lang=state.value("lang"),
        article=state.value("article"),
        match="exact" if match == "exact" else "near" if match == "near" else None,
        after=state.value("after") or (f"{year}-01-01" if year else ""),
        before=state.value("before") or (f"{year}-12-31" if year else ""),
    )


def _counts(hits: Sequence[Hit], name: str) -> list[Count]:
    counted = Counter(value for hit in hits for value in _values(hit, name))
    names = {article.url: article.title for hit in hits for article in hit.articles} if name == "article" else {}
    return [Count(value, count, names.get(value, "")) for value, count in counted.most_common() if value]


def _values(hit: Hit, name: str) -> tuple[str, ...]:
    if name == "article":
        return tuple(article.url for article in hit.articles)
    video = hit.video
    of = {
        "site": video.site,
        "channel": video.channel,
        "kind": video.kind,
        "lang": hit.language,
        "year": video.date[:4],
    }
    return (of[name],)
