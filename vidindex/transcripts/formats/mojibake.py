"""UTF-8 that was read as another encoding and written as UTF-8 again: undone where it is certain."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import NamedTuple

_ASCII_TO_SPACE = b" " * 0x80 + bytes(range(0x80, 0x100))
_TWICE_ENCODINGS = ("cp1251", "cp1250", "mac_roman", "cp437")
_MIN_OTHER_LETTERS = 3
_MARKS = ("\u00ef\u00bb\u00bf", "\u043f\u00bb\u0457", "\u010f\u00bb\u017c", "\u2229\u2557\u2510", "\u00d4\u00aa\u00f8")
"""The byte-order mark of UTF-8, read as Latin-1, cp1251, cp1250, cp437 and Mac Roman."""


def _latin_chars() -> dict[int, str]:
    """Return for each byte from 0x80 on the characters that Windows and Latin-1 read it as."""
    chars: dict[int, str] = {}
    for byte in range(0x80, 0x100):
        windows = bytes([byte]).decode("cp1252", "ignore")
        chars[byte] = "".join({windows, chr(byte)} - {""})
    return chars


_CHARS = _latin_chars()
_BYTES = {ord(char): byte for byte, chars in _CHARS.items() for char in chars}


def _class_of(first: int, last: int) -> str:
    return f"[{''.join([re.escape(char) for byte in range(first, last + 1) for char in sorted(_CHARS[byte])])}]"


_TAIL = _class_of(0x80, 0xBF)
_SEQUENCE = re.compile(
    f"{_class_of(0xC2, 0xDF)}{_TAIL}|{_class_of(0xE0, 0xEF)}{_TAIL}{{2}}|{_class_of(0xF0, 0xF4)}{_TAIL}{{3}}"
)
_LETTER_TAIL = f"(?![\u00a0\u00ab\u00bb\u2013\u2014\u2018-\u201e\u2026\u2039\u203a]){_TAIL}"
_PROOF = re.compile(
    f"[a-z][\u00c2-\u00c5]{_TAIL}|[\u00c2-\u00c5]{_LETTER_TAIL}[a-z]|(?:{_class_of(0xC2, 0xDF)}{_TAIL}){{2}}"
    f"|\u00e2[\u0080\u20ac\u0099\u2122\u0084\u201e]{_TAIL}|(?:{_class_of(0xE0, 0xEF)}{_TAIL}{{2}}){{2}}"
    f"|\u00f0[\u009f\u0178]{_TAIL}{{2}}"
)
_LOST_A_GRAVE = re.compile(r"(?<=[a-z])\u00c3(?: (?=[ a-z])|$)|(?<= )\u00c3 (?=[ a-z])", re.MULTILINE)


class _Finding(NamedTuple):
    proofs: int
    """How many characters stand where no other could, up to two."""
    others: int
    """The characters beyond ASCII that are no part of a sequence."""


def strip_read_mark(text: str) -> str:
    """Remove a byte-order mark that was read in another encoding."""
    for mark in _MARKS:
        if text.startswith(mark):
            return text[len(mark) :]
    return text


def undo_double_utf8(text: str) -> str:
    """Return *text* with the characters whose UTF-8 was read as another encoding.

    That is certain if all characters beyond ASCII make up UTF-8, and one stands where no other could: in a word, or in
    a row.  If only some lines are damaged, each is judged by itself.
    """
    if text.isascii() or not _may_be_undone(text):
        return text
    for _ in range(2):
        undone = _undo_once(text)
        if undone == text:
            return text
        text = undone
    return text


def _may_be_undone(text: str) -> bool:
    """Check quickly, by the different runs of characters beyond ASCII: most texts have few."""
    runs = set(text.encode(errors="replace").translate(_ASCII_TO_SPACE).split())
    others = b" ".join(runs).decode()
    return _SEQUENCE.search(others) is not None or next(_iter_undone(others), None) is not None


def _undo_once(text: str) -> str:
    if not _SEQUENCE.search(text):
        return text if text.isascii() else _undo_other_encodings(text)
    if not _PROOF.search(text):
        return text
    finding = _examine(text)
    if finding.others == 0:
        return _decode_sequences(text)
    if finding.proofs > 1 and _LOST_A_GRAVE.search(text):
        mended = _LOST_A_GRAVE.sub("\u00c3\u00a0 ", text)
        if _examine(mended).others == 0:
            return _decode_sequences(mended)
    lines = text.split("\n")
    return "\n".join([_undo_line(line) for line in lines]) if len(lines) > 1 else text


def _undo_line(line: str) -> str:
    if line.isascii():
        return line
    finding = _examine(line)
    return _decode_sequences(line) if finding.proofs and not finding.others else line


def _examine(text: str) -> _Finding:
    proofs = sum(1 for _ in islice(_PROOF.finditer(text), 2))
    return _Finding(proofs, _count_non_ascii(_SEQUENCE.sub("", text)))


def _count_non_ascii(text: str) -> int:
    return len(text) - len(text.encode("ascii", "ignore"))


def _decode_sequences(text: str) -> str:
    return _SEQUENCE.sub(_decode_sequence, text)


def _decode_sequence(match: re.Match[str]) -> str:
    sequence = match[0]
    try:
        return bytes([_BYTES[ord(char)] for char in sequence]).decode()
    except UnicodeDecodeError:
        return sequence


def _undo_other_encodings(text: str) -> str:
    """Undo a reading as a code page of Cyrillic or Central Europe: honest text in them is hardly ever valid UTF-8."""
    return next((undone for undone in _iter_undone(text) if _count_non_ascii(undone) >= _MIN_OTHER_LETTERS), text)


def _iter_undone(text: str) -> Iterator[str]:
    """Yield what *text* is if it was read as each of the code pages that it may have been read as."""
    for name in _TWICE_ENCODINGS:
        with suppress(UnicodeError):
            yield text.encode(name).decode()
