"""Features that only one format has."""

from __future__ import annotations

import json

import pytest

from vidindex.model import Cue, TimedWord
from vidindex.transcripts.build import make_transcript
from vidindex.transcripts.formats import parse_captions, read_captions


def times_of(raw: str) -> list[tuple[int, int, str]]:
    return [(cue.start_ms, cue.end_ms, cue.text) for cue in read_captions(raw.encode())]


class TestSubRip:
    def test_numbers_are_no_text_and_text_may_be_numbers(self) -> None:
        raw = "1\n00:00:01,000 --> 00:00:02,000\n42\n\n2\n00:00:03,000 --> 00:00:04,000\nb\n3\n00:00:05,000 --> 00:00:06,000\nc\n"  # noqa: E501

        assert [text for *_, text in times_of(raw)] == ["42", "b", "c"]

    def test_an_empty_line_in_the_text_loses_nothing(self) -> None:
        raw = "1\n00:00:01,000 --> 00:00:02,000\na\n\nb\n\n2\n00:00:03,000 --> 00:00:04,000\nc\n"

        assert [text for *_, text in times_of(raw)] == ["a\nb", "c"]

    def test_dots_short_times_and_spaces_will_do(self) -> None:
        assert times_of("0:0:1.5 -> 00: 00: 02, 250\nx\n") == [(1500, 2250, "x")]


class TestTtml:
    @pytest.mark.parametrize("tag", ["<p6", '<p6"', "<p\ufffdxml:id=''", "<q"])
    def test_a_start_tag_with_a_damaged_name_does_not_hide_what_follows(self, tag: str) -> None:
        body = f'<p begin="1s" end="2s">a</p>{tag} begin="2s" end="3s">b</p><p begin="3s" end="4s">c</p>'

        assert [text for _, _, text in self.ttml(f"<div>{body}</div>")] == ["a", "c"]

    def ttml(self, body: str, attributes: str = "") -> list[tuple[int, int, str]]:
        return times_of(
            '<?xml version="1.0" encoding="UTF-8"?><tt xmlns="http://www.w3.org/ns/ttml" '
            f'xmlns:ttp="http://www.w3.org/ns/ttml#parameter" {attributes}><body>{body}</body></tt>'
        )

    @pytest.mark.parametrize(
        ("begin", "ms"),
        [
            ("00:00:01.500", 1500),
            ("1.5s", 1500),
            ("1500ms", 1500),
            ("36f", 1500),
            ("15t", 1500),
            ("00:00:01:12", 1500),
            ("0.025m", 1500),
            ("100:00:00", 360_000_000),
        ],
    )
    def test_every_way_to_write_a_time(self, begin: str, ms: int) -> None:
        ((start, end, _),) = self.ttml(f'<p begin="{begin}" dur="2s">x</p>', 'ttp:frameRate="24" ttp:tickRate="10"')

        assert (start, end) == (ms, ms + 2000)

    def test_smpte_frames_count_at_their_true_rate(self) -> None:
        """An hour of NTSC frames is 3.6 s longer than an hour of the clock."""
        rate = 'ttp:timeBase="smpte" ttp:frameRate="30" ttp:frameRateMultiplier="1000 1001"'
        body = '<p begin="01:00:00:00" dur="1s">x</p>'

        assert self.ttml(body, rate)[0][0] == 3_603_600
        assert self.ttml(body, rate + ' ttp:dropMode="dropNTSC"')[0][0] == pytest.approx(3_600_000, abs=5)

    def test_breaks_part_lines_and_white_space_does_not(self) -> None:
        assert self.ttml('<p begin="1s" end="2s">a\n   <span>b</span><br/>c</p>')[0][2] == "a b\nc"

    def test_times_count_from_what_they_stand_in(self) -> None:
        assert self.ttml('<div begin="10s"><p begin="1s" end="2s">x</p></div>') == [(11_000, 12_000, "x")]

    def test_timed_spans_are_cues_where_their_paragraph_has_no_times(self) -> None:
        body = '<p><span begin="1s" end="2s">a</span><span begin="2s" end="3s">b</span></p>'

        assert self.ttml(body) == [(1000, 2000, "a"), (2000, 3000, "b")]

    def test_timed_spans_are_words_where_it_has(self) -> None:
        raw = '<tt><body><p begin="5s" end="9s"><span begin="5s">so</span> <span begin="6s">far</span></p></body></tt>'

        assert read_captions(raw.encode())[0].words == (TimedWord(5000, "so"), TimedWord(6000, "far"))

    def test_a_cue_without_an_end_lasts_until_the_next_one(self) -> None:
        assert self.ttml('<p begin="1s">a</p><p begin="2s">b</p>') == [(1000, 2000, "a"), (2000, 7000, "b")]

    def test_other_namespaces_prefixes_and_html_entities(self) -> None:
        raw = '<tt:tt xmlns:tt="urn:x"><tt:body><tt:p begin="1s" end="2s">caf&eacute;&nbsp;&amp; co</tt:p></tt:body></tt:tt>'  # noqa: E501

        assert times_of(raw) == [(1000, 2000, "café\xa0& co")]

    def test_an_agent_is_the_speaker(self) -> None:
        raw = (
            '<tt xmlns:ttm="http://www.w3.org/ns/ttml#metadata"><head><ttm:agent xml:id="a"><ttm:name>Ann</ttm:name>'
            '</ttm:agent></head><body><p begin="1s" end="2s" ttm:agent="a">hi</p></body></tt>'
        )

        assert read_captions(raw.encode())[0].speaker == "Ann"

    def test_entities_of_its_own_are_never_expanded(self) -> None:
        bomb = (
            '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><tt><body><p begin="1s" end="2s">&b;</p></body></tt>'
        )

        assert "aa" not in times_of(bomb)[0][2]


