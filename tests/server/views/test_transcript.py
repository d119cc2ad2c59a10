"""A transcript as paragraphs, and a quote taken from it."""

from __future__ import annotations

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
def said() -> Transcript:
    return vidindex.make_transcript(vidindex.read_captions(WEBVTT.encode()))


def test_a_paragraph_ends_where_another_one_speaks(said: Transcript) -> None:
    read = split_paragraphs(said, video="x:1", at_ms=9_500)
    assert [each.speaker for each in read] == ["Ada", "Ben"]
    assert [each.is_now for each in read] == [False, True]
    assert read[1].href == f"/video/x:1?t={read[1].start_ms / 1000:g}"


def test_every_word_finds_its_time_and_none_is_written_later_than_it_is_said(said: Transcript) -> None:
    for each in split_paragraphs(said, video="x:1", at_ms=0):
        words = "".join(piece.text for piece in each.pieces).split(" ")
        times = [each.start_ms]
        for gap in filter(None, each.gaps.split(",")):
            times.append(times[-1] + 10 * int(gap))
        known = dict(zip(said.words, said.starts_ms, strict=True))
        assert len(words) == len(times)
        assert all(0 <= known[word] - time < 10 for word, time in zip(words, times, strict=True))


def test_sounds_are_told_from_words(said: Transcript) -> None:
    first = split_paragraphs(said, video="x:1", at_ms=0)[0]
    assert [piece.text for piece in first.pieces if piece.kind == "sound"] == ["[thunder]"]


def test_a_quote_names_who_where_and_when(said: Transcript) -> None:
    video = Video(
        "youtube:BaW_jenozKc", "https://www.youtube.com/watch?v=BaW_jenozKc", "Rain", "Weather", date="2020-02-02"
    )
    assert format_citation(video, said, 3_000, 5_000) == (
        "“Nobody minded.”\n— Ada, “Rain”, Weather, 2020-02-02, 0:03–0:05\n"
        "https://www.youtube.com/watch?v=BaW_jenozKc&t=3s\n"
    )  # fmt: skip


def test_a_quote_of_nothing_is_an_error(said: Transcript) -> None:
    with pytest.raises(NotIndexedError):
        format_citation(Video("x:1", ""), said, 100_000, 200_000)
