"""The entries of a list: links and nested lists."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field

_HTML_TAG = re.compile(r"</?[A-Za-z][^<>]{0,500}>")
_WHITESPACE = re.compile(r"\s+")
_MAX_TITLE_CHARS = 300


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One entry of a list.

    *url* is a URL or the path of a file.  *line* is the number of its line, 0 in formats without lines.  *date* is the
    day that the list states, as ISO 8601; *changed* is the latest date that a feed or sitemap states, as it is written.
    If *problem* is set, the entry cannot be added for that reason, and *url* is the text of the entry.
    *feed* is the URL of the podcast feed of which the entry is an episode.
    """

    url: str
    line: int = 0
    title: str = ""
    date: str = ""
    problem: str = ""
    changed: str = field(default="", compare=False)
    feed: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class NestedList:
    """Another list that a list names; *formats* are the formats that are accepted for it."""

    url: str
    formats: frozenset[str]
    date: str = ""


def clean_title(text: str) -> str:
    """Return a title without markup, on one line."""
    # Remove tags first: unescaped text may look like a tag.  The limit bounds the cost.
    shown = html.unescape(_HTML_TAG.sub("", text[: 8 * _MAX_TITLE_CHARS]))
    return _WHITESPACE.sub(" ", "".join(c for c in shown if c.isprintable() or c.isspace())).strip()[:_MAX_TITLE_CHARS]
