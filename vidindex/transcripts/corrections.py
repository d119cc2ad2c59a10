"""Lines that are corrected while they are on a rolling display: a recognizer or a live captioner changes a word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

_NO_LETTERS = re.compile(r"[\W_]+")
_CLOSING = ".,;:!?…\"'”’)]- "
_MIN_SIMILARITY = 0.5  # of the letters of words that replace others; those that are said next are rarely so similar
_MAX_ADDED_WORDS = 2
_MIN_KEPT_BESIDE_ADDED = 3
_MAX_LINE_CHARS = 200
_MAX_REPLACED_CHARS = 32  # comparing them takes quadratic time


def count_corrected(old: Sequence[str], new: Sequence[str]) -> int:
    """Count the lines at the top of *new* that are at the bottom of *old*, with corrections.

    Either all lines stay where they are, or they have moved up and others are below them.
    """
    for count in range(min(len(old), len(new)), 0, -1):
        has_moved = count < len(new)
        if not has_moved and len(old) > count:
            continue
        if all(map(_is_same_line, old[len(old) - count :], new[:count])):
            return count
    return 0


def _is_same_line(old: str, new: str) -> bool:
    """Check whether *new* is *old* with a correction, or continues it so."""
    if old == new or new.startswith(f"{old} "):
        return True
    if old[:1].casefold() != new[:1].casefold() and _last_letter(old) != _last_letter(new):
        return False  # more than one word differs, as in most lines
    if is_correction(old, new):
        return True
    words, length = new.split(), old.count(" ") + 1
    return len(words) > length and is_correction(old, " ".join(words[:length]))


def _last_letter(line: str) -> str:
    return line.rstrip(_CLOSING)[-1:].casefold()


def is_correction(old: str, new: str) -> bool:
    """Check whether *new* may be *old* with a word corrected: spelled or punctuated otherwise, added or removed."""
    if max(len(old), len(new)) > _MAX_LINE_CHARS:
        return False
    before, after = _split_words(old), _split_words(new)
    first = _count_equal(before, after)
    last = _count_equal(before[first:][::-1], after[first:][::-1])
    kept, longest = first + last, max(len(before), len(after))
    removed, added = "".join(before[first : len(before) - last]), "".join(after[first : len(after) - last])
    if not removed and not added:
        return kept > 0
    if 2 * kept < longest:
        return False
    if not removed or not added:
        return longest - kept <= _MAX_ADDED_WORDS and kept >= _MIN_KEPT_BESIDE_ADDED
    if max(len(removed), len(added)) > _MAX_REPLACED_CHARS:
        return False
    return SequenceMatcher(None, removed, added, autojunk=False).ratio() >= _MIN_SIMILARITY


def _split_words(line: str) -> list[str]:
    """Return the letters and digits of each word of *line*."""
    return [letters for word in line.casefold().split() if (letters := _NO_LETTERS.sub("", word))]


def _count_equal(one: Sequence[str], other: Sequence[str]) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
