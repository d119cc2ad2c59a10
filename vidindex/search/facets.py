"""Count what the hits of a search can be narrowed to: their sites, channels, kinds, languages, years, articles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from ..engines.base import Engine
from ..model import Article, Hit, TrackContext, Video
from .hits import MAX_COUNTED_HITS, HitBuilder, apply_filters, sort_hits
from .options import SearchOptions
from .query import Query, parse_query
from .retrieve import Match, retrieve
from .source import PassageSource

FACET_NAMES = ("site", "channel", "kind", "lang", "year", "article")


class FacetSource(PassageSource, Protocol):
    """What a count reads from the store besides."""

    def facet_contexts(self, tracks: Iterable[int]) -> Mapping[int, TrackContext]:
        """Tell what each of *tracks* belongs to, with every article but without labels; unknown ones are absent."""


@dataclass(frozen=True, slots=True)
class Facet:
    """What hits can be narrowed to: pairs of a value and how many hits have it, most first.

    *names* are pairs of a value and what to call it, where it is no name itself (articles).
    """

    name: str
    values: tuple[tuple[str, int], ...]
    names: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class FacetedHits:
    """Some hits of a search, and a count of all: of the best thousand, where *is_more*.

    What is beyond the hits that were asked for is counted without being read: captions of the same moment in another
    language may make a count a little larger than the hits that can be paged through.
    """

    hits: tuple[Hit, ...] = ()
    total: int = 0
    is_more: bool = False
    facets: tuple[Facet, ...] = ()


@dataclass(frozen=True, slots=True)
class _VideoCount:
    """A video in a language, in which *count* hits are."""

    video: Video
    language: str
    articles: tuple[Article, ...]
    count: int = 1


def facet_search(engine: Engine, source: FacetSource, text: str, *, options: SearchOptions) -> FacetedHits:
    """Find the hits that *options* ask for, and count all.  Raises `QuerySyntaxError`, `EngineError`."""
    query: Query | None = parse_query(text)
    while query is not None:
        found = _facet_query(engine, source, query, options)
        if found.total:
            return found
        query = query.fallback
    return FacetedHits()


def _facet_query(engine: Engine, source: FacetSource, query: Query, options: SearchOptions) -> FacetedHits:
    if query.node is None:
        return FacetedHits()
    passed: list[Match] = []
    found = _record_passed(retrieve(engine, source, query, apply_filters(query.node, options), options), passed)
    wanted = options.offset + options.limit
    # Sorting, and telling who speaks, takes reading them all.
    must_read = options.sort != "score" or bool(query.speaker) or bool(options.videos)
    read = HitBuilder(source, query, options).build_page(found, 0, MAX_COUNTED_HITS + 1 if must_read else wanted)
    if must_read or len(read) < wanted:
        return count_facets(read, options)
    shown = tuple(read[options.offset : wanted])
    for _ in islice(found, max(0, MAX_COUNTED_HITS + 1 - len(passed))):
        pass
    return _build_faceted_hits(shown, _count_by_video(source, passed))


def count_facets(hits: Sequence[Hit], options: SearchOptions) -> FacetedHits:
    """Count all *hits*, given best first, and give those that *options* ask for."""
    shown = sort_hits(hits, options)[options.offset : options.offset + options.limit]
    return _build_faceted_hits(tuple(shown), [_VideoCount(hit.video, hit.language, hit.articles) for hit in hits])


def _record_passed(found: Iterable[Match], passed: list[Match]) -> Iterator[Match]:
    for place in found:
        passed.append(place)
        yield place


def _count_by_video(source: FacetSource, matches: Sequence[Match]) -> list[_VideoCount]:
    """Count places by video; where several tracks tell of the same, by the one that has most."""
    counts = Counter(place.track for place in matches)
    best: dict[str, _VideoCount] = {}
    for track, subject in source.facet_contexts(counts).items():
        known = best.get(subject.video.id)
        if known is None or known.count < counts[track]:
            best[subject.video.id] = _VideoCount(subject.video, subject.track.language, subject.articles, counts[track])
    return list(best.values())


def _build_faceted_hits(shown: tuple[Hit, ...], counts: Sequence[_VideoCount]) -> FacetedHits:
    total = sum(each.count for each in counts)
    return FacetedHits(
        shown,
        min(total, MAX_COUNTED_HITS),
        total > MAX_COUNTED_HITS,
        tuple(_count_facet(counts, name) for name in FACET_NAMES),
    )


def _count_facet(counts_by_video: Sequence[_VideoCount], name: str) -> Facet:
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


def _facet_values(each: _VideoCount, name: str) -> tuple[str, ...]:
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
