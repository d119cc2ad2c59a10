"""Facets of a search: the sites, channels, kinds, languages, years and articles of its hits, with counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal, get_args

from ..engines.base import PassageIndex
from ..model import Article, Hit, Video
from .filters import apply_filters
from .hits import MAX_COUNTED_HITS, HitBuilder, sort_hits
from .options import SearchOptions
from .query import Query, parse_query
from .retrieve import Match, retrieve
from .source import FacetSource

FacetName = Literal["site", "channel", "kind", "lang", "year", "article"]
FACET_NAMES: tuple[FacetName, ...] = get_args(FacetName)


@dataclass(frozen=True, slots=True)
class Facet:
    """The values of one field among the hits, with the number of hits of each, most frequent first.

    *names* are pairs of a value and its display name, for values that are not names themselves (articles).
    """

    name: FacetName
    values: tuple[tuple[str, int], ...]
    names: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class FacetedHits:
    """A page of hits with the number of all hits, or 1,000 if *is_more*.

    Hits beyond the page are counted without being read.  Captions of one moment in several languages can make the count
    slightly larger than the number of hits that paging returns.
    """

    hits: tuple[Hit, ...] = ()
    total: int = 0
    is_more: bool = False
    facets: tuple[Facet, ...] = ()


@dataclass(frozen=True, slots=True)
class _VideoCount:
    """The number of hits in one video and language."""

    video: Video
    language: str
    articles: tuple[Article, ...]
    count: int = 1


def facet_search(engine: PassageIndex, source: FacetSource, text: str, *, options: SearchOptions) -> FacetedHits:
    """Return the page of hits that *options* select, with facets.

    Raises `QuerySyntaxError`, `EngineError`.
    """
    query: Query | None = parse_query(text)
    while query is not None:
        found = _facet_query(engine, source, query, options)
        if found.total:
            return found
        query = query.fallback
    return FacetedHits()


def _facet_query(engine: PassageIndex, source: FacetSource, query: Query, options: SearchOptions) -> FacetedHits:
    if query.node is None:
        return FacetedHits()
    passed: list[Match] = []
    found = _record_passed(retrieve(engine, source, query, apply_filters(query.node, options), options), passed)
    wanted = options.offset + options.limit
    # Sorting and filtering by speaker or video require reading all hits.
    must_read = options.sort != "score" or bool(query.speaker) or bool(options.videos)
    read = HitBuilder(source, query, options).build_page(found, 0, MAX_COUNTED_HITS + 1 if must_read else wanted)
    if must_read or len(read) < wanted:
        return count_facets(read, options)
    shown = tuple(read[options.offset : wanted])
    for _ in islice(found, max(0, MAX_COUNTED_HITS + 1 - len(passed))):
        pass
    return _build_faceted_hits(shown, _count_by_video(source, passed))


def count_facets(hits: Sequence[Hit], options: SearchOptions) -> FacetedHits:
    """Return the page of *hits* (best first) that *options* select, with facets of all *hits*."""
    shown = sort_hits(hits, options)[options.offset : options.offset + options.limit]
    return _build_faceted_hits(tuple(shown), [_VideoCount(hit.video, hit.language, hit.articles) for hit in hits])


def _record_passed(found: Iterable[Match], passed: list[Match]) -> Iterator[Match]:
    for match in found:
        passed.append(match)
        yield match


def _count_by_video(source: FacetSource, matches: Sequence[Match]) -> list[_VideoCount]:
    """Count matches by video; if a video has several tracks, use the one with the most matches."""
    counts = Counter(match.track for match in matches)
    best: dict[str, _VideoCount] = {}
    for track, context in source.facet_contexts(counts).items():
        current = best.get(context.video.id)
        if current is None or current.count < counts[track]:
            best[context.video.id] = _VideoCount(context.video, context.track.language, context.articles, counts[track])
    return list(best.values())


def _build_faceted_hits(shown: tuple[Hit, ...], counts: Sequence[_VideoCount]) -> FacetedHits:
    total = sum(each.count for each in counts)
    return FacetedHits(
        shown,
        min(total, MAX_COUNTED_HITS),
        total > MAX_COUNTED_HITS,
        tuple(_count_facet(counts, name) for name in FACET_NAMES),
    )


def _count_facet(counts_by_video: Sequence[_VideoCount], name: FacetName) -> Facet:
    counts: Counter[str] = Counter()
    for each in counts_by_video:
        for value in filter(None, _facet_values(each, name)):
            counts[value] += each.count
    titles = (
        {article.url: article.title for each in counts_by_video for article in each.articles}
        if name == "article"
        else {}
    )
    values = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return Facet(name, tuple(values), tuple((url, title) for url, title in titles.items() if title))


def _facet_values(each: _VideoCount, name: FacetName) -> tuple[str, ...]:
    video = each.video
    match name:
        case "site":
            return (video.site,)
        case "channel":
            return (video.channel,)
        case "kind":
            return (video.kind,)
        case "lang":
            return (each.language,)
        case "year":
            return (video.date[:4],)
    return tuple(article.url for article in each.articles)
