"""`Transcript` as a sequence of timed words, and as text."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError

import pytest

from vidindex.model import Cue, TimedWord, Transcript
from vidindex.transcripts.build import make_transcript


@pytest.fixture(name="transcript")
def _transcript() -> Transcript:
    return make_transcript([Cue(1000, 2000, "Good evening."), Cue(2000, 3000, "[applause] Thank you.")])


def test_iteration_yields_each_word_with_its_start_in_order(transcript: Transcript) -> None:
    assert list(transcript) == [
        TimedWord(start, word) for start, word in zip(transcript.starts_ms, transcript.words, strict=True)
    ]
    assert [word.text for word in transcript] == ["Good", "evening.", "[applause]", "Thank", "you."]
    assert next(iter(transcript)) == TimedWord(start_ms=1000, text="Good")


def test_a_transcript_can_be_iterated_again(transcript: Transcript) -> None:
    assert list(transcript) == list(transcript)


def test_the_length_is_the_number_of_words(transcript: Transcript) -> None:
    assert len(transcript) == len(transcript.words) == 5


def test_the_text_has_every_word_and_sounds_as_captioned(transcript: Transcript) -> None:
    assert transcript.text == "Good evening. [applause] Thank you."


def test_an_empty_transcript_has_no_text_and_is_false() -> None:
    empty = make_transcript([])

    assert (len(empty), list(empty), empty.text, bool(empty)) == (0, [], "", False)


def test_a_transcript_stays_a_frozen_value_with_slots(transcript: Transcript) -> None:
    with pytest.raises(FrozenInstanceError):
        transcript.words = ()  # type: ignore[misc]
    assert not hasattr(transcript, "__dict__")
    assert pickle.loads(pickle.dumps(transcript)) == copy.deepcopy(transcript) == transcript
    assert len({transcript, copy.deepcopy(transcript)}) == 1
