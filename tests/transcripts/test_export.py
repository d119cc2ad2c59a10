"""Transcripts exported to each format."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidindex.model import Cue, Transcript
from vidindex.transcripts.build import make_transcript
from vidindex.transcripts.export import EXPORT_FORMATS, ExportFormat, export_transcript, split_captions
from vidindex.transcripts.formats import read_captions


@pytest.fixture(name="interview")
def _interview() -> Transcript:
    return make_transcript(
        [
            Cue(1000, 4000, ">> LENO: what would your mother think about this whole thing?"),
            Cue(6000, 9000, ">> WEST: well. I never took the time off, and I think that is what it was about."),
            Cue(9000, 9500, "[applause]"),
        ]
    )


def test_vtt_reads_back_with_speakers_and_without_their_marks(interview: Transcript) -> None:
    cues = read_captions(export_transcript(interview, "vtt", title="a --> b").encode())

    assert [cue.speaker for cue in cues][:2] == ["LENO", "WEST"]
    assert cues[0].start_ms >= 1000
    assert " ".join(cue.text.replace("\n", " ") for cue in cues).split()[:4] == ["what", "would", "your", "mother"]


def test_srt_names_the_speaker_once_a_turn(interview: Transcript) -> None:
    written = export_transcript(interview, "srt")

    assert written.count("WEST:") == written.count("LENO:") == 1
    assert written.startswith("1\n00:00:0")


def test_text_has_a_paragraph_a_turn(interview: Transcript) -> None:
    title, leno, west = export_transcript(interview, "txt", title="Late night").strip().split("\n\n")

    assert (title, leno[:10], west[:11]) == ("Late night", "LENO: what", "WEST: well.")
    assert west.endswith("[applause]")


def test_markdown_gives_times_and_reads_nothing_into_the_words() -> None:
    transcript = make_transcript([Cue(61_000, 62_000, "a *b* <c>")])

    assert export_transcript(transcript, "md", title="x_y") == "# x\\_y\n\n`00:01:01` a \\*b\\* \\<c\\>\n"


def test_json_has_every_word_with_its_times(interview: Transcript) -> None:
    document = json.loads(export_transcript(interview, "json"))

    assert [word["text"] for word in document["words"]] == list(interview.words)
    assert [word["start_ms"] for word in document["words"]] == list(interview.starts_ms)
    assert document["speakers"][1]["name"] == "WEST"


def test_captions_are_short_and_end_with_sentences(interview: Transcript) -> None:
    cut = list(split_captions(interview))

    assert all(len(caption.text) <= 90 and caption.end_ms - caption.start_ms <= 7000 for caption in cut)
    assert cut[0].text.endswith("?")


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(ValueError, match="choose one of vtt, srt, txt, json, md"):
        export_transcript(make_transcript([]), "docx")  # type: ignore[arg-type]


# An escaped tag, and the start of one, are no words.
_WORD = st.text(alphabet="abc&<>->.!é日", min_size=1, max_size=8).filter(
    lambda word: "-->" not in word and ">>" not in word and not re.search(r"<[abc](?!\w)", word)
)


@given(st.lists(_WORD, min_size=1, max_size=60))
def test_vtt_and_srt_keep_every_letter(words: list[str]) -> None:
    """WebVTT of any words can be parsed back, and SubRip, which has no escapes, contains them as they are."""
    transcript = Transcript(
        tuple(words), tuple(range(0, 500 * len(words), 500)), tuple(range(400, 500 * len(words), 500))
    )

    cues = read_captions(export_transcript(transcript, "vtt").encode())
    blocks = export_transcript(transcript, "srt").split("\n\n")

    assert "".join("".join(cue.text.split()) for cue in cues) == "".join(words)
    assert "".join("".join(block.split("\n", 2)[2].split()) for block in blocks) == "".join(words)


def test_srt_keeps_words_in_angle_brackets() -> None:
    """They are speech, not tags: SubRip has no escape for them."""
    assert "press <enter> now" in export_transcript(make_transcript([Cue(0, 900, "press <enter> now")]), "srt")


@pytest.mark.parametrize(("format_name", "times"), [("vtt", "100:00:00.000 --> "), ("srt", "100:00:00,000 --> ")])
def test_times_after_ninety_nine_hours_have_three_digits(format_name: ExportFormat, times: str) -> None:
    assert times in export_transcript(make_transcript([Cue(360_000_000, 360_001_000, "late")]), format_name)


@pytest.mark.parametrize("format_name", ["vtt", "srt", "txt", "md"])
def test_a_speaker_with_line_breaks_and_an_arrow_breaks_no_format(format_name: ExportFormat) -> None:
    transcript = make_transcript([Cue(0, 900, "hello", "Ann\n\n00:01.000 --> 00:02.000")])

    written = export_transcript(transcript, format_name)

    assert "Ann 00:01.000 " in written
    assert "\n00:01.000 -->" not in written


@pytest.mark.parametrize("format_name", sorted(EXPORT_FORMATS))
def test_an_empty_transcript_is_written_too(format_name: ExportFormat) -> None:
    assert export_transcript(make_transcript([]), format_name).strip() or format_name in ("srt", "txt", "md")
