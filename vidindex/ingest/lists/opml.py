"""OPML: the subscriptions of a feed reader, or an outline of links."""

from __future__ import annotations

from collections.abc import Iterator

from .dates import iso_day
from .entry import Listed, Nested, plain
from .links import web_link
from .source import Source
from .xml_stream import Tag, tags

_FEED = frozenset({"feed", "json"})
_OUTLINE = frozenset({"opml"})


def read(source: Source) -> Iterator[Listed | Nested]:
    """Read the outlines, however deep: feeds and outlines elsewhere are lists of their own, all else is links."""
    for tag in tags(source, frozenset({"outline"})):
        if tag.opens and (found := _outline(tag, source.url)):
            yield found


def _outline(tag: Tag, base: str) -> Listed | Nested | None:
    stated = tag.attributes
    feed, page, link = (web_link(stated[key], base) if stated.get(key) else "" for key in ("xmlurl", "htmlurl", "url"))
    if feed:
        return Nested(feed, _FEED)
    if link and stated.get("type", "").lower() == "include":
        return Nested(link, _OUTLINE)
    if not (link or page):
        return None
    title = plain(stated.get("title") or stated.get("text") or "")
    return Listed(link or page, title=title, date=iso_day(stated.get("created", "")))
