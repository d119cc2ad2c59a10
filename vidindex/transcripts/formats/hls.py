"""WebVTT as HLS delivers it: segments with a clock of their own, joined to one track."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from ...model import Cue
from .parse_result import ParseWarnings
from .timestamps import MAX_TIME_MS, parse_timestamp_ms

_TIMESTAMP_MAP = re.compile(r"^X-TIMESTAMP-MAP[ \t]*=[ \t]*(.*)$", re.MULTILINE)
_SEGMENT_START = re.compile(r"\n(?=\ufeff?WEBVTT(?:[ \t][^\n]*)?\n)")
_CLOCK_WRAP_TICKS = 1 << 33
_MAX_BORDER_CUES = 8  # cues that show at once at most


def join_segments(
    text: str, notes: ParseWarnings, read_segment: Callable[[str, ParseWarnings], list[Cue]]
) -> list[Cue]:
    """Read each segment of *text*, put all on the first one's clock, and keep a cue on a border once."""
    joined: list[Cue] = []
    base: int | None = None
    for segment in _SEGMENT_START.split(text):
        offset = _clock_offset_ms(segment)
        base = offset if base is None else base
        shift = _undo_clock_wrap((offset or base or 0) - (base or 0))
        cues = [_shift_cue(cue, shift) for cue in read_segment(segment.removeprefix("\ufeff"), notes)]
        _append_cues(joined, cues, notes)
    return joined


def _clock_offset_ms(segment: str) -> int | None:
    """Tell how far the media clock is ahead of the cues' own; None where the segment does not say."""
    match = _TIMESTAMP_MAP.search(segment, 0, 2000)
    if match is None:
        return None
    pairs = dict(part.strip().split(":", 1) for part in match[1].split(",") if ":" in part)
    ticks, local = pairs.get("MPEGTS", "").strip(), parse_timestamp_ms(pairs.get("LOCAL", ""))
    if not ticks.isascii() or not ticks.isdecimal() or len(ticks) > 12 or local is None:
        return None
    return int(ticks) // 90 - local


def _undo_clock_wrap(shift_ms: int) -> int:
    """Undo the turn-over of the media clock after 26.5 hours."""
    turn = _CLOCK_WRAP_TICKS // 90
    return shift_ms + turn if shift_ms < -turn // 2 else shift_ms


def _shift_cue(cue: Cue, shift_ms: int) -> Cue:
    if not shift_ms:
        return cue
    shift_ms = min(shift_ms, MAX_TIME_MS - cue.end_ms)
    words = tuple(word._replace(start_ms=max(0, word.start_ms + shift_ms)) for word in cue.words)
    start, end = max(0, cue.start_ms + shift_ms), max(0, cue.end_ms + shift_ms)
    return replace(cue, start_ms=start, end_ms=end, words=words)


def _append_cues(joined: list[Cue], cues: list[Cue], notes: ParseWarnings) -> None:
    """Append the *cues* of the next segment, without those that only go on from the last one."""
    border = range(max(0, len(joined) - _MAX_BORDER_CUES), len(joined))
    for cue in cues:
        at = next((at for at in border if _is_continuation(joined[at], cue)), None)
        if at is None:
            joined.append(cue)
        else:
            notes["cue on a segment's border joined"] += 1
            joined[at] = replace(joined[at], end_ms=max(joined[at].end_ms, cue.end_ms))


def _is_continuation(old: Cue, cue: Cue) -> bool:
    return old.text == cue.text and old.start_ms <= cue.start_ms <= old.end_ms
