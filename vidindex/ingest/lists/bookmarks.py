"""Read bookmark files, as browsers export them, and the pages of links that readers for later export."""

from __future__ import annotations

from collections.abc import Iterator

from .days import parse_listed_day
from .entry import ListEntry, clean_title
from .links import resolve_web_link
from .source import ListSource
from .xml_stream import iter_tags

_DATE_ATTRIBUTES = ("add_date", "time_added", "date_added", "data-date-added", "last_visit")


def read_bookmarks(source: ListSource) -> Iterator[ListEntry]:
    """Yield the bookmarks of all folders, dated by the day on which they were added; only http(s) URLs are links."""
    for tag in iter_tags(source, frozenset({"a"}), html=True):
        stated = tag.attributes
        if stated and (link := resolve_web_link(stated.get("href", ""))):
            date = next((stated[name] for name in _DATE_ATTRIBUTES if stated.get(name)), "")
            yield ListEntry(link, title=clean_title(tag.text), date=parse_listed_day(date))
