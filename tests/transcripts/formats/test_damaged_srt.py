"""SubRip files with the damage that real files have: the numbers of cues, times and brackets."""

from __future__ import annotations

import pytest

from vidindex.transcripts.formats import parse_captions

TIMES = ("00:00:01,000 --> 00:00:03,000", "00:00:03,000 --> 00:00:05,000", "00:00:05,000 --> 00:00:07,000")
SAID = ["the first", "the second", "the third"]
NUMBERED = "".join(f"{at}\n{time}\n{text}\n\n" for at, (time, text) in enumerate(zip(TIMES, SAID, strict=True), 1))
BARE = "".join(f"{time}\n{text}\n\n" for time, text in zip(TIMES, SAID, strict=True))


def texts_of(raw: str) -> list[str]:
    return [cue.text for cue in parse_captions(raw.encode(), name="x.srt").cues]


def times_of(raw: str) -> list[tuple[int, int, str]]:
    return [(cue.start_ms, cue.end_ms, cue.text) for cue in parse_captions(raw.encode(), name="x.srt").cues]


DAMAGED = {
    "CR CR LF": NUMBERED.replace("\n", "\r\r\n"),
    "CR LF twice": NUMBERED.replace("\n", "\r\n\r\n"),
    "doubled line ends": NUMBERED.replace("\n", "\n\n"),
    "tripled line ends": NUMBERED.replace("\n", "\n\n\n"),
    "blank line below each number": NUMBERED.replace("\n00:", "\n\n00:"),
    "blank line below one number": NUMBERED.replace("2\n00:", "2\n\n00:"),
    "two blank lines between cues": NUMBERED.replace("\n\n", "\n\n\n"),
    "no blank lines": NUMBERED.replace("\n\n", "\n"),
    "no blank lines, first number missing": NUMBERED.removeprefix("1\n").replace("\n\n", "\n"),
    "byte-order mark read as Latin-1": "ï»¿" + NUMBERED,
    "byte-order mark read as Cyrillic": "п»ї" + NUMBERED,
    "two byte-order marks": "\ufeff\ufeff" + NUMBERED,
    "first number missing": NUMBERED.removeprefix("1\n"),
    "first number missing, doubled line ends": NUMBERED.removeprefix("1\n").replace("\n", "\n\n"),
    "first number damaged": "l" + NUMBERED.removeprefix("1"),
    "header": "My Show, part 1\n\n" + NUMBERED,
    "header without blank line": "My Show\n" + NUMBERED,
    "header below the first number": NUMBERED.replace("1\n", "1\nMy Show\n", 1),
    "header instead of the first number": "My Show\n" + NUMBERED.removeprefix("1\n"),
    "numbering begins later": BARE.replace("\n\n00:00:05", "\n\n1\n00:00:05"),
    "numbering begins later, from its place": BARE.replace("\n\n00:00:05", "\n\n3\n00:00:05"),
    "numbering begins at a later number": NUMBERED.replace("3\n00", "12\n00").replace("2\n00", "11\n00"),
    "numbering starts again": NUMBERED.replace("3\n00", "1\n00"),
    "all numbers equal": NUMBERED.replace("3\n00", "1\n00").replace("2\n00", "1\n00"),
    "spaces around numbers": NUMBERED.replace("2\n00", " 2 \t\n00"),
    "number with a dot": NUMBERED.replace("2\n00", "2.\n00"),
    "number on the timing line": NUMBERED.replace("\n00", " 00"),
    "cut below the number": NUMBERED + "4\n",
    "cut in the number's line": NUMBERED + "4",
    "cut in the first time": NUMBERED + "4\n00:00:0",
    "cut after one digit of a time": NUMBERED + "4\n0",
    "cut before the arrow": NUMBERED + "4\n00:00:07,000",
    "cut in the arrow": NUMBERED + "4\n00:00:07,000 --",
    "cut in the second time": NUMBERED + "4\n00:00:07,000 --> 00:0",
    "cut before the text": NUMBERED + "4\n00:00:07,000 --> 00:00:09,000",
    "cut without numbers": BARE + "00:00:07,0",
}


