"""Read JSON: an array or lines of links or objects, and JSON Feed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...errors import ListError
from ...net.bounded_json import load_bounded_json
from .changes import later_date
from .days import parse_listed_day
from .entry import ListEntry, clean_title
from .links import parse_given_link, resolve_web_link
from .source import ListSource

MAX_JSON_CHARS = 10_000_000
"""Maximum size of a JSON document: in memory it may take twenty times as much."""

LINK_KEYS = (
    "url", "link", "href", "webpage_url", "uri", "resolved_url", "given_url", "canonical_url", "canonicalUrl",
    "originalUrl", "original_url", "originalArticleUrl", "permalink", "pageUrl", "page_url", "URL", "Url", "URI",
    "Link", "canonical", "alternate",
)  # fmt: skip
_TITLE_KEYS = (
    "title", "headline", "resolved_title", "given_title", "name", "Title", "Name", "pageTitle", "page_title",
)  # fmt: skip
_DATE_KEYS = (
    "date_published", "published", "date", "pubDate", "published_at", "publishedAt", "datePublished",
    "publication_date", "publishedDate",
    "created", "created_at", "createdAt", "savedAt", "saved_at", "time_added", "timeAdded", "time",
    "added_at", "addedAt", "added", "dateAdded", "date_added", "timestamp", "starred_at", "Date", "Created",
    "date_modified", "updated", "updated_at", "updatedAt", "modified",
)  # fmt: skip
_CONTAINER_KEYS = (
    "children", "roots", "list", "bookmarks", "links", "articles", "entries", "posts", "data", "results", "records",
    "collections", "content", "bookmark_bar", "other", "synced", "mobile", "node", "edges", "search", "folders",
    "saved",
)  # fmt: skip
"""The keys under which programs nest their links."""

_MAX_NODES = 2_000_000


def read_json_list(source: ListSource) -> Iterator[ListEntry]:
    """Yield the entries of an array of links, of an array of objects with `url` or `link`, or of a JSON Feed."""
    value = _parse_json(source, source.read_text(MAX_JSON_CHARS))
    if isinstance(value, dict) and isinstance(value.get("items"), list):
        yield from _read_json_feed(source, value)
        return
    yield from _walk_entries(source, value)


def _walk_entries(source: ListSource, value: Any) -> Iterator[ListEntry]:
    """Yield the entries in *value*, in order: those of folders and of other containers, too."""
    stack = [value]
    for _ in range(_MAX_NODES):
        if not stack:
            return
        item = stack.pop()
        if isinstance(item, list):
            stack.extend(reversed(item))
        elif isinstance(item, dict) and not _link_of(item) and (inner := _list_contents(item)):
            stack.extend(reversed(inner))
        elif not (isinstance(item, dict) and _is_folder(item)):
            yield _parse_entry(source, item)


def _list_contents(container: dict[str, Any]) -> list[Any]:
    """Return the values in which *container* nests entries: those of known keys, else its first list."""
    named = [container[key] for key in container if key in _CONTAINER_KEYS and isinstance(container[key], list | dict)]
    if named:
        return [
            [value for value in part.values() if isinstance(value, list | dict)]
            if isinstance(part, dict) and _is_keyed(part)
            else part
            for part in named
        ]
    return list(filter(None, [next((part for part in container.values() if isinstance(part, list) and part), None)]))


def _is_keyed(part: dict[str, Any]) -> bool:
    """Return whether *part* contains entries by their ids, as Pocket exports them, or folders by their names."""
    return bool(part) and not _link_of(part) and all(isinstance(value, dict) for value in list(part.values())[:3])


def _is_folder(item: dict[str, Any]) -> bool:
    """Return whether *item* is a folder or a separator of a browser, or its tag: it has no link and needs none."""
    if _link_of(item):
        return str(_link_of(item)).startswith(("place:", "javascript:", "about:", "chrome:", "edge:", "data:", "file:"))
    return "children" in item or item.get("type") in (
        "folder",
        "text/x-moz-place-container",
        "text/x-moz-place-separator",
    )


def _link_of(stated: dict[str, Any]) -> str:
    content = stated.get("content")  # Karakeep puts the link there
    return _first_text(stated, LINK_KEYS) or (_first_text(content, LINK_KEYS[:3]) if isinstance(content, dict) else "")


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
    link = _link_of(stated)
    if not link:
        return ListEntry(_describe_entry(entry), line, problem="it has no link: write it as `url` or `link`")
    # Pinboard and Delicious call the title a description.
    title_keys = (*_TITLE_KEYS, "description") if "href" in stated else _TITLE_KEYS
    title, date = clean_title(_first_text(stated, title_keys)), _find_day(stated)
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
            for key in (
                "url",
                "external_url",
                "canonical",
                "alternate",
                "canonicalUrl",
                "originId",
                "link",
                "href",
                "id",
            )
            if stated.get(key)
        )
        media = _episode_file(stated, base)
        link = media or next(filter(None, named), "")
        title, date = clean_title(_first_text(stated, _TITLE_KEYS)), _find_day(stated)
        problem = "" if link else "the entry has no link"
        changed = later_date(*(_first_text(stated, (key,)) for key in ("date_published", "date_modified")))
        feed_url = source.address if media else ""
        yield ListEntry(
            link or title, title=title, date=date, problem=problem, changed="" if media else changed[:80], feed=feed_url
        )


def read_json_episodes(source: ListSource) -> Iterator[tuple[str, str, str, int, str]]:
    """Yield the file, the title, the day, the milliseconds and the channel of each episode in a JSON Feed."""
    feed = _parse_json(source, source.read_text(MAX_JSON_CHARS))
    items = feed.get("items") if isinstance(feed, dict) else None
    base = source.url or (_first_text(feed, ("home_page_url", "feed_url")) if isinstance(feed, dict) else "")
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict) and (url := _episode_file(item, base)):
            lengths = (each.get("duration_in_seconds") for each in item["attachments"] if isinstance(each, dict))
            seconds = next((each for each in lengths if isinstance(each, int | float) and 0 < each < 1e7), 0)
            title, channel = _first_text(item, _TITLE_KEYS), _first_text(feed, ("title",))
            yield url, clean_title(title), _find_day(item), round(1000 * seconds), clean_title(channel)


def _episode_file(item: dict[str, Any], base: str) -> str:
    """Return the file of an episode of a podcast: its first attachment that is audio or video."""
    attachments = item.get("attachments")
    for each in attachments[:20] if isinstance(attachments, list) else ():
        if isinstance(each, dict) and _first_text(each, ("mime_type",)).startswith(("audio/", "video/")):
            return resolve_web_link(_first_text(each, ("url",)), base)
    return ""


def _find_day(stated: dict[str, Any]) -> str:
    """Return the first day that *stated* has: of the publication, else of the moment when it was saved."""
    texts = (_first_text(stated, (key,)) for key in _DATE_KEYS if stated.get(key))
    return next(filter(None, map(parse_listed_day, texts)), "")


def _first_text(stated: dict[str, Any], keys: tuple[str, ...]) -> str:
    """Return the first value of *keys* that is text or a number and not empty; of a list or an object, its link."""
    return next(filter(None, (_text_of(stated.get(key)) for key in keys)), "")


def _text_of(value: Any) -> str:
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, dict):
        value = next((value[key] for key in ("href", "url", "content", "text") if isinstance(value.get(key), str)), "")
    return str(value)[:10_000] if isinstance(value, str | int | float) and value else ""
