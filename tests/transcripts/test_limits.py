"""Limits of a caption track."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import repeat

import pytest

from vidindex.errors import CaptionError
from vidindex.model import Cue, TimedWord
from vidindex.transcripts.limits import MAX_CUES, MAX_TRACK_CHARS, MAX_WORDS, collect_cues, take_turn


def test_cues_within_the_limits_are_collected() -> None:
    cues = [Cue(at, at + 1, "x") for at in range(2000)]

    assert collect_cues(iter(cues)) == cues


@pytest.mark.parametrize(
    ("cue", "reason"),
    [
        (Cue(0, 1, "x"), f"more than the limit of {MAX_CUES:,} cues"),
        (Cue(0, 1, "x", "", (TimedWord(0, "x"),) * 1000), f"more than the limit of {MAX_WORDS:,} words"),
        (Cue(0, 1, "x" * 100_000), f"more than the limit of {MAX_TRACK_CHARS:,} characters of text"),
    ],
)
def test_collecting_ends_soon_after_a_limit(cue: Cue, reason: str) -> None:
    taken = 0

    def endless() -> Iterator[Cue]:
        nonlocal taken
        for each in repeat(cue):
            taken += 1
            yield each

    with pytest.raises(CaptionError, match=reason):
        collect_cues(endless())
    assert taken <= MAX_CUES + 500


def test_one_thread_at_a_time_parses_large_captions_and_any_number_small_ones() -> None:
    entered = threading.Event()

    def enter(size: int) -> None:
        with take_turn(size):
            entered.set()

    with take_turn(10_000_000), take_turn(10_000_000):  # the same thread may enter again
        small = threading.Thread(target=enter, args=(1000,))
        small.start()
        small.join()
        assert entered.is_set()
        entered.clear()
        large = threading.Thread(target=enter, args=(10_000_000,))
        large.start()
        assert not entered.wait(0.1)
    large.join()
    assert entered.is_set()
