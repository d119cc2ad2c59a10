"""Words in pieces: the space before a piece, which whisper.cpp writes, tells where a word begins."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from vidindex.transcripts.build import make_transcript
from vidindex.transcripts.formats import read_captions
from vidindex.transcripts.timecode import format_timestamp

PIECES = [" You", "'re", " gro", "ans", " at", " 1", ",", "500", " dollars", ".", " aujourd", "'hui"]


def srt(texts: Sequence[str], *, step_ms: int = 300, gap_ms: int = 0) -> str:
    return "\n".join(
        f"{at + 1}\n{format_timestamp(at * step_ms, ',')} --> {format_timestamp((at + 1) * step_ms - gap_ms, ',')}\n{text}\n"  # noqa: E501
        for at, text in enumerate(texts)
    )


def words_of(text: str) -> list[str]:
    return list(make_transcript(read_captions(text.encode())).words)


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_pieces_in_cues_are_joined_and_keep_the_time_of_the_first_one(line_break: str) -> None:
    transcript = make_transcript(read_captions(srt(PIECES).replace("\n", line_break).encode()))

    assert transcript.words == ("You're", "groans", "at", "1,500", "dollars.", "aujourd'hui")
    assert transcript.starts_ms == (0, 600, 1200, 1500, 2400, 3000)
    assert transcript.has_word_times


def test_pieces_in_webvtt_are_joined() -> None:
    header, dotted = "WEBVTT\n\n", srt(PIECES[:5]).replace(",", ".")

    assert words_of(header + dotted) == ["You're", "groans", "at"]


def test_a_word_that_the_length_limit_of_a_cue_cuts_is_joined() -> None:
    texts = [" And so my fellow Ameri", "cans ask what your coun", "try can do", " it cost 1", ",500 or so", " we go"]

    assert " ".join(words_of(srt(texts, step_ms=2000))) == (
        "And so my fellow Americans ask what your country can do it cost 1,500 or so we go"
    )


@pytest.mark.parametrize(
    "texts",
    [
        ["We", "never", "thought", "the", "river", "would", "rise"],
        [" We never thought", " the river", " would rise"],
        [" We never thought", "the river", " would rise", " so quickly", "that night", " and"],
        [" We never thought", "the river", "would rise", "so quickly", "that night", "and"],
    ],
)
def test_stray_spaces_join_no_words(texts: list[str]) -> None:
    assert words_of(srt(texts)) == " ".join(texts).split()


def test_a_pause_parts_words() -> None:
    texts = [" We never thought", " the river", "dance went on", " so quickly", " that night"]

    assert words_of(srt(texts, step_ms=2000, gap_ms=500)) == " ".join(texts).split()
