"""The exhaustive aligner of the benchmark finds what it must, so that comparisons with it mean something."""

from __future__ import annotations

import pytest

from bench.exhaustive import Speech, code_sound, find_rank
from tests.conftest import webvtt
from vidindex import make_transcript, read_captions


@pytest.fixture
def speech() -> Speech:
    found = Speech()
    for name, lines in (("one", ["nobody said a word", "the heron waits"]), ("two", ["well the night train was late"])):
        found.add(name, make_transcript(read_captions(webvtt(lines).encode())))
    return found


@pytest.mark.parametrize("quote", ["the night train was late", "the knight trains was late", "thenight trane woz late"])
def test_the_place_of_a_misheard_quote_is_the_best_window(speech: Speech, quote: str) -> None:
    assert find_rank(speech.find_best(quote), {"video": "two", "start": 0.7}) == 0


def test_windows_do_not_overlap_better_ones(speech: Speech) -> None:
    best = speech.find_best("the heron waits")
    assert len(best) == len(set(best)) > 1
    assert find_rank(best, {"video": "one", "start": 4.0}) == 0
    assert find_rank(best, {"video": "one", "start": 60.0}) == -1


@pytest.mark.parametrize(("one", "other"), [("phone", "fone"), ("knight", "night"), ("city", "sity"), ("back", "bak")])
def test_words_that_sound_alike_have_one_code(one: str, other: str) -> None:
    assert code_sound(one) == code_sound(other)
