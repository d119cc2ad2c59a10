"""When a TTML document shows its text: containers, sequences, regions, hidden text and the start of the programme."""

from __future__ import annotations

import pytest

from vidindex.transcripts.formats import ParseResult, parse_captions

Shown = list[tuple[int, int, str]]


def parse(body: str, head: str = "", attributes: str = "") -> ParseResult:
    return parse_captions(
        f'<tt xmlns="http://www.w3.org/ns/ttml" xmlns:tts="http://www.w3.org/ns/ttml#styling" {attributes}>'
        f"<head>{head}</head>{body}</tt>".encode()
    )


def shown(body: str, head: str = "", attributes: str = "") -> Shown:
    return [(cue.start_ms, cue.end_ms, cue.text) for cue in parse(body, head, attributes).cues]


class TestSequence:
    """In a sequence, each element starts when the one before it has ended."""

    def test_of_divisions_and_paragraphs(self) -> None:
        body = (
            '<body timeContainer="seq"><div><p begin="0s" end="2s">a</p><p begin="1s" end="4s">b</p></div>'
            '<div timeContainer="seq" begin="1s"><p dur="1s">c</p><p begin="1s" end="3s">d</p></div>'
            '<div dur="5s"><p end="1s">e</p></div><div><p dur="1s">f</p></div></body>'
        )

        assert shown(body) == [
            (0, 2000, "a"),
            (1000, 4000, "b"),
            (5000, 6000, "c"),
            (7000, 9000, "d"),
            (9000, 10_000, "e"),
            (14_000, 15_000, "f"),
        ]

    @pytest.mark.parametrize("begin", ["0s", "5s"])
    def test_of_spans(self, begin: str) -> None:
        spans = '<span dur="1s">we </span><span dur="1s">never </span><span begin="1s" dur="1s">rise</span>'
        (cue,) = parse(f'<body><div><p timeContainer="seq" begin="{begin}">{spans}</p></div></body>').cues
        offset = int(begin[0]) * 1000

        assert cue.end_ms == offset + 4000
        assert [word.start_ms - offset for word in cue.words] == [0, 1000, 3000]


def test_times_count_from_the_start_of_what_contains_them_and_end_with_it() -> None:
    paragraphs = '<p begin="1s" end="2s">a</p><p begin="2s" dur="99s">b</p>'
    body = f'<body begin="10s" end="19s"><div begin="1s">{paragraphs}</div></body>'

    assert shown(body) == [(12_000, 13_000, "a"), (13_000, 19_000, "b")]


def test_times_of_spans_count_from_the_span_around_them() -> None:
    spans = '<span begin="1s">we </span><span begin="2s">never <span begin="1s">rise</span></span>'
    (cue,) = parse(f'<body><div><p begin="10s" end="20s">{spans}</p></div></body>').cues

    assert [word.start_ms for word in cue.words] == [11_000, 12_000, 13_000]


class TestRegions:
    """A paragraph is shown while its region is."""

    HEAD = '<layout><region xml:id="r1" begin="1s" end="3s"/><region xml:id="r2" begin="3s" dur="2s"/></layout>'

    @pytest.mark.parametrize(
        "body",
        [
            '<body><div><p region="r1">a</p><p region="r2">b</p></div></body>',
            '<body><div region="r1"><p>a</p></div><div region="r2"><p>b</p></div></body>',
            '<body end="9s"><div region="r1"><p begin="0s">a</p></div><div region="r2"><p dur="7s">b</p></div></body>',
        ],
    )
    def test_times_of_a_region_limit_its_paragraphs(self, body: str) -> None:
        assert shown(body, self.HEAD) == [(1000, 3000, "a"), (3000, 5000, "b")]

    def test_a_paragraph_at_another_time_keeps_its_own(self) -> None:
        assert shown('<body><div><p region="r1" begin="7s" end="8s">a</p></div></body>', self.HEAD) == [
            (7000, 8000, "a")
        ]


