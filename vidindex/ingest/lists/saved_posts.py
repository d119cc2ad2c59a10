"""Read the XML in which Delicious, Pinboard and wallabag export what their users saved."""

from __future__ import annotations

from collections.abc import Iterator

from .days import parse_listed_day
from .entry import ListEntry, clean_title
from .links import resolve_web_link
from .source import ListSource
from .xml_stream import iter_tags

_ITEM_FIELDS = frozenset({"url", "title", "created_at", "published_at"})


def read_posts(source: ListSource) -> Iterator[ListEntry]:
    """Yield the posts of Delicious or Pinboard, whose attribute `description` is the title."""
    for tag in iter_tags(source, frozenset({"post"})):
        if tag.is_opening and (link := resolve_web_link(tag.attributes.get("href", ""))):
            title = clean_title(tag.attributes.get("description", ""))
            yield ListEntry(link, title=title, date=parse_listed_day(tag.attributes.get("time", "")))


def read_items(source: ListSource) -> Iterator[ListEntry]:
    """Yield the entries of wallabag, each with the day of its publication, or else on which it was saved."""
    stated: dict[str, str] = {}
    for tag in iter_tags(source, frozenset({"item", "entry", *_ITEM_FIELDS})):
        if tag.name in _ITEM_FIELDS:
            if not tag.is_opening and tag.parent in ("item", "entry"):
                stated.setdefault(tag.name, tag.text)
            continue
        if not tag.is_opening and (link := resolve_web_link(stated.get("url", "")) if stated.get("url") else ""):
            days = (parse_listed_day(stated.get(name, "")) for name in ("published_at", "created_at"))
            yield ListEntry(link, title=clean_title(stated.get("title", "")), date=next(filter(None, days), ""))
        stated = {}
