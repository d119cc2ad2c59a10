"""Read dates in the formats of pages, feeds, tables, yt-dlp and people, and return them as ISO 8601.

The day is the one that the text states; time zones are not converted.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime

_UNIX_EPOCH = "1970-01-01"
_MIN_YEAR = 1800  # `-0001-11-30` and `0001-01-01` stand for no date
_DAY_S = 86_400
_MAX_DATE_CHARS = 80
_MAX_SEARCHED_CHARS = 200

_MONTH_NUMBERS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11,
    "dec": 12, "mär": 3, "mai": 5, "okt": 10, "dez": 12, "ene": 1, "abr": 4, "ago": 8, "dic": 12, "fév": 2, "avr": 4,
    "juin": 6, "juil": 7, "aoû": 8, "déc": 12, "fev": 2, "set": 9, "out": 10, "gen": 1, "mag": 5, "giu": 6, "lug": 7,
    "ott": 10, "mrt": 3, "maa": 3, "mei": 5, "maj": 5, "sty": 1, "lut": 2, "kwi": 4, "cze": 6, "lip": 7, "sie": 8,
    "wrz": 9, "paź": 10, "lis": 11, "gru": 12, "янв": 1, "фев": 2, "мар": 3, "апр": 4, "мая": 5, "июн": 6, "июл": 7,
    "авг": 8, "сен": 9, "окт": 10, "ноя": 11, "дек": 12,
}  # fmt: skip
"""Month numbers in many languages, by the first three letters, or four if three are ambiguous."""

_ISO_DATE = re.compile(
    r"(?<![\d-])((?:19|20)\d\d)(?:[-/.]|年\s?)(0?[1-9]|1[0-2])(?:[-/.]|月\s?)(0?[1-9]|[12]\d|3[01])(?!\d)", re.ASCII
)
_NUMBERED_DATE = re.compile(r"(?<![\d./-])(\d{1,2})([./-])(\d{1,2})\2((?:19|20)\d\d)(?!\d)", re.ASCII)
_COMPACT_DATE = re.compile(r"^\s*((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?:\d{4,6})?\s*$", re.ASCII)
_DAY_MONTH_DATE = re.compile(
    r"(?i)\b(\d{1,2})(?:st|nd|rd|th|\.|º)?\s+(?:de\s+)?([^\W\d_]{3,10})\.?,?\s+(?:de\s+|del\s+)?((?:19|20)[0-9]{2})\b"
)
_MONTH_DAY_DATE = re.compile(r"(?i)\b([^\W\d_]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+((?:19|20)[0-9]{2})\b")
_DATE_IN_PATH = re.compile(
    r"/((?:19|20)\d\d)[/-]?(0?[1-9]|1[0-2]|[a-z]{3})[/-](0?[1-9]|[12]\d|3[01])(?=[/-])", re.ASCII
)


def parse_day(text: str) -> str:
    """Return the day that *text* states as `2021-09-06`, or as `2021-09` or `2021` if it is less precise.

    Returns "" if *text* states no date, or an ambiguous one (06/09/2021).
    """
    text = text[:_MAX_DATE_CHARS].strip()
    for pattern, read in _DAY_FORMATS:
        if match := pattern.search(text):
            return read(match)
    return ""


def find_date(text: str) -> str:
    """Return the first date in running *text* as `2021-09-06`, or "" if there is none.

    The first day of Unix time is no date: programs write it if they know none.
    """
    text = text[:_MAX_SEARCHED_CHARS]
    for match in (*_COMPACT_DATE.finditer(text), *_ISO_DATE.finditer(text)):
        if day := _format_day(match[1], match[2], match[3]):
            return day
    for pattern, day_group, month_group in ((_DAY_MONTH_DATE, 1, 2), (_MONTH_DAY_DATE, 2, 1)):
        for match in pattern.finditer(text):
            if _find_month(match[month_group]) and (day := _format_day(match[3], match[month_group], match[day_group])):
                return day
    return next(filter(None, map(_read_numbered_date, _NUMBERED_DATE.finditer(text))), "")


def _read_numbered_date(match: re.Match[str]) -> str:
    """Return the day of `25.02.2021` or `02/25/2021`; between slashes, the day must be above 12."""
    first, second = match[1], match[3]
    if match[2] == "." or int(first) > 12:
        return _format_day(match[4], second, first)
    return _format_day(match[4], first, second) if int(second) > 12 or first == second else ""


def find_date_in_path(path: str) -> str:
    """Return the date in the *path* of a URL, such as `/2009/sep/14/`, or "" if there is none."""
    match = _DATE_IN_PATH.search(path)
    if not match:
        return ""
    month = _MONTH_NUMBERS.get(match[2], 0) if match[2].isalpha() else int(match[2])
    return _format_day(match[1], str(month), match[3]) if month else ""


def day_of_timestamp(seconds: float) -> str:
    """Return the day (UTC) of a Unix time, or "" if it is out of range or the first day, which stands for none."""
    if abs(seconds) < _DAY_S:
        return ""
    try:
        return datetime.fromtimestamp(seconds, UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return ""


def is_before(day: str, since: str) -> bool:
    """Return whether *day* is certainly before *since*; either may be a month or a year."""
    return bool(day and since) and day < since[: len(day)]


def _find_month(name: str) -> int:
    """Return the number of a month, or 0 if *name* is not one."""
    name = name.lower()
    return _MONTH_NUMBERS.get(name[:4]) or _MONTH_NUMBERS.get(name[:3]) or 0


def _format_day(year: str, month: str, day: str) -> str:
    try:
        found = date(_parse_year(year), int(month) if month.isdigit() else _find_month(month), int(day))
    except ValueError:
        return ""
    return "" if found.year < _MIN_YEAR or found.isoformat() == _UNIX_EPOCH else found.isoformat()


def _parse_year(text: str) -> int:
    """Parse a year; two digits are read as RFC 2822 defines."""
    year = int(text)
    return year if len(text) > 2 else year + (2000 if year < 50 else 1900)


def _parse_year_month(match: re.Match[str]) -> str:
    return match[0] if 1 <= int(match[2]) <= 12 else ""


def _parse_unix_time(match: re.Match[str]) -> str:
    """Return the day of a Unix time in seconds or milliseconds."""
    number = int(match[0])
    return day_of_timestamp(number / 1000 if len(match[0]) > 10 else number)


_DAY_FORMATS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
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
