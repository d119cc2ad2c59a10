"""Sentence case for all-capitals captions."""

from __future__ import annotations

import pytest

from vidindex.transcripts.casing import is_all_caps, to_sentence_case


@pytest.mark.parametrize(
    ("caps", "readable"),
    [
        ("I NEVER TOOK THE TIME OFF.", "I never took the time off."),
        ("WELL. I'M IN THE U.S. ON CBS", "Well. I'm in the U.S. on CBS"),
        (">> Jon: WELCOME BACK", ">> Jon: Welcome back"),
        ('"LATE SHOW" AT 9PM', '"Late show" at 9PM'),
        ("ÄRGER ÜBER ALLES", "Ärger über alles"),
    ],
)
def test_sentences_start_large_and_go_on_small(caps: str, readable: str) -> None:
    assert " ".join(to_sentence_case(caps.split())) == readable


def test_a_snippet_may_start_in_the_middle_of_a_sentence() -> None:
    assert to_sentence_case(["TIME", "OFF"], starts_sentence=False) == ["time", "off"]


def test_speakers_names_do_not_hide_that_a_track_is_all_capitals() -> None:
    assert is_all_caps([">> Jon:", "WELCOME BACK TO THE SHOW, EVERYBODY. THANK YOU."])
    assert not is_all_caps(["Welcome", "to", "NASA", "and", "the", "BBC"])