class TestYouTube:
    def test_json3_offsets_become_words_and_line_breaks_no_cues(self) -> None:
        events = [
            {"tStartMs": 0, "dDurationMs": 9000, "id": 1, "wpWinPosId": 1},
            {"tStartMs": 1000, "dDurationMs": 3000, "segs": [{"utf8": "am"}, {"utf8": " i", "tOffsetMs": 400}]},
            {"tStartMs": 3000, "dDurationMs": 1000, "aAppend": 1, "segs": [{"utf8": "\n"}]},
        ]

        cues = read_captions(json.dumps({"events": events}).encode())

        assert cues == [Cue(1000, 4000, "am i", "", (TimedWord(1000, "am"), TimedWord(1400, "i")))]

    def test_srv3_offsets_become_words(self) -> None:
        raw = (
            '<timedtext format="3"><body><p t="1000" d="3000"><s>am</s><s t="400"> i</s></p>'
            '<p t="2000" d="9" a="1">\n</p></body></timedtext>'
        )

        assert read_captions(raw.encode())[0].words == (TimedWord(1000, "am"), TimedWord(1400, "i"))
        assert len(read_captions(raw.encode())) == 1

    def test_srv2_counts_milliseconds_and_srv1_is_escaped_twice(self) -> None:
        assert times_of('<timedtext><text t="1500" d="500">x</text></timedtext>') == [(1500, 2000, "x")]
        assert times_of('<transcript><text start="1.5" dur=".5">it&amp;#39;s</text></transcript>') == [
            (1500, 2000, "it's")
        ]


def test_ass_drops_overrides_drawings_and_comments() -> None:
    raw = (
        "[Script Info]\n[Events]\nFormat: Start, End, Name, Text\n"
        "Dialogue: 0:00:02.00,0:00:03.00,ANN,{\\b1}one,{\\b0} two\\Nthree\n"
        "Comment: 0:00:00.00,0:00:01.00,,note\n"
        "Dialogue: 0:00:01.00,0:00:02.00,,{\\p1}m 0 0 l 9 9{\\p0}shape\n"
    )

    assert read_captions(raw.encode()) == [Cue(1000, 2000, "shape"), Cue(2000, 3000, "one, two\nthree", "ANN")]


@pytest.mark.parametrize(
    "raw",
    [
        "[00:01.00]we [00:01.40]never [00:01.80]thought\n",
        "[00:01.00] we [00:01.40] never [00:01.80] thought [00:02.20]\n",
        "[00:01.00]we[00:01.40] never[00:01.80] thought[00:02.20]\n",
        "[00:01.00]we[00:01.40]never[00:01.80]thought[00:02.20]\n",
        "[00:01.00][00:01.00]we [00:01.40]never [00:01.80]thought\n",
        "[00:01:00]we [00:01:40]never [00:01:80]thought\n",
        "[00:01.00]v1: <00:01.00>we <00:01.40>never <00:01.80>thought\n",
        "[ti: a]\n[00:00.50]\n[bg: <00:01.00>we <00:01.40>never <00:01.80>thought]\n",
        "[offset:500]\n[00:01.50]we [00:01.90]never [00:02.30]thought\n",
        "[offset:500]\n[00:01.50]<00:01.50>we <00:01.90>never <00:02.30>thought\n",
    ],
)
def test_lrc_states_the_time_of_each_word_in_many_ways(raw: str) -> None:
    cue = read_captions(raw.encode(), format="lrc")[-1]

    assert (cue.start_ms, cue.text) == (1000, "we never thought")
    assert cue.words == (TimedWord(1000, "we"), TimedWord(1400, "never"), TimedWord(1800, "thought"))


