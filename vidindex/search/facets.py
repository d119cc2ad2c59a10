"""Count what the hits of a search can be narrowed to: their sites, channels, kinds, languages, years, articles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from ..engines.base import Engine
from ..model import Article, Hit, Subject, Video
from .hits import MOST, Moments, Source, in_order, narrowed
from .options import SearchOptions
from .query import Query, parse
from .retrieve import Found, places_of

FACETS = ("site", "channel", "kind", "lang", "year", "article")


class Catalogue(Source, Protocol):
    """What a count reads from the store besides."""

    def counted(self, tracks: Iterable[int]) -> Mapping[int, Subject]:
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
class Survey:
    """Some hits of a search, and a count of all: of the best thousand, where *is_more*.

    What is beyond the hits that were asked for is counted without being read: captions of the same moment in another
    language may make a count a little larger than the hits that can be paged through.
    """

    hits: tuple[Hit, ...] = ()
    total: int = 0
    is_more: bool = False
    facets: tuple[Facet, ...] = ()


@dataclass(frozen=True, slots=True)
class _Counted:
    """A video in a language, in which *count* hits are."""

    video: Video
    language: str
    articles: tuple[Article, ...]
    count: int = 1


def survey(engine: Engine, source: Catalogue, text: str, *, options: SearchOptions) -> Survey:
    """Find the hits that *options* ask for, and count all.  Raises `QuerySyntaxError`, `EngineError`."""
    query: Query | None = parse(text)
    while query is not None:
        found = _survey(engine, source, query, options)
        if found.total:
            return found
        query = query.otherwise
    return Survey()


def _survey(engine: Engine, source: Catalogue, query: Query, options: SearchOptions) -> Survey:
    if query.node is None:
        return Survey()
    passed: list[Found] = []
    found = _noted(places_of(engine, source, query, narrowed(query.node, options), options), passed)
    wanted = options.offset + options.limit
    # Sorting, and telling who speaks, takes reading them all.
    must_read = options.sort != "score" or bool(query.speaker) or bool(options.videos)
    read = Moments(source, query, options).page(found, 0, MOST + 1 if must_read else wanted)
    if must_read or len(read) < wanted:
        return surveyed(read, options)
    shown = tuple(read[options.offset : wanted])
    for _ in islice(found, max(0, MOST + 1 - len(passed))):
        pass
    return _surveyed(shown, _counted(source, passed))


def surveyed(hits: Sequence[Hit], options: SearchOptions) -> Survey:
    """Count all *hits*, given best first, and give those that *options* ask for."""
    shown = in_order(hits, options)[options.offset : options.offset + options.limit]
    return _surveyed(tuple(shown), [_Counted(hit.video, hit.language, hit.articles) for hit in hits])


def _noted(found: Iterable[Found], passed: list[Found]) -> Iterator[Found]:
    for place in found:
        passed.append(place)
        yield place


def _counted(source: Catalogue, places: Sequence[Found]) -> list[_Counted]:
    """Count places by video; where several tracks tell of the same, by the one that has most."""
    counts = Counter(place.track for place in places)
    best: dict[str, _Counted] = {}
    for track, subject in source.counted(counts).items():
        known = best.get(subject.video.id)
        if known is None or known.count < counts[track]:
            best[subject.video.id] = _Counted(subject.video, subject.track.language, subject.articles, counts[track])
    return list(best.values())


def _surveyed(shown: tuple[Hit, ...], counted: Sequence[_Counted]) -> Survey:
    total = sum(each.count for each in counted)
    return Survey(shown, min(total, MOST), total > MOST, tuple(_facet(counted, name) for name in FACETS))


def _facet(counted: Sequence[_Counted], name: str) -> Facet:
    counts: Counter[str] = Counter()
    for each in counted:
        for value in filter(None, _values(each, name)):
            counts[value] += each.count
    titles = {article.url: article.title for each in counted for article in each.articles} if name == "article" else {}
    values = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return Facet(name, tuple(values), tuple((url, title) for url, title in titles.items() if title))


def _values(each: _Counted, name: str) -> tuple[str, ...]:
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
