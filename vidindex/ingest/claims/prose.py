"""Read text and Markdown as paragraphs: join lines that were broken, and remove markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

_MAX_LINE_CHARS = 100_000
_LINK_URL = r"[^()\s]{0,1000}(?:\([^()\s]{0,200}\)[^()\s]{0,500})?"
_MARKED_LINK = re.compile(rf"!?\[([^\[\]]{{0,2000}})\]\({_LINK_URL}(?:\s\"[^\"]{{0,500}}\")?\)")
_REFERENCE_LINK = re.compile(r"!?\[([^\[\]]{1,2000})\]\[[^\[\]]{0,200}\]")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,500}>")
_EMPHASIS = re.compile(r"(?<![\w*_])([*_]{1,3})(?=[^\s*_])([^*_\n]{1,2000})(?<=[^\s*_])\1(?![\w*_])")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_PREFIX = re.compile(r"\A\s{0,3}(?:#{1,6}\s+|[-*+]\s+|\d{1,9}[.)]\s+)")
_FENCE = re.compile(r"\s{0,3}(?:```|~~~)")
_RULE = re.compile(r"\s{0,3}(?:[-=*_]\s*){3,}$")
_QUOTE_MARK = re.compile(r"\s{0,3}>\s?")
_FINISHED = re.compile(r"[.!?:;…][\"'”’»)\]]*$")


def join_paragraphs(text: str) -> Iterator[str]:
    """Yield each paragraph of *text* as a line; one of a block quote starts with `> `."""
    lines: list[str] = []
    is_quote = False
    for line in _content_lines(text):
        quoted = _QUOTE_MARK.match(line)
        body = line[quoted.end() :] if quoted else line
        starts = bool(_PREFIX.match(body)) or _RULE.match(body) is not None
        if lines and (not body.strip() or bool(quoted) != is_quote or starts):
            yield from _finish(lines, is_quote=is_quote)
            lines = []
        if body.strip() and not _RULE.match(body):
            is_quote = bool(quoted)
            lines.append(body.strip())
    yield from _finish(lines, is_quote=is_quote)


def _content_lines(text: str) -> Iterator[str]:
    """Yield the lines of *text* without front matter and blocks of code."""
    lines = text.removeprefix("\ufeff").splitlines()
    first = 0
    if lines[:1] == ["---"]:
        first = next((at + 1 for at, line in enumerate(lines[1:200], 1) if line in ("---", "...")), 0)
    is_code = False
    for line in lines[first:]:
        if _FENCE.match(line):
            is_code = not is_code
        elif not is_code:
            yield line[:_MAX_LINE_CHARS]


def _finish(lines: list[str], *, is_quote: bool) -> Iterator[str]:
    """Yield the paragraphs of a block of lines: an editor broke those that leave no room for the next word."""
    if not lines:
        return
    width = max(map(len, lines))
    paragraph = [lines[0]]
    for before, line in pairwise(lines):
        if not is_quote and not _is_broken(before, line, width):
            yield _clean(" ".join(paragraph), is_quote=is_quote)
            paragraph = []
        paragraph.append(line)
    yield _clean(" ".join(paragraph), is_quote=is_quote)


def _is_broken(line: str, following: str, width: int) -> bool:
    if len(line) + 1 + len(following.split(maxsplit=1)[0]) > width:
        return True
    return not _FINISHED.search(line[-10:]) and following[:1].islower()


def _clean(paragraph: str, *, is_quote: bool) -> str:
    text = _PREFIX.sub("", paragraph[:_MAX_LINE_CHARS], count=1)
    for pattern in (_MARKED_LINK, _REFERENCE_LINK):
        text = pattern.sub(r"\1", text)
    text = _EMPHASIS.sub(r"\2", _EMPHASIS.sub(r"\2", _TAG.sub(" ", text)))
    text = _ESCAPE.sub(r"\1", text).replace("<", "< ")  # what is left is no tag
    return f"> {text}" if is_quote else text
