"""Text of a cue with its markup, to plain lines, who speaks them, and the words that carry times."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape
from typing import NamedTuple

from ...model import Cue, TimedWord
from .timestamps import clock_ms, full_ms

# No alternative can match what another one does and none looks back: linear on any text.
_STYLE_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<!--[^<>]*>|</>|<>")
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?[ \t\n]([^<>]*)>")
_RUBY_TEXT = re.compile(r"<rt[^<>]*>[^<]*(?:</rt>)?|<rp>[^<]*</rp>")
_STAMP = re.compile(r"<(?=\d+:\d\d)")
_OVERRIDE = re.compile(r"\{[\\/][^{}\n]*\}")
_INVISIBLE = "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
_NOTHING = dict.fromkeys(map(ord, _INVISIBLE))


class Plain(NamedTuple):
    """What `plain` makes of marked-up text."""

    text: str
    speaker: str = ""
    words: tuple[TimedWord, ...] = ()


def visible(text: str) -> str:
    """Drop marks that only steer the direction of writing, and others that nobody sees."""
    if text.isascii() or not any(mark in text for mark in _INVISIBLE):
        return text
    return text.translate(_NOTHING)


def tidy(text: str) -> str:
    """Drop blank lines, and outer spaces of each line."""
    if "\n" not in text:
        return text.strip()
    return "\n".join([line for raw in text.split("\n") if (line := raw.strip())])


def decoded(text: str) -> str:
    """Decode the entities of *text*."""
    return visible(unescape(text)) if "&" in text else text


def plain(raw: str, start_ms: int, end_ms: int) -> Plain:
    """Take *raw* text of a cue apart: its plain text, its speaker, and its words with inline times."""
    if "{" in raw:
        raw = _OVERRIDE.sub("", raw)
    if "<" not in raw:
        return Plain(tidy(decoded(raw)))
    speaker = _voice(raw) if "<v" in raw else ""
    if "<c>" in raw:
        raw = raw.replace("<c>", "").replace("</c>", "")
    if "<r" in raw:
        raw = _RUBY_TEXT.sub("", raw)
    if "</" in raw or _STYLE_TAG.search(raw):
        raw = _STYLE_TAG.sub("", raw)
    if "<" not in raw or not _STAMP.search(raw):
        return Plain(tidy(decoded(raw)), speaker)
    return _timed(raw, start_ms, end_ms, speaker)


def _voice(raw: str) -> str:
    match = _VOICE.search(raw)
    return " ".join(unescape(match[1]).split()) if match else ""


def _timed(raw: str, start_ms: int, end_ms: int, speaker: str) -> Plain:
    lines: list[str] = []
    words: list[TimedWord] = []
    for line in raw.split("\n"):
        if "<" in line:
            timed = _evenly_timed(line.strip(), start_ms, end_ms) or timed_words(
                _stamped(line, start_ms), start_ms, end_ms
            )
            text = " ".join([word.text for word in timed])
            words += timed
        else:
            text = tidy(decoded(line))
        if text:
            lines.append(text)
    return Plain("\n".join(lines), speaker, tuple(words))


def _evenly_timed(line: str, start_ms: int, end_ms: int) -> list[TimedWord]:
    """Time the words of a line with one time before each but the first, as YouTube writes them, at little cost.

    Gives nothing for any other line.
    """
    first, *rest = line.split("<")
    if line.count("> ") != len(rest) or " <" in line or "&" in line:
        return []
    words = first.split()
    for piece in rest:
        words += piece[13:].split()
    starts = [start_ms, *[full_ms(piece[:12]) or -1 for piece in rest]]
    if len(words) != len(starts) or min(starts) < start_ms or starts[-1] > end_ms or starts != sorted(starts):
        return []
    return list(map(TimedWord, starts, words))


def _stamped(line: str, start_ms: int) -> list[tuple[int, str]]:
    """Cut *line* at its inline times: each piece with the time before it."""
    at = start_ms
    first, *rest = line.split("<")
    pieces = [(at, decoded(first))]
    for piece in rest:
        stamp, closed, text = piece.partition(">")
        ms = clock_ms(stamp) if closed else None
        if ms is None:
            text = "<" + piece
        else:
            at = ms
        pieces.append((at, decoded(text) if "&" in text else text))
    return pieces


def timed_words(pieces: Iterable[tuple[int, str]], start_ms: int, end_ms: int) -> list[TimedWord]:
    """Make words of timed *pieces* of text: a word goes on over a border without space.

    Times stay within the cue and never fall, whatever the track states.
    """
    words: list[TimedWord] = []
    at, glued = start_ms, False
    for ms, text in pieces:
        if at < ms:
            at = ms if ms <= end_ms else max(end_ms, at)
        texts = text.split()
        if not texts:
            glued = glued and not text
            continue
        if glued and not text[0].isspace():
            words[-1] = TimedWord(words[-1].start_ms, words[-1].text + texts.pop(0))
        if len(texts) == 1:
            words.append(TimedWord(at, texts[0]))
        else:
            words += [TimedWord(at, word) for word in texts]
        glued = not text[-1].isspace()
    return words


def as_cue(raw: str, start_ms: int, end_ms: int) -> Cue:
    """Make the cue whose marked-up text is *raw*."""
    if not ("<" in raw or "&" in raw or "{" in raw):
        return Cue(start_ms, max(start_ms, end_ms), tidy(raw))
    text, speaker, words = plain(raw, start_ms, end_ms)
    return Cue(start_ms, max(start_ms, end_ms), text, speaker, words)
