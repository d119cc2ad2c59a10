"""Read bookmark files, as browsers export them."""

from __future__ import annotations

from collections.abc import Iterator

from ...pages.dates import parse_day
from .entry import ListEntry, clean_title
from .links import resolve_web_link
from .source import ListSource
from .xml_stream import iter_tags


def read_bookmarks(source: ListSource) -> Iterator[ListEntry]:
    """Yield the bookmarks of all folders, dated by the day on which they were added; only http(s) URLs are links."""
    for tag in iter_tags(source, frozenset({"a"}), html=True):
        stated = tag.attributes
        if stated and (link := resolve_web_link(stated.get("href", ""))):
            yield ListEntry(link, title=clean_title(tag.text), date=parse_day(stated.get("add_date", "")))
