"""Text of a cue with its markup, to plain lines, who speaks them, and the words that carry times."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import unescape
from typing import NamedTuple

from ..model import Cue, TimedWord
from .clock import clock_ms

# No alternative can match what another one does and none looks back: linear on any text.
_STYLE_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<!--[^<>]*>|</>|<>")
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?[ \t\n]([^<>]*)>")
_RUBY_TEXT = re.compile(r"<rt[^<>]*>[^<]*(?:</rt>)?|<rp>[^<]*</rp>")
_STAMP = re.compile(r"<(?=\d+:\d\d)")
_OVERRIDE = re.compile(r"\{[\\/][^{}\n]*\}")
_INVISIBLE = dict.fromkeys(
    map(ord, "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\x00")
)
_INVISIBLE_MARK = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\x00]")


class Plain(NamedTuple):
    """What `plain` makes of marked-up text."""

    text: str
    speaker: str = ""
    words: tuple[TimedWord, ...] = ()


def tidy(text: str) -> str:
    """Drop blank lines, outer spaces of each line, and marks that only steer the direction of writing."""
    if not text.isascii() and _INVISIBLE_MARK.search(text):
        text = text.translate(_INVISIBLE)
    if "\n" not in text:
        return text.strip()
    return "\n".join([line for raw in text.split("\n") if (line := raw.strip())])


def plain(raw: str, start_ms: int, end_ms: int) -> Plain:
    """Take *raw* text of a cue apart: its plain text, its speaker, and its words with inline times."""
    if "{" in raw:
        raw = _OVERRIDE.sub("", raw)
    if "<" not in raw:
        return Plain(tidy(unescape(raw) if "&" in raw else raw))
    speaker = _voice(raw) if "<v" in raw else ""
    if "<c>" in raw:
        raw = raw.replace("<c>", "").replace("</c>", "")
    if "<r" in raw:
        raw = _RUBY_TEXT.sub("", raw)
    if "</" in raw or _STYLE_TAG.search(raw):
        raw = _STYLE_TAG.sub("", raw)
    if "<" not in raw or not _STAMP.search(raw):
        return Plain(tidy(unescape(raw)), speaker)
    return _timed(raw, start_ms, end_ms, speaker)


def _voice(raw: str) -> str:
    match = _VOICE.search(raw)
    return " ".join(unescape(match[1]).split()) if match else ""


def _timed(raw: str, start_ms: int, end_ms: int, speaker: str) -> Plain:
    lines: list[str] = []
    words: list[TimedWord] = []
    for line in raw.split("\n"):
        if _STAMP.search(line):
            timed = timed_words(_stamped(line, start_ms), start_ms, end_ms)
            text = " ".join([word.text for word in timed])
            words += timed
        else:
            text = tidy(unescape(line))
        if text:
            lines.append(text)
    return Plain("\n".join(lines), speaker, tuple(words))


def _stamped(line: str, start_ms: int) -> Iterator[tuple[int, str]]:
    """Cut *line* at its inline times: each piece with the time before it."""
    at = start_ms
    first, *pieces = _STAMP.split(line)
    yield at, unescape(first)
    for piece in pieces:
        stamp, closed, text = piece.partition(">")
        ms = clock_ms(stamp) if closed else None
        at = at if ms is None else ms
        yield at, unescape(piece if ms is None else text)


def timed_words(pieces: Iterable[tuple[int, str]], start_ms: int, end_ms: int) -> list[TimedWord]:
    """Make words of timed *pieces* of text: a word goes on over a border without space.

    Times stay within the cue and never fall, whatever the track states.
    """
    words: list[TimedWord] = []
    at, glued = start_ms, False
    for ms, text in pieces:
        at = min(max(ms, at), max(end_ms, at))
        texts = tidy(text).split()
        if texts and glued and not text[:1].isspace():
            words[-1] = TimedWord(words[-1].start_ms, words[-1].text + texts.pop(0))
        words += [TimedWord(at, word) for word in texts]
        if text:
            glued = bool(words) and not text[-1].isspace()
    return words


def as_cue(raw: str, start_ms: int, end_ms: int) -> Cue:
    """Make the cue whose marked-up text is *raw*."""
    text, speaker, words = plain(raw, start_ms, end_ms)
    return Cue(start_ms, max(start_ms, end_ms), text, speaker, words)
