"""Reading captions of any format, which is detected by content."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from vidindex.errors import CaptionError
from vidindex.transcripts.formats import parse_captions, read_captions

SRT = "1\n00:00:01,000 --> 00:00:02,500\nhello there\n\n2\n00:00:03,000 --> 00:00:04,000\ngeneral\n"
SAMPLES = {
    "vtt": "WEBVTT\n\n00:01.000 --> 00:02.500\nhello there\n\n00:03.000 --> 00:04.000\ngeneral\n",
    "srt": SRT,
    "sbv": "0:00:01.000,0:00:02.500\nhello there\n\n0:00:03.000,0:00:04.000\ngeneral\n",
    "ttml": '<tt xmlns="http://www.w3.org/ns/ttml"><body><div><p begin="1s" end="2.5s">hello there</p>'
    '<p begin="3s" end="4s">general</p></div></body></tt>',
    "json3": json.dumps(
        {
            "wireMagic": "pb3",
            "events": [
                {"tStartMs": 1000, "dDurationMs": 1500, "segs": [{"utf8": "hello there"}]},
                {"tStartMs": 3000, "dDurationMs": 1000, "segs": [{"utf8": "general"}]},
            ],
        }
    ),
    "srv": '<transcript><text start="1" dur="1.5">hello there</text><text start="3" dur="1">general</text></transcript>',  # noqa: E501
    "ass": "[Script Info]\n\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"  # noqa: E501
    "Dialogue: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,hello there\n"
    "Dialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,general\n",
    "sami": "<SAMI><BODY><SYNC Start=1000><P Class=EN>hello there<SYNC Start=2500><P Class=EN>&nbsp;"
    "<SYNC Start=3000><P Class=EN>general<SYNC Start=4000><P Class=EN>&nbsp;</BODY></SAMI>",
    "microdvd": "{1}{1}10.0\n{10}{25}hello there\n{30}{40}general\n",
    "whisper": json.dumps(
        {
            "segments": [
                {"start": 1.0, "end": 2.5, "text": " hello there"},
                {"start": 3.0, "end": 4.0, "text": " general"},
            ]
        }
    ),
}


@pytest.mark.parametrize("format_name", SAMPLES)
def test_every_format_gives_the_same_cues(format_name: str) -> None:
    """The words and their times do not depend on the format."""
    parsed = parse_captions(SAMPLES[format_name].encode())

    assert parsed.format == format_name
    assert [(cue.start_ms, cue.end_ms, cue.text) for cue in parsed.cues] == [
        (1000, 2500, "hello there"),
        (3000, 4000, "general"),
    ]


@pytest.mark.parametrize("format_name", SAMPLES)
def test_content_wins_over_the_hint(format_name: str) -> None:
    """A wrong name or content type does not stop the right parser."""
    hint = "srt" if format_name != "srt" else "json3"

    assert len(read_captions(SAMPLES[format_name].encode(), format=hint)) == 2


def test_a_path_and_its_bytes_read_alike(tmp_path: Path) -> None:
    path = tmp_path / "clip.en.srt"
    path.write_text(SRT, encoding="utf-8")

    assert read_captions(path) == read_captions(str(path)) == read_captions(SRT.encode())


def test_plain_text_is_read_only_where_it_is_called_so() -> None:
    """Any file could be plain text, so its name must state it."""
    cues = read_captions(b"first line\n\nsecond line\n", format="txt")

    assert [(cue.start_ms, cue.end_ms, cue.text) for cue in cues] == [(0, 0, "first line"), (0, 0, "second line")]
    with pytest.raises(CaptionError):
        read_captions(b"first line\n\nsecond line\n")


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html><body>sign in</body></html>", "web page"),
        (b"#EXTM3U\n#EXT-X-VERSION:3\nseg-1.vtt\n", "playlist"),
        (b'{"name": "package", "version": 1}', "not in a supported format"),
        (b"\x00\x00\x01\xba\x44\x00", "not in a supported format"),
        (b'{"events": [', "JSON is broken"),
    ],
)
def test_what_is_no_captions_is_refused_with_a_reason(raw: bytes, says: str) -> None:
    with pytest.raises(CaptionError, match=says) as caught:
        read_captions(raw, name="clip")

    assert caught.value.source == "clip"


@pytest.mark.parametrize("path", ["/nowhere/at/all.vtt", "a\0b.vtt"])
def test_a_file_that_cannot_be_opened_is_a_caption_error(path: str) -> None:
    with pytest.raises(CaptionError, match="check the path"):
        read_captions(path)


def test_a_pipe_and_a_device_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "talk.vtt")
    for path in (tmp_path / "talk.vtt", "/dev/zero"):
        with pytest.raises(CaptionError, match="not a regular file"):
            read_captions(path)


@pytest.mark.parametrize(
    "mark", ["\u00ad", "\u200b", "\u2060", "&shy;", "&#173;", "&#8203;", "&ZeroWidthSpace;", "\u00ad\n"]
)
def test_characters_without_width_go_from_the_text(mark: str) -> None:
    raw = f"WEBVTT\n\n00:01.000 --> 00:02.000\nthe inter{mark}national ri{mark}ver\n"

    assert read_captions(raw.encode())[0].text == "the international river"


def test_escaped_characters_without_width_go_from_the_text() -> None:
    cues = [
        read_captions(b'[{"text": "ri\\u00adver\\u200b", "start": 1, "duration": 2}]')[0],
        read_captions(b'{"events": [{"tStartMs": 1, "dDurationMs": 9, "segs": [{"utf8": "ri\\u00ADver"}]}]}')[0],
        read_captions(b'<tt><body><div><p begin="1s" end="2s">ri&#xAD;ver</p></div></body></tt>')[0],
    ]

    assert [cue.text for cue in cues] == ["river"] * 3
