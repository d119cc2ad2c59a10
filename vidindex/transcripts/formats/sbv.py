"""YouTube's SBV: two times separated by a comma, with the text below."""

from __future__ import annotations

import re

from ...model import Cue
from ..timecode import parse_timestamp_ms
from .cue_text import make_cue
from .parse_result import ParseWarnings

_TIME_PATTERN = r"\d{1,6}:\d{1,2}:\d{1,2}\.\d{1,3}"
_TIMING_LINE = re.compile(rf"^[ \t\ufeff]*({_TIME_PATTERN}),({_TIME_PATTERN})[ \t]*$", re.MULTILINE)
_BROKEN_TIMING_LINE = re.compile(r"^[ \t]*\d{1,6}:[^\s,]{1,16},\d{1,6}:[^\s,]{1,16}[ \t]*$", re.MULTILINE)


def parse_cues(text: str, warnings: ParseWarnings) -> list[Cue]:
    """Parse the cues of an SBV file."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    timings = list(_TIMING_LINE.finditer(text))
    cues: list[Cue] = []
    for at, match in enumerate(timings):
        raw = text[match.end() : timings[at + 1].start() if at + 1 < len(timings) else len(text)]
        broken = _BROKEN_TIMING_LINE.search(raw)
        if broken:
            warnings["cue with unreadable times dropped"] += len(_BROKEN_TIMING_LINE.findall(raw))
            raw = raw[: broken.start()]
        start, end = parse_timestamp_ms(match[1]), parse_timestamp_ms(match[2])
        if start is None or end is None:
            warnings["cue with an invalid time dropped"] += 1
        else:
            cues.append(make_cue(raw.replace("[br]", "\n"), start, end))
    return cues
