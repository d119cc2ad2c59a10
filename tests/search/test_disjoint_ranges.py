"""Ranges are added unless they overlap an earlier one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vidindex.search.disjoint_ranges import DisjointRanges, MomentTimes


def test_adjacent_ranges_do_not_overlap() -> None:
    ranges = DisjointRanges()
    added = [ranges.add_if_free(*each) for each in ((5, 8), (8, 9), (4, 5), (0, 5), (7, 20), (0, 4), (6, 7))]
    assert added == [True, True, True, False, False, True, False]


def test_moments_in_different_captions_are_one_if_little_time_is_between_them() -> None:
    times = MomentTimes()
    added = [
        times.add_if_new(captions, start_ms, start_ms + 500)
        for captions, start_ms in [("en", 0), ("en", 600), ("asr", 1_700), ("asr", 1_900), ("en", 2_500), ("en", 9_000)]
    ]
    assert added == [True, True, False, True, False, True]


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 8))))
def test_the_same_ranges_are_added_as_by_comparing_each_pair(starts: list[tuple[int, int]]) -> None:
    ranges = DisjointRanges()
    kept: list[tuple[int, int]] = []
    for start, size in starts:
        end = start + size
        is_free = not any(start < other_end and other < end for other, other_end in kept)
        assert ranges.add_if_free(start, end) == is_free
        if is_free:
            kept.append((start, end))
