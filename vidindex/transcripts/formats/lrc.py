"""LRC: lyrics with the time before each line, in its enhanced form before each word."""

from __future__ import annotations

import re

from ...model import Cue
from .cue_text import as_cue
from .parse_result import Notes
from .timestamps import clock_ms

_STAMP = re.compile(r"\s*\[(\d{1,4}:\d{1,2}(?:[.:]\d{1,3})?)\]")
_OFFSET = re.compile(r"^[ \t]*\[offset:[ \t]*([+-]?\d{1,7})[ \t]*\]", re.MULTILINE | re.IGNORECASE)
_LONGEST_MS = 10_000
_MOST_STAMPS = 100


def read(text: str, notes: Notes) -> list[Cue]:
    """Read the lines that have times: each lasts until the next, ten seconds at most."""
    match = _OFFSET.search(text)
    offset = int(match[1]) if match else 0
    starts: list[tuple[int, str]] = []
    for line in text.splitlines():
        starts += [(max(0, at - offset), raw) for at, raw in _stamped(line, notes)]
    starts.sort(key=lambda start: start[0])
    cues = []
    for index, (at, raw) in enumerate(starts):
        after = starts[index + 1][0] if index + 1 < len(starts) else at + _LONGEST_MS
        cues.append(as_cue(raw, at, min(after, at + _LONGEST_MS)))
    return cues


def _stamped(line: str, notes: Notes) -> list[tuple[int, str]]:
    """Give the text of *line* with each of its times: a chorus has several."""
    times: list[int] = []
    at = 0
    while (match := _STAMP.match(line, at)) and len(times) < _MOST_STAMPS:
        at = match.end()
        head, separator, fraction = match[1].partition(".")
        ms = clock_ms(head if head.count(":") == 1 else ".".join(head.rsplit(":", 1)))
        if ms is None:
            notes["line at an absurd time dropped"] += 1
        else:
            times.append(ms + int(fraction.ljust(3, "0") if separator else "0"))
    return [(ms, line[at:]) for ms in times]
