"""MCC (MacCaption): the caption packets of video frames, whose CEA-608 bytes are read as those of SCC."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ...model import Cue
from ..timecode import MAX_TIME_MS
from .parse_result import ParseWarnings
from .scc import TimedCode, decode_captions
from .text_chunks import iter_lines

MCC_HEAD = re.compile(r"File Format=MacCaption_MCC", re.IGNORECASE)
_FRAME_LINE = re.compile(
    r"[ \t]*(\d\d):(\d\d):(\d\d)([:;.,])(\d\d)(?:\.\d)?(?:,\d{1,3})?[ \t]+([0-9A-Za-z]{1,1000})[ \t]*$"
)
_RATE = re.compile(r"^Time Code Rate=(\d\d)(DF)?", re.MULTILINE | re.IGNORECASE)
_MAX_HEAD_CHARS = 8192

# One letter stands for bytes that are frequent.
_ABBREVIATIONS = str.maketrans({
    **{chr(ord("G") + at): "FA0000" * (at + 1) for at in range(9)},
    "P": "FB8080",
    "Q": "FC8080",
    "R": "FD8080",
    "S": "9669",
    "T": "6101",
    "U": "E1000000",
    "Z": "00",
})  # fmt: skip
_PACKET = b"\x61\x01"
_TIME_SECTION, _CAPTION_SECTION = 0x71, 0x72
_TIME_SECTION_BYTES = 5
_SLOWER_RATES = frozenset({1, 4, 7})  # 23.976, 29.97 and 59.94: time codes count more frames than a second has
_VALID_FIRST_FIELD = 0xFC


@dataclass(frozen=True, slots=True)
class _TimeCodeRate:
    frames: int
    is_drop_frame: bool


def parse_cues(text: str, warnings: ParseWarnings) -> list[Cue]:
    """Parse the captions of the first channel, or of the second if only that has some."""
    match = _RATE.search(text[:_MAX_HEAD_CHARS])
    rate = _TimeCodeRate(int(match[1]) or 30, match[2] is not None) if match else _TimeCodeRate(30, is_drop_frame=False)
    return decode_captions(lambda counted: _iter_codes(text, rate, counted), warnings)


def _iter_codes(text: str, rate: _TimeCodeRate, warnings: ParseWarnings) -> Iterator[TimedCode]:
    for line in iter_lines(text):
        match = _FRAME_LINE.match(line)
        if match is None:
            if line[:1].isdigit():
                warnings["damaged line left out"] += 1
            continue
        packet = _expand(match[6])
        if not packet.startswith(_PACKET):
            continue  # another kind of ancillary data
        scale = 1.001 if len(packet) > 6 and packet[6] >> 4 in _SLOWER_RATES else 1
        at_ms = round(_count_frames(match, rate) * scale * 1000 / rate.frames)
        if at_ms > MAX_TIME_MS:
            warnings["line with an invalid time dropped"] += 1
            continue
        for first, second in _iter_pairs(packet[3:]):
            yield at_ms, first & 0x7F, second & 0x7F


def _expand(data: str) -> bytes:
    """Return the bytes of *data*, or none if they are damaged."""
    try:
        return bytes.fromhex(data.upper().translate(_ABBREVIATIONS))
    except ValueError:
        return b""


def _iter_pairs(packet: bytes) -> Iterator[tuple[int, int]]:
    """Yield the bytes of the first field in a caption distribution packet (SMPTE 334-2)."""
    at = 7
    if packet[at : at + 1] == bytes([_TIME_SECTION]):
        at += _TIME_SECTION_BYTES
    if packet[at : at + 1] != bytes([_CAPTION_SECTION]):
        return
    count = packet[at + 1] & 0x1F if len(packet) > at + 1 else 0
    for start in range(at + 2, min(at + 2 + 3 * count, len(packet) - 2), 3):
        if packet[start] == _VALID_FIRST_FIELD:
            yield packet[start + 1], packet[start + 2]


def _count_frames(match: re.Match[str], rate: _TimeCodeRate) -> int:
    """Return the number of the frame at a time code; drop-frame time codes skip numbers in most minutes."""
    hours, minutes, seconds, frame = (int(match[group]) for group in (1, 2, 3, 5))
    minutes += 60 * hours
    count = (minutes * 60 + seconds) * rate.frames + frame
    skipped = 2 * max(1, rate.frames // 30)
    return count - skipped * (minutes - minutes // 10) if rate.is_drop_frame or match[4] == ";" else count
