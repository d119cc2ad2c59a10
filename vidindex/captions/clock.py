"""Times as captions write them, to milliseconds."""

from __future__ import annotations

import re

MAX_MS = 10_000 * 3_600_000
"""No video is longer: a later time is damage, and would not fit where times are kept."""

_CLOCK = re.compile(r"\s*(?:(?:(\d{1,6}):)?(\d{1,4}):)?(\d{1,6})(?:[.,:](\d{1,9}))?\s*")


def full_ms(time: str) -> int | None:
    """Read the one form nearly all files use, `hh:mm:ss.mmm`; None for any other."""
    if len(time) != 12 or time[2:9:3] != "::.":
        return None
    digits = time[:2] + time[3:5] + time[6:8] + time[9:]
    if not digits.isdecimal():
        return None
    number = int(digits)
    minutes, rest = number // 100_000 % 100, number % 100_000
    return None if minutes > 59 or rest > 59_999 else number // 10_000_000 * 3_600_000 + minutes * 60_000 + rest


def clock_ms(text: str) -> int | None:
    """Read `[[hours:]minutes:]seconds[.fraction]`; None where *text* is no time, or an absurd one."""
    ms = full_ms(text)
    if ms is not None:
        return ms
    match = _CLOCK.fullmatch(text)
    if match is None:
        return None
    hours, minutes, seconds, fraction = match.groups(default="0")
    whole = (int(hours) * 60 + int(minutes)) * 60 + int(seconds)
    ms = whole * 1000 + int(fraction[:3].ljust(3, "0"))
    return ms if ms <= MAX_MS else None


def seconds_ms(value: object) -> int | None:
    """Read a number of seconds; None where *value* is none, or an absurd one."""
    return scaled_ms(value, 1000)


def scaled_ms(value: object, scale: float) -> int | None:
    """Read a number of units of *scale* milliseconds; None where *value* is none, or an absurd one."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        ms = float(value) * scale
    except (ValueError, OverflowError):
        return None
    return round(ms) if -MAX_MS <= ms <= MAX_MS else None
