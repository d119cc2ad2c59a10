"""Times as captions write them, to milliseconds."""

from __future__ import annotations

import re
from functools import lru_cache

MAX_TIME_MS = 10_000 * 3_600_000
"""No video is longer: a later time is damage, and would not fit where times are kept."""

_TIMESTAMP = re.compile(r"\s*(?:(?:(\d{1,6}):)?(\d{1,4}):)?(\d{1,6})(?:[.,:](\d{1,9}))?\s*")


def parse_full_timestamp_ms(time: str) -> int | None:
    """Read the one form nearly all files use, `hh:mm:ss.mmm`; None for any other."""
    if len(time) != 12 or time[2:9:3] != "::." or not time[-1].isdecimal():
        return None
    try:  # the same minute comes hundreds of times, and one number costs less than three
        base, rest = _parse_minutes_ms(time[:5]), int(time[6:8] + time[9:])
    except ValueError:
        return None
    return base + rest if 0 <= rest <= 59_999 else None


@lru_cache(maxsize=64)
def _parse_minutes_ms(time: str) -> int:
    hours, _, minutes = time.partition(":")
    if not (hours.isdecimal() and minutes.isdecimal() and int(minutes) < 60):
        raise ValueError(time)
    return int(hours) * 3_600_000 + int(minutes) * 60_000


def parse_timestamp_ms(text: str) -> int | None:
    """Read `[[hours:]minutes:]seconds[.fraction]`; None where *text* is no time, or an absurd one."""
    ms = parse_full_timestamp_ms(text)
    if ms is not None:
        return ms
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        return None
    hours, minutes, seconds, fraction = match.groups(default="0")
    whole = (int(hours) * 60 + int(minutes)) * 60 + int(seconds)
    ms = whole * 1000 + int(fraction[:3].ljust(3, "0"))
    return ms if ms <= MAX_TIME_MS else None


def seconds_to_ms(value: object) -> int | None:
    """Read a number of seconds; None where *value* is none, or an absurd one."""
    return scale_to_ms(value, 1000)


def scale_to_ms(value: object, scale: float) -> int | None:
    """Read a number of units of *scale* milliseconds; None where *value* is none, or an absurd one."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        ms = float(value) * scale
    except (ValueError, OverflowError):
        return None
    return round(ms) if -MAX_TIME_MS <= ms <= MAX_TIME_MS else None
