"""The WebVTT standard's own steps from text to cue blocks, for the files that no library reads in full.

https://www.w3.org/TR/webvtt1/#file-parsing
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from .parse_result import ParseWarnings
from .timestamps import parse_full_timestamp_ms, parse_timestamp_ms

_SPACE_PATTERN = r"[ \t\f]*"
_TIME_PATTERN = r"((?:[0-9]+:)?[0-9]{2}:[0-9]{2}\.[0-9]{3})(?![0-9])"
_TIMING_LINE = re.compile(f"{_SPACE_PATTERN}{_TIME_PATTERN}{_SPACE_PATTERN}-->{_SPACE_PATTERN}{_TIME_PATTERN}")
_LENIENT_TIME_PATTERN = r"((?:[0-9]{1,6}:)?[0-5]?[0-9]:[0-5]?[0-9](?:[.,][0-9]{1,3})?)"
_LENIENT_TIMING_LINE = re.compile(
    f"{_SPACE_PATTERN}{_LENIENT_TIME_PATTERN}{_SPACE_PATTERN}-->{_SPACE_PATTERN}{_LENIENT_TIME_PATTERN}(?:[ \\t\\f]|$)"
)
_DAMAGED_TIMING_LINE = re.compile(r"[^\n]{0,3}[0-9]{1,6}:[0-9]{2}[^ \t]{0,12}[ \t][^\n]{0,40}[0-9]{1,2}:[0-9]{2}")
_DIGIT = re.compile(r"[0-9]")
_NON_CUE_LINE = re.compile(r"(?:NOTE|STYLE|REGION|WEBVTT|X-TIMESTAMP-MAP|Style:|Region:|##)")


class CueBlock(NamedTuple):
    """A cue block: its times and its text with markup."""

    start_ms: int
    end_ms: int
    raw: str


def has_webvtt_signature(text: str) -> bool:
    """Check that *text* starts as a WebVTT file must."""
    return text.startswith("WEBVTT") and text[6:7] in ("", " ", "\t", "\n")


def parse_strict_timestamp_ms(time: str | None) -> int | None:
    """Read a time as the standard demands it: two digits of minutes and seconds, three of milliseconds."""
    if time is None:
        return None
    ms = parse_full_timestamp_ms(time)
    if ms is not None:
        return ms
    hours, short, rest = time.rpartition(":")[0].rpartition(":")[0], len(time) == 9, time[-9:]
    if len(time) > 20 or not (short or time[-10:-9] == ":") or not (short or hours.isdecimal()):
        return None
    ms = parse_full_timestamp_ms("00:" + rest)
    return None if ms is None else ms + int(hours or "0") * 3_600_000


def parse_blocks(text: str, notes: ParseWarnings) -> list[CueBlock]:
    """Read the cue blocks of *text* as the standard does, and mend what is plainly meant.

    Text set apart from its cue by an empty line is given back to it.  Times in another hand (a comma, a
    single digit) are read where the times that the standard refuses are written all alike.
    """
    raw = list(_split_blocks(text.split("\n")))
    lenient = _has_consistent_format([timing for timing, _ in raw if timing and _parse_strict_timing(timing) is None])
    found: list[tuple[int, int, list[str]]] = []
    for timing, lines in raw:
        if not timing:
            _reattach_text(lines, found[-1][2] if found else None, notes)
            continue
        times = _parse_strict_timing(timing) or (_parse_lenient_timing(timing) if lenient else None)
        if times is None:
            notes["cue with unreadable times dropped"] += 1
            continue
        if _parse_strict_timing(timing) is None:
            notes["cue with times in another format read"] += 1
        found.append((*times, lines))
    return [CueBlock(start, end, "\n".join(lines)) for start, end, lines in found]


def _has_consistent_format(refused: list[str]) -> bool:
    """Tell times that are all written in the same other way from times that are damaged."""
    shapes = [_DIGIT.sub("0", match[1]) for timing in refused if (match := _LENIENT_TIMING_LINE.match(timing))]
    return 2 * len(shapes) >= len(refused) and len(set(shapes)) <= max(2, len(refused) // 3)


def _split_blocks(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Cut *lines* into blocks of a timing line, empty where the block has none, and its text."""
    at = _find_run_end(lines, 1)  # the header
    while at < len(lines):
        if not lines[at]:
            at += 1
            continue
        end = _find_run_end(lines, at)
        has_timing = end < len(lines) and bool(lines[end])
        if end - at > 1 or not has_timing:  # one line before the times is the cue's name
            yield "", lines[at:end]
        at = end
        if has_timing:
            at = _find_run_end(lines, end + 1)
            yield lines[end], lines[end + 1 : at]


def _find_run_end(lines: list[str], at: int) -> int:
    """Find the first line from *at* on that is empty or has an arrow."""
    while at < len(lines) and lines[at] and "-->" not in lines[at]:
        at += 1
    return at


def _reattach_text(lines: list[str], cue: list[str] | None, notes: ParseWarnings) -> None:
    """Give text that stands alone back to the *cue* before it; leave out comments and styles."""
    if _NON_CUE_LINE.match(lines[0]) or all(line.isdecimal() for line in lines):
        return
    if _DAMAGED_TIMING_LINE.match(lines[0]):
        notes["cue with unreadable times dropped"] += 1
    elif cue is None:
        notes["text before the first cue dropped"] += 1
    else:
        notes["text behind an empty line given back to its cue"] += 1
        cue += lines


def _parse_strict_timing(timing: str) -> tuple[int, int] | None:
    match = _TIMING_LINE.match(timing)
    start, end = (parse_strict_timestamp_ms(match[1]), parse_strict_timestamp_ms(match[2])) if match else (None, None)
    return None if start is None or end is None else (start, end)


def _parse_lenient_timing(timing: str) -> tuple[int, int] | None:
    match = _LENIENT_TIMING_LINE.match(timing)
    start, end = (parse_timestamp_ms(match[1]), parse_timestamp_ms(match[2])) if match else (None, None)
    return None if start is None or end is None else (start, end)