@pytest.mark.parametrize("name", DAMAGED)
def test_the_numbers_of_cues_are_no_text(name: str) -> None:
    assert [text for text in texts_of(DAMAGED[name]) if text] == SAID


@pytest.mark.parametrize(
    ("raw", "texts"),
    [
        (f"{TIMES[0]}\n1\n\n{TIMES[1]}\n2\n\n{TIMES[2]}\n3\n", ["1", "2", "3"]),
        (f"{TIMES[0]}\n1\n{TIMES[1]}\n2\n{TIMES[2]}\n3\n", ["1", "2", "3"]),
        (f"1\n{TIMES[0]}\n10\n\n2\n{TIMES[1]}\n9\n\n3\n{TIMES[2]}\n8\n", ["10", "9", "8"]),
        (
            f"1\n{TIMES[0]}\nroom\n42\n\n2\n{TIMES[1]}\n\n500\n\n3\n{TIMES[2]}\nin\n\n1999",
            ["room\n42", "500", "in\n1999"],
        ),
        (f"1\n{TIMES[0]}\nroom\n\n42\n\n{TIMES[1]}\nb\n\n3\n{TIMES[2]}\nc\n", ["room\n42", "b", "c"]),
        (f"1\n\n{TIMES[0]}\n\n500\n\n\n\n2\n\n{TIMES[1]}\n\n2\n\n\n\n3\n\n{TIMES[2]}\n\n4\n", ["500", "2", "4"]),
        (f"{TIMES[0]}\nroom\n42\n\n{TIMES[1]}\nb\n", ["room\n42", "b"]),
    ],
)
def test_numbers_that_are_said_stay(raw: str, texts: list[str]) -> None:
    assert texts_of(raw) == texts


@pytest.mark.parametrize("end", [" -->", " --> ", " --> --:--:--,---", " --> xx", " --> ,", "", " 00:00:05,000"])
def test_a_cue_without_a_readable_end_is_kept_and_reported(end: str) -> None:
    parsed = parse_captions(NUMBERED.replace(TIMES[1], f"00:00:03,000{end}").encode())

    assert [(cue.start_ms, cue.end_ms, cue.text) for cue in parsed.cues] == [
        (1000, 3000, SAID[0]),
        (3000, 5000, SAID[1]),
        (5000, 7000, SAID[2]),
    ]
    assert parsed.warnings == (() if end.endswith("000") else ("cue without a readable end time",))


def test_an_end_before_the_start_is_no_end() -> None:
    assert times_of(NUMBERED.replace("--> 00:00:05,000", "--> 00:00:00,000"))[1] == (3000, 5000, SAID[1])


def test_a_cue_without_a_start_starts_where_the_last_one_ends() -> None:
    assert times_of(NUMBERED.replace(TIMES[1], "--> 00:00:05,000"))[1] == (3000, 5000, SAID[1])


@pytest.mark.parametrize("start", ["-00:00:00,500", "00:00:-1,500", "00:-1:59,500", "-0:00:00,1", "-00:00:00,000"])
def test_a_cue_that_starts_before_zero_is_said_at_zero(start: str) -> None:
    parsed = parse_captions(NUMBERED.replace("00:00:01,000", start).encode())

    assert next((cue.start_ms, cue.end_ms, cue.text) for cue in parsed.cues) == (0, 3000, SAID[0])
    assert len(parsed.cues) == 3
    assert "0,000" in start or parsed.warnings == ("cue with a negative time moved",)


def test_a_negative_time_later_in_the_file_keeps_the_order() -> None:
    assert times_of(NUMBERED.replace(TIMES[2], "00:00:-4,000 --> 00:00:07,000"))[2] == (5000, 7000, SAID[2])


@pytest.mark.parametrize(
    "text", ["THAT BOAT -->> THEY WILL", "from a --> b", "--> this way", "-->> and on", "at 10:30 --> home", "<- ->"]
)
def test_an_arrow_in_the_text_is_text(text: str) -> None:
    assert texts_of(NUMBERED.replace(SAID[1], text)) == [SAID[0], text, SAID[2]]


