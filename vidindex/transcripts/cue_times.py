"""The times of words that are interpolated from those of their cues."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate


def measure_words(words: Sequence[str], silent: Iterable[int]) -> list[int]:
    """Return the share of time of each of *words*: its length, or none at the positions *silent*."""
    lengths = [len(word) + 1 for word in words]
    for at in silent:
        lengths[at] = 0  # nobody says a mark or a name before the words of a speaker
    return lengths


def interpolate_times(
    cues: Iterable[tuple[int, int, int]], lengths: Sequence[int], *, before: int = 0, after: int = 0
) -> tuple[list[int], list[int]]:
    """Return the start and the end of each word; the time of a cue is divided among its words by their *lengths*.

    Each of *cues* is the number of its words, its start and its duration.  *before* is the length of the words of the
    first cue that come before these, *after* that of the words of the last cue that follow.  A word ends where the next
    one of its cue starts.
    """
    edges = list(accumulate(lengths, initial=0))
    starts_ms: list[int] = []
    cue_ends_ms: list[tuple[int, int]] = []
    at, origin, words = 0, -before, len(lengths)
    for count, start_ms, duration_ms in cues:
        to = at + count
        total = edges[to] - origin + (after if to == words else 0) or 1
        base = start_ms * total - duration_ms * origin
        starts_ms += [(base + duration_ms * edge) // total for edge in edges[at:to]]
        cue_ends_ms.append((to - 1, (base + duration_ms * edges[to]) // total))
        at, origin = to, edges[to]
    ends_ms = [*starts_ms[1:], 0] if starts_ms else []
    for last, end_ms in cue_ends_ms:
        ends_ms[last] = end_ms
    return starts_ms, ends_ms
