"""Cues that begin with the last words of the one before."""

from __future__ import annotations

from itertools import pairwise

import pytest

from vidindex.model import Cue
from vidindex.transcripts.build import make_transcript

_LINES = (
    "good evening everyone",
    "and",
    "welcome to the show",
    "tonight we have",
    "a guest who wrote",
    "the whole book",
)
_STEP_MS = 1000


def _read(cues: list[Cue]) -> str:
    return " ".join(make_transcript(cues).words)


def _show(texts: list[str]) -> list[Cue]:
    return [Cue(at * _STEP_MS, (at + 1) * _STEP_MS, text) for at, text in enumerate(texts)]


def _join_lines() -> list[Cue]:
    """Return the cues of a display of two rows, with both in one line."""
    return _show([_LINES[0], *[" ".join(pair) for pair in pairwise(_LINES)]])


def test_lines_of_a_rolling_display_that_were_joined_are_read_once_with_their_times() -> None:
    transcript = make_transcript(_join_lines())

    assert " ".join(transcript.words) == " ".join(_LINES)
    assert transcript.starts_ms[transcript.words.index("tonight")] == 3 * _STEP_MS
    assert any("begins with words of the one before" in warning for warning in transcript.warnings)


def test_cues_that_only_move_the_line_up_repeat_it() -> None:
    cues = _join_lines()
    flashes = [Cue(cue.end_ms - 10, cue.end_ms, line) for cue, line in zip(cues, _LINES, strict=True)]
    shown = [each for pair in zip(cues, flashes, strict=True) for each in pair]

    assert _read(shown) == " ".join(_LINES)


def test_windows_of_sound_that_overlap_are_read_once() -> None:
    words = " ".join(_LINES).split()
    windows = [" ".join(words[at : at + 5]) for at in range(0, len(words) - 2, 3)]

    assert _read(_show(windows)) == " ".join(words)


@pytest.mark.parametrize(
    "texts",
    [
        ["so we will see", "we will see about that", "now then we go", "we go home"],
        ["row row row your boat", "row row row your boat", "gently down the stream", "row row row your boat"],
        ["i said no", "no no said he", "he went on", "on and on"],
    ],
)
def test_words_that_are_said_again_stay(texts: list[str]) -> None:
    assert _read(_show(texts)) == " ".join(texts)


def test_cues_that_are_apart_say_the_words_again() -> None:
    cues = [Cue(3 * cue.start_ms, 3 * cue.start_ms + _STEP_MS, cue.text) for cue in _join_lines()]

    assert _read(cues) == " ".join(cue.text for cue in cues)
