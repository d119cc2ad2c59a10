"""Transcripts in plain text: where each of the services puts times and names."""

from __future__ import annotations

import pytest

from vidindex.transcripts.formats import parse_captions

Said = list[tuple[int, str, str]]

_TWO: Said = [(3000, "Ann Lee", "we never thought"), (7000, "Bob", "the river")]
_UNNAMED: Said = [(3000, "", "we never thought"), (7000, "", "the river")]


def said(text: str, hint: str = "txt") -> Said:
    """Return the start, the speaker and the text of each cue."""
    return [(cue.start_ms, cue.speaker, cue.text) for cue in parse_captions(text.encode(), format=hint).cues]


@pytest.mark.parametrize(
    "text",
    [
        "Ann Lee  0:03  \nwe never thought\n\nBob  0:07  \nthe river\n\nTranscribed by https://otter.ai\n",
        "Title\nMon, Jan 5, 2026 10:00AM • 5:00\n\nSPEAKERS\nAnn Lee, Bob\n\nAnn Lee  0:03\nwe never thought\n\nBob  0:07\nthe river",  # noqa: E501
        "Ann Lee 0:03\nwe never thought\n\nBob 0:07\nthe river\n",
        "Ann Lee: (00:03)\nwe never thought\n\nBob: (00:07)\nthe river\n",
        "Ann Lee (00:03):\nwe never thought\n\nBob (00:07):\nthe river\n",
        "Ann Lee (00:03): we never thought\nBob (00:07): the river\n",
        "Ann Lee: [00:00:03] we never thought\nBob: [00:00:07] the river\n",
        "Ann Lee:\t00:03\twe never thought\nBob:\t00:07\tthe river\n",
        "Ann Lee - 00:03\nwe never thought\n\nBob - 00:07\nthe river\n",
        "Ann Lee\n0:03\nwe never thought\n\nBob\n0:07\nthe river\n",
        "Ann Lee\n0 minutes 3 seconds0:03\nAnn Lee 0 minutes 3 seconds\nwe never thought\n"
        "Bob\n0 minutes 7 seconds0:07\nBob 0 minutes 7 seconds\nthe river\n",
        "00:00:03:00 - 00:00:05:12\nAnn Lee\nwe never thought\n\n00:00:07:00 - 00:00:09:12\nBob\nthe river\n",
        "[00:00:03] Ann Lee\nwe never thought\n\n[00:00:07] Bob\nthe river\n",
        "[00:00:03.000] - Ann Lee\nwe never thought\n\n[00:00:07.000] - Bob\nthe river\n",
        "[00:00:03] Ann Lee: we never thought\n[00:00:07] Bob: the river\n",
        "00:00:03 Ann Lee: we never thought\n00:00:07 Bob: the river\n",
        "**Ann Lee** 0:03\nwe never thought\n\n**Bob** 0:07\nthe river\n",
        "**Ann Lee:** [00:03](https://example.org/v?t=3) we never thought\n\n**Bob:** [00:07](https://example.org/v?t=7) the river\n",  # noqa: E501
    ],
)
def test_names_and_times_are_no_speech(text: str) -> None:
    assert said(text) == _TWO
    assert said(text.replace("\n", "\r\n")) == _TWO


@pytest.mark.parametrize(
    "text",
    [
        "0:03\nwe never thought\n0:07\nthe river\n",
        "Transcript\n0:03\n3 seconds\nwe never thought\n0:07\n7 seconds\nthe river\nEnglish (auto-generated)\n",
        "0:033 secondswe never thought\n0:077 secondsthe river\n",
        "0:03 we never thought\n0:07 the river\n",
        "0:03\twe never thought\n0:07\tthe river\n",
        "0:03 - we never thought\n0:07 - the river\n",
        "(0:03) we never thought\n(0:07) the river\n",
        "- 0:03 we never thought\n- 0:07 the river\n",
        "00:00:03 - 00:00:05: we never thought\n00:00:07 - 00:00:09: the river\n",
        "[00:03]\nwe never thought\n[00:07]\nthe river\n",
        "[00:00:03] we never thought\n[00:00:07] the river\n",
        "[00:03.000 --> 00:05.000]  we never thought\n[00:07.000 --> 00:09.000]  the river\n",
        "00:00:03.000 - 00:00:05.000\nwe never thought\n\n00:00:07.000 - 00:00:09.000\nthe river\n",
    ],
)
def test_a_time_belongs_to_the_text_after_it(text: str) -> None:
    assert said(text) == _UNNAMED


def test_times_after_an_hour_and_times_in_the_text_are_told_apart() -> None:
    text = "0:00\nwe left at\n59:58\n10:30 in the morning\n1:02:11\nand came back at 11:45\n"

    assert said(text) == [
        (0, "", "we left at"),
        (3_598_000, "", "10:30 in the morning"),
        (3_731_000, "", "and came back at 11:45"),
    ]


def test_times_of_day_count_from_the_first_one_and_past_midnight() -> None:
    text = "[Ann Lee] 23:59:58\nwe never\n[Bob] 00:00:03\nthought\n[Ann Lee] 00:00:09\nthat\n"

    assert said(text) == [(0, "Ann Lee", "we never"), (5000, "Bob", "thought"), (11_000, "Ann Lee", "that")]
    assert "times of day, counted from the first one" in parse_captions(text.encode(), format="txt").warnings


def test_names_in_brackets_may_have_any_form() -> None:
    text = "[Lee, Ann] 10:02:33\na\n[bob] 10:02:36\nb\n[+1 555 0100] 10:02:39\nc\n"

    assert said(text) == [(0, "Lee, Ann", "a"), (3000, "bob", "b"), (6000, "+1 555 0100", "c")]


