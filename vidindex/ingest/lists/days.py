"""Read the day that a list states, also as a number in the units of browsers."""

from __future__ import annotations

import re

from ...pages.dates import day_of_timestamp, parse_day

_NUMBER = re.compile(r"(\d{9,17})(?:\.\d{1,9})?", re.ASCII)
_UNITS_BY_DIGITS = {9: 1, 10: 1, 12: 1000, 13: 1000, 15: 1_000_000, 16: 1_000_000}
_WINDOWS_EPOCH_S = 11_644_473_600
"""The seconds from 1601, where Chrome's microseconds start, to 1970."""


def parse_listed_day(text: str) -> str:
    """Return the day that *text* states, or "": a date, or seconds, milliseconds or microseconds since 1970 or 1601."""
    match = _NUMBER.fullmatch(text.strip()[:40])
    if match is None:
        return parse_day(text)
    number = int(match[1])
    if len(match[1]) == 17:
        return day_of_timestamp(number / 1_000_000 - _WINDOWS_EPOCH_S)
    unit = _UNITS_BY_DIGITS.get(len(match[1]))
    return day_of_timestamp(number / unit) if unit else ""
