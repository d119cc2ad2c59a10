"""MPL2: tenths of a second in square brackets, lines separated by vertical bars."""

from __future__ import annotations

import re

from ...model import Cue
from ..timecode import MAX_TIME_MS
from .open_ends import TimedText, TimedTexts, close_cues
from .parse_result import ParseWarnings
from .text_chunks import iter_lines

MPL2_LINE = re.compile(r"[ \t\ufeff]*\[(\d{1,9})\][ \t]*\[(\d{0,9})\](.*)")
_CONTROL_CODE = re.compile(r"\{[A-Za-z]:[^{}\n]*\}")
_UNIT_MS = 100


def parse_cues(text: str, warnings: ParseWarnings) -> list[Cue]:
    """Parse the lines that have times."""
    texts = TimedTexts()
    for line in iter_lines(text):
        match = MPL2_LINE.match(line)
        if match is None:
            if stripped := line.strip():
                warnings["line without a time, added to the one before"] += 1
                texts.add_line(stripped)
            continue
        start_ms, end_ms = int(match[1]) * _UNIT_MS, int(match[2] or 0) * _UNIT_MS
        if max(start_ms, end_ms) > MAX_TIME_MS:
            warnings["cue with an invalid time dropped"] += 1
        else:
            texts.add(TimedText(start_ms, end_ms if end_ms > start_ms else -1, split_at_bars(match[3])))
    texts.finish()
    return close_cues(texts, warnings)


def split_at_bars(raw: str) -> str:
    """Return the lines of *raw*, which bars separate; a slash at the start of a line stands for italics."""
    if "{" in raw:
        raw = _CONTROL_CODE.sub("", raw)
    return "\n".join([line for part in raw.split("|") if (line := part.strip().lstrip("/").strip())])
