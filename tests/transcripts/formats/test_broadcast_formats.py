"""SCC, MCC, EBU STL and Spruce STL: the formats of broadcasters and of DVDs."""

from __future__ import annotations

import pytest

from vidindex.transcripts.formats import ParseResult, parse_captions


def times_of(result: ParseResult) -> list[tuple[int, int, str]]:
    return [(cue.start_ms, cue.end_ms, cue.text) for cue in result.cues]


def encode_scc(text: str) -> str:
    """Return the codes of *text* without parity bits, which a decoder does not need."""
    padded = text + "\0" * (len(text) % 2)
    return " ".join(padded[at : at + 2].encode("latin-1").hex() for at in range(0, len(padded), 2))


def parse_scc(*lines: str) -> ParseResult:
    return parse_captions(("Scenarist_SCC V1.0\r\n\r\n" + "\r\n\r\n".join(lines) + "\r\n").encode())


class TestScc:
    """The first channel of CEA-608: each caption once, when it is shown."""

    def test_captions_that_pop_on_start_when_they_are_shown(self) -> None:
        result = parse_scc(
            f"00:00:01:00\t94ae 94ae 9420 9420 9470 9470 {encode_scc('the river')} 942f 942f",
            f"00:00:03:00\t9420 9420 9450 9450 {encode_scc('would')} 9470 9470 {encode_scc('rise')} 942c 942c 942f",
            "00:00:05:00\t942c 942c",
        )

        assert times_of(result) == [(1368, 3370, "the river"), (3437, 5005, "would\nrise")]

    def test_rows_that_roll_up_come_once(self) -> None:
        rows = ["we never", "thought", "that"]
        result = parse_scc(
            *[f"00:00:0{at};00\t9426 9426 94ad 94ad 9470 9470 {encode_scc(row)}" for at, row in enumerate(rows, 1)],
            "00:00:04;00\t942c 942c",
        )

        assert [(text, round(start / 1000), round(end / 1000)) for start, end, text in times_of(result)] == [
            ("we never", 1, 2),
            ("thought", 2, 3),
            ("that", 3, 4),
        ]

    def test_captions_that_are_painted_on_come_once(self) -> None:
        result = parse_scc(
            f"00:00:01:00\t9429 9429 94d0 94d0 {encode_scc('we never')} 9470 9470 {encode_scc('thought')}",
            f"00:00:03:00\t9429 9429 94d0 94d0 {encode_scc('that')}",
        )

        assert [text for _, _, text in times_of(result)] == ["we never\nthought", "that"]

    @pytest.mark.parametrize(("mark", "ms"), [(":", 3_603_600), (";", 3_600_000), (".", 3_600_000)])
    def test_drop_frame_time_codes_keep_to_the_clock(self, mark: str, ms: int) -> None:
        (cue,) = parse_scc(f"01:00:00{mark}00\t942f", f"01:00:00{mark}00\t9420 {encode_scc('ab')} 942f").cues

        assert abs(cue.start_ms - ms) < 100

    def test_special_characters_replace_what_stands_for_them(self) -> None:
        # An extended character comes after one for older decoders; a music note and a mid-row code are special.
        text = (
            f"{encode_scc('Se')} {encode_scc('~o')} {encode_scc('r')} 91b7 91b7 {encode_scc('E')} 9221 9221 91ae 91ae"
        )
        (cue,) = parse_scc(f"00:00:01:00\t9420 9420 9470 9470 {text} {encode_scc('x')} 942f").cues

        assert cue.text == "Señor♪É x"

    def test_backspace_and_delete_remove_text(self) -> None:
        text = f"{encode_scc('riverr')} 94a1 94a1 94d0 94d0 {encode_scc('no')} 94a4 94a4"
        (cue,) = parse_scc(f"00:00:01:00\t9420 9420 9470 9470 {text} 942f").cues

        assert cue.text == "river"

    def test_other_channels_and_text_mode_are_left_out(self) -> None:
        other = f"1c20 1c20 1c70 1c70 {encode_scc('no')} 1c2f 1c2f 942a {encode_scc('no')} 0105 {encode_scc('no')}"
        result = parse_scc(f"00:00:01:00\t{other} 9420 9420 9470 {encode_scc('yes')} 942f")

        assert [cue.text for cue in result.cues] == ["yes"]

    def test_a_damaged_line_leaves_a_warning(self) -> None:
        result = parse_scc("00:00:00:00\t94zz", f"00:00:01:00\t9420 {encode_scc('ab')} 942f")

        assert "damaged line left out" in result.warnings
        assert [cue.text for cue in result.cues] == ["ab"]


def make_ebu_stl(*blocks: bytes, start: str = "00000000", table: str = "00") -> bytes:
    header = f"850STL25.011{table}09".ljust(256) + start
    return header.encode().ljust(1024) + b"".join(blocks)


def make_block(text: bytes, times: tuple[int, ...], *, extension: int = 0xFF, comment: int = 0) -> bytes:
    return (bytes([0, 1, 0, extension, 0, *times, 20, 2, comment]) + text).ljust(128, b"\x8f")


