"""Read the links of Markdown and Org files: lists, tasks, references, prose."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .days import parse_listed_day
from .entry import ListEntry, clean_title
from .links import resolve_web_link
from .source import ListSource

_TEXT = r"((?:[^\[\]\\]|\\.|!?\[[^\[\]]{0,300}\](?:\([^()\s]{0,2000}\))?){0,300})"
_TARGET = r"(?:<(https?://[^<>\n]{1,8000})>|(https?://(?:[^\s()<>]|\([^\s()<>]{0,500}\)){1,8000}))"
_LINK = re.compile(
    rf"(?i)(?P<image>!)?\[{_TEXT}\]\(\s{{0,9}}{_TARGET}(?:\s{{1,9}}(?:\"[^\"\n]{{0,500}}\"|'[^'\n]{{0,500}}'|\([^()\n]{{0,500}}\)))?\s{{0,9}}\)"
    r"|\[\[(?P<org>https?://[^\[\]\s]{1,8000})\](?:\[(?P<orgtitle>[^\]\n]{0,500})\])?\]"
    r"|(?<![\w/\"'=(])<?(?P<bare>https?://(?:[^\s()<>\[\]\"]|\([^\s()<>]{0,500}\)){1,8000})>?"
)
_DEFINITION = re.compile(
    r"(?i)\s{0,3}\[([^\[\]\n]{1,300})\]:\s{0,9}<?(https?://[^\s<>]{1,8000})>?(?:\s{1,9}[\"'(]([^\n]{0,500})[\"')])?\s*"
)
_USE = re.compile(r"\[([^\[\]\n]{1,300})\]\s?\[([^\[\]\n]{0,300})\]")
_FENCE = re.compile(r"\s{0,3}(?:```|~~~)")
_EMPHASIS = re.compile(r"\\([\\`*_{}\[\]()#+.!|>-])|\*{1,3}|`|~~|(?<!\w)_{1,3}|_{1,3}(?!\w)")
_DAY = re.compile(r"(?:19|20)\d\d-[01]?\d-[0-3]?\d", re.ASCII)
_MAX_LINE_CHARS = 20_000
_MAX_USES = 10_000

SIGN = re.compile(
    r"(?im)\]\(\s?<?https?://|^[ \t]{0,9}(?:[-*+]|\d{1,9}[.)])[ \t]{1,9}(?:\[[ x]\][ \t]{1,9})?<?https?://"
    r"|^[ \t]{0,3}\[[^\[\]\n]{1,300}\]:[ \t]{1,9}<?https?://|\[\[https?://"
)
"""What Markdown contains and a plain list of links does not."""


def read_markdown(source: ListSource) -> Iterator[ListEntry]:
    """Yield the links with their texts as titles, and with the day that stands on their line; other text is ignored."""
    in_code = False
    titles: dict[str, str] = {}
    for number, line in enumerate(source.read_lines(), 1):
        if _FENCE.match(line):
            in_code = not in_code
        elif not in_code and (":" in line or "[" in line):
            yield from _read_line(line[:_MAX_LINE_CHARS], number, titles)


def _read_line(line: str, number: int, titles: dict[str, str]) -> Iterator[ListEntry]:
    if definition := _DEFINITION.fullmatch(line):
        name = definition[1].strip()
        title = titles.get(name.casefold()) or (definition[3] or "" if name.isdecimal() else name)
        yield from _make_entry(definition[2], title, "", number)
        return
    for use in _USE.finditer(line):
        if len(titles) < _MAX_USES:
            titles.setdefault((use[2] or use[1]).strip().casefold(), _plain_text(use[1]))
    for link in _LINK.finditer(line):
        if link["image"]:
            continue
        url = link[3] or link[4] or link["org"] or (link["bare"] or "").rstrip(".,;:!?")
        yield from _make_entry(url, _plain_text(link[2] or link["orgtitle"] or ""), line, number)


def _make_entry(url: str, title: str, line: str, number: int) -> Iterator[ListEntry]:
    if link := resolve_web_link(url):
        day = _DAY.search(line.replace(url, " "))
        yield ListEntry(link, number, clean_title(title), parse_listed_day(day[0]) if day else "")


def _plain_text(text: str) -> str:
    """Return the text of a link without marks; of a picture, its description."""
    shown = re.sub(r"!?\[([^\[\]]{0,300})\](?:\([^()\s]{0,2000}\))?", r"\1", text) if "[" in text else text
    return _EMPHASIS.sub(r"\1", shown).strip()
