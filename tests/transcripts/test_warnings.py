"""Warnings of a transcript: what was guessed or left out, and nothing for captions that are read as they are."""

from __future__ import annotations

import pytest

from tests.conftest import webvtt
from tests.transcripts.test_build import rolled
from vidindex.transcripts.read import read_transcript

COPIED = "1\n00:00:01,000 --> 00:00:02,000\nwe never thought\n\n" * 3
TWO_LANGUAGES = [
    "We never thought that\nМы никогда не думали",
    "the river would rise.\nчто река поднимется.",
    "It was the first time\nЭто было впервые",
    "that we had seen it.\nкогда мы это видели.",
]
CUT = "".join(
    f"{at}\n00:00:0{at},000 --> 00:00:0{at + 1},000\n{text}\n\n"
    for at, text in enumerate([" We had 1", ",500 dollars and", " never thought", " that it would rise"], 1)
)
PART = [f"this is the line number {n} of many" for n in range(12)]
PARTLY_ROLLING = webvtt([*PART, "alpha beta", "alpha beta\ngamma delta", "gamma delta\nepsilon zeta"])
TOO_SHORT = "".join(
    f"{at}\n00:00:01,{at}00 --> 00:00:01,{at + 1}00\nwe never thought that the river would rise so far\n\n"
    for at in range(1, 4)
)


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        (COPIED, "2 × copy of a cue dropped"),
        (webvtt(TWO_LANGUAGES), "lines of two languages put apart, those of the second at estimated times"),
        (CUT, "word that the end of a cue cut joined"),
        (
            webvtt(["Ann Lee (she/her): Hello.", "Bob Fox: Hi.", "And so on.", "Bob Fox: Right."]),
            "2 × name before a colon taken for that of the speaker",
        ),
        (PARTLY_ROLLING, "3 × cue of a rolling part, whose repeated lines were read once"),
        (TOO_SHORT, "2 × cue too short for its text joined to the same one before it"),
    ],
    ids=["copies", "two languages", "cut word", "labels", "rolling in part", "too short"],
)
def test_a_guess_or_a_loss_leaves_a_warning(text: str, warning: str) -> None:
    assert read_transcript(text.encode()).warnings == (warning,)


@pytest.mark.parametrize(
    "text",
    [
        rolled("am i loud", "yes", "good good"),
        webvtt([">> ANN: Hello.", "- Hi.", "<v Ann>Fine.", "[applause]", "Note: this is it."]),
        webvtt(["la la la", "la la la", "hey"]),
        webvtt(["<u>we</u> never", "we <u>never</u>"], seconds=0.3),
    ],
    ids=["rolling", "marked labels", "said twice", "highlighted words"],
)
def test_captions_that_are_read_as_they_are_leave_none(text: str) -> None:
    assert read_transcript(text.encode()).warnings == ()
