"""Times as people, URLs and caption files write them: parsed to milliseconds, and formatted.

The command line imports this module when it starts, so patterns are compiled at their first use.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

MAX_TIME_MS = 10_000 * 3_600_000
"""No video is this long.  A later time is damage, and would not fit where the store keeps times."""


@cache
def _timestamp_pattern() -> re.Pattern[str]:
    return re.compile(r"\s*(?:(?:(\d{1,6}):)?(\d{1,4}):)?(\d{1,6})(?:[.,:](\d{1,9}))?\s*")


@cache
def _colon_fraction_pattern() -> re.Pattern[str]:
    """Return a pattern for `00:03:000`: no second has three digits, so that these are milliseconds."""
    return re.compile(r"\s*()(\d{1,4}):(\d\d):(\d{3})\s*")


@cache
def _clock_pattern() -> re.Pattern[str]:
    return re.compile(r"(?:(?:(\d{1,4}):)?(\d{1,4}):)?(\d{1,7})(?:\.(\d{1,3}))?")


@cache
def _unit_pattern() -> re.Pattern[str]:
    return re.compile(r"(?:(\d{1,3})h)?(?:(\d{1,4})m)?(?:(\d{1,7})(?:\.(\d{1,3}))?s?)?")


@cache
def _milliseconds_pattern() -> re.Pattern[str]:
    return re.compile(r"(\d{1,10})ms")


def parse_timestamp_ms(text: str) -> int | None:
    """Parse a time of a caption file, `[[hours:]minutes:]seconds[.fraction]`.

    Return None if *text* is not a time, or is later than `MAX_TIME_MS`.
    """
    ms = parse_full_timestamp_ms(text)
    if ms is not None:
        return ms
    match = _colon_fraction_pattern().fullmatch(text) or _timestamp_pattern().fullmatch(text)
    if match is None:
        return None
    ms = _sum_ms(match)
    return ms if ms <= MAX_TIME_MS else None


def parse_full_timestamp_ms(time: str) -> int | None:
    """Parse `hh:mm:ss.mmm`, the form that nearly all WebVTT files use; return None for any other form."""
    if len(time) != 12:
        return None
    try:  # there are few different parts, and looking them up is faster than converting them
        return _minutes_ms[time[:6]] + _seconds_ms[time[6:]]
    except ValueError:
        return None


def parse_full_timestamps_ms(times: Sequence[str]) -> list[int] | None:
    """Parse each of *times* as `hh:mm:ss.mmm`; return None if one has another form."""
    try:
        return [_minutes_ms[time[:6]] + _seconds_ms[time[6:]] for time in times]
    except ValueError:
        return None


class _PartTable(dict[str, int]):
    """The milliseconds of each text that a pattern matches; those that occur are kept."""

    def __init__(self, pattern: str, *factors: int) -> None:
        super().__init__()
        self._pattern, self._factors = pattern, factors

    def __missing__(self, part: str) -> int:
        match = re.fullmatch(self._pattern, part)
        if match is None:
            raise ValueError(part)
        ms = sum([int(digits) * factor for digits, factor in zip(match.groups(), self._factors, strict=True)])
        if part.isascii():
            self[part] = ms
        return ms


_minutes_ms = _PartTable(r"(\d\d):([0-5]\d):", 3_600_000, 60_000)
_seconds_ms = _PartTable(r"([0-5]\d)\.(\d\d\d)", 1000, 1)


def parse_clock_ms(text: str) -> int | None:
    """Parse a time as people type it: `750`, `12:30`, `1:02:03`, `12:30.5`; return None if it has another form."""
    match = _clock_pattern().fullmatch(text)
    return _sum_ms(match) if match else None


def parse_time_offset(text: str) -> int:
    """Parse the time in a URL, in milliseconds: `83`, `83.5`, `1m23s`, `1:23`, `83500ms`; return 0 for any other."""
    if match := _milliseconds_pattern().fullmatch(text):
        return int(match[1])
    match = _clock_pattern().fullmatch(text) or _unit_pattern().fullmatch(text)
    return _sum_ms(match) if match else 0


def _sum_ms(match: re.Match[str]) -> int:
    """Add up the groups of *match*: hours, minutes, seconds, and the decimals of a second."""
    hours, minutes, seconds, fraction = match.groups(default="0")
    return ((int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(fraction[:3].ljust(3, "0"))


def scale_to_ms(value: object, scale: float) -> int | None:
    """Convert a number of units of *scale* milliseconds each.

    Return None if *value* is not a number, or is later than `MAX_TIME_MS`.
    """
    if value.__class__ is int and scale == 1 and -MAX_TIME_MS <= value <= MAX_TIME_MS:
        return value  # the most frequent case
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        ms = float(value) * scale
    except (ValueError, OverflowError):
        return None
    return round(ms) if -MAX_TIME_MS <= ms <= MAX_TIME_MS else None


def format_clock(time_ms: int) -> str:
    """Format a time as people write it: `12:34`, `1:02:03`."""
    hours, minutes, seconds = _split_seconds(time_ms)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def format_timestamp(time_ms: int, decimal_mark: str = ".") -> str:
    """Format a time as caption files do, with *decimal_mark* before the milliseconds: `00:12:34.567`."""
    hours, minutes, seconds = _split_seconds(time_ms)
    return f"{hours:02}:{minutes:02}:{seconds:02}{decimal_mark}{max(time_ms, 0) % 1000:03}"


def format_seconds(time_ms: int) -> str:
    """Format a time as a number of seconds, as URLs state it: `83`, `83.25`."""
    return f"{time_ms / 1000:.3f}".rstrip("0").rstrip(".")


def format_units(time_ms: int) -> str:
    """Format a time with its units, as the URLs of some sites state it: `0h1m23s`."""
    hours, minutes, seconds = _split_seconds(time_ms)
    return f"{hours}h{minutes}m{seconds}s"


def _split_seconds(time_ms: int) -> tuple[int, int, int]:
    seconds = max(time_ms, 0) // 1000
    return seconds // 3600, seconds // 60 % 60, seconds % 60
