"""Read OPML: the subscriptions of a feed reader, or an outline of links."""

from __future__ import annotations

from collections.abc import Iterator

from ...pages.dates import parse_day
from .entry import ListEntry, NestedList, clean_title
from .links import resolve_web_link
from .source import ListSource
from .xml_stream import XmlTag, iter_tags

_FEED_FORMATS = frozenset({"feed", "json"})
_OUTLINE_FORMATS = frozenset({"opml"})


def read_opml(source: ListSource) -> Iterator[ListEntry | NestedList]:
    """Yield the outlines at all depths: feeds and included outlines as nested lists, all others as links."""
    for tag in iter_tags(source, frozenset({"outline"})):
        if tag.is_opening and (found := _parse_outline(tag, source.url)):
            yield found


def _parse_outline(tag: XmlTag, base: str) -> ListEntry | NestedList | None:
    stated = tag.attributes
    feed, page, link = (
        resolve_web_link(stated[key], base) if stated.get(key) else "" for key in ("xmlurl", "htmlurl", "url")
    )
    if feed:
        return NestedList(feed, _FEED_FORMATS)
    if link and stated.get("type", "").lower() == "include":
        return NestedList(link, _OUTLINE_FORMATS)
    if not (link or page):
        return None
    title = clean_title(stated.get("title") or stated.get("text") or "")
    return ListEntry(link or page, title=title, date=parse_day(stated.get("created", "")))
