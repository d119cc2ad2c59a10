"""WebVTT files with the damage that real files have: headers, times, comments, segments, and data for players."""

from __future__ import annotations

import pytest

from vidindex.transcripts.formats import parse_captions

SAID = ["the first", "the second", "the third"]
BODY = "".join(f"00:00:0{at}.000 --> 00:00:0{at + 2}.000\n{text}\n\n" for at, text in zip((1, 3, 5), SAID, strict=True))
RIGHT = [(1000, 3000, SAID[0]), (3000, 5000, SAID[1]), (5000, 7000, SAID[2])]


def cues_of(raw: str) -> list[tuple[int, int, str]]:
    return [(cue.start_ms, cue.end_ms, cue.text) for cue in parse_captions(raw.encode(), name="x.vtt").cues]


def texts_of(raw: str) -> list[str]:
    return [text for *_, text in cues_of(raw)]


@pytest.mark.parametrize(
    "header",
    [
        "\nWEBVTT\n\n",
        "\r\n\r\nWEBVTT\n\n",
        " WEBVTT\n\n",
        "\t WEBVTT - title\n\n",
        "\ufeff\n WEBVTT\n\n",
        "webvtt\n\n",
        "WebVTT\n\n",
        "WEB VTT\n\n",
        "WEBVTT:\n\n",
        '"WEBVTT"\n\n',
        "WEBVTTKind: captions\n\n",
        "WEBVTT.\nKind: captions\n\n",
        "WEBVTT-title\n\n",
        "webvtt ",
        "\nWEBVTT ",
    ],
)
def test_an_almost_right_header_is_read_and_reported(header: str) -> None:
    parsed = parse_captions((header + BODY).encode())

    assert parsed.format == "vtt"
    assert [(cue.start_ms, cue.end_ms, cue.text) for cue in parsed.cues] == RIGHT
    assert parsed.warnings == ("first line read as WEBVTT",)


@pytest.mark.parametrize("text", ["WEBVTTish words", "webvtt is a format", "a WEBVTT file"])
def test_text_about_webvtt_is_no_webvtt(text: str) -> None:
    assert parse_captions(text.encode(), format="txt").format == "plain"


@pytest.mark.parametrize("arrow", ["--&gt;", "->", "—>", "–>", "→", "- ->", "-- >", "--->", "=>", "-->>"])
def test_almost_right_arrows_are_read_and_reported(arrow: str) -> None:
    parsed = parse_captions(("WEBVTT\n\n" + BODY.replace("-->", arrow)).encode())

    assert [(cue.start_ms, cue.end_ms, cue.text) for cue in parsed.cues] == RIGHT
    assert parsed.warnings == ("3 × timing line with an unusual arrow read",)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (".000", ":000"),
        (".000", ",000"),
        (".000", ""),
        (".000", ".0"),
        ("00:00:", "0:0:"),
        (".000", ".000000"),
        (":", ";"),
    ],
)
def test_almost_right_times_are_read_and_reported(old: str, new: str) -> None:
    parsed = parse_captions(("WEBVTT\n\n" + BODY.replace(old, new)).encode())

    assert [(cue.start_ms, cue.end_ms, cue.text) for cue in parsed.cues] == RIGHT
    assert parsed.warnings == ("3 × cue with times in another format read",)


@pytest.mark.parametrize("end", ["", " ", " --:--:--.---", " align:start position:0%"])
def test_a_cue_without_an_end_lasts_until_the_next_one(end: str) -> None:
    parsed = parse_captions(("WEBVTT\n\n" + BODY.replace("--> 00:00:05.000", f"-->{end}")).encode())

    assert [(cue.start_ms, cue.end_ms, cue.text) for cue in parsed.cues] == RIGHT
    assert parsed.warnings == ("cue without a readable end time",)


def test_all_ends_may_be_missing() -> None:
    body = "".join(f"00:00:0{at}.000 -->\n{text}\n\n" for at, text in zip((1, 3, 5), SAID, strict=True))

    assert cues_of("WEBVTT\n\n" + body) == [*RIGHT[:2], (5000, 10_000, SAID[2])]


@pytest.mark.parametrize("start", ["-00:00:01.000", "00:00:-1.000", "-00:01.000"])
def test_a_cue_that_starts_before_zero_is_said_at_zero(start: str) -> None:
    parsed = parse_captions(("WEBVTT\n\n" + BODY.replace("00:00:01.000", start)).encode())

    assert [(cue.start_ms, cue.end_ms, cue.text) for cue in parsed.cues] == [(0, 3000, SAID[0]), *RIGHT[1:]]
    assert parsed.warnings == ("cue with a negative time moved",)


