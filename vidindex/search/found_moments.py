"""What a search found: all moments that match, by video."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import merge
from itertools import chain, islice
from typing import overload

from ..model import MatchKind, TrackContext
from .options import SearchOptions
from .query import Query
from .retrieve import Match, match_sort_key

MAX_COUNTED_HITS = 10_000
"""Maximum number of hits that are counted."""


@dataclass(frozen=True, slots=True)
class PhraseMatches(Sequence[Match]):
    """The matches of *size* adjacent tokens in a track: there may be thousands of them, of which few are shown."""

    track: int
    starts: Sequence[int]
    size: int

    @overload
    def __getitem__(self, at: int) -> Match: ...
    @overload
    def __getitem__(self, at: slice) -> list[Match]: ...
    def __getitem__(self, at: int | slice) -> Match | list[Match]:
        return self._make(self.starts[at]) if isinstance(at, int) else list(map(self._make, self.starts[at]))

    def __len__(self) -> int:
        return len(self.starts)

    def overlaps(self, other: Match) -> bool:
        """Return whether *other*, a match in the same track, has a token of one of the matches."""
        at = bisect_left(self.starts, max(other.first, other.last) + 1)
        return at > 0 and self.starts[at - 1] + self.size > other.first

    def _make(self, start: int) -> Match:
        end = start + self.size
        return Match(self.track, start, end - 1, 1.0, True, tuple(range(start, end)))


@dataclass(frozen=True, slots=True)
class VideoMoments:
    """The matches in one video, best first; *context* is that of the best one, *contexts* are those of all its tracks.

    *matches* are without those of a moment that a better one of another track has, and of one kind if only that is
    wanted; *track_matches* are with them.  If *is_partial*, there may be more of them.
    """

    context: TrackContext
    contexts: Mapping[int, TrackContext]
    matches: Sequence[Match]
    track_matches: Sequence[Match]
    is_partial: bool = False


@dataclass(frozen=True, slots=True)
class FoundMoments:
    """All moments that match *query*, by video, the video with the best moment first.

    If *is_more*, only about the first `MAX_COUNTED_HITS` of them.  *kind* is the only kind of match that is wanted;
    *of_both_kinds* are the videos before the others were left out: fewer tracks or speakers may have more of *kind*.
    """

    query: Query
    videos: Sequence[VideoMoments] = ()
    is_more: bool = False
    kind: MatchKind | None = None
    of_both_kinds: Sequence[VideoMoments] = ()

    @property
    def total(self) -> int:
        """The number of moments, at most `MAX_COUNTED_HITS`."""
        return min(sum(len(each.matches) for each in self.videos), MAX_COUNTED_HITS)

    def ranked_matches(self) -> Iterator[Match]:
        """Yield the matches of all videos, best first."""
        sort_key = match_sort_key(self.query)
        phrases = (each.matches for each in self.videos if isinstance(each.matches, PhraseMatches))
        others = (each.matches for each in self.videos if not isinstance(each.matches, PhraseMatches))
        # The videos are sorted by their first match, and so are the matches of a phrase in a track.
        merged = merge(chain.from_iterable(phrases), sorted(chain.from_iterable(others), key=sort_key), key=sort_key)
        return islice(merged, MAX_COUNTED_HITS)


@dataclass(frozen=True, slots=True)
class KeptMoments:
    """What a search found, with the number of the reading that has it; if it *is_cut*, there are more moments."""

    found: FoundMoments
    reading: int
    is_cut: bool

    def read_as(self, readings: Sequence[Query]) -> FoundMoments:
        """Return the moments as those of *readings*, which may be spelled in another way."""
        return replace(self.found, query=readings[self.reading])

    def size_bytes(self) -> int:
        """Return an estimate of the memory that is kept."""
        videos = {id(each): each for each in (*self.found.videos, *self.found.of_both_kinds)}.values()
        contexts = {id(context): context for each in videos for context in each.contexts.values()}.values()
        return (
            1_000
            + sum(600 + _matches_bytes(each.matches) for each in videos)
            + sum(1_500 + len(context.video.description) for context in contexts)
        )


def _matches_bytes(matches: Sequence[Match]) -> int:
    return 40 * len(matches) if isinstance(matches, PhraseMatches) else sum(250 + 40 * len(m.matched) for m in matches)


def list_readings(query: Query) -> list[Query]:
    """Return *query* and the other readings of its text, in the order in which they are tried."""
    readings = [query]
    while readings[-1].fallback is not None:
        readings.append(readings[-1].fallback)
    return readings


def find_key(readings: Sequence[Query], options: SearchOptions) -> Hashable:
    """Return all that decides which moments a search finds: not the page, the order, or the spelling of the words."""
    parsed = tuple((each.node, each.parts, each.exact_only, each.speaker) for each in readings)
    shown = replace(
        options, limit=0, offset=0, sort="score", context=0, context_ms=0, raw_case=False, texts=(), gist=False
    )
    return parsed, shown
