"""The parsing algorithm of the WebVTT standard, for files that no library reads in full.

https://www.w3.org/TR/webvtt1/#file-parsing
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import NamedTuple

from ..limits import MAX_CUES, check_cue_size, count_up_to
from ..timecode import parse_full_timestamp_ms, parse_timestamp_ms
from .parse_result import ParseWarnings
from .text_chunks import iter_split

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


@dataclass(slots=True)
class _OpenBlock:
    """A cue block that text after an empty line may still be added to."""

    start_ms: int
    end_ms: int
    lines: list[str]
    chars: int = 0

    def add(self, lines: list[str]) -> None:
        """Add *lines* to the text.  Raises `CaptionError` if it gets too long."""
        self.lines += lines
        self.chars += sum(map(len, lines))
        check_cue_size(self.chars)

    def close(self) -> CueBlock:
        """Return the finished block."""
        return CueBlock(self.start_ms, self.end_ms, "\n".join(self.lines))


def iter_blocks(text: str, warnings: ParseWarnings) -> Iterator[CueBlock]:
    """Parse the cue blocks of *text* as the standard does, and repair two common defects.

    Text that an empty line separates from its cue is added to that cue.  Times that the standard rejects (with a comma,
    or with a single digit) are accepted if they all have the same form.
    """
    lenient = _has_consistent_format(text)
    last: _OpenBlock | None = None
    for timing, lines in count_up_to(2 * MAX_CUES, "blocks", _split_blocks(text)):
        if not timing:
            _reattach_text(lines, last, warnings)
        elif times := _parse_timing(timing, warnings, lenient=lenient):
            if last:
                yield last.close()
            last = _OpenBlock(*times, [])
            last.add(lines)
    if last:
        yield last.close()


def _has_consistent_format(text: str) -> bool:
    """Check whether the times that the standard rejects have a form of their own, rather than being damaged."""
    rejected = accepted = 0
    shapes: set[str] = set()
    for timing in islice(iter_split(text, "\n"), 1, None):
        if "-->" in timing and _parse_strict_timing(timing) is None:
            rejected += 1
            if match := _LENIENT_TIMING_LINE.match(timing):
                accepted += 1
                shapes.add(_DIGIT.sub("0", match[1]))
    return 2 * accepted >= rejected and len(shapes) <= max(2, rejected // 3)


def _split_blocks(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the timing line of each block, empty if the block has none, and the lines of its text."""
    timing, block, chars, in_header = "", list[str](), 0, True
    for line in chain(islice(iter_split(text, "\n"), 1, None), ("",)):
        if line and "-->" not in line:
            if not in_header:
                block.append(line)
                chars += len(line)
                check_cue_size(chars)
            continue
        # An empty line or an arrow ends the block.  One line before the times is the identifier of the cue.
        if timing or len(block) > 1 or (block and not line):
            yield timing, block
        timing, block, chars, in_header = line, [], 0, False


def _reattach_text(lines: list[str], cue: _OpenBlock | None, warnings: ParseWarnings) -> None:
    """Add a block without times to the text of the *cue* before it, unless it is a comment or a style."""
    if _NON_CUE_LINE.match(lines[0]) or all(line.isdecimal() for line in lines):
        return
    if _DAMAGED_TIMING_LINE.match(lines[0]):
        warnings["cue with unreadable times dropped"] += 1
    elif cue is None:
        warnings["text before the first cue dropped"] += 1
    else:
        warnings["text after an empty line added to its cue"] += 1
        cue.add(lines)


def _parse_timing(timing: str, warnings: ParseWarnings, *, lenient: bool) -> tuple[int, int] | None:
    if times := _parse_strict_timing(timing):
        return times
    times = _parse_lenient_timing(timing) if lenient else None
    warnings["cue with times in another format read" if times else "cue with unreadable times dropped"] += 1
    return times


def _parse_strict_timing(timing: str) -> tuple[int, int] | None:
    match = _TIMING_LINE.match(timing)
    start, end = (parse_strict_timestamp_ms(match[1]), parse_strict_timestamp_ms(match[2])) if match else (None, None)
    return None if start is None or end is None else (start, end)


def _parse_lenient_timing(timing: str) -> tuple[int, int] | None:
    match = _LENIENT_TIMING_LINE.match(timing)
    start, end = (parse_timestamp_ms(match[1]), parse_timestamp_ms(match[2])) if match else (None, None)
    return None if start is None or end is None else (start, end)
