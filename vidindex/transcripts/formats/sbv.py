"""YouTube's SBV: two times with a comma between, text below."""

from __future__ import annotations

import re

from ...model import Cue
from .cue_text import make_cue
from .parse_result import ParseWarnings
from .timestamps import parse_timestamp_ms

_TIME_PATTERN = r"\d{1,6}:\d{1,2}:\d{1,2}\.\d{1,3}"
_TIMING_LINE = re.compile(rf"^[ \t\ufeff]*({_TIME_PATTERN}),({_TIME_PATTERN})[ \t]*$", re.MULTILINE)
_BROKEN_TIMING_LINE = re.compile(r"^[ \t]*\d{1,6}:[^\s,]{1,16},\d{1,6}:[^\s,]{1,16}[ \t]*$", re.MULTILINE)


def parse_cues(text: str, notes: ParseWarnings) -> list[Cue]:
    """Read the cues of an SBV file."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    found = list(_TIMING_LINE.finditer(text))
    cues: list[Cue] = []
    for at, match in enumerate(found):
        raw = text[match.end() : found[at + 1].start() if at + 1 < len(found) else len(text)]
        broken = _BROKEN_TIMING_LINE.search(raw)
        if broken:
            notes["cue with unreadable times dropped"] += len(_BROKEN_TIMING_LINE.findall(raw))
            raw = raw[: broken.start()]
        start, end = parse_timestamp_ms(match[1]), parse_timestamp_ms(match[2])
        if start is None or end is None:
            notes["cue at an absurd time dropped"] += 1
        else:
            cues.append(make_cue(raw.replace("[br]", "\n"), start, end))
    return cues