def test_lrc_times_of_letters_cut_no_word() -> None:
    (cue,) = read_captions("[00:01.00]我[00:01.40]们[00:01.80]从\n".encode(), format="lrc")
    assert cue.text == "我们从"

    (cue,) = read_captions(b"[00:01.00]ri[00:01.40]ver [00:01.80]rose\n", format="lrc")
    assert cue.text == "river rose"


def test_lrc_repeats_a_chorus_and_times_words() -> None:
    raw = "[ar:nobody]\n[offset:+500]\n[00:10.50][00:20.50]la la\n[00:12.00]<00:12.00>one <00:13.00>two\n"

    cues = read_captions(raw.encode())

    assert [(cue.start_ms, cue.text) for cue in cues] == [(10_000, "la la"), (11_500, "one two"), (20_000, "la la")]


def test_sami_reads_one_language_and_reports_the_other() -> None:
    raw = "<SAMI><SYNC Start=1000><P Class=EN>one<br>two<P Class=DE>eins<SYNC Start=2000><P Class=EN>three"

    parsed = parse_captions(raw.encode())

    assert [cue.text for cue in parsed.cues] == ["one\ntwo", "three"]
    assert parsed.warnings == ("text in another language of the file left out",)


def test_microdvd_without_a_rate_assumes_films_and_says_so() -> None:
    parsed = parse_captions(b"{24}{48}{y:i}one|two\n")

    assert parsed.cues == [Cue(1001, 2002, "one\ntwo")]
    assert "23.976" in parsed.warnings[0]


def test_sbv_breaks_lines_and_drops_a_cue_with_bad_times() -> None:
    raw = "0:00:01.000,0:00:02.000\na[br]b\n\n0:00:0x.000,0:00:04.000\nlost\n"

    parsed = parse_captions(raw.encode())

    assert [cue.text for cue in parsed.cues] == ["a\nb"]
    assert parsed.warnings == ("cue with unreadable times dropped",)


def test_whisperx_words_and_speakers() -> None:
    """A number without a time starts with the word before it."""
    words = [{"word": "in", "start": 1.0}, {"word": "2024"}, {"word": "we", "start": 2.0}]
    raw = json.dumps(
        {"segments": [{"start": 1, "end": 3, "text": "in 2024 we", "speaker": "SPEAKER_00", "words": words}]}
    )

    assert read_captions(raw.encode()) == [
        Cue(
            1000,
            3000,
            "in 2024 we",
            "SPEAKER_00",
            (TimedWord(1000, "in"), TimedWord(1000, "2024"), TimedWord(2000, "we")),
        )
    ]


def test_whisper_cpp_offsets() -> None:
    raw = json.dumps({"transcription": [{"offsets": {"from": 500, "to": 900}, "text": " hi"}]})

    assert times_of(raw) == [(500, 900, "hi")]


def test_a_bare_list_of_timed_texts() -> None:
    assert times_of('[{"text": "hi", "start": 1.5, "duration": 2}]') == [(1500, 3500, "hi")]


@pytest.mark.parametrize(
    "head",
    [
        "{DEFAULT}{}{C:$0000ff}\n",
        "{DEFAULT}{}{f:Arial}{s:12}\n{1}{1}25\n",
        "{DEFAULT} {}\n\n{1}{1}25.000\n",
        "{1}{1}25 fps\n",
        "\n\n{0}{0}25\n",
    ],
)
def test_microdvd_may_begin_with_settings(head: str) -> None:
    parsed = parse_captions(f"{head}{{25}}{{75}}the|first\n{{75}}{{125}}{{y:i}}the second\n".encode())

    assert parsed.format == "microdvd"
    assert [cue.text for cue in parsed.cues] == ["the\nfirst", "the second"]
    assert abs(parsed.cues[1].start_ms - 3000) <= 130


def test_microdvd_allows_spaces_around_frames() -> None:
    assert times_of("{1}{1}25\n{ 25 } { 75 }first\n") == [(1000, 3000, "first")]


