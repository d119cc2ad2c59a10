"""WebVTT segments of an HLS stream, each with its own clock, joined to one track."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from ...model import Cue
from ..limits import CueBudget, count_up_to
from ..timecode import MAX_TIME_MS, parse_timestamp_ms
from .parse_result import ParseWarnings

_TIMESTAMP_MAP = re.compile(r"^X-TIMESTAMP-MAP[ \t]*[=:][ \t]*(.*)$", re.MULTILINE)
_HEADER_LINE = r"(?:X-TIMESTAMP-MAP|[A-Z][A-Za-z-]{0,30}[:=]|NOTE|STYLE|REGION)"
_SEGMENT_START = re.compile(rf"\n(?=WEBVTT(?:[ \t][^\n]*)?(?:\n(?:{_HEADER_LINE}|[ \t]{{0,8}}\d|\n)|\n?\Z))")
_GLUED_MAPPED_START = re.compile(r"(?<=[^\n])(WEBVTT(?:[ \t][^\n]{0,200})?\n[ \t]{0,8}X-TIMESTAMP-MAP)")
_GLUED_START = re.compile(
    r"(?<=[^\s])(WEBVTT(?:[ \t]{1,8}-[^\n]{0,100})?[ \t]{0,8}"
    rf"(?:\n{{1,8}}(?:{_HEADER_LINE}|WEBVTT\n|[^\n]{{0,80}}\n?[ \t]{{0,8}}[\d:.]{{5,20}}[ \t]{{0,8}}-->)|\n{{0,8}}\Z))"
)
_MAX_SEGMENTS = 100_000  # a day has 43,200 of two seconds
_CLOCK_WRAP_TICKS = 1 << 33
_MAX_BORDER_CUES = 8  # more cues are never shown at the same time
_MAX_SEGMENT_MS = 30_000
_MAX_LEAD_MS = 60_000  # of a clock that starts at zero, before its first cue


def separate_segments(text: str, warnings: ParseWarnings) -> str:
    """Start a new line before each signature that was appended to a text without a line break at its end."""
    text, mapped = _GLUED_MAPPED_START.subn(r"\n\n\1", text)
    text, bare = _GLUED_START.subn(r"\n\n\1", text)
    if mapped + bare:
        warnings["segment without a line break before it separated"] += mapped + bare
    return text


def join_segments(
    text: str, warnings: ParseWarnings, parse_segment: Callable[[str, ParseWarnings], Sequence[Cue]]
) -> list[Cue]:
    """Parse each segment of *text* with *parse_segment*, and shift its cues to the clock of the first segment.

    A cue that two segments contain, because it is shown while one ends and the next starts, is returned once.  If the
    clock starts again without a map that says so, the segment is placed behind those before it.
    """
    segments: list[list[Cue]] = []
    budget = CueBudget()
    base: int | None = None
    shifts: set[int] = set()
    for segment in _iter_segments(text):
        offset = _clock_offset_ms(segment)
        base = offset if base is None else base
        shift = 0 if offset is None else _undo_clock_wrap(offset - (base or 0))
        shifts.add(shift)
        cues = [_shift_cue(cue, shift) for cue in parse_segment(segment, warnings)]
        budget.charge(cues)
        segments.append(cues)
    restarts = _find_restarts(segments)
    if any(restarts):
        warnings["segment whose clock starts again placed behind the one before, at an estimated time"] += sum(restarts)
        _place_segments(segments, restarts, is_grid_allowed=len(shifts) == 1)
    joined: list[Cue] = []
    for cues in segments:
        _append_cues(joined, cues, warnings)
    return joined


def _find_restarts(segments: list[list[Cue]]) -> list[bool]:
    """Check for each segment whether it starts earlier than the one before, apart from cues that both contain."""
    restarts: list[bool] = []
    last: list[Cue] = []
    for cues in segments:
        fresh = next((cue for cue in cues if not any(_is_continuation(old, cue) for old in last)), None)
        restarts.append(bool(last) and fresh is not None and fresh.start_ms <= max(old.start_ms for old in last))
        last = cues[-_MAX_BORDER_CUES:] or last
    return restarts


def _place_segments(segments: list[list[Cue]], restarts: list[bool], *, is_grid_allowed: bool) -> None:
    """Shift the cues of each segment whose clock starts again, and of those that follow on the same clock.

    Short segments of a stream are all of one length, that of the longest; others start where the one before ends.
    """
    length = max(cue.end_ms for cues in segments for cue in cues)
    if is_grid_allowed and length <= _MAX_SEGMENT_MS:
        for at, cues in enumerate(segments):
            segments[at] = [_shift_cue(cue, at * length) for cue in cues]
        return
    shift = end_ms = 0
    for at, cues in enumerate(segments):
        if restarts[at]:
            first_ms = min(cue.start_ms for cue in cues)
            shift = end_ms - (first_ms if first_ms > _MAX_LEAD_MS else 0)
        segments[at] = [_shift_cue(cue, shift) for cue in cues]
        end_ms = max([end_ms, *[cue.end_ms for cue in segments[at]]])


def _iter_segments(text: str) -> Iterator[str]:
    start = 0
    for match in count_up_to(_MAX_SEGMENTS, "segments", _SEGMENT_START.finditer(text)):
        if "-->" in text[max(start, text.rfind("\n", 0, match.start())) : match.start()]:
            continue  # the name of the format may be the text of a cue
        yield text[start : match.start()]
        start = match.end()
    yield text[start:]


def _clock_offset_ms(segment: str) -> int | None:
    """Return how far the media clock is ahead of the clock of the cues, or None if the segment does not state it."""
    match = _TIMESTAMP_MAP.search(segment, 0, 2000)
    if match is None:
        return None
    pairs = {name.strip(): value for name, _, value in (part.partition(":") for part in match[1].split(","))}
    ticks, local = pairs.get("MPEGTS", "").strip(), parse_timestamp_ms(pairs.get("LOCAL", "0"))
    digits = ticks.removeprefix("-")
    if not digits.isascii() or not digits.isdecimal() or len(digits) > 12 or local is None:
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
