"""WebVTT, as the standard defines it and as files on the web use it."""

from __future__ import annotations

import pytest

from vidindex.model import Cue, TimedWord
from vidindex.transcripts.build import make_transcript
from vidindex.transcripts.formats import parse_captions, read_captions
from vidindex.transcripts.formats.cue_text import make_cue
from vidindex.transcripts.formats.parse_result import ParseWarnings
from vidindex.transcripts.formats.webvtt import _parse_well_formed
from vidindex.transcripts.formats.webvtt_spec import iter_blocks, parse_strict_timestamp_ms


def cue_of(text: str) -> Cue:
    """Return the only cue of a file whose cue text is *text*."""
    (cue,) = read_captions(f"WEBVTT\n\n00:00:01.000 --> 00:00:05.000\n{text}\n".encode())
    return cue


def texts_of(file: str) -> list[str]:
    return [cue.text for cue in read_captions(file.encode())]


def test_inline_times_become_words() -> None:
    """The first word starts with the cue; the line above it, without times, has no timed words."""
    cue = cue_of("what stood there\nam<00:00:02.000><c> i</c><00:00:03.500><c> loud</c>")

    assert cue.text == "what stood there\nam i loud"
    assert cue.words == (TimedWord(1000, "am"), TimedWord(2000, "i"), TimedWord(3500, "loud"))


def test_inline_times_stay_in_the_cue_and_never_fall() -> None:
    cue = cue_of("a<00:00:09.000> b<00:00:02.000> c")

    assert [word.start_ms for word in cue.words] == [1000, 5000, 5000]


def test_a_word_goes_on_over_a_time_without_space() -> None:
    cue = cue_of("be<00:00:02.000>fore <00:00:03.000>now")

    assert cue.words == (TimedWord(1000, "before"), TimedWord(3000, "now"))


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("<i>it</i> <b>is</b> <c.yellow.bg>so</c>", "it is so"),
        ("Tom &amp; Jerry &lt;3 caf&eacute;&nbsp;", "Tom & Jerry <3 café"),
        ("I <3 you, 1 < 2 > 0", "I <3 you, 1 < 2 > 0"),
        ("<ruby>漢<rt>kan</rt>字<rt>ji</rt></ruby>", "漢字"),
        ("\u202bשלום\u202c\u200f", "שלום"),
        ("{\\an8}up here", "up here"),
        ("{i}up{/i} {B}here{/B} {y:i,b}{c:$ffcccc}and {u", "up here and {u"),
        ("first\n \n", "first"),
    ],
)
def test_markup_goes_and_text_stays(raw: str, text: str) -> None:
    assert cue_of(raw).text == text


def test_a_voice_names_the_speaker() -> None:
    assert cue_of("<v.loud Jay &amp; Leno>hello</v>").speaker == "Jay & Leno"


def test_hours_may_pass_ninety_nine_or_be_left_out() -> None:
    cues = read_captions(b"WEBVTT\n\n59:59.000 --> 100:00:00.500\na\n\n123:00:00.000 --> 123:00:01.000\nb\n")

    assert [cue.start_ms for cue in cues] == [3_599_000, 442_800_000]
    assert cues[0].end_ms == 360_000_500


def test_a_cue_may_follow_without_an_empty_line() -> None:
    assert texts_of("WEBVTT\n\n00:01.000 --> 00:02.000\na\n00:02.000 --> 00:03.000\nb\nc") == ["a", "b\nc"]


def test_comments_styles_and_regions_are_no_cues() -> None:
    file = "WEBVTT\n\nNOTE hello\n\nSTYLE\n::cue { color: red }\n\nREGION\nid:fred\n\nname\n00:01.000 --> 00:02.000\nsaid\n"  # noqa: E501

    assert texts_of(file) == ["said"]


