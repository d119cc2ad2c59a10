"""Sets of ranges that do not overlap, such as the matches in one track."""

from __future__ import annotations

from bisect import bisect_left


class DisjointRanges:
    """Ranges of integers that do not overlap, in order; adding one takes logarithmic time."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []

    def add_if_free(self, start: int, end: int) -> bool:
        """Add the range from *start* to *end* (exclusive) unless it overlaps another; return whether it was added."""
        at = bisect_left(self._starts, end)  # the ranges before *at* start before *end*
        if at and self._ends[at - 1] > start:
            return False
        self._starts.insert(at, start)
        self._ends.insert(at, end)
        return True
