"""Lines of a rolling display that are corrected while they are shown."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.clocks import check_growth
from vidindex.model import Cue, TimedWord
from vidindex.transcripts.build import make_transcript
from vidindex.transcripts.corrections import is_correction

_MEETING = (
    "good morning and welcome",
    "to the county commission",
    "meeting of january third",
    "the weather has been bad",
    "so few have come today",
    "but we have a quorum",
    "so let us begin now",
)


def _show(texts: list[str], each_ms: int = 1500) -> list[Cue]:
    return [Cue(at * each_ms, (at + 1) * each_ms, text) for at, text in enumerate(texts)]


def _read(cues: list[Cue]) -> str:
    return " ".join(make_transcript(cues).words)


def _roll(lines: list[str]) -> list[str]:
    """Return what a display of two rows shows."""
    return [lines[0], *["\n".join(pair) for pair in pairwise(lines)]]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("the whether has been bad", "the weather has been bad"),
        ("meeting of january third", "Meeting of January 3rd,"),
        ("so few come today", "so few have come today"),
        ("so uh few have come today", "so few have come today"),
        ("the county comm", "the county commission"),
        ("no", "No."),
    ],
)
def test_a_word_that_is_spelled_otherwise_is_a_correction(old: str, new: str) -> None:
    assert is_correction(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("we shall fight on the beaches", "we shall fight on the landing grounds"),
        ("load buf 0, read the time", "load buf 1, read the time"),
        ("yes we can", "but they did"),
        ("♪", "♫"),
        ("go now", "go"),
    ],
)
def test_other_words_are_no_correction(old: str, new: str) -> None:
    assert not is_correction(old, new)


def test_a_line_that_is_corrected_as_it_moves_up_is_read_once_with_its_first_time() -> None:
    shown = _roll(list(_MEETING))
    shown[3] = "meeting of january third\nthe whether has been bad"
    shown[5] = "so few have come today\nbut we have a quoram"
    cues = _show(shown)
    assert _read(cues) == " ".join(_MEETING)
    transcript = make_transcript(cues)
    assert transcript.starts_ms[transcript.words.index("weather")] < cues[4].start_ms


def test_a_line_that_is_corrected_in_its_place_is_read_once() -> None:
    shown = _roll(list(_MEETING))
    shown.insert(3, "meeting of january third\nthe whether has been bad")
    assert _read(_show(shown)) == " ".join(_MEETING)


def test_a_line_of_a_display_of_three_rows_is_corrected() -> None:
    lines = list(_MEETING)
    shown = ["\n".join(lines[max(0, at - 2) : at + 1]) for at in range(len(lines))]
    shown[3] = shown[3].replace("weather", "weathers")
    shown[5] = shown[5].replace("quorum", "forum")
    assert _read(_show(shown)) == " ".join(_MEETING)


def test_a_line_with_the_times_of_its_words_keeps_them_if_it_is_corrected() -> None:
    shown = _roll(list(_MEETING))
    shown[3] = "meeting of january third\nthe whether has been bad"
    cues = _show(shown)
    for at, text in enumerate(shown):
        words = text.rpartition("\n")[2].split()
        timed = tuple(TimedWord(cues[at].start_ms + 200 * index, word) for index, word in enumerate(words))
        cues[at] = Cue(cues[at].start_ms, cues[at].end_ms, text, words=timed)
    transcript = make_transcript(cues)
    assert " ".join(transcript.words) == " ".join(_MEETING)
    assert transcript.starts_ms[transcript.words.index("weather")] == cues[3].start_ms + 200


def test_the_last_of_several_versions_that_are_too_short_to_be_read_counts() -> None:
    line = "national security, the security"
    versions = [Cue(3000 + 33 * at, 3033 + 33 * at, line + end) for at, end in enumerate(("o", "", "h", "e"))]
    cues = [Cue(1000, 3000, "it concerns the"), *versions, Cue(3132, 5000, f"{line},"), Cue(5000, 7000, "he said")]
    assert _read(cues) == f"it concerns the {line}, he said"


def test_the_last_word_of_a_line_that_grows_may_change() -> None:
    versions = ["i", "i want", "i want two", "i want to see", "i want to see the see", "i want to see the sea today"]
    assert _read(_show(versions, 300)) == "i want to see the sea today"


def test_lines_that_are_said_again_with_other_words_stay() -> None:
    lines = [*_MEETING[:3], "we are all friends", "now we are all friends", "it is not his fault", "is not his fault"]
    assert _read(_show(_roll(lines))) == " ".join(lines)
    assert _read(_show(lines)) == " ".join(lines)


def test_a_display_that_often_shows_two_new_lines_corrects_none() -> None:
    shown = _roll(list(_MEETING))[1:]
    again = ["we are all friends\nnow i am sure", "we are all friend\nof the whole house", "it is late\nand i am tired"]
    lines = [*_MEETING, *" ".join(again).replace("\n", " ").split()]
    assert _read(_show([*shown, *again])) == " ".join(lines)


def test_many_lines_that_are_alike_and_shown_briefly_take_linear_time() -> None:
    def read(count: int) -> None:
        _read([Cue(at * 100, (at + 1) * 100, f"we {'a' * (30 + at % 2)} thought") for at in range(count)])

    check_growth(lambda: read(200), lambda: read(800))