class TestEbuStl:
    """Blocks of 128 bytes."""

    TIMES = (0, 0, 1, 0, 0, 0, 3, 12)

    def test_times_lines_and_controls(self) -> None:
        raw = make_ebu_stl(make_block(b"\x0d\x0b\x0bthe river\x0a\x0a\x8a\x8a\x80would\x81 rise", self.TIMES))

        assert times_of(parse_captions(raw)) == [(1000, 3480, "the river\nwould rise")]
        assert parse_captions(raw).format == "ebu stl"

    def test_accents_come_before_their_letters(self) -> None:
        raw = make_ebu_stl(make_block(b"\xc2ecout\xc2e \xc8uber stra\xfbe \xabok\xbb \xd5", self.TIMES))

        assert parse_captions(raw).cues[0].text == "écouté über straße «ok» ♪"

    @pytest.mark.parametrize(("table", "codec"), [("01", "iso8859-5"), ("03", "iso8859-7"), ("04", "iso8859-8")])
    def test_other_scripts(self, table: str, codec: str) -> None:
        text = {"01": "река", "03": "ποταμός", "04": "נהר"}[table]
        raw = make_ebu_stl(make_block(text.encode(codec), self.TIMES), table=table)

        assert parse_captions(raw).cues[0].text == text

    def test_a_text_of_several_blocks_is_one_and_comments_are_none(self) -> None:
        raw = make_ebu_stl(
            make_block(b"no", self.TIMES, comment=1),
            make_block(b"no", self.TIMES, extension=0xFE),
            make_block(b"the ri", self.TIMES, extension=0),
            make_block(b"ver", self.TIMES),
        )

        assert [cue.text for cue in parse_captions(raw).cues] == ["the river"]

    def test_times_count_from_the_start_of_the_programme(self) -> None:
        early, later = make_block(b"title", (9, 59, 50, 0, 9, 59, 55, 0)), make_block(b"a", (10, 0, 1, 0, 10, 0, 2, 0))
        result = parse_captions(make_ebu_stl(early, later, later, start="10000000"))

        assert [cue.start_ms for cue in result.cues] == [1000, 1000]
        assert result.warnings == ("cue before the start of the programme left out",)
        assert parse_captions(make_ebu_stl(make_block(b"a", self.TIMES), start="10000000")).cues[0].start_ms == 1000

    def test_a_cut_file_keeps_what_it_has(self) -> None:
        raw = make_ebu_stl(make_block(b"a", self.TIMES), make_block(b"b", self.TIMES)[:60])

        assert [cue.text for cue in parse_captions(raw).cues] == ["a"]
        assert parse_captions(raw).warnings == ("incomplete block at the end left out",)


def test_spruce_stl() -> None:
    raw = "//Font select\n$FontName = Arial\n\n00:00:01:00 , 00:00:03:12 , ^Bthe river^B|would rise\n00:00:04:24,00:00:05:00,a, b\n"  # noqa: E501
    result = parse_captions(raw.encode(), format="stl")

    assert result.format == "spruce stl"
    assert times_of(result) == [(1000, 3480, "the river\nwould rise"), (4960, 5000, "a, b")]
    assert result.warnings == ("frame rate not stated, 25 assumed",)
    assert parse_captions(b"00:00:01:15,00:00:03:29,a\n").cues[0].start_ms == 1500


POP_ON = "00:00:0{at}:00\t{c}20 {c}20 {c}70 {c}70 {text} {c}2c {c}2c {c}2f {c}2f\n\n"
HELLO, BYE = "c845 4c4c 4f80", "c259 4580"


def test_the_second_channel_of_scc_is_read_if_the_first_is_empty() -> None:
    result = parse_captions(("Scenarist_SCC V1.0\n\n" + POP_ON.format(at=1, c="1c", text=HELLO)).encode())

    assert [cue.text for cue in result.cues] == ["HELLO"]


def test_captions_of_the_second_channel_of_scc_beside_the_first_leave_a_warning() -> None:
    both = POP_ON.format(at=1, c="94", text=HELLO) + POP_ON.format(at=4, c="1c", text=BYE)
    result = parse_captions(f"Scenarist_SCC V1.0\n\n{both}".encode())

    assert [cue.text for cue in result.cues] == ["HELLO"]
    assert "captions of the second channel left out" in result.warnings


class TestMcc:
    """The bytes of CEA-608 in the caption packets of video frames."""

    @staticmethod
    def parse(lines: list[tuple[str, str]], rate: str, rate_code: int) -> ParseResult:
        head = f"File Format=MacCaption_MCC V1.0\n// G FAh 00h 00h\n\nTime Code Rate={rate}\n\n"
        # Twenty triplets: the code, an empty one of the other field, the start of a CEA-708 packet, and empty ones.
        packets = [f"{time}\tT52S52{rate_code}F67ZZ72F4FC{code}RFF0222FE8CFFOM74ZZ1CB4" for time, code in lines]
        return parse_captions((head + "\n".join(packets) + "\n").encode())

    @pytest.mark.parametrize(
        ("mark", "rate", "rate_code", "start_ms"),
        [(";", "30DF", 4, 3_600_230), (":", "30", 4, 3_603_834), (":", "25", 3, 3_600_280), (":", "24", 1, 3_603_892)],
    )
    def test_a_caption_starts_when_it_is_shown(self, mark: str, rate: str, rate_code: int, start_ms: int) -> None:
        codes = ["9420", "9420", "9470", "9470", "c8e5", "ecec", "ef80", "942f"]
        lines = [(f"01:00:00{mark}{at:02}", code) for at, code in enumerate(codes)]
        result = self.parse([*lines, (f"01:00:03{mark}00", "942c")], rate, rate_code)

        assert result.format == "mcc"
        assert [(cue.start_ms, cue.text) for cue in result.cues] == [(start_ms, "Hello")]

    def test_other_data_and_damaged_lines_are_left_out(self) -> None:
        head = "File Format=MacCaption_MCC V2.0\nTime Code Rate=30\n"
        frames = "00:00:01:00\tT0AS0A4F67ZZ72E3FC9420FCC845FC942F\n00:00:01:01\t6102038052\n00:00:02:00\tT5x\n"
        result = parse_captions((head + frames).encode())

        assert [cue.text for cue in result.cues] == ["HE"]
        assert result.warnings == ("cue without an end, estimated",)