class TestHiddenText:
    """Text that the document hides is no speech."""

    HEAD = (
        '<styling><style xml:id="h" tts:display="none"/><style xml:id="s" tts:color="red"/></styling><layout>'
        '<region xml:id="r1" tts:display="none"/><region xml:id="r2"><style tts:visibility="hidden"/></region>'
        '<region xml:id="r3"><style tts:color="red"/></region></layout>'
    )

    @pytest.mark.parametrize(
        "hidden",
        [
            '<p begin="1s" end="2s" tts:display="none">x</p>',
            '<p begin="1s" end="2s" tts:visibility="hidden">x</p>',
            '<p begin="1s" end="2s" tts:opacity="0.0">x</p>',
            '<p begin="1s" end="2s" style="s h">x</p>',
            '<p begin="1s" end="2s" region="r1">x</p>',
            '<p begin="1s" end="2s" region="r2">x</p>',
            '<div tts:display="none"><p begin="1s" end="2s">x</p></div>',
            '<div region="r1"><p begin="1s" end="2s">x</p></div>',
        ],
    )
    def test_a_hidden_paragraph_is_left_out_with_a_warning(self, hidden: str) -> None:
        result = parse(f'<body><div>{hidden}<p begin="3s" end="4s" style="s" region="r3">a</p></div></body>', self.HEAD)

        assert [cue.text for cue in result.cues] == ["a"]
        assert result.warnings == ("paragraph that is not shown left out",)

    def test_a_hidden_span_is_left_out_with_a_warning(self) -> None:
        result = parse('<body><div><p begin="3s" end="4s">a <span tts:display="none">x</span>b</p></div></body>')

        assert [cue.text for cue in result.cues] == ["a b"]
        assert result.warnings == ("text that is not shown left out",)

    def test_a_paragraph_that_an_animation_shows_starts_then(self) -> None:
        animation = '<set begin="1s" tts:display="auto"/>'
        body = f'<body><div><p begin="1s" end="5s" tts:display="none">{animation}a</p></div></body>'

        assert shown(body) == [(2000, 5000, "a")]

    def test_a_visible_span_shows_its_hidden_paragraph(self) -> None:
        body = (
            '<body tts:visibility="hidden"><div><p begin="1s" end="5s"><span tts:visibility="visible">a</span></p>'
            '<p begin="6s" end="7s"><span>b</span></p></div></body>'
        )

        assert shown(body) == [(1000, 5000, "a")]


class TestStartOfProgramme:
    """EBU-TT states the time code at which the programme starts."""

    SMPTE = 'ttp:timeBase="smpte" ttp:frameRate="25"'

    def head(self, time: str) -> str:
        name = "ebuttm:documentStartOfProgramme"
        return f"<metadata><ebuttm:documentMetadata><{name}>{time}</{name}></ebuttm:documentMetadata></metadata>"

    def test_times_count_from_it(self) -> None:
        spans = '<span begin="10:00:01:00">a </span><span begin="10:00:02:00">b</span>'
        body = f'<body><div><p begin="10:00:01:00" end="10:00:03:12">{spans}</p></div></body>'
        (cue,) = parse(body, self.head("\n10:00:00:00 "), self.SMPTE).cues

        assert (cue.start_ms, cue.end_ms) == (1000, 3480)
        assert [word.start_ms for word in cue.words] == [1000, 2000]

    def test_what_comes_before_it_is_left_out_with_a_warning(self) -> None:
        times = [("09:59:50.000", "09:59:55.000"), ("10:00:01.000", "10:00:03.000"), ("10:00:03.500", "10:00:05.000")]
        paragraphs = "".join([f'<p begin="{begin}" end="{end}">a</p>' for begin, end in times])
        result = parse(f"<body><div>{paragraphs}</div></body>", self.head("10:00:00.000"))

        assert [cue.start_ms for cue in result.cues] == [1000, 3500]
        assert result.warnings == ("cue before the start of the programme left out",)

    def test_times_that_count_from_zero_stay(self) -> None:
        body = '<body><div><p begin="00:00:01.000" end="00:00:03.000">a</p></div></body>'

        assert shown(body, self.head("10:00:00:00")) == [(1000, 3000, "a")]


def test_spans_that_are_shown_in_turn_are_words_of_their_own() -> None:
    raw = (
        '<tt xmlns="http://www.w3.org/ns/ttml"><body><div><p begin="1s" end="5s" timeContainer="seq">'
        '<span dur="1s">we</span><span dur="1s">never</span><span dur="1s">thought</span></p></div></body></tt>'
    )
    (cue,) = parse_captions(raw.encode()).cues

    assert [(word.start_ms, word.text) for word in cue.words] == [(1000, "we"), (2000, "never"), (3000, "thought")]
