"""The fast path of WebVTT reads blocks in their usual form, and leaves all others."""

from __future__ import annotations

import pytest

from vidindex.errors import CaptionError
from vidindex.transcripts.formats.parse_result import ParseWarnings
from vidindex.transcripts.formats.regular_webvtt import parse_regular_chunk
from vidindex.transcripts.formats.webvtt import _collect_cues
from vidindex.transcripts.formats.webvtt_spec import iter_blocks
from vidindex.transcripts.limits import MAX_CUE_CHARS

TIMING = "00:00:01.000 --> 00:00:05.000"


@pytest.mark.parametrize(
    "chunk",
    [
        f"{TIMING}\na\nb\n\n7\n00:00:05.000 --> 00:00:06.500 align:start position:0%\nc\n\n\n\n{TIMING}\n d ",
        f"{TIMING}\n\n{TIMING}\na\n",
        f"an id\n{TIMING}\na\n \n\n12: an id\n",
        f"{TIMING}\nup\nso<00:00:02.000><c> i</c><00:00:03.500><c> said</c>\n\n{TIMING}\nso i said\n ",
        f"{TIMING}\nbe<00:00:02.000>fore <00:00:03.000>now",
        f"{TIMING}\na<00:00:09.000> b<00:00:02.000> c",
        f"{TIMING}\n<c>plain</c> and </c>so",
        f"{TIMING}\n<v Ann>a</v> <v Bob>b</v>",
        f"{TIMING}\n<i>a</i> b &amp; c {{\\an8}}d",
        f"{TIMING}\n1 < 2 > 0",
        "00:00:05.000 --> 00:00:01.000\na",
    ],
)
def test_regular_blocks_are_read_as_the_standard_says(chunk: str) -> None:
    cues = parse_regular_chunk(chunk.partition("\n\n12: an id")[0])

    blocks = iter_blocks(f"WEBVTT\n\n{chunk.partition('12: an id')[0]}", ParseWarnings())
    assert cues == _collect_cues([list(blocks)])[0]


@pytest.mark.parametrize(
    "chunk",
    [
        "NOTE x",
        f"NOTE x\n\n{TIMING}\na",
        f"{TIMING}\na --> b",
        f"{TIMING} -->\na",
        f"{TIMING}\ta\nb",
        "00:01.000 --> 00:05.000\na",
        "00:00:61.000 --> 00:01:05.000\na",
        "00:00:01.000  --> 00:00:05.000\na",
        "00:00:01.000 --> 00:00:05.0000\na",
        f"{TIMING}\na\n\nmore text",
        "٠٠:٠٠:٠١.٠٠٠ --> 00:00:05.000\na",
    ],
)
def test_other_blocks_are_left(chunk: str) -> None:
    assert parse_regular_chunk(chunk) is None


def test_a_text_that_is_too_long_is_refused() -> None:
    with pytest.raises(CaptionError, match="characters in one cue"):
        parse_regular_chunk(f"{TIMING}\n{'a' * (MAX_CUE_CHARS + 1)}")


def test_long_lines_without_blocks_take_linear_time() -> None:
    """A quadratic search would take minutes."""
    assert parse_regular_chunk("a" * 2_000_000) is None
    assert parse_regular_chunk("a\n" * 500_000) is None