@pytest.mark.parametrize(
    "raw",
    [
        "<SYNC Start=1000><P Class=EN>first<SYNC Start=3000><P Class=EN>second<SYNC Start=5000><P Class=EN>&nbsp;",
        "<sync start='1000'><p>first</p></sync>\n<sync start='3000'><p>second</p></sync>\n<sync start='5000'></sync>",
        "\n\n<BODY>\n<SYNC Start=1000>first\n<SYNC Start=3000>second\n<SYNC Start=5000>&nbsp;</BODY>",
        "<HEAD><STYLE></STYLE></HEAD><SYNC Start=1000ms><P>first<SYNC Start=3000ms><P>second<SYNC Start=5000ms>&nbsp;",
        "SAMI>\n<BODY><SYNC Start=1000><P>first<SYNC Start=3000><P>second<SYNC Start=5000><P>&nbsp;",
    ],
)
def test_sami_may_lack_its_outer_tag(raw: str) -> None:
    assert parse_captions(raw.encode()).format == "sami"
    assert times_of(raw) == [(1000, 3000, "first"), (3000, 5000, "second")]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("&lt;i&gt;a&lt;/i&gt; b&lt;br/&gt;c", "a b c"),
        ("a&amp;nbsp;b, it&amp;#39;s", "a\xa0b, it's"),
        ("Smith &amp;amp; Sons", "Smith & Sons"),
        ("AT&amp;T, a &lt; b, the &lt;p&gt; tag", "AT&T, a < b, the <p> tag"),
    ],
)
def test_ttml_drops_markup_that_is_escaped_twice(raw: str, text: str) -> None:
    file = f'<tt xmlns="http://www.w3.org/ns/ttml"><body><div><p begin="1s" end="2s">{raw}</p></div></body></tt>'

    assert times_of(file) == [(1000, 2000, text)]


def test_the_line_breaks_of_other_formats_separate_words() -> None:
    raw = "WEBVTT\n\n00:01.000 --> 00:02.000\nwe never\\Nthought that\\hthe\\nriver in C:\\new rose\n"

    transcript = make_transcript(parse_captions(raw.encode()).cues)

    assert " ".join(word.text for word in transcript) == "we never thought that the river in C:\\new rose"


def test_a_text_of_sami_without_a_class_is_in_the_only_language_of_the_file() -> None:
    raw = (
        "<SAMI><BODY><SYNC Start=1000><P Class=ENCC>we never<SYNC Start=2000><P>&nbsp;"
        "<SYNC Start=3000><P>thought<SYNC Start=4000><P Class=ENCC>&nbsp;</BODY></SAMI>"
    )
    cues = parse_captions(raw.encode()).cues

    assert [(cue.start_ms, cue.end_ms, cue.text) for cue in cues] == [(1000, 2000, "we never"), (3000, 4000, "thought")]


def test_a_blank_text_of_sami_without_a_class_ends_the_text_of_any_language() -> None:
    raw = (
        "<SAMI><BODY><SYNC Start=1000><P Class=ENCC>we never<P Class=FRCC>jamais<SYNC Start=2000><P>&nbsp;"
        "<SYNC Start=5000><P Class=ENCC>thought</BODY></SAMI>"
    )
    cues = parse_captions(raw.encode()).cues

    assert [(cue.start_ms, cue.end_ms) for cue in cues] == [(1000, 2000), (5000, 15000)]


@pytest.mark.parametrize(
    ("raw", "start_ms"),
    [
        (
            '2447,   2513, "You should come to the Drama Club, too."\n2513,   2594, "Yeah, they are ""worried""|"\n',
            104_813,
        ),
        (' 100, 130,"You should come to the club, too. All of you"\n 140, 170,"Yeah, they are ""worried"""\n', 14_000),
    ],
    ids=["frames", "tenths"],
)
def test_the_unit_of_phoenix_subtitles_follows_from_the_rate_of_the_captions(raw: str, start_ms: int) -> None:
    result = parse_captions(raw.encode())

    assert (result.format, result.cues[1].start_ms, result.cues[1].text) == (
        "pjs",
        start_ms,
        'Yeah, they are "worried"',
    )
    assert any("times" in warning for warning in result.warnings)


def test_subviewer_1_reads_what_is_within_its_script() -> None:
    raw = (
        "[TITLE]\nthe river\n[AUTHOR]\n\n[DELAY]\n0\n[BEGIN]\n******** START SCRIPT ********\n[00:00:01]\n"
        "We never|thought\n[00:00:03]\n\n[00:00:05]\nof it.\n[00:00:07]\n\n[end]\n******** END SCRIPT ********\n"
    )
    result = parse_captions(raw.encode())

    assert result.format == "subviewer"
    assert [(cue.start_ms, cue.end_ms, cue.text) for cue in result.cues] == [
        (1000, 3000, "We never\nthought"),
        (5000, 7000, "of it."),
    ]


def test_lrc_times_are_of_a_clock_if_nobody_could_sing_so_fast() -> None:
    clock = "[00:00:01]We never[br]thought that the river\n[00:00:03]\n[00:00:05][00:01:02]would rise so high.\n"
    song = "[00:00:01]We never\n[00:04:03]thought\n[00:09:05]of it.\n"

    assert [(cue.start_ms, cue.text) for cue in read_captions(clock.encode()) if cue.text] == [
        (1000, "We never thought that the river"),
        (5000, "would rise so high."),
        (62_000, "would rise so high."),
    ]
    assert [cue.start_ms for cue in read_captions(song.encode())] == [10, 4030, 9050]
