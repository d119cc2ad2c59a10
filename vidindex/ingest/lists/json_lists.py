"""JSON: an array or lines of links or objects, and JSON Feed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ...errors import ListError
from .dates import iso_day
from .entry import Listed, plain
from .links import given_link, web_link
from .source import Source

MOST_TEXT = 10_000_000
"""What is read of JSON in one piece: in memory it may be twenty times as large."""

LINKS = ("url", "link", "href", "webpage_url", "uri")
_TITLES = ("title", "headline", "name")
_DATES = ("date_published", "published", "date", "pubDate", "published_at", "date_modified", "updated")


def read(source: Source) -> Iterator[Listed]:
    """Read an array of links or of objects with `url` or `link`, or a JSON Feed."""
    value = _loads(source, source.text(MOST_TEXT))
    if isinstance(value, dict) and isinstance(value.get("items"), list):
        yield from _feed(source, value)
        return
    if isinstance(value, dict):
        value = next((entries for entries in value.values() if isinstance(entries, list)), [value])
    for entry in value if isinstance(value, list) else [value]:
        yield _entry(source, entry)


def read_lines(source: Source) -> Iterator[Listed]:
    """Read one object, or one link in quotes, a line."""
    for number, line in enumerate(source.lines(), 1):
        if line.strip():
            try:
                yield _entry(source, _loads(source, line), line=number)
            except ListError as exc:
                yield Listed(line.strip()[:200], number, problem=exc.reason)


def _loads(source: Source, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise ListError(source.name, f"it is no JSON ({str(exc)[:100]}): check it") from exc


def _entry(source: Source, entry: Any, *, line: int = 0) -> Listed:
    """Understand one entry; an empty name among the keys never hides a later one."""
    if isinstance(entry, str):
        return given_link(entry, source, line=line)
    stated = entry if isinstance(entry, dict) else {}
    link = _text(stated, LINKS)
    if not link:
        return Listed(_shown(entry), line, problem="it has no link: write it as `url` or `link`")
    title, date = plain(_text(stated, _TITLES)), iso_day(_text(stated, _DATES))
    return given_link(link, source, line=line, title=title, date=date)


def _shown(entry: Any) -> str:
    """Give enough of *entry* to find it; it may be nested deeper than could be written."""
    return " ".join(entry)[:100] if isinstance(entry, dict) else "[…]" if isinstance(entry, list) else str(entry)[:100]


def _feed(source: Source, feed: dict[str, Any]) -> Iterator[Listed]:
    base = source.url or _text(feed, ("home_page_url", "feed_url"))
    for item in feed["items"]:
        stated = item if isinstance(item, dict) else {}
        named = (web_link(_text(stated, (key,)), base) for key in ("url", "external_url", "id") if stated.get(key))
        link = next(filter(None, named), "")
        title, date = plain(_text(stated, _TITLES)), iso_day(_text(stated, _DATES))
        problem = "" if link else "the entry has no link"
        yield Listed(link or title, title=title, date=date, problem=problem)


def _text(stated: dict[str, Any], keys: tuple[str, ...]) -> str:
    """Give the first of the values of *keys* that is text or a number and not empty."""
    values = (stated.get(key) for key in keys)
    return next((str(value)[:10_000] for value in values if isinstance(value, str | int) and value), "")
