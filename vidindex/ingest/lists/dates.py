"""Dates as feeds, sitemaps and tables write them, to ISO 8601; the day is the one that is written there."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime

_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MAX_DATE_CHARS = 80


def parse_day(text: str) -> str:
    """Give the day that *text* states as `2021-09-06`, or `2021-09` or `2021` where it says no more.

    Empty where it states none, or one that may be read in two ways (06/09/2021).
    """
    text = text[:_MAX_DATE_CHARS].strip()
    for pattern, read in _DATE_FORMATS:
        if match := pattern.search(text):
            return read(match)
    return ""


def is_before(day: str, since: str) -> bool:
    """Tell whether *day* is certainly before *since*; either may be a month or a year."""
    return bool(day and since) and day < since[: len(day)]


def _format_day(year: str, month: str, day: str) -> str:
    try:
        return date(_parse_year(year), int(month) if month.isdigit() else _parse_month(month), int(day)).isoformat()
    except ValueError:
        return ""


def _parse_year(text: str) -> int:
    """Read a year; two digits are meant as RFC 2822 means them."""
    year = int(text)
    return year if len(text) > 2 else year + (2000 if year < 50 else 1900)


def _parse_month(name: str) -> int:
    return _MONTH_NAMES.index(name[:3].lower()) + 1  # ValueError where it is none


def _parse_year_month(match: re.Match[str]) -> str:
    return match[0] if 1 <= int(match[2]) <= 12 else ""


def _parse_unix_time(match: re.Match[str]) -> str:
    """Read a Unix time, in seconds or milliseconds."""
    number = int(match[0])
    return datetime.fromtimestamp(number / 1000 if len(match[0]) > 10 else number, UTC).date().isoformat()


_DATE_FORMATS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"^\d{9,10}$|^\d{12,13}$", re.ASCII), _parse_unix_time),
    (
        re.compile(r"(?<!\d)(\d{4})[-/.年]\s?(\d{1,2})[-/.月]\s?(\d{1,2})(?!\d)", re.ASCII),
        lambda match: _format_day(match[1], match[2], match[3]),
    ),
    (re.compile(r"^(\d{4})(\d\d)(\d\d)(?!\d)", re.ASCII), lambda match: _format_day(match[1], match[2], match[3])),
    (
        re.compile(
            r"(?<!\d)(\d{1,2})(?:st|nd|rd|th)?[.\s-]{1,3}([A-Za-z]{3,9})[.,\s-]{1,3}(\d{4}|\d\d)(?!\d)", re.ASCII
        ),
        lambda match: _format_day(match[3], match[2], match[1]),
    ),
    (
        re.compile(
            r"([A-Za-z]{3,9})\.?\s{1,3}(\d{1,2})(?:st|nd|rd|th)?,?\s{1,3}(?:\d\d?:[\d:]{2,5}\s)?(\d{4})(?!\d)", re.ASCII
        ),
        lambda match: _format_day(match[3], match[1], match[2]),
    ),
    (re.compile(r"^(\d{4})-(\d\d)$", re.ASCII), _parse_year_month),
    (re.compile(r"^\d{4}$", re.ASCII), lambda match: match[0]),
)
