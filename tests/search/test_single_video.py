"""Search within one video."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

import vidindex
from tests.conftest import webvtt
from vidindex.errors import QuerySyntaxError
from vidindex.model import Track, TrackContext, Transcript, Video
from vidindex.search.options import SearchOptions
from vidindex.search.single_video import find_in_transcript

from .conftest import INTERVIEW, captions, noise

LINES = [*noise(3, 300), *INTERVIEW, *noise(4, 300)]


def test_every_occurrence_of_a_quote_is_found_in_order_of_time() -> None:
    said = _transcript([*INTERVIEW, *noise(5, 200), *INTERVIEW])
    hits = _find(said, "obviously I deal with pain")
    assert [hit.start_ms for hit in hits] == sorted(hit.start_ms for hit in hits)
    assert len(hits) == 2
    assert all(hit.match == "exact" and hit.text.startswith("Obviously") for hit in hits)


@pytest.mark.parametrize(
    "query", ["obviously I deal with pain", '"obviously I deal with pain"', "obviously I deal with pane"]
)
def test_every_occurrence_of_a_quote_is_found_in_a_day_long_video(query: str) -> None:
    said = _transcript([*INTERVIEW, *noise(8, 9_000), *INTERVIEW, *noise(9, 9_000), *INTERVIEW])
    hits = [hit for hit in _find(said, query) if hit.score > 0.8]
    assert len(hits) == 3
    assert hits[-1].start_ms > 18 * 3_600_000


@pytest.mark.parametrize("at", [0, 37, 90, 133])
def test_a_quote_is_found_at_any_position_relative_to_passages(at: int) -> None:
    said = _transcript([*noise(6, at), *INTERVIEW, *noise(7, 40)])
    (hit,) = _find(said, "I would like to apologize to her in person")
    assert hit.text == "I would like to apologize to her in person."
    assert hit.start_ms // 4000 == at + 7
    assert hit.speaker == "Guest"


def test_a_misremembered_quote_is_found_near() -> None:
    (hit,) = _find(_transcript(LINES), "and the rafting trip in the valley was postponed")
    assert hit.match == "near"
    assert "canyon" in hit.text


def test_operators_work_within_one_video() -> None:
    assert len(_find(_transcript(LINES), '"rafting trip" OR "ladies and gentlemen"')) == 2
    assert _find(_transcript(LINES), '"rafting trip" AND nowhere') == []


def test_words_that_were_not_said_are_not_found() -> None:
    assert _find(_transcript(LINES), "seven purple submarines dissolved quietly") == []
    assert _find(_transcript([]), "anything at all") == []


def test_a_syntax_error_in_the_query_is_raised() -> None:
    with pytest.raises(QuerySyntaxError):
        _find(_transcript(LINES), '"rafting AND (trip')


def test_a_search_in_one_video_finds_a_hit_that_a_hundred_other_videos_outrank(tmp_path: Path) -> None:
    """The others contain each word and pair of the quote, but not in order; one contains the quote."""
    quote = "we never took the long winters off"
    words = quote.split()
    apart = " and so it went on for days and days ".join(" ".join(pair) for pair in pairwise(words))
    for number in range(120):
        (tmp_path / f"decoy {number}.en.vtt").write_text(webvtt([apart, f"talk number {number}"]))
    (tmp_path / "said.en.vtt").write_text(webvtt([quote]))
    (tmp_path / "nearly.en.vtt").write_text(webvtt(["we never took the strong winter off"]))
    with vidindex.open(tmp_path / "index") as index:
        index.add(tmp_path / "said.en.vtt", *sorted(tmp_path.glob("*.vtt")))
        (video,) = (video.id for video in index.videos() if video.title == "nearly")
        options = SearchOptions(videos=frozenset([video]))
        assert [hit.text for hit in index.search_page(quote, options=options).hits] == [
            "we never took the strong winter off"
        ]
        assert index.search_page(f"{quote} lang:de", options=options).total == 0


def _transcript(lines: list[str]) -> Transcript:
    cues = vidindex.read_captions(captions(lines).encode())
    return vidindex.make_transcript(cues)


def _find(transcript: Transcript, text: str) -> list[vidindex.Hit]:
    subject = TrackContext(Video("file:talk", "https://tube.example/talk"), Track("en", "manual"))
    return find_in_transcript(subject, transcript, text, options=SearchOptions(limit=50))
