"""Caption files and bytes, read into transcripts in one call."""

from __future__ import annotations

from pathlib import Path

import pytest

from vidindex.errors import CaptionError
from vidindex.model import Track, Transcript
from vidindex.transcripts.read import parse_transcript, read_transcript

VTT = b"WEBVTT\n\n00:01.000 --> 00:02.000\nGood evening.\n\n00:02.000 --> 00:03.000\nThank you.\n"


def test_a_path_and_its_bytes_give_the_same_transcript(tmp_path: Path) -> None:
    path = tmp_path / "talk.en.vtt"
    path.write_bytes(VTT)

    assert read_transcript(path) == read_transcript(str(path)) == read_transcript(VTT)
    assert read_transcript(VTT).text == "Good evening. Thank you."


def test_the_format_is_a_hint_for_plain_text() -> None:
    assert read_transcript(b"Good evening.\n", format="txt").words == ("Good", "evening.")
    with pytest.raises(CaptionError, match="not in a supported format"):
        read_transcript(b"Good evening.\n")


def test_a_file_without_words_gives_an_empty_transcript() -> None:
    assert read_transcript(b"WEBVTT\n") == Transcript((), (), ())


def test_a_file_that_is_missing_is_a_caption_error(tmp_path: Path) -> None:
    with pytest.raises(CaptionError, match="check the path"):
        read_transcript(tmp_path / "missing.vtt")


def test_warnings_of_a_track_are_passed_on() -> None:
    transcript = parse_transcript(Track("en", "manual", "vtt"), VTT.replace(b"Thank you.", b"Thank\n\nyou."))

    assert transcript.text == "Good evening. Thank you."
    assert transcript.warnings == ("text after an empty line added to its cue",)


def test_a_track_without_words_is_an_error() -> None:
    with pytest.raises(CaptionError, match="they contain no words"):
        parse_transcript(Track("en", "manual", "vtt", name="talk"), b"WEBVTT\n")


def test_cues_of_an_automatic_track_are_deduplicated() -> None:
    raw = b"WEBVTT\n\n00:01.000 --> 00:02.000\nla la\n\n00:02.000 --> 00:03.000\nla la\nhey\n"

    assert parse_transcript(Track("en", "automatic", "vtt"), raw).text == "la la hey"
