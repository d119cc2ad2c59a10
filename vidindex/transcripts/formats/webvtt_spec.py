"""The parsing algorithm of the WebVTT standard, for files that no library reads in full.

https://www.w3.org/TR/webvtt1/#file-parsing
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ..timecode import parse_full_timestamp_ms, parse_timestamp_ms
from .parse_result import ParseWarnings

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
    """The times of a cue block, and its text with markup."""

    start_ms: int
    end_ms: int
    raw: str


def has_webvtt_signature(text: str) -> bool:
    """Check whether *text* starts with the signature of WebVTT."""
    return text.startswith("WEBVTT") and text[6:7] in ("", " ", "\t", "\n")


def parse_strict_timestamp_ms(time: str | None) -> int | None:
    """Parse a time as the standard requires it: two digits of minutes and seconds, three of milliseconds."""
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


def parse_blocks(text: str, warnings: ParseWarnings) -> list[CueBlock]:
    """Parse the cue blocks of *text* as the standard does, and repair two common defects.

    Text that an empty line separates from its cue is added to that cue.  Times that the standard rejects (with a comma,
    or with a single digit) are accepted if they all have the same form.
    """
    raw = list(_split_blocks(text.split("\n")))
    lenient = _has_consistent_format([timing for timing, _ in raw if timing and _parse_strict_timing(timing) is None])
    blocks: list[tuple[int, int, list[str]]] = []
    for timing, lines in raw:
        if not timing:
            _reattach_text(lines, blocks[-1][2] if blocks else None, warnings)
            continue
        times = _parse_strict_timing(timing) or (_parse_lenient_timing(timing) if lenient else None)
        if times is None:
            warnings["cue with unreadable times dropped"] += 1
            continue
        if _parse_strict_timing(timing) is None:
            warnings["cue with times in another format read"] += 1
        blocks.append((*times, lines))
    return [CueBlock(start, end, "\n".join(lines)) for start, end, lines in blocks]


def _has_consistent_format(rejected: list[str]) -> bool:
    """Check whether the *rejected* timing lines have a form of their own, rather than being damaged."""
    shapes = [_DIGIT.sub("0", match[1]) for timing in rejected if (match := _LENIENT_TIMING_LINE.match(timing))]
    return 2 * len(shapes) >= len(rejected) and len(set(shapes)) <= max(2, len(rejected) // 3)


def _split_blocks(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield the timing line of each block, empty if the block has none, and the lines of its text."""
    at = _find_run_end(lines, 1)  # the header
    while at < len(lines):
        if not lines[at]:
            at += 1
            continue
        end = _find_run_end(lines, at)
        has_timing = end < len(lines) and bool(lines[end])
        if end - at > 1 or not has_timing:  # one line before the times is the identifier of the cue
            yield "", lines[at:end]
        at = end
        if has_timing:
            at = _find_run_end(lines, end + 1)
            yield lines[end], lines[end + 1 : at]


def _find_run_end(lines: list[str], at: int) -> int:
    """Return the index of the first line from *at* on that is empty or contains an arrow."""
    while at < len(lines) and lines[at] and "-->" not in lines[at]:
        at += 1
    return at


def _reattach_text(lines: list[str], cue: list[str] | None, warnings: ParseWarnings) -> None:
    """Add a block without times to the text of the *cue* before it, unless it is a comment or a style."""
    if _NON_CUE_LINE.match(lines[0]) or all(line.isdecimal() for line in lines):
        return
    if _DAMAGED_TIMING_LINE.match(lines[0]):
        warnings["cue with unreadable times dropped"] += 1
    elif cue is None:
        warnings["text before the first cue dropped"] += 1
    else:
        warnings["text after an empty line added to its cue"] += 1
        cue += lines


def _parse_strict_timing(timing: str) -> tuple[int, int] | None:
    match = _TIMING_LINE.match(timing)
    start, end = (parse_strict_timestamp_ms(match[1]), parse_strict_timestamp_ms(match[2])) if match else (None, None)
    return None if start is None or end is None else (start, end)


def _parse_lenient_timing(timing: str) -> tuple[int, int] | None:
    match = _LENIENT_TIMING_LINE.match(timing)
    start, end = (parse_timestamp_ms(match[1]), parse_timestamp_ms(match[2])) if match else (None, None)
    return None if start is None or end is None else (start, end)
