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
        if not tag.is_opening and (link := resolve_web_link(tag.attributes.get("href", ""))):
            yield ListEntry(link, title=clean_title(tag.text), date=parse_day(tag.attributes.get("add_date", "")))
