"""Parse the times at which pages were saved, to `YYYY-MM-DDTHH:MM:SSZ`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d{1,9})?)?\s?(Z|[+-]\d\d:?\d\d)?)?", re.IGNORECASE
)
_DIGITS = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)\d{0,3}")
_JAVASCRIPT = re.compile(
    r"[A-Z][a-z]{2},? ([A-Z][a-z]{2}) (\d\d?),? (\d{4}),? (\d\d):(\d\d):(\d\d)(?: (?:GMT|UTC)([+-]\d\d:?\d\d)?)?"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MAX_DATE_CHARS = 100


def parse_mail_date(text: str) -> str:
    """Parse the `Date` header of a message; return "" if it is not a date."""
    try:
        return _format_utc(parsedate_to_datetime(text[:_MAX_DATE_CHARS]))
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""


def parse_iso_time(text: str) -> str:
    """Parse an ISO 8601 time; one without an offset is taken as UTC.  Return "" if it is not one."""
    match = _ISO.match(text[:_MAX_DATE_CHARS].strip())
    if match is None:
        return ""
    numbers = [int(part or 0) for part in match.groups()[:6]]
    return _make_time(numbers, match[7] or "")


def parse_digits(text: str) -> str:
    """Parse the 14 or 17 digits of a time stamp in UTC; return "" if it is not one."""
    match = _DIGITS.fullmatch(text.strip())
    return _make_time([int(part) for part in match.groups()], "") if match else ""


def parse_javascript_date(text: str) -> str:
    """Parse what JavaScript's `Date.toString` returns; return "" if it is not that."""
    match = _JAVASCRIPT.match(text[:_MAX_DATE_CHARS].strip())
    if match is None or match[1] not in _MONTHS:
        return ""
    numbers = [int(match[3]), _MONTHS.index(match[1]) + 1, int(match[2]), *map(int, match.group(4, 5, 6))]
    return _make_time(numbers, match[7] or "")


def _make_time(numbers: list[int], offset: str) -> str:
    try:
        moment = datetime(*numbers, tzinfo=UTC)  # type: ignore[misc,arg-type] # six numbers
        if offset and offset.upper() != "Z":
            sign = -1 if offset.startswith("-") else 1
            digits = offset[1:].replace(":", "")
            moment -= sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        return _format_utc(moment)
    except (ValueError, OverflowError):
        return ""


def _format_utc(moment: datetime) -> str:
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment.year >= 1990 else ""
