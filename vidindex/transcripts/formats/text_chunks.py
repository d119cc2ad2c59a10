"""Splitting of a long text piece by piece: a list of all the pieces could take fifty times the memory of the text."""

from __future__ import annotations

import re
from collections.abc import Iterator

_CHUNK_CHARS = 1 << 16
_LINE_BREAK = re.compile("\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


def iter_split(text: str, separator: str) -> Iterator[str]:
    """Yield what `text.split(separator)` returns; a run of the characters of *separator* may be cut differently."""
    for chunk in iter_chunks(text, separator):
        yield from chunk.split(separator)


def iter_chunks(text: str, separator: str, start: int = 0) -> Iterator[str]:
    """Yield *text* from *start* on in pieces, cut at occurrences of *separator*, which are left out."""
    while (end := text.find(separator, start + _CHUNK_CHARS)) >= 0:
        yield text[start:end]
        start = end + len(separator)
    yield text[start:]


def iter_lines(text: str) -> Iterator[str]:
    """Yield what `text.splitlines()` returns."""
    start = 0
    while match := _LINE_BREAK.search(text, start + _CHUNK_CHARS):
        yield from text[start : match.end()].splitlines()
        start = match.end()
    yield from text[start:].splitlines()


def unify_line_breaks(text: str) -> str:
    """Return *text* with a newline for each line break of any system."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
