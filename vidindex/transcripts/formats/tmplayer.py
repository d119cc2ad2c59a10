"""TMPlayer: the start before each line, and lines separated by vertical bars."""

from __future__ import annotations

import re

from ...model import Cue
from ..timecode import parse_timestamp_ms
from .mpl2 import split_at_bars
from .open_ends import TimedText, TimedTexts, close_cues
from .parse_result import ParseWarnings
from .text_chunks import iter_lines

_LONG_LINE = re.compile(r"[ \t\ufeff]*(\d{1,2}:\d\d:\d\d)(?:,(\d{1,2}))?[:=](.*)")
_SHORT_LINE = re.compile(r"[ \t\ufeff]*(\d{1,2}:\d\d)(?:,(\d{1,2}))?[:=](?!\d\d(?!\d))(.*)")
_FRAME_TIME = re.compile(r"[ \t]*\d\d:\d\d:\d\d:\d\d(?!\S)")
_MIN_SHARE = 0.8


def is_tmplayer(head: str) -> bool:
    """Return whether nearly all lines of *head*, the start of a file, have the form of TMPlayer."""
    return _choose_line_form(head) is not None


def parse_cues(text: str, warnings: ParseWarnings) -> list[Cue]:
    """Parse the lines that have times."""
    form = _choose_line_form(text[:8192]) or _LONG_LINE
    texts = TimedTexts()
    for line in iter_lines(text):
        match = form.match(line)
        start_ms = parse_timestamp_ms(match[1]) if match else None
        if match is None or start_ms is None:
            if stripped := line.strip():
                warnings["line without a time, added to the one before"] += 1
                texts.add_line(stripped)
        else:
            texts.add(TimedText(start_ms, -1, split_at_bars(match[3])))
    texts.finish()
    return close_cues(texts, warnings)


def _choose_line_form(head: str) -> re.Pattern[str] | None:
    lines = [line for line in head.splitlines()[:200] if line.strip()]
    if not lines:
        return None
    if sum(1 for line in lines if _FRAME_TIME.match(line)) > len(lines) / 2:
        return None
    for form in (_LONG_LINE, _SHORT_LINE):
        if sum(1 for line in lines if form.match(line)) >= _MIN_SHARE * len(lines):
            return form
    return None
