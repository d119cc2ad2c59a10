"""The hits of a query in one video: all of them, as a search counts them, and those to mark in its transcript."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from ...errors import QuerySyntaxError
from ...model import Hit, Track, TrackContext, Transcript, Video
from ...search.found_moments import MAX_COUNTED_HITS
from ...search.options import SearchOptions
from ...search.scope import split_scope
from .hits import HitView, make_hit_view
from .urls import video_path

if TYPE_CHECKING:
    from ...library import Index

FOLDED_HITS = 5
"""The number of hits that a folded list shows."""

_CONTEXT_WORDS = 8
_OTHER_TEXTS_REASON = "this query searches titles and other texts, not what is said in the video"


@dataclass(frozen=True, slots=True)
class FoundHits:
    """The *hits* of a query in a video, and those in the transcript that is shown, both in order of time.

    If *is_more*, there are more hits than these. *error* says what is wrong with the query.
    """

    hits: tuple[Hit, ...] = ()
    marked: tuple[Hit, ...] = ()
    is_more: bool = False
    error: str = ""

    @property
    def count(self) -> str:
        """The number of hits, as a text."""
        more = "+" if self.is_more else ""
        return f"{len(self.hits):,}{more} match{'es' * (len(self.hits) != 1)}" if self.hits else "No matches"


@dataclass(frozen=True, slots=True)
class HitList:
    """The list of hits, which is folded unless *all_href* is empty; *position* says which hits of how many are shown.

    *times* are the start and end of every hit as numbers: the time since the start before it, and the duration.
    """

    title: str
    count: str
    hits: tuple[HitView, ...]
    position: str
    all_href: str
    all_label: str
    times: str


@dataclass(frozen=True, slots=True)
class HitQuery:
    """A query in a video page: its *text*, the moment shown, and the *language* that the visitor chose, if any.

    *shown_language* is that of the transcript that is shown.
    """

    text: str
    language: str = ""
    shown_language: str = ""
    at_ms: int = 0
    show_all: bool = False


def find_video_hits(index: Index, video: Video, transcript: Transcript | None, query: HitQuery) -> FoundHits:
    """Return the hits of *query* in all captions of *video*, or in those of its language; *transcript* is shown.

    Raises `EngineError` if the query depends on the engine, which fails.
    """
    if not query.text.strip():
        return FoundHits()
    try:
        if split_scope(query.text)[0]:
            return FoundHits(error=_OTHER_TEXTS_REASON)
        return _search_video(index, video, transcript, query)
    except QuerySyntaxError as error:
        return FoundHits(error=error.reason)


def _search_video(index: Index, video: Video, transcript: Transcript | None, query: HitQuery) -> FoundHits:
    options = SearchOptions(
        limit=MAX_COUNTED_HITS, context=_CONTEXT_WORDS, lang=query.language, videos=frozenset([video.id])
    )
    page = index.search_page(query.text, options=options)
    hits = tuple(sorted(page.hits, key=lambda hit: hit.start_ms))
    is_only_track = len(index.tracks(video.id)) == 1
    marked = hits if is_only_track or transcript is None else _find_in_shown(video, transcript, query)
    return FoundHits(hits, marked, page.is_more)


def _find_in_shown(video: Video, transcript: Transcript, query: HitQuery) -> tuple[Hit, ...]:
    """Return the hits in the transcript that is shown: those of other captions have other words there."""
    from ...search.single_video import find_in_transcript

    context = TrackContext(video, Track(query.shown_language, "supplied"))
    options = SearchOptions(limit=MAX_COUNTED_HITS, context=0)
    return tuple(find_in_transcript(context, transcript, query.text, options=options))


def make_hit_list(found: FoundHits, video: Video, query: HitQuery) -> HitList:
    """Return the list of the hits that are *found*, folded around the moment shown."""
    first = 0 if query.show_all else _first_shown(found.hits, query.at_ms)
    shown = found.hits if query.show_all else found.hits[first : first + FOLDED_HITS]
    is_folded = len(shown) < len(found.hits)
    all_href = video_path(video.id, at_ms=query.at_ms or None, text=query.text, language=query.language)
    return HitList(
        title=f"{found.count} for",
        count=found.count,
        hits=tuple(make_hit_view(hit, text=query.text, language=_linked_language(hit, query)) for hit in shown),
        position=f"{first + 1:,}–{first + len(shown):,} of {len(found.hits):,}" if is_folded else "",
        all_href=f"{all_href}&hits=all" if is_folded else "",
        all_label=f"Show all {len(found.hits):,}" if is_folded else "",
        times=_format_times(found.hits),
    )


def _linked_language(hit: Hit, query: HitQuery) -> str:
    """Return the language that a link to *hit* states: that of its captions, if others are shown."""
    return query.language or (hit.language if hit.language != query.shown_language else "")


def _first_shown(hits: Sequence[Hit], at_ms: int) -> int:
    """Return the first hit of a folded list, which has the one at *at_ms* in its middle."""
    current = sum(hit.start_ms <= at_ms for hit in hits) - 1
    return max(0, min(current - FOLDED_HITS // 2, len(hits) - FOLDED_HITS))


def _format_times(hits: Sequence[Hit]) -> str:
    starts = [0, *(hit.start_ms for hit in hits)]
    gaps = (after - before for before, after in pairwise(starts))
    return ",".join(f"{gap},{hit.end_ms - hit.start_ms}" for gap, hit in zip(gaps, hits, strict=True))
