"""Spruce STL: two time codes with frames and the text in each line."""

from __future__ import annotations

import re

from ...model import Cue
from ..timecode import MAX_TIME_MS
from .mpl2 import split_at_bars
from .open_ends import TimedText, TimedTexts, close_cues
from .parse_result import ParseWarnings
from .text_chunks import iter_lines

_TIME = r"(\d{1,3}:\d\d:\d\d)[:;.](\d\d)"
SPRUCE_LINE = re.compile(rf"^[ \t\ufeff]*{_TIME}[ \t]*,[ \t]*{_TIME}[ \t]*,(.*)", re.MULTILINE)
_TOGGLE = re.compile(r"\^[BIU]")
_SAMPLE_LINES = 2000


def parse_cues(text: str, warnings: ParseWarnings) -> list[Cue]:
    """Parse the lines that have times; the frame rate follows from the largest frame number."""
    frame_ms = 1000 / _guess_frame_rate(text)
    warnings[f"frame rate not stated, {round(1000 / frame_ms)} assumed"] += 1
    texts = TimedTexts()
    for line in iter_lines(text):
        match = SPRUCE_LINE.match(line)
        if match is None:
            if line.strip() and not line.lstrip("\ufeff \t").startswith(("//", "$")):
                warnings["line without a time left out"] += 1
            continue
        start_ms, end_ms = (_parse_ms(match[group], match[group + 1], frame_ms) for group in (1, 3))
        if start_ms > MAX_TIME_MS:
            warnings["cue with an invalid time dropped"] += 1
        else:
            body = split_at_bars(_TOGGLE.sub("", match[5]))
            texts.add(TimedText(start_ms, end_ms if end_ms > start_ms else -1, body))
    return close_cues(texts, warnings)


def _guess_frame_rate(text: str) -> int:
    frames = [0]
    for _, match in zip(range(_SAMPLE_LINES), SPRUCE_LINE.finditer(text), strict=False):
        frames += int(match[2]), int(match[4])
    return 25 if max(frames) < 25 else 30


def _parse_ms(time: str, frame: str, frame_ms: float) -> int:
    hours, minutes, seconds = map(int, time.split(":"))
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + round(int(frame) * frame_ms)
