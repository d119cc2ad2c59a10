"""Read links that systems save as files: `.webloc` and other property lists, `.url`, `.desktop`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .days import parse_listed_day
from .entry import ListEntry, clean_title
from .links import resolve_web_link
from .source import ListSource
from .xml_stream import iter_tags

_MAX_SHORTCUT_LINES = 1000
_BINARY_URL = re.compile(r"https?://[\x21-\x7e]{1,8000}")
_FIELD = re.compile(r"(?i)\s{0,9}(URL|Name)(?:\[[\w@.-]{1,20}\])?\s{0,9}=\s{0,9}(\S[^\r\n]*)")


def read_property_list(source: ListSource) -> Iterator[ListEntry]:
    """Yield the links of a `.webloc`, or of the bookmarks and the reading list of Safari."""
    key = title = date = ""
    for tag in iter_tags(source, frozenset({"key", "string", "date"})):
        if tag.is_opening:
            continue
        if tag.name == "key":
            key = tag.text.casefold()
        elif key in ("url", "urlstring") and (link := resolve_web_link(tag.text)):
            yield ListEntry(link, title=clean_title(title), date=date)
            title = date = ""
        elif key in ("title", "name"):
            title = tag.text
        elif key in ("dateadded", "date"):
            date = parse_listed_day(tag.text)


def read_binary_property_list(source: ListSource) -> Iterator[ListEntry]:
    """Yield the link of a `.webloc` in Apple's binary format, which stores it as it is."""
    for match in _BINARY_URL.finditer(source.head):
        if link := resolve_web_link(match[0]):
            yield ListEntry(link)


def read_shortcut(source: ListSource) -> Iterator[ListEntry]:
    """Yield the link of a `.url` file of Windows, or of a `.desktop` file."""
    link = title = ""
    for _, line in zip(range(_MAX_SHORTCUT_LINES), source.read_lines(), strict=False):
        if field := _FIELD.fullmatch(line):
            if field[1].lower() == "url":
                link = link or resolve_web_link(field[2])
            else:
                title = title or field[2]
    if link:
        yield ListEntry(link, title=clean_title(title))
    else:
        yield ListEntry(source.name[:200], problem="it names no http(s) address")