def test_text_after_an_empty_line_is_added_to_its_cue_and_reported() -> None:
    """The standard drops it, although it was said."""
    parsed = parse_captions(b"WEBVTT\n\n00:01.000 --> 00:02.000\nfirst\n\nsecond\n\n00:03.000 --> 00:04.000\nthird\n")

    assert [cue.text for cue in parsed.cues] == ["first\nsecond", "third"]
    assert parsed.warnings == ("text after an empty line added to its cue",)


def test_times_all_written_with_a_comma_are_read_and_reported() -> None:
    parsed = parse_captions(b"WEBVTT\n\n00:00:01,000 --> 00:00:02,000\na\n\n00:00:03,000 --> 00:00:04,000\nb\n")

    assert [cue.start_ms for cue in parsed.cues] == [1000, 3000]
    assert parsed.warnings == ("2 × cue with times in another format read",)


def test_a_cue_with_one_damaged_time_is_kept_and_reported() -> None:
    parsed = parse_captions(b"WEBVTT\n\n00:01.000 --> 00:0x.000\na\n\n00:03.000 --> 00:04.000\nb\n")

    assert [(cue.start_ms, cue.end_ms, cue.text) for cue in parsed.cues] == [(1000, 3000, "a"), (3000, 4000, "b")]
    assert parsed.warnings == ("cue with a damaged time read",)


def test_a_cue_with_two_damaged_times_costs_itself_alone_and_is_reported() -> None:
    parsed = parse_captions(b"WEBVTT\n\n00:0x.000 --> 00:0x.000\na\n\n00:03.000 --> 00:04.000\nb\n")

    assert [cue.text for cue in parsed.cues] == ["b"]
    assert parsed.warnings == ("cue with unreadable times dropped",)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_any_line_ending_will_do(newline: str) -> None:
    assert texts_of(newline.join(["WEBVTT", "", "00:01.000 --> 00:02.000", "a", "b", ""])) == ["a\nb"]


def test_both_ways_through_a_well_formed_file_agree() -> None:
    """webvtt-py and the algorithm of the standard give the same blocks."""
    text = "WEBVTT\nKind: captions\n\nNOTE x\n\n1\n00:00:01.000 --> 00:00:02.000 align:start\na\nb\n\n00:03.000 --> 00:04.000\n\n"  # noqa: E501

    parsed = _parse_well_formed(text)

    assert parsed == ([make_cue(raw, start, end) for start, end, raw in iter_blocks(text, ParseWarnings())], 0)


@pytest.mark.parametrize(
    "time",
    ["1:2.000", "00:60:00.000", "00:00:60.000", "000:01.000", "00:00:01,000", "00:00:01.0000", "+0:00:01.000", ""],
)
def test_times_the_standard_refuses_are_refused(time: str) -> None:
    assert parse_strict_timestamp_ms(time) is None


def segment(ticks: int, *cues: str) -> str:
    return f"WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:{ticks}\n\n" + "\n\n".join(cues) + "\n\n"


def test_segments_are_put_on_one_clock() -> None:
    """Each segment of a stream may have its own clock; all are shifted to that of the first."""
    file = segment(900_000, "00:01.000 --> 00:02.000\na") + segment(1_800_000, "00:01.000 --> 00:02.000\nb")

    cues = read_captions(file.encode())

    assert [(cue.start_ms, cue.text) for cue in cues] == [(1000, "a"), (11_000, "b")]


