"""Paragraphs of a transcript, and citations from it."""

from __future__ import annotations

from dataclasses import replace

import pytest

import vidindex
from vidindex.errors import NotIndexedError
from vidindex.model import Transcript, Video
from vidindex.server.views.citation import format_citation
from vidindex.server.views.transcript import split_paragraphs

WEBVTT = """WEBVTT

00:00:01.000 --> 00:00:03.000
<v Ada>It was raining when we left.

00:00:03.000 --> 00:00:05.000
<v Ada>[thunder] Nobody minded.

00:00:09.000 --> 00:00:12.000
<v Ben>I DID NOT mind either.
"""


@pytest.fixture
def transcript() -> Transcript:
    return vidindex.make_transcript(vidindex.read_captions(WEBVTT.encode()))


def test_a_paragraph_ends_where_the_speaker_changes(transcript: Transcript) -> None:
    paragraphs = split_paragraphs(transcript, video="x:1", at_ms=9_500)
    assert [each.speaker for each in paragraphs] == ["Ada", "Ben"]
    assert [each.is_current for each in paragraphs] == [False, True]
    assert paragraphs[1].href == f"/video/x:1?t={paragraphs[1].start_ms / 1000:g}"


def test_the_time_of_each_word_is_rounded_down(transcript: Transcript) -> None:
    for each in split_paragraphs(transcript, video="x:1", at_ms=0):
        words = "".join(piece.text for piece in each.pieces).split(" ")
        times = [each.start_ms]
        for gap in filter(None, each.gaps.split(",")):
            times.append(times[-1] + 10 * int(gap))
        start_of = dict(zip(transcript.words, transcript.starts_ms, strict=True))
        assert len(words) == len(times)
        assert all(0 <= start_of[word] - time < 10 for word, time in zip(words, times, strict=True))


def test_sounds_are_distinguished_from_words(transcript: Transcript) -> None:
    first = split_paragraphs(transcript, video="x:1", at_ms=0)[0]
    assert [piece.text for piece in first.pieces if piece.kind == "sound"] == ["[thunder]"]


def test_a_citation_names_speaker_video_and_time(transcript: Transcript) -> None:
    video = Video(
        "youtube:BaW_jenozKc", "https://www.youtube.com/watch?v=BaW_jenozKc", "Rain", "Weather", date="2020-02-02"
    )
    assert format_citation(video, transcript, 3_000, 5_000) == (
        "“Nobody minded.”\n— Ada, “Rain”, Weather, 2020-02-02, 0:03–0:05\n"
        "https://www.youtube.com/watch?v=BaW_jenozKc&t=3s\n"
    )  # fmt: skip


def test_a_citation_of_several_speakers_has_a_labeled_line_for_each(transcript: Transcript) -> None:
    """The words of one are never credited to another."""
    assert format_citation(Video("x:1", "", "Rain"), transcript, 1_000, 12_000) == (
        "Ada: “It was raining when we left. Nobody minded.”\nBen: “I DID NOT mind either.”\n— “Rain”, 0:01–0:12\n"
    )


def test_a_speaker_whose_name_is_not_known_is_not_credited_with_the_name_of_another(transcript: Transcript) -> None:
    unnamed = replace(transcript, speakers=((0, "Ada"), (transcript.words.index("Nobody"), ""), (9, "Ada")))
    assert format_citation(Video("x:1", "", "Rain"), unnamed, 1_000, 12_000).splitlines()[:3] == [
        "Ada: “It was raining when we left.”",
        "Unknown speaker: “Nobody minded.”",
        "Ada: “I DID NOT mind either.”",
    ]


def test_a_citation_without_words_is_an_error(transcript: Transcript) -> None:
    with pytest.raises(NotIndexedError):
        format_citation(Video("x:1", ""), transcript, 100_000, 200_000)
