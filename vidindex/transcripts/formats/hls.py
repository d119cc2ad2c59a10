"""WebVTT as HLS delivers it: segments with a clock of their own, joined to one track."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from ...model import Cue
from .parse_result import Notes
from .timestamps import MAX_MS, clock_ms

_MAP = re.compile(r"^X-TIMESTAMP-MAP[ \t]*=[ \t]*(.*)$", re.MULTILINE)
_SEGMENT = re.compile(r"\n(?=\ufeff?WEBVTT(?:[ \t][^\n]*)?\n)")
_WRAP_TICKS = 1 << 33
_BORDER = 8  # cues that show at once at most


def join_segments(text: str, notes: Notes, read: Callable[[str, Notes], list[Cue]]) -> list[Cue]:
    """Read each segment of *text*, put all on the first one's clock, and keep a cue on a border once."""
    joined: list[Cue] = []
    base: int | None = None
    for segment in _SEGMENT.split(text):
        offset = _offset_ms(segment)
        base = offset if base is None else base
        shift = _unwrapped((offset or base or 0) - (base or 0))
        cues = [_shifted(cue, shift) for cue in read(segment.removeprefix("\ufeff"), notes)]
        _join(joined, cues, notes)
    return joined


def _offset_ms(segment: str) -> int | None:
    """Tell how far the media clock is ahead of the cues' own; None where the segment does not say."""
    match = _MAP.search(segment, 0, 2000)
    if match is None:
        return None
    pairs = dict(part.strip().split(":", 1) for part in match[1].split(",") if ":" in part)
    ticks, local = pairs.get("MPEGTS", "").strip(), clock_ms(pairs.get("LOCAL", ""))
    if not ticks.isascii() or not ticks.isdecimal() or len(ticks) > 12 or local is None:
        return None
    return int(ticks) // 90 - local


def _unwrapped(shift_ms: int) -> int:
    """Undo the turn-over of the media clock after 26.5 hours."""
    turn = _WRAP_TICKS // 90
    return shift_ms + turn if shift_ms < -turn // 2 else shift_ms


def _shifted(cue: Cue, shift_ms: int) -> Cue:
    if not shift_ms:
        return cue
    shift_ms = min(shift_ms, MAX_MS - cue.end_ms)
    words = tuple(word._replace(start_ms=max(0, word.start_ms + shift_ms)) for word in cue.words)
    start, end = max(0, cue.start_ms + shift_ms), max(0, cue.end_ms + shift_ms)
    return replace(cue, start_ms=start, end_ms=end, words=words)


def _join(joined: list[Cue], cues: list[Cue], notes: Notes) -> None:
    """Append the *cues* of the next segment, without those that only go on from the last one."""
    border = range(max(0, len(joined) - _BORDER), len(joined))
    for cue in cues:
        at = next((at for at in border if _goes_on(joined[at], cue)), None)
        if at is None:
            joined.append(cue)
        else:
            notes["cue on a segment's border joined"] += 1
            joined[at] = replace(joined[at], end_ms=max(joined[at].end_ms, cue.end_ms))


def _goes_on(old: Cue, cue: Cue) -> bool:
    return old.text == cue.text and old.start_ms <= cue.start_ms <= old.end_ms
