"""What a list names: links, and other lists."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

_HTML_TAG = re.compile(r"</?[A-Za-z][^<>]{0,500}>")
_WHITESPACE = re.compile(r"\s+")
_MAX_TITLE_CHARS = 300


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One entry of a list.

    *url* is an address or the path of a file.  *line* is where it stands in lists that have lines, else 0.
    *date* is the day that the list states, as ISO 8601 writes it.  Where *problem* says why, this is no entry to
    add but one that could not be understood; *url* is then what stands there.
    """

    url: str
    line: int = 0
    title: str = ""
    date: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class NestedList:
    """Another list that a list names; *formats* are those that it may have."""

    url: str
    formats: frozenset[str]
    date: str = ""


def clean_title(text: str) -> str:
    """Give a title without its markup, on one line."""
    # Taken first: what is unescaped may be text that only looks like a tag, and nobody reads that much.
    shown = html.unescape(_HTML_TAG.sub("", text[: 8 * _MAX_TITLE_CHARS]))
    return _WHITESPACE.sub(" ", "".join(c for c in shown if c.isprintable() or c.isspace())).strip()[:_MAX_TITLE_CHARS]
