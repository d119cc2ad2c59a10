"""Phoenix Subtitle: two times without a unit and a text in quotation marks in each line."""

from __future__ import annotations

import re
from math import log

from ...model import Cue
from ..timecode import MAX_TIME_MS
from .mpl2 import split_at_bars
from .open_ends import TimedText, TimedTexts, close_cues
from .parse_result import ParseWarnings
from .text_chunks import iter_lines

PJS_LINE = re.compile(r"[ \t\ufeff]*(\d{1,8})[ \t]*,[ \t]*(\d{1,8})[ \t]*,[ \t]*\"(.*)\"[ \t]*$")
_FRAME_MS = 1000 / 23.976
_TENTH_MS = 100.0
_CHARS_PER_S = 15  # the usual rate of captions


def parse_cues(text: str, warnings: ParseWarnings) -> list[Cue]:
    """Parse the lines that have times: frames of films or tenths of a second, by the rate of the captions."""
    lines: list[tuple[int, int, str]] = []
    for line in iter_lines(text):
        if match := PJS_LINE.match(line):
            lines.append((int(match[1]), int(match[2]), match[3].replace('""', '"')))
        elif line.strip():
            warnings["line without a time left out"] += 1
    unit_ms = _choose_unit(lines)
    warnings[
        "times without a unit taken as tenths of a second" if unit_ms == _TENTH_MS else "times taken as frames"
    ] += 1
    texts = TimedTexts()
    for start, end, raw in lines:
        start_ms, end_ms = round(start * unit_ms), round(end * unit_ms)
        if max(start_ms, end_ms) > MAX_TIME_MS:
            warnings["cue with an invalid time dropped"] += 1
        else:
            texts.add(TimedText(start_ms, end_ms if end_ms > start_ms else -1, split_at_bars(raw)))
    return close_cues(texts, warnings)


def _choose_unit(lines: list[tuple[int, int, str]]) -> float:
    spans = [(end - start, len(raw)) for start, end, raw in lines if end > start]
    chars_per_unit = (sum([chars for _, chars in spans]) or 1) / (sum([span for span, _ in spans]) or 1)
    return min((_FRAME_MS, _TENTH_MS), key=lambda unit_ms: abs(log(chars_per_unit * 1000 / unit_ms / _CHARS_PER_S)))
