"""Bookmarks, as every browser exports them."""

from __future__ import annotations

from collections.abc import Iterator

from .dates import iso_day
from .entry import Listed, plain
from .links import web_link
from .source import Source
from .xml_stream import tags


def read(source: Source) -> Iterator[Listed]:
    """Read the bookmarks of all folders, dated by when they were kept; those that lead to no page are left out."""
    for tag in tags(source, frozenset({"a"}), html=True):
        if not tag.opens and (link := web_link(tag.attributes.get("href", ""))):
            yield Listed(link, title=plain(tag.text), date=iso_day(tag.attributes.get("add_date", "")))