@pytest.mark.parametrize(
    "text",
    ["THAT BOAT -->> THEY WILL\nCONTINUE", "from a --> b", "--> this way", "-->> and on", "first\nthen --> last\nend"],
)
def test_an_arrow_in_the_text_is_text(text: str) -> None:
    assert cues_of("WEBVTT\n\n" + BODY.replace(SAID[1], text)) == [RIGHT[0], (3000, 5000, text), RIGHT[2]]


@pytest.mark.parametrize(
    "comment",
    [
        "NOTE\nfirst\n\nsecond\n\n",
        "NOTE first\n\nsecond\n\nthird\nfourth\n\n",
        "NOTE first\n\n\n\nsecond\n\nNOTE third\n\nfourth\n\n",
        "STYLE\n::cue {\n\ncolor: red\n}\n\n",
    ],
)
def test_a_comment_goes_on_after_an_empty_line(comment: str) -> None:
    between = BODY.replace("00:00:03.000 -->", f"{comment}00:00:03.000 -->")

    assert cues_of("WEBVTT\n\n" + between) == RIGHT
    assert cues_of("WEBVTT\n\n" + comment + BODY) == RIGHT
    assert cues_of("WEBVTT\n\n" + BODY + comment) == RIGHT
    assert "text of a comment left out" in str(parse_captions(("WEBVTT\n\n" + between).encode()).warnings)


@pytest.mark.parametrize("text", ["NOTE that it rose", "NOTE", "NOTED"])
def test_a_cue_whose_text_looks_like_a_comment_is_text(text: str) -> None:
    assert texts_of("WEBVTT\n\n" + BODY.replace(SAID[1], text)) == [SAID[0], text, SAID[2]]


@pytest.mark.parametrize(
    "data",
    [
        "sprite-@.jpg#xywh=0,0,160,90",
        "https://cdn.example.org/thumbs/@.png?x=1#xywh=160,0,160,90",
        "thumbs/img@.webp",
        "my/sprite@#xywh=percent:0,0,10,10",
        "https://example.org/page/@",
        '{"title": "Intro @", "src": "a.jpg"}',
        '{\n  "title": "Intro @",\n  "list": [1, 2]\n}',
        '[{"id": @}]',
        "data:image/png;base64,iVBORw0KGgo@=",
    ],
)
def test_data_for_players_are_no_speech(data: str) -> None:
    body = BODY
    for at, text in enumerate(SAID):
        body = body.replace(text, data.replace("@", str(at)))
    parsed = parse_captions(("WEBVTT\n\n" + body).encode())

    assert parsed.cues == []
    assert parsed.warnings == ("3 × cue with data for a player left out",)


@pytest.mark.parametrize("kind", ["Kind: metadata", "kind:metadata", "Kind: chapters", "Kind: thumbnails"])
def test_a_file_that_states_another_kind_than_captions_has_no_speech(kind: str) -> None:
    assert cues_of(f"WEBVTT\n{kind}\nLanguage: en\n\n{BODY}") == []
    assert cues_of(f"WEBVTT - title\n{kind}\n\n{BODY}") == []


@pytest.mark.parametrize("kind", ["Kind: captions", "Kind: subtitles", "Kind: descriptions", "X-Kind: metadata-free"])
def test_a_file_of_another_kind_is_speech(kind: str) -> None:
    assert cues_of(f"WEBVTT\n{kind}\n\n{BODY}") == RIGHT


@pytest.mark.parametrize("text", ["[music]", "{sigh}", "see photo.jpg", "look at https://example.org/a", "a.jpg", "{}"])
def test_text_that_mentions_data_is_speech(text: str) -> None:
    assert len(texts_of("WEBVTT\n\n" + BODY.replace(SAID[1], text))) == 3


MAP = "X-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n"


@pytest.mark.parametrize(
    "header",
    [
        f"WEBVTT\n{MAP}\n",
        f"WEBVTT - part\n{MAP}\n",
        "WEBVTT\n\n",
        "WEBVTT\nKind: captions\nLanguage: en\n\n",
        "WEBVTT\n\nNOTE part\n\n",
        "WEBVTT - part\n\n",
        "\ufeffWEBVTT\n\n",
    ],
)
def test_segments_may_be_joined_without_a_line_break(header: str) -> None:
    glued = "".join([f"{header}{cue}" for cue in BODY.rstrip("\n").split("\n\n")])

    assert cues_of(glued) == RIGHT
    assert parse_captions(glued.encode()).warnings == ("2 × segment without a line break before it separated",)
    assert cues_of(glued + header.rstrip("\n")) == RIGHT


