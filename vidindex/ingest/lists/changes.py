"""Decide which articles to read again, by the dates that feeds and sitemaps state and by when each was read last."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

from ...pages.dates import parse_day
from ...store.base import Queue

_FUTURE_DATES_NOTE = "future dates"
_MAX_FUTURE_DATES = 5000
_WEST = timezone(timedelta(hours=-12))
"""Where a day ends last."""

_DAY = timedelta(days=1)


def changed_between(text: str) -> tuple[float, float] | None:
    """Return when *text* says that something changed: the likely and the latest time, in seconds since 1970.

    They differ if *text* has no time zone, which is probably UTC, or no time.  Returns None if it is no date.
    """
    text = text.strip()[:80]
    moment = _parse_moment(text) if ":" in text else None
    try:
        if moment is not None and moment.tzinfo is not None:
            return moment.timestamp(), moment.timestamp()
        if moment is not None:
            return moment.replace(tzinfo=UTC).timestamp(), moment.replace(tzinfo=_WEST).timestamp()
        day = datetime.fromisoformat(parse_day(text))
        return day.replace(tzinfo=UTC).timestamp(), day.replace(tzinfo=_WEST).timestamp() + _DAY.total_seconds()
    except (ValueError, OverflowError):  # no date, only a month or a year, or one that no calendar has
        return None


def later_date(one: str, other: str) -> str:
    """Return the later of two dates as they are written; one that cannot be read is the earlier one."""
    spans = changed_between(one) or (0.0, 0.0), changed_between(other) or (0.0, 0.0)
    return other if spans[1] > spans[0] else one


def reread_changed(queue: Queue, stated: Mapping[str, str], *, before: float, now: float) -> int:
    """Reset the tasks of links that were read before *before*, or before they changed as *stated*; return how many.

    *stated* has the date that a list states for each link, which may be empty.  A date in the future, which a wrong
    clock may state, counts once.
    """
    noted = queue.read_note(_FUTURE_DATES_NOTE)
    limits: dict[str, float] = {}
    future: dict[str, str] = {}
    for url, text in stated.items():
        span = changed_between(text) if noted.get(url) != text else None
        limits[url] = _read_before(span, now)
        if span is not None and span[0] > now:
            limits[url], future[url] = now, text
    if future:
        queue.edit_note(_FUTURE_DATES_NOTE, lambda note: dict(list({**note, **future}.items())[-_MAX_FUTURE_DATES:]))
    return queue.reread(before, links=limits)


def _read_before(span: tuple[float, float] | None, now: float) -> float:
    """Return the time before which a link must have been read last to be read again; 0 for never.

    If the time of the change is not certain, it is read again after the likely one, and after the latest one.
    """
    return max((moment for moment in span or () if moment <= now), default=0.0)


def _parse_moment(text: str) -> datetime | None:
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            return parse(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None
