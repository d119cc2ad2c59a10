"""Hits that say a query in other words: never in place of a hit of the words, and with the same filters."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence, Set
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Protocol

from ..engines.base import PassageIndex
from ..engines.gist.base import GistModel
from ..engines.gist.vectors import VectorSource, unpack_key
from ..model import And, DateRange, FieldTerm, Hit, QueryNode
from .by_video import SHOWN_HITS, VideoHits, VideoHitsPage
from .facets import Facet, FacetedHits
from .filters import apply_filters, select_tracks
from .gist import find_gist
from .hits import HitBuilder, drop_overlapping_hits, sort_hits
from .operators import has_operators
from .options import SearchOptions
from .query import Query, parse_query
from .query_language import parse_operators
from .source import FacetSource

MIN_PROBABILITY = 0.03
"""The probability below which a sentence is no hit."""

MIN_SUGGESTED = 0.3
"""The probability below which a hit is not shown to somebody who did not ask for other words."""

MAX_GIST_HITS = 30
"""Maximum hits in other words of one search: only the first few say what was meant."""

_FIRST_WINDOWS = 1_000  # windows whose tracks are compared with the filters before all tracks are
_MAX_LISTED_VIDEOS = 1_000
_MAX_VIDEO_READS = 200
_TRACKS_PER_READ = 1_000
_FILTERS = ("site", "channel", "kind", "lang", "article", "speaker")


class SearchedVectors(VectorSource, Protocol):
    """The vectors of an index, with the tracks that have some."""

    def narrow(self, filters: QueryNode) -> SearchedVectors:
        """Return those of the tracks that *filters* select, or all of them if the index does not know fields."""

    def list_tracks(self) -> Set[int]:
        """Return the tracks that have vectors."""


def find_gist_hits(
    engine: PassageIndex,
    source: FacetSource,
    vectors: SearchedVectors,
    model: GistModel,
    text: str,
    *,
    options: SearchOptions,
    found: Iterable[Hit] = (),
) -> list[Hit]:
    """Return all sentences that say *text* in other words, in order, except those in which a hit is *found*.

    There are at most `MAX_GIST_HITS`; the limit and offset of *options* are for the caller to apply.  The score of a
    hit is the probability that it is right.  A text with operators other than fields finds nothing.
    Raises `QuerySyntaxError`, `EngineError`.
    """
    query, options = _read_plain_query(text, options)
    if not query.text:
        return []
    selected = _select_vectors(vectors, source, options) if _has_filter(options) else vectors
    matches = find_gist(engine, source, selected, model, query.text, options=options, limit=MAX_GIST_HITS)
    likely = [match for match in matches if match.score >= MIN_PROBABILITY]
    built = HitBuilder(source, query, options).build_in_order(likely)
    hits = _drop_found([replace(hit, match="gist", marks=()) for hit in built], found)
    return sort_hits(hits, options)


def add_gist_hits(page: FacetedHits, hits: Sequence[Hit], options: SearchOptions) -> FacetedHits:
    """Return *page* with those of all *hits* in other words that *options* select."""
    shown = tuple(hits[options.offset : options.offset + options.limit])
    return replace(page, gist=shown, facets=_count_gist(page.facets, len(hits)))


def add_gist_videos(page: VideoHitsPage, hits: Sequence[Hit], options: SearchOptions) -> VideoHitsPage:
    """Return *page* with the videos of all *hits* in other words that *options* select."""
    shown = tuple(group_by_video(hits)[options.offset : options.offset + options.limit])
    return replace(page, gist=shown, facets=_count_gist(page.facets, len(hits)))


def _count_gist(facets: Sequence[Facet], count: int) -> tuple[Facet, ...]:
    """Return *facets* with *count* hits in other words among the kinds of hits."""
    if not count:
        return tuple(facets)
    kinds = next((facet for facet in facets if facet.name == "match"), Facet("match", ()))
    counted = replace(kinds, values=(*kinds.values, ("gist", count)))
    return (*(counted if facet is kinds else facet for facet in facets), *(() if kinds in facets else (counted,)))


def group_by_video(hits: Iterable[Hit]) -> list[VideoHits]:
    """Return *hits* by video, in the order of the first hit of each."""
    by_video: dict[str, list[Hit]] = {}
    for hit in hits:
        by_video.setdefault(hit.video.id, []).append(hit)
    return [VideoHits(each[0].video, tuple(each[:SHOWN_HITS]), len(each)) for each in by_video.values()]


def _drop_found(hits: Sequence[Hit], found: Iterable[Hit]) -> list[Hit]:
    """Return *hits* without those that overlap one that is *found*, or an earlier one."""
    return [hit for hit in drop_overlapping_hits([*found, *hits]) if hit.match == "gist"]


def _read_plain_query(text: str, options: SearchOptions) -> tuple[Query, SearchOptions]:
    """Return the words of *text*, and *options* with the filters of its fields; no words if it has other operators."""
    query = parse_query(text)
    if not has_operators(text) or query.exact_only:
        return query, options
    parsed = parse_operators(text)
    if not parsed.is_explicit:
        return (query.fallback or query), options
    filters: dict[str, Any] = {}
    for node in parsed.nodes:
        changed = _filter_of(node)
        if not changed or changed.keys() & filters.keys() or any(getattr(options, name) for name in changed):
            return Query(None), options
        filters |= changed
    return query, replace(options, **filters)


def _filter_of(node: QueryNode) -> dict[str, str]:
    """Return the filter that does what *node* does; nothing if there is none."""
    match node:
        case FieldTerm() if node.field_name in _FILTERS and not node.is_prefix:
            return {node.field_name: " ".join(node.tokens)}
        case DateRange():
            return {name: value for name, value in (("after", node.after), ("before", node.before)) if value}
    return {}


def _has_filter(options: SearchOptions) -> bool:
    values = (options.site, options.channel, options.kind, options.lang, options.article)
    return any((*values, options.after, options.before, options.videos, options.origin))


def _select_vectors(vectors: SearchedVectors, source: FacetSource, options: SearchOptions) -> _SelectedVectors:
    filters = apply_filters(And(()), replace(options, speaker=""))  # who speaks is not a field of a track
    return _SelectedVectors(vectors.narrow(filters), source, options)


@dataclass(slots=True)
class _SelectedVectors(VectorSource):
    """The vectors of the tracks that the filters of *options* select."""

    vectors: SearchedVectors
    source: FacetSource
    options: SearchOptions
    _listed: set[int] | None = None

    def nearest(self, vector: Any, *, limit: int, tracks: Collection[int] | None = None) -> list[tuple[int, float]]:
        if self._are_few_videos():
            return self.vectors.nearest(vector, limit=limit, tracks=self._select(self._list_tracks()))
        best = self.vectors.nearest(vector, limit=max(limit, _FIRST_WINDOWS))
        allowed = self._select({unpack_key(key)[0] for key, _ in best})
        kept = [pair for pair in best if unpack_key(pair[0])[0] in allowed]
        if len(kept) >= limit or len(best) < _FIRST_WINDOWS:
            return kept[:limit]
        return self.vectors.nearest(vector, limit=limit, tracks=self._select(self.vectors.list_tracks()))

    def count_rows(self) -> int:
        """Return the number of vectors, those in other videos than the listed ones excluded."""
        count = self.vectors.count_rows()
        if not self._are_few_videos():
            return count
        tracks = self.vectors.list_tracks()
        return count * len(tracks & self._list_tracks()) // max(len(tracks), 1)

    def _are_few_videos(self) -> bool:
        return 0 < len(self.options.videos) <= _MAX_LISTED_VIDEOS

    def _list_tracks(self) -> set[int]:
        """Return the tracks of the listed videos: to ask for those of each takes longer than to read all if many."""
        if self._listed is None:
            videos = self.options.videos
            if len(videos) <= _MAX_VIDEO_READS:
                self._listed = {track for video in videos for track, _ in self.source.list_tracks(video)}
            else:
                self._listed = self._select(self.vectors.list_tracks(), SearchOptions(videos=videos))
        return self._listed

    def _select(self, tracks: Iterable[int], options: SearchOptions | None = None) -> set[int]:
        remaining = iter(tracks)
        selected: set[int] = set()
        while chunk := list(islice(remaining, _TRACKS_PER_READ)):
            selected |= select_tracks(self.source.facet_contexts(chunk), options or self.options)
        return selected