def test_an_empty_segment_may_be_joined_without_a_line_break() -> None:
    assert cues_of(f"WEBVTT\n{MAP.rstrip()}WEBVTT\n{MAP}\n{BODY}") == RIGHT


@pytest.mark.parametrize("text", ["the format is WEBVTT", "WEBVTT", "WEBVTT is a format"])
def test_the_name_of_the_format_may_be_said(text: str) -> None:
    assert texts_of("WEBVTT\n\n" + BODY.replace(SAID[1], text)) == [SAID[0], text, SAID[2]]


def segment(*cues: tuple[float, float, str], header: str = "") -> str:
    lines = [f"00:{start:06.3f} --> 00:{end:06.3f}\n{text}\n\n" for start, end, text in cues]
    return f"WEBVTT\n{header}\n" + "".join(lines)


def starts_of(raw: str) -> list[tuple[int, str]]:
    return [(start, text) for start, _, text in cues_of(raw)]


class TestSegments:
    def test_a_clock_that_starts_again_keeps_the_order_and_is_reported(self) -> None:
        file = segment((0, 2, "a"), (2, 4, "b")) + segment((0, 2, "c"), (2, 4, "d")) + segment((1, 3, "e"))

        parsed = parse_captions(file.encode())

        assert [(cue.start_ms, cue.text) for cue in parsed.cues] == [
            (0, "a"),
            (2000, "b"),
            (4000, "c"),
            (6000, "d"),
            (9000, "e"),
        ]
        assert "segment whose clock starts again" in parsed.warnings[0]

    def test_segments_with_one_cue_keep_their_order(self) -> None:
        file = "".join(segment((0, 2, text)) for text in "abc")

        assert starts_of(file) == [(0, "a"), (2000, "b"), (4000, "c")]

    def test_a_segment_without_cues_takes_its_time(self) -> None:
        file = segment((0, 4, "a")) + segment() + segment((0, 4, "b"))

        assert starts_of(file) == [(0, "a"), (8000, "b")]

    def test_long_parts_follow_one_another(self) -> None:
        file = segment((5, 50, "a")) + segment((5, 20, "b")) + segment((1, 3, "c"))

        assert starts_of(file) == [(5000, "a"), (55_000, "b"), (71_000, "c")]

    def test_a_map_that_does_not_advance_is_no_map(self) -> None:
        file = segment((0, 2, "a"), (2, 4, "b"), header=MAP) + segment((0, 2, "c"), header=MAP)

        assert starts_of(file) == [(0, "a"), (2000, "b"), (4000, "c")]

    def test_segments_on_one_clock_stay_where_they_are(self) -> None:
        file = segment((0, 2, "a"), (2, 4, "b")) + segment((2, 4, "b"), (4, 6, "c")) + segment((9, 11, "d"))

        parsed = parse_captions(file.encode())

        assert [(cue.start_ms, cue.text) for cue in parsed.cues] == [(0, "a"), (2000, "b"), (4000, "c"), (9000, "d")]
        assert parsed.warnings == ("cue in two segments joined",)

    @pytest.mark.parametrize("ticks", [(-6000, 354_000), (-354_000, 6000), (0, 360_000), (-90_000_000, -89_640_000)])
    def test_the_media_clock_may_be_negative(self, ticks: tuple[int, int]) -> None:
        first, second = [f"X-TIMESTAMP-MAP=MPEGTS:{tick},LOCAL:00:00:00.000\n" for tick in ticks]

        cues = starts_of(segment((0, 2, "a"), header=first) + segment((0, 2, "b"), header=second))

        assert [text for _, text in cues] == ["a", "b"]
        assert cues[0][0] == 0
        assert abs(cues[1][0] - 4000) <= 1

    def test_a_map_without_a_local_time_counts_from_zero(self) -> None:
        second = "X-TIMESTAMP-MAP=MPEGTS:360000\n"

        assert starts_of(
            segment((0, 2, "a"), header="X-TIMESTAMP-MAP=MPEGTS:0\n") + segment((0, 2, "b"), header=second)
        ) == [
            (0, "a"),
            (4000, "b"),
        ]


def test_an_empty_segment_may_be_glued_to_the_text_before_it() -> None:
    raw = "WEBVTT\n\n00:01.000 --> 00:02.000\nwe neverWEBVTT\n\nWEBVTT\n\n00:03.000 --> 00:04.000\nthought\n"

    assert [cue.text for cue in parse_captions(raw.encode()).cues] == ["we never", "thought"]
