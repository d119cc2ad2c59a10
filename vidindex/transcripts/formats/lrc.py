"""LRC: lyrics with a time before each line, and in its enhanced form before each word."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...model import Cue
from ..limits import MAX_CUES, CueBudget, collect_cues, count_up_to
from ..timecode import parse_timestamp_ms
from .cue_text import make_cue
from .parse_result import ParseWarnings
from .text_chunks import iter_lines

_LINE_TIMESTAMP = re.compile(r"\s*\[(\d{1,4}:\d{1,2}(?:[.:]\d{1,3})?)\]")
_OFFSET_TAG = re.compile(r"^[ \t]*\[offset:[ \t]*([+-]?\d{1,7})[ \t]*\]", re.MULTILINE | re.IGNORECASE)
_MAX_CUE_MS = 10_000
_MAX_TIMESTAMPS_PER_LINE = 100


def parse_cues(text: str, warnings: ParseWarnings) -> list[Cue]:
    """Parse the lines that have times; each lasts until the next, for ten seconds at most."""
    match = _OFFSET_TAG.search(text)
    offset = int(match[1]) if match else 0
    starts = [(max(0, at - offset), raw) for at, raw in _iter_starts(text, warnings)]
    starts.sort(key=lambda start: start[0])
    return collect_cues(_iter_cues(starts))


def _iter_cues(starts: list[tuple[int, str]]) -> Iterator[Cue]:
    for index, (at, raw) in enumerate(starts):
        after = starts[index + 1][0] if index + 1 < len(starts) else at + _MAX_CUE_MS
        yield make_cue(raw, at, min(after, at + _MAX_CUE_MS))


def _iter_starts(text: str, warnings: ParseWarnings) -> Iterator[tuple[int, str]]:
    """Yield each time with its text, as long as they stay within the limits."""
    budget = CueBudget()
    starts = (start for line in iter_lines(text) for start in _split_timestamps(line, warnings))
    for start in count_up_to(MAX_CUES, "cues", starts):
        budget.charge_chars(len(start[1]))  # a line counts once for each of its times
        yield start


def _split_timestamps(line: str, warnings: ParseWarnings) -> list[tuple[int, str]]:
    """Return the text of *line* once for each of its times: a chorus has several."""
    times: list[int] = []
    at = 0
    while (match := _LINE_TIMESTAMP.match(line, at)) and len(times) < _MAX_TIMESTAMPS_PER_LINE:
        at = match.end()
        head, separator, fraction = match[1].partition(".")
        ms = parse_timestamp_ms(head if head.count(":") == 1 else ".".join(head.rsplit(":", 1)))
        if ms is None:
            warnings["line with an invalid time dropped"] += 1
        else:
            times.append(ms + int(fraction.ljust(3, "0") if separator else "0"))
    text = line[at:] if times else ""
    return [(ms, text) for ms in times]
