"""Cues whose text is not said again: copies, and lines whose words are highlighted in turn."""

from __future__ import annotations

import pytest

from vidindex.model import Cue, Transcript
from vidindex.transcripts.build import make_transcript
from vidindex.transcripts.formats import read_captions

LINE = "we never thought that the river would rise"


def said(transcript: Transcript) -> str:
    return " ".join(transcript.words)


def cues_of(*rows: tuple[int, int, str]) -> list[Cue]:
    return [Cue(*row) for row in rows]


def highlighted(before: str, after: str, *, length_ms: int = 500, first_s: int = 0) -> str:
    """Return WebVTT cues that show `LINE` with each word between *before* and *after* in turn."""
    words = LINE.split()
    blocks = []
    for at in range(len(words)):
        text = " ".join(f"{before}{word}{after}" if n == at else word for n, word in enumerate(words))
        end = at * 500 + length_ms
        blocks.append(
            f"00:{first_s + at // 2:02}.{at % 2 * 500:03} --> 00:{first_s + end // 1000:02}.{end % 1000:03}\n{text}"
        )
    return "\n\n".join(blocks)


class TestCopies:
    def test_one_copy_in_a_long_track_is_read_once(self) -> None:
        rows = [(at * 2000, at * 2000 + 1900, f"line {at} of it") for at in range(20)]

        assert said(make_transcript(cues_of(*rows, rows[7]))) == said(make_transcript(cues_of(*rows)))

    @pytest.mark.parametrize(
        "copies",
        [
            cues_of((1, 900, "a b"), (1, 900, "c"), (1, 900, "a b"), (1, 900, "c")),
            cues_of((1, 900, "a b\nc"), (1, 900, "a  b c")),
            cues_of((1, 900, "\u200ba b"), (1, 900, "a b"), (901, 1200, "c")),
            cues_of((1, 900, "a b c"), (10, 910, "a b c")),
        ],
        ids=["two cues", "other line breaks", "invisible character", "a frame later"],
    )
    def test_copies_are_read_once(self, copies: list[Cue]) -> None:
        assert make_transcript(copies).words == ("a", "b", "c")

    def test_the_copy_that_names_the_speaker_is_kept(self) -> None:
        assert make_transcript([Cue(1, 900, "yes"), Cue(1, 900, "yes", "Ann")]).speakers == ((0, "Ann"),)

    def test_lines_without_times_are_no_copies(self) -> None:
        assert said(make_transcript(cues_of((0, 0, "yes"), (0, 0, "yes")))) == "yes yes"

    def test_the_same_words_at_other_times_are_said_again(self) -> None:
        assert said(make_transcript(cues_of((0, 4000, "no."), (2000, 6000, "no.")))) == "no. no."


class TestHighlights:
    @pytest.mark.parametrize(
        ("before", "after"),
        [("<u>", "</u>"), ("<b>", "</b>"), ("<c.yellow>", "</c>"), ('<font color="#0f0">', "</font>")],
    )
    @pytest.mark.parametrize("length_ms", [500, 300])
    def test_each_word_has_the_time_of_its_highlight(self, before: str, after: str, length_ms: int) -> None:
        track = f"WEBVTT\n\n{highlighted(before, after, length_ms=length_ms)}"

        transcript = make_transcript(read_captions(track.encode()))

        assert said(transcript) == LINE
        assert transcript.starts_ms == tuple(range(0, 4000, 500))
        assert transcript.has_word_times

    def test_words_around_the_highlight_may_have_a_tag_too(self) -> None:
        track = highlighted("</c><c.yellow>", "</c><c.white>").replace("\nwe", "\n<c.white>we")

        assert make_transcript(read_captions(f"WEBVTT\n\n{track}".encode())).starts_ms == tuple(range(0, 4000, 500))

    def test_a_highlight_may_grow(self) -> None:
        words = LINE.split()
        rows = [(at * 500, f"<b>{' '.join(words[: at + 1])}</b> {' '.join(words[at + 1 :])}") for at in range(8)]
        track = "\n\n".join(
            f"00:{ms // 1000:02}.{ms % 1000:03} --> 00:{(ms + 500) // 1000:02}.{(ms + 500) % 1000:03}\n{text}"
            for ms, text in rows
        )

        transcript = make_transcript(read_captions(f"WEBVTT\n\n{track}".encode()))

        assert (said(transcript), transcript.starts_ms) == (LINE, tuple(range(0, 4000, 500)))

    def test_cues_between_the_words_show_the_plain_line(self) -> None:
        cues = [
            Cue(0, 1000, "so quickly that", highlight=(0, 1)),
            Cue(1000, 1400, "so quickly that"),
            Cue(1400, 2000, "so quickly that", highlight=(1, 2)),
            Cue(2000, 3000, "so quickly that", highlight=(2, 3)),
        ]

        transcript = make_transcript(cues)

        assert (said(transcript), transcript.starts_ms) == ("so quickly that", (0, 1400, 2000))

    def test_a_line_that_is_sung_again_is_there_again(self) -> None:
        track = f"WEBVTT\n\n{highlighted('<u>', '</u>')}\n\n{highlighted('<u>', '</u>', first_s=4)}"

        assert said(make_transcript(read_captions(track.encode()))) == f"{LINE} {LINE}"

    def test_the_same_emphasis_twice_is_said_twice(self) -> None:
        cues = [Cue(0, 2000, "no no", highlight=(1, 2)), Cue(2000, 4000, "no no", highlight=(1, 2))]

        assert said(make_transcript(cues)) == "no no no no"

    def test_cues_too_short_for_their_text_show_it_still(self) -> None:
        """The markup that highlights the words may be gone; a cue for each word tells their times still."""
        transcript = make_transcript([Cue(at * 200, at * 200 + 200, LINE) for at in range(8)])

        assert (said(transcript), transcript.starts_ms) == (LINE, tuple(range(0, 1600, 200)))
        assert said(make_transcript([Cue(at * 100, at * 100 + 100, LINE) for at in range(30)])) == LINE