@pytest.mark.parametrize(
    "arrow", ["--&gt;", "->", "—>", "–>", "→", "- ->", "-- >", "--->", "=>", "-->>", "\t-->\t", "-->"]
)
def test_almost_right_arrows_are_read(arrow: str) -> None:
    assert texts_of(NUMBERED.replace("-->", arrow)) == SAID
    assert texts_of(NUMBERED.replace(" --> ", arrow)) == SAID


@pytest.mark.parametrize(
    "time", ["00:00:03:000", "00;00;03,000", "00.00.03.000", "00.00.03,000", "0:0:3.0", "00:03,000", "00:00:03"]
)
def test_almost_right_times_are_read(time: str) -> None:
    assert times_of(NUMBERED.replace("00:00:03,000", time))[1] == (3000, 5000, SAID[1])


@pytest.mark.parametrize("text", ["<It was rising.>", "<I think so>", "<Yes>", "<A man walks in>", "a < b and c > d"])
def test_text_in_angle_brackets_is_text(text: str) -> None:
    assert texts_of(NUMBERED.replace(SAID[1], text))[1] == text


@pytest.mark.parametrize(
    "text",
    [
        "<i>a</i>",
        '<font color="#fff">a</font>',
        "<font color=red face=Arial bold>a",
        "<unk>a",
        "<c.y>a</c>",
        "<v Ann>a",
    ],
)
def test_tags_are_no_text(text: str) -> None:
    assert texts_of(NUMBERED.replace(SAID[1], text))[1] == "a"


def test_settings_on_the_timing_line_are_no_text_and_words_are() -> None:
    settings = NUMBERED.replace(TIMES[1], TIMES[1] + " X1:100 X2:200 align:start")

    assert texts_of(settings) == SAID
    assert texts_of(f"1\n{TIMES[0]} the first\n\n2\n{TIMES[1]}\nthe second\n") == SAID[:2]


def test_cues_without_line_breaks_between_them_are_separated() -> None:
    raw = " ".join(f"{at} {time} {text}" for at, (time, text) in enumerate(zip(TIMES, SAID, strict=True), 1))

    assert times_of(raw) == [(1000, 3000, "the first"), (3000, 5000, "the second"), (5000, 7000, "the third")]
    assert parse_captions(raw.encode()).warnings == ("3 × cue without a line break before it separated",)


@pytest.mark.parametrize("last", ["in 2019", "7 7 7", "at 10:30", "42"])
def test_numbers_at_the_end_of_a_regular_file_are_text(last: str) -> None:
    assert texts_of(NUMBERED.replace("the third", last)) == ["the first", "the second", last]


@pytest.mark.parametrize(
    "text", ["00:00:09,000 --> 00:00:10,000\nmore", "see 1:02:03,500 there", "<i>the</i>\nsecond", "<v Ann>a<v Bob>b"]
)
def test_a_regular_file_is_read_as_any_other(text: str) -> None:
    """A header makes the slower parser read the file, which has to find the same cues."""
    raw = NUMBERED.replace("the second", text)

    assert parse_captions(raw.encode()).cues == parse_captions(f"My Show\n\n{raw}".encode()).cues


@pytest.mark.parametrize("break_tag", ["<br>", "<br/>", "<BR />", "</br>"])
@pytest.mark.parametrize(
    "head", ["1\n00:00:01,000 --> 00:00:02,000\n", "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n"], ids=["srt", "vtt"]
)
def test_a_tag_for_a_line_break_separates_words(head: str, break_tag: str) -> None:
    assert [cue.text for cue in parse_captions(f"{head}<b>one</b>{break_tag}two\n".encode()).cues] == ["one\ntwo"]


def test_wide_signs_in_the_times_of_a_translated_file_are_read() -> None:
    first, second = (
        "００：００：０１，５００ --> ００：００：０３，０００",
        "００：００：０３，０００ --> ００：００：０５，０００",
    )
    raw = f"１\n{first}\n他说：好\n\n２\n{second}\n再见\n"
    assert times_of(raw) == [(1500, 3000, "他说：好"), (3000, 5000, "再见")]
