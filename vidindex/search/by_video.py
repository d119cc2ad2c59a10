"""Answers by video: each video that matches, with its best moments and their number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

from ..engines.base import PassageIndex
from ..model import Hit, Video
from .facets import Facet, count_facets
from .found_moments import VideoMoments
from .hits import HitBuilder, video_sort_key
from .moments import MomentFinder
from .options import SearchOptions
from .recent import RecentFindings
from .source import FacetSource

SHOWN_HITS = 3
"""The number of hits that are shown of each video."""

_MAX_TIED_HITS = 5  # hits of a video that are compared for the best ones


@dataclass(frozen=True, slots=True)
class VideoHits:
    """A video with its best hits and the number of all of its hits, or if *is_more*, a smaller one."""

    video: Video
    hits: tuple[Hit, ...]
    total: int
    is_more: bool = False


@dataclass(frozen=True, slots=True)
class VideoHitsPage(Sequence[VideoHits]):
    """A page of videos, with the number of all videos and of all hits.

    If *is_more*, there are at least so many videos and hits, and at least as many hits as each facet says.
    *corrected* is the text that was searched instead, if nothing matches the given one.  *gist* are the videos in which
    it is said in other words; the totals do not count them.
    """

    videos: tuple[VideoHits, ...] = ()
    total_videos: int = 0
    total: int = 0
    is_more: bool = False
    facets: tuple[Facet, ...] = ()
    corrected: str = ""
    gist: tuple[VideoHits, ...] = ()

    @overload
    def __getitem__(self, at: int) -> VideoHits: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[VideoHits, ...]: ...
    def __getitem__(self, at: int | slice) -> VideoHits | tuple[VideoHits, ...]:
        return self.videos[at]

    def __len__(self) -> int:
        return len(self.videos)


def search_by_video(
    engine: PassageIndex,
    source: FacetSource,
    text: str,
    *,
    options: SearchOptions,
    recent: RecentFindings | None = None,
) -> VideoHitsPage:
    """Return the page of videos that *options* select; its limit and offset count videos.

    *recent* is what earlier searches found.

    Raises `QuerySyntaxError`, `EngineError`.
    """
    finder = MomentFinder(engine, source, options, recent=recent)
    found = finder.find(text)
    if not found.videos:
        return VideoHitsPage()
    builder = HitBuilder(source, found.query, options)
    shown = [finder.complete(each) for each in _select_page(builder, found.videos, options)]
    pages = builder.build_pages([each.matches[:_MAX_TIED_HITS] for each in shown], SHOWN_HITS)
    videos = [
        VideoHits(each.context.video, tuple(hits), len(each.matches), each.is_partial)
        for each, hits in zip(shown, pages, strict=True)
    ]
    return VideoHitsPage(
        tuple(each for each in videos if each.hits),
        len(found.videos),
        found.total,
        found.is_more,
        count_facets(source, found, shown=[hit for each in videos for hit in each.hits]),
    )


def _select_page(builder: HitBuilder, videos: Sequence[VideoMoments], options: SearchOptions) -> Sequence[VideoMoments]:
    if options.sort != "score":
        sort_key = video_sort_key(options)
        ordered = sorted(videos, key=lambda each: sort_key(each.context.video))
        return ordered[options.offset : options.offset + options.limit]
    by_id = {each.context.video.id: each for each in videos}
    best = builder.build_slice([each.matches[0] for each in videos], options.offset, options.limit)
    return [by_id[hit.video.id] for hit in best]