def test_times_in_a_paragraph_split_it() -> None:
    text = "Ann: (00:03)\nwe never thought. (00:20)\nAnd then [inaudible 00:00:25] it rose.\n\nBob: (00:47)\nNo.\n"

    assert said(text) == [
        (3000, "Ann", "we never thought."),
        (20_000, "Ann", "And then [inaudible 00:00:25] it rose."),
        (47_000, "Bob", "No."),
    ]


def test_several_may_speak_after_one_time() -> None:
    text = "00:00:00\n\nAnn Lee: we never\nBob: thought\n\n00:05:00\n\nAnn Lee: that\n"

    assert said(text) == [(0, "Ann Lee", "we never"), (0, "Bob", "thought"), (300_000, "Ann Lee", "that")]


@pytest.mark.parametrize(
    "text",
    [
        "We met at 10:30 in the town.\nThe river rose.\nAt 11:15 we left.\nNobody knew.\n",
        "the river rose\n" * 40 + "10:30 we left\n",
        "Ann: the river rose.\nBob: at 10:30\n",
    ],
)
def test_a_text_that_mentions_times_stays_plain(text: str) -> None:
    assert parse_captions(text.encode(), format="txt").format == "plain"


def test_lyrics_in_a_text_file_stay_lyrics() -> None:
    assert parse_captions(b"[ar:Ann]\n[00:01]we\n[00:02]never\n", format="txt").format == "lrc"
    assert parse_captions(b"[00:01.00]we\n[00:02.00]never\n", format="txt").format == "lrc"


def test_the_last_words_before_a_long_pause_do_not_last_as_long() -> None:
    cues = parse_captions(b"0:00\nwe never\n50:00\nthought\n", format="txt").cues

    assert [(cue.start_ms, cue.end_ms) for cue in cues] == [(0, 5000), (3_000_000, 3_005_000)]


def test_a_time_without_text_ends_what_is_before_it() -> None:
    cues = parse_captions(b"[00:00:01]\nwe|never\n[00:00:03]\n\n[00:00:08]\nrise\n[00:00:09]\n", format="txt").cues

    assert [(cue.start_ms, cue.end_ms, cue.text) for cue in cues] == [(1000, 3000, "we\nnever"), (8000, 9000, "rise")]


class TestPlayers:
    """Formats of players that state times before each line."""

    def test_mpl2(self) -> None:
        text = "[10][30]we never|/thought\n[30][]{y:i}the river\nwould rise\n"
        result = parse_captions(text.encode())

        assert result.format == "mpl2"
        assert [(cue.start_ms, cue.end_ms, cue.text) for cue in result.cues] == [
            (1000, 3000, "we never\nthought"),
            (3000, 8000, "the river\nwould rise"),
        ]
        assert "line without a time, added to the one before" in result.warnings

    @pytest.mark.parametrize(
        "text",
        [
            "00:00:01:we never|thought\n00:00:03:the river\n00:00:05:\n",
            "0:00:01=we never|thought\n0:00:03=the river\n0:00:05=\n",
            "00:00:01,1=we never|thought\n00:00:03,1=the river\n00:00:05,1=\n",
            "00:01:we never|thought\n00:03:the river\n00:05:\n",
        ],
    )
    def test_tmplayer(self, text: str) -> None:
        cues = parse_captions(text.encode(), format="sub").cues

        assert [(cue.start_ms, cue.end_ms, cue.text) for cue in cues] == [
            (1000, 3000, "we never\nthought"),
            (3000, 5000, "the river"),
        ]


def test_headings_of_chapters_are_no_speech() -> None:
    raw = "Chapter 1: Intro\n0:00\nwe never thought\nChapter 2: Rivers\n0:05\nthat the river\n0:09\nwould rise\n"
    result = parse_captions(raw.encode(), name="x.txt")

    assert [cue.text for cue in result.cues] == ["we never thought", "that the river", "would rise"]
    assert "2 × heading of a chapter left out" in result.warnings


def test_a_line_that_only_looks_like_a_heading_is_speech() -> None:
    raw = "0:00\nChapter 2: the river\n0:05\nwould rise\n0:09\nat last\n"

    assert parse_captions(raw.encode(), name="x.txt").cues[0].text == "Chapter 2: the river"


def test_the_descriptors_of_quicktime_text_are_no_speech_and_state_the_unit_of_fractions() -> None:
    raw = (
        "{QTtext} {font:Geneva} {timeScale:30}\n{timeStamps:absolute}{language:0}\n[00:00:01.15]"
        "{textBox: 0, 0, 60, 320}we never thought\n[00:00:03.00]\n\n[00:00:04.15]\nthe river\n[00:00:06.00]\n"
    )
    cues = parse_captions(raw.encode(), name="x.qt.txt").cues

    assert [(cue.start_ms, cue.end_ms, cue.text) for cue in cues] == [
        (1500, 3000, "we never thought"),
        (4500, 6000, "the river"),
    ]


def test_the_captions_of_avid_have_two_times_in_a_line() -> None:
    raw = (
        "@ This file written with the Avid Caption plugin, version 1\n\n<begin subtitles>\n\n"
        "00:00:01:00 00:00:03:10\nwe never\nthought\n\n00:00:05:00 00:00:07:00\nthe river\n\n<end subtitles>\n"
    )
    cues = parse_captions(raw.encode(), name="x.txt").cues

    assert [(cue.start_ms, cue.end_ms, cue.text) for cue in cues] == [
        (1000, 3400, "we never\nthought"),
        (5000, 7000, "the river"),
    ]
