"""WebVTT segments of an HLS stream, each with its own clock, joined to one track."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from ...model import Cue
from ..limits import CueBudget, count_up_to
from ..timecode import MAX_TIME_MS, parse_timestamp_ms
from .parse_result import ParseWarnings

_TIMESTAMP_MAP = re.compile(r"^X-TIMESTAMP-MAP[ \t]*=[ \t]*(.*)$", re.MULTILINE)
_SEGMENT_START = re.compile(r"\n(?=\ufeff?WEBVTT(?:[ \t][^\n]*)?\n)")
_MAX_SEGMENTS = 100_000  # a day has 43,200 of two seconds
_CLOCK_WRAP_TICKS = 1 << 33
_MAX_BORDER_CUES = 8  # more cues are never shown at the same time


def join_segments(
    text: str, warnings: ParseWarnings, parse_segment: Callable[[str, ParseWarnings], list[Cue]]
) -> list[Cue]:
    """Parse each segment of *text* with *parse_segment*, and shift its cues to the clock of the first segment.

    A cue that two segments contain, because it is shown while one ends and the next starts, is returned once.
    """
    joined: list[Cue] = []
    budget = CueBudget()
    base: int | None = None
    for segment in _iter_segments(text):
        offset = _clock_offset_ms(segment)
        base = offset if base is None else base
        shift = _undo_clock_wrap((offset or base or 0) - (base or 0))
        cues = [_shift_cue(cue, shift) for cue in parse_segment(segment.removeprefix("\ufeff"), warnings)]
        budget.charge(cues)
        _append_cues(joined, cues, warnings)
    return joined


def _iter_segments(text: str) -> Iterator[str]:
    start = 0
    for match in count_up_to(_MAX_SEGMENTS, "segments", _SEGMENT_START.finditer(text)):
        yield text[start : match.start()]
        start = match.end()
    yield text[start:]


def _clock_offset_ms(segment: str) -> int | None:
    """Return how far the media clock is ahead of the clock of the cues, or None if the segment does not state it."""
    match = _TIMESTAMP_MAP.search(segment, 0, 2000)
    if match is None:
        return None
    pairs = dict(part.strip().split(":", 1) for part in match[1].split(",") if ":" in part)
    ticks, local = pairs.get("MPEGTS", "").strip(), parse_timestamp_ms(pairs.get("LOCAL", ""))
    if not ticks.isascii() or not ticks.isdecimal() or len(ticks) > 12 or local is None:
        return None
    return int(ticks) // 90 - local


def _undo_clock_wrap(shift_ms: int) -> int:
    """Correct *shift_ms* if the media clock wrapped around, which it does after 26.5 hours."""
    wrap_ms = _CLOCK_WRAP_TICKS // 90
    return shift_ms + wrap_ms if shift_ms < -wrap_ms // 2 else shift_ms


def _shift_cue(cue: Cue, shift_ms: int) -> Cue:
    if not shift_ms:
        return cue
    shift_ms = min(shift_ms, MAX_TIME_MS - cue.end_ms)
    words = tuple(word._replace(start_ms=max(0, word.start_ms + shift_ms)) for word in cue.words)
    start, end = max(0, cue.start_ms + shift_ms), max(0, cue.end_ms + shift_ms)
    return replace(cue, start_ms=start, end_ms=end, words=words)


def _append_cues(joined: list[Cue], cues: list[Cue], warnings: ParseWarnings) -> None:
    """Append the *cues* of the next segment; those that continue one of the last segment extend it."""
    border = range(max(0, len(joined) - _MAX_BORDER_CUES), len(joined))
    for cue in cues:
        at = next((at for at in border if _is_continuation(joined[at], cue)), None)
        if at is None:
            joined.append(cue)
        else:
            warnings["cue in two segments joined"] += 1
            joined[at] = replace(joined[at], end_ms=max(joined[at].end_ms, cue.end_ms))


def _is_continuation(old: Cue, cue: Cue) -> bool:
    return old.text == cue.text and old.start_ms <= cue.start_ms <= old.end_ms
