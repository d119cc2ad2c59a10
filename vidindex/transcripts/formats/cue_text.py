"""Text of a cue with its markup, to plain lines, who speaks them, and the words that carry times."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape
from typing import NamedTuple

from ...model import Cue, TimedWord
from .timestamps import parse_full_timestamp_ms, parse_timestamp_ms

# No alternative can match what another one does and none looks back: linear on any text.
_STYLE_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<!--[^<>]*>|</>|<>")
_VOICE_TAG = re.compile(r"<v(?:\.[^\s<>]*)?[ \t\n]([^<>]*)>")
_RUBY_TEXT = re.compile(r"<rt[^<>]*>[^<]*(?:</rt>)?|<rp>[^<]*</rp>")
_INLINE_TIMESTAMP = re.compile(r"<(?=\d+:\d\d)")
_OVERRIDE_TAG = re.compile(r"\{[\\/][^{}\n]*\}")
_INVISIBLE_CHARS = "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
_INVISIBLE_DELETIONS = dict.fromkeys(map(ord, _INVISIBLE_CHARS))


class CueText(NamedTuple):
    """What `plain` makes of marked-up text."""

    text: str
    speaker: str = ""
    words: tuple[TimedWord, ...] = ()


def strip_invisible(text: str) -> str:
    """Drop marks that only steer the direction of writing, and others that nobody sees."""
    if text.isascii() or not any(mark in text for mark in _INVISIBLE_CHARS):
        return text
    return text.translate(_INVISIBLE_DELETIONS)


def strip_lines(text: str) -> str:
    """Drop blank lines, and outer spaces of each line."""
    if "\n" not in text:
        return text.strip()
    return "\n".join([line for raw in text.split("\n") if (line := raw.strip())])


def decode_entities(text: str) -> str:
    """Decode the entities of *text*."""
    return strip_invisible(unescape(text)) if "&" in text else text


def parse_cue_text(raw: str, start_ms: int, end_ms: int) -> CueText:
    """Take *raw* text of a cue apart: its plain text, its speaker, and its words with inline times."""
    if "{" in raw:
        raw = _OVERRIDE_TAG.sub("", raw)
    if "<" not in raw:
        return CueText(strip_lines(decode_entities(raw)))
    speaker = _find_speaker(raw) if "<v" in raw else ""
    if "<c>" in raw:
        raw = raw.replace("<c>", "").replace("</c>", "")
    if "<r" in raw:
        raw = _RUBY_TEXT.sub("", raw)
    if "</" in raw or _STYLE_TAG.search(raw):
        raw = _STYLE_TAG.sub("", raw)
    if "<" not in raw or not _INLINE_TIMESTAMP.search(raw):
        return CueText(strip_lines(decode_entities(raw)), speaker)
    return _parse_timed_text(raw, start_ms, end_ms, speaker)


def _find_speaker(raw: str) -> str:
    match = _VOICE_TAG.search(raw)
    return " ".join(unescape(match[1]).split()) if match else ""


def _parse_timed_text(raw: str, start_ms: int, end_ms: int, speaker: str) -> CueText:
    lines: list[str] = []
    words: list[TimedWord] = []
    for line in raw.split("\n"):
        if "<" in line:
            timed = _parse_simple_line(line.strip(), start_ms, end_ms) or make_timed_words(
                _split_at_timestamps(line, start_ms), start_ms, end_ms
            )
            text = " ".join([word.text for word in timed])
            words += timed
        else:
            text = strip_lines(decode_entities(line))
        if text:
            lines.append(text)
    return CueText("\n".join(lines), speaker, tuple(words))


def _parse_simple_line(line: str, start_ms: int, end_ms: int) -> list[TimedWord]:
    """Time the words of a line with one time before each but the first, as YouTube writes them, at little cost.

    Gives nothing for any other line.
    """
    first, *rest = line.split("<")
    if line.count("> ") != len(rest) or " <" in line or "&" in line:
        return []
    words = first.split()
    for piece in rest:
        words += piece[13:].split()
    starts = [start_ms, *[parse_full_timestamp_ms(piece[:12]) or -1 for piece in rest]]
    if len(words) != len(starts) or min(starts) < start_ms or starts[-1] > end_ms or starts != sorted(starts):
        return []
    return list(map(TimedWord, starts, words))


def _split_at_timestamps(line: str, start_ms: int) -> list[tuple[int, str]]:
    """Cut *line* at its inline times: each piece with the time before it."""
    at = start_ms
    first, *rest = line.split("<")
    pieces = [(at, decode_entities(first))]
    for piece in rest:
        stamp, closed, text = piece.partition(">")
        ms = parse_timestamp_ms(stamp) if closed else None
        if ms is None:
            text = "<" + piece
        else:
            at = ms
        pieces.append((at, decode_entities(text) if "&" in text else text))
    return pieces


def make_timed_words(pieces: Iterable[tuple[int, str]], start_ms: int, end_ms: int) -> list[TimedWord]:
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


def make_cue(raw: str, start_ms: int, end_ms: int) -> Cue:
    """Make the cue whose marked-up text is *raw*."""
    if not ("<" in raw or "&" in raw or "{" in raw):
        return Cue(start_ms, max(start_ms, end_ms), strip_lines(raw))
    text, speaker, words = parse_cue_text(raw, start_ms, end_ms)
    return Cue(start_ms, max(start_ms, end_ms), text, speaker, words)
