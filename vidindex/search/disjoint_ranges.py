"""Sets of ranges that do not overlap, such as the matches in one track."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable

_SLACK_MS = 750
"""Captions of one moment may be so far apart: those that people made start earlier or later than recognized words."""


class DisjointRanges:
    """Ranges of integers that do not overlap, in order; adding one takes logarithmic time."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []

    def add_if_free(self, start: int, end: int) -> bool:
        """Add the range from *start* to *end* (exclusive) unless it overlaps another; return whether it was added."""
        if not self.is_free(start, end):
            return False
        at = bisect_left(self._starts, end)
        self._starts.insert(at, start)
        self._ends.insert(at, end)
        return True

    def is_free(self, start: int, end: int) -> bool:
        """Return whether no range overlaps that from *start* to *end* (exclusive)."""
        at = bisect_left(self._starts, end)  # the ranges before *at* start before *end*
        return not at or self._ends[at - 1] <= start


class MomentTimes:
    """The times of distinct moments of one video, found in one or several caption tracks.

    Two in the same captions are distinct unless they overlap, two in different captions only if there is some time
    between them.
    """

    def __init__(self) -> None:
        self._tracks: dict[Hashable, DisjointRanges] = {}

    def add_if_new(self, captions: Hashable, start_ms: int, end_ms: int) -> bool:
        """Add the moment from *start_ms* to *end_ms* in *captions* unless it is known; return whether it was added."""
        for others in (ranges for key, ranges in self._tracks.items() if key != captions):
            if not others.is_free(start_ms - _SLACK_MS, end_ms + _SLACK_MS):
                return False
        return self._tracks.setdefault(captions, DisjointRanges()).add_if_free(start_ms, end_ms)
