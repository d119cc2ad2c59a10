"""Any bytes give cues or `CaptionError`, in linear time."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.clocks import check_linear_time
from vidindex.errors import CaptionError
from vidindex.transcripts.formats import FORMAT_MODULES, parse_captions

_HEADS = {
    "vtt": "WEBVTT\n\n00:01.000 --> 00:02.000\n",
    "srt": "1\n00:00:01,000 --> 00:00:02,000\n",
    "sbv": "0:00:01.000,0:00:02.000\n",
    "ttml": '<tt><body><p begin="1s" end="2s">',
    "json3": '{"events":[{"tStartMs":1,"segs":[{"utf8":"',
    "srv": '<timedtext><body><p t="1" d="2">',
    "ass": "[Script Info]\n[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,,,,,,,",
    "mpl2": "[10][20]",
    "tmplayer": "00:00:01:a\n00:00:02:",
    "mcc": "File Format=MacCaption_MCC V1.0\n\n00:00:01:00\tT52S524F67ZZ72F4FC9420FCC845FC942F",
    "pjs": '1,2,"a"\n3,4,"',
    "subviewer": "[BEGIN]\n[00:00:01]\na\n[00:00:02]\n",
    "scc": "Scenarist_SCC V1.0\n\n00:00:01:00\t9420 c845 942f ",
    "ebu stl": "850STL25.01" + " " * 1013 + "\0\0\1\xff",
    "spruce stl": "00:00:01:00 , 00:00:02:00 , ",
    "table": "start,end,text\n0,1000,",
    "qttext": "{QTtext}{timeScale:30}\n[00:00:01.00]\n",
    "timed text": "[00:01 --> 00:02] ",
    "lrc": "[00:01.00]",
    "sami": "<SAMI><SYNC Start=1><P>",
    "microdvd": "{1}{2}",
    "whisper": '{"segments":[{"start":1,"end":2,"text":"',
    "json": '{"body":[{"from":1,"to":2,"content":"',
    "html": "<time>0:01</time><p>",
    "plain": "",
}
_PIECES = st.lists(
    st.one_of(
        st.sampled_from(
            sorted(set(_HEADS.values()) | {"-->", "<c>", "<00:01.000>", "\n\n", '"}]}', "</p>", "&amp;", "9" * 30})
        ),
        st.text(max_size=12),
    ),
    max_size=12,
)


def test_every_format_is_tried() -> None:
    assert set(_HEADS) == set(FORMAT_MODULES)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.sampled_from(sorted(_HEADS)), _PIECES, st.sampled_from(["utf-8", "utf-16", "latin-1"]))
def test_damaged_files_give_cues_or_a_clear_error(head: str, pieces: list[str], encoding: str) -> None:
    raw = (_HEADS[head] + "".join(pieces)).encode(encoding, "replace")
    with suppress(CaptionError):
        cues = parse_captions(raw, format="txt").cues
        assert all(0 <= cue.start_ms <= cue.end_ms < 1 << 53 for cue in cues)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_bytes_give_cues_or_a_clear_error(raw: bytes) -> None:
    with suppress(CaptionError):
        parse_captions(raw)


@pytest.mark.parametrize("head", ["vtt", "srt", "ttml", "json3", "ass", "lrc", "sami", "microdvd"])
@pytest.mark.parametrize("unit", ["<", "<!DOCTYPE[", "[", "{", "x\n\n", "\n", "-->\n", "<span>", "&", "<sync "])
def test_parsing_a_hostile_file_takes_linear_time(head: str, unit: str) -> None:
    """A quadratic parser takes seconds for a text of this size."""

    def parse(text: str) -> None:
        with suppress(CaptionError):
            parse_captions((_HEADS[head] + text).encode())

    check_linear_time(parse, unit * ((64 << 10) // len(unit)))
