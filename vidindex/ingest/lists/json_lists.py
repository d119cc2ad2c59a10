"""Read JSON: an array or lines of links or objects, and JSON Feed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...errors import ListError
from ...net.bounded_json import load_bounded_json
from ...pages.dates import parse_day
from .changes import later_date
from .entry import ListEntry, clean_title
from .links import parse_given_link, resolve_web_link
from .source import ListSource

MAX_JSON_CHARS = 10_000_000
"""Maximum size of a JSON document: in memory it may take twenty times as much."""

LINK_KEYS = ("url", "link", "href", "webpage_url", "uri")
_TITLE_KEYS = ("title", "headline", "name")
_DATE_KEYS = ("date_published", "published", "date", "pubDate", "published_at", "date_modified", "updated")


def read_json_list(source: ListSource) -> Iterator[ListEntry]:
    """Yield the entries of an array of links, of an array of objects with `url` or `link`, or of a JSON Feed."""
    value = _parse_json(source, source.read_text(MAX_JSON_CHARS))
    if isinstance(value, dict) and isinstance(value.get("items"), list):
        yield from _read_json_feed(source, value)
        return
    if isinstance(value, dict):
        value = next((entries for entries in value.values() if isinstance(entries, list)), [value])
    for entry in value if isinstance(value, list) else [value]:
        yield _parse_entry(source, entry)


def read_json_lines(source: ListSource) -> Iterator[ListEntry]:
    """Yield the entries of a file with one object, or one link in quotes, per line."""
    for number, line in enumerate(source.read_lines(), 1):
        if line.strip():
            try:
                yield _parse_entry(source, _parse_json(source, line), line=number)
            except ListError as exc:
                yield ListEntry(line.strip()[:200], number, problem=exc.reason)


def _parse_json(source: ListSource, text: str) -> Any:
    try:
        return load_bounded_json(text)
    except ValueError as exc:
        raise ListError(source.name, f"it is not valid JSON ({str(exc)[:100]}): check it") from exc


def _parse_entry(source: ListSource, entry: Any, *, line: int = 0) -> ListEntry:
    """Parse one entry; an empty value of one key does not hide the value of a later key."""
    if isinstance(entry, str):
        return parse_given_link(entry, source, line=line)
    stated = entry if isinstance(entry, dict) else {}
    link = _first_text(stated, LINK_KEYS)
    if not link:
        return ListEntry(_describe_entry(entry), line, problem="it has no link: write it as `url` or `link`")
    title, date = clean_title(_first_text(stated, _TITLE_KEYS)), parse_day(_first_text(stated, _DATE_KEYS))
    return parse_given_link(link, source, line=line, title=title, date=date)


def _describe_entry(entry: Any) -> str:
    """Return a short text that identifies *entry*, which may be nested too deeply to print."""
    return " ".join(entry)[:100] if isinstance(entry, dict) else "[…]" if isinstance(entry, list) else str(entry)[:100]


def _read_json_feed(source: ListSource, feed: dict[str, Any]) -> Iterator[ListEntry]:
    base = source.url or _first_text(feed, ("home_page_url", "feed_url"))
    for item in feed["items"]:
        stated = item if isinstance(item, dict) else {}
        named = (
            resolve_web_link(_first_text(stated, (key,)), base)
            for key in ("url", "external_url", "id")
            if stated.get(key)
        )
        link = next(filter(None, named), "")
        title, date = clean_title(_first_text(stated, _TITLE_KEYS)), parse_day(_first_text(stated, _DATE_KEYS))
        problem = "" if link else "the entry has no link"
        changed = later_date(*(_first_text(stated, (key,)) for key in ("date_published", "date_modified")))
        yield ListEntry(link or title, title=title, date=date, problem=problem, changed=changed[:80])


def _first_text(stated: dict[str, Any], keys: tuple[str, ...]) -> str:
    """Return the first value of *keys* that is text or a number and not empty."""
    values = (stated.get(key) for key in keys)
    return next((str(value)[:10_000] for value in values if isinstance(value, str | int) and value), "")