def test_a_cue_on_the_border_of_segments_is_there_once() -> None:
    """Both segments contain it; a line that is said again later is kept."""
    file = segment(0, "00:08.000 --> 00:10.000\nno.") + segment(
        0, "00:10.000 --> 00:12.000\nno.", "00:14.000 --> 00:15.000\nno."
    )

    cues = read_captions(file.encode())

    assert [(cue.start_ms, cue.end_ms) for cue in cues] == [(8000, 12_000), (14_000, 15_000)]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("&lt;i&gt;a&lt;/i&gt; b &amp;amp; c", "a b & c"),
        ("&amp;lt;i&amp;gt;a&amp;lt;/i&amp;gt; b", "a b"),
        ("it&amp;#39;s, it&amp;apos;s, it&amp;amp;#x27;s", "it's, it's, it's"),
        ("a&amp;nbsp;b &amp;quot;c&amp;quot;", 'a\xa0b "c"'),
        ("a&lt;br&gt;b&lt;br/&gt;c&lt;BR /&gt;d", "a\nb\nc\nd"),
        ("&lt;font color=&quot;#fff&quot;&gt;a&lt;/font&gt;", "a"),
        ("&lt;font color=red size='5'&gt;a", "a"),
        ("&lt;span class=&quot;x y&quot;&gt;a&lt;/span&gt; &lt;b&gt;b&lt;/b&gt;", "a b"),
        ("&lt;i&gt;goes on in the next cue", "goes on in the next cue"),
        ("as it ends&lt;/i&gt;", "as it ends"),
        ("<i>a</i> &lt;u&gt;b&lt;/u&gt;", "a b"),
    ],
)
def test_markup_that_is_escaped_twice_goes(raw: str, text: str) -> None:
    assert cue_of(raw).text == text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("AT&amp;T", "AT&T"),
        ("AT&T", "AT&T"),
        ("Q&A; R&D;", "Q&A; R&D;"),
        ("a &lt; b &gt; c", "a < b > c"),
        ("a &lt;b and c&gt; d", "a <b and c> d"),
        ("the &lt;p&gt; tag", "the <p> tag"),
        ("I &lt;3 you", "I <3 you"),
        ("&lt;It was rising.&gt;", "<It was rising.>"),
        ("&lt;I think so&gt;", "<I think so>"),
        ("fish &amp; chips; this &amp; that", "fish & chips; this & that"),
        ("&lt;- Ann", "<- Ann"),
    ],
)
def test_escaped_text_stays(raw: str, text: str) -> None:
    assert cue_of(raw).text == text


@pytest.mark.parametrize(
    ("raw", "spoken"),
    [
        ("<v Ann>yes it is</v>\n<v Bob>no</v>", [("Ann", "yes it is"), ("Bob", "no")]),
        ("<v Ann>yes</v><v Bob>no</v>", [("Ann", "yes"), ("Bob", "no")]),
        ("<v Ann>yes\n<v Bob>no\nno", [("Ann", "yes"), ("Bob", "no\nno")]),
        ("<i><v.loud Ann>yes</v></i> <v Bob &amp; Co>no</v> so", [("Ann", "yes"), ("Bob & Co", "no"), ("", "so")]),
        ("<v Ann></v><v Bob>no</v>", [("Bob", "no")]),
        ("<v Ann>so <v Bob>no</v> then</v>", [("Ann", "so"), ("Bob", "no"), ("Ann", "then")]),
        ("<v Ann>yes</v> <v Bob>yes</v> <v Ann>yes</v>", [("Ann", "yes"), ("Bob", "yes"), ("Ann", "yes")]),
    ],
)
@pytest.mark.parametrize("head", ["WEBVTT\n\n", "1\n"])
def test_each_of_several_voices_in_a_cue_has_its_own_words(raw: str, spoken: list[tuple[str, str]], head: str) -> None:
    cues = read_captions(f"{head}00:00:01.000 --> 00:00:03.000\n{raw}\n".encode())

    assert [(cue.speaker, cue.text) for cue in cues] == spoken
    assert cues[0].start_ms == 1000
    assert cues[-1].end_ms == 3000
    assert len(make_transcript(cues).words) == sum(len(text.split()) for _, text in spoken)


def test_the_words_of_a_second_voice_start_after_the_last_timestamp() -> None:
    raw = "WEBVTT\n\n00:01.000 --> 00:03.000\n<v Ann>yes <00:02.000>sir</v>\n<v Bob>no <00:02.500>way</v>\n"

    transcript = make_transcript(read_captions(raw.encode()))

    assert transcript.starts_ms == (1000, 2000, 2000, 2500)
    assert transcript.speakers == ((0, "Ann"), (2, "Bob"))
