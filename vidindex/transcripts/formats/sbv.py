"""YouTube's SBV: two times with a comma between, text below."""

from __future__ import annotations

import re

from ...model import Cue
from .cue_text import as_cue
from .parse_result import Notes
from .timestamps import clock_ms

_TIME = r"\d{1,6}:\d{1,2}:\d{1,2}\.\d{1,3}"
_TIMING = re.compile(rf"^[ \t\ufeff]*({_TIME}),({_TIME})[ \t]*$", re.MULTILINE)
_BROKEN = re.compile(r"^[ \t]*\d{1,6}:[^\s,]{1,16},\d{1,6}:[^\s,]{1,16}[ \t]*$", re.MULTILINE)


def read(text: str, notes: Notes) -> list[Cue]:
    """Read the cues of an SBV file."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    found = list(_TIMING.finditer(text))
    cues: list[Cue] = []
    for at, match in enumerate(found):
        raw = text[match.end() : found[at + 1].start() if at + 1 < len(found) else len(text)]
        broken = _BROKEN.search(raw)
        if broken:
            notes["cue with unreadable times dropped"] += len(_BROKEN.findall(raw))
            raw = raw[: broken.start()]
        start, end = clock_ms(match[1]), clock_ms(match[2])
        if start is None or end is None:
            notes["cue at an absurd time dropped"] += 1
        else:
            cues.append(as_cue(raw.replace("[br]", "\n"), start, end))
    return cues
