"""The code page of a text in a script with capitals, by the letters of the languages that are written in it.

A wrong code page shows letters that no language has together, capitals within words, or marks where letters belong.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

_LATIN = (
    "cp1252 cp1250 iso8859_2 iso8859_15 cp1254 cp1257 iso8859_13 mac_roman cp850 cp852 cp437 "
    "mac_latin2 mac_turkish cp857 cp775"
)
_CYRILLIC = "cp1251 koi8_r koi8_u cp866 iso8859_5 mac_cyrillic"
_GREEK = "cp1253 iso8859_7 cp737"
_ALPHABETS = (
    # The most frequent ones first: another one has to fit better.
    (_LATIN, (
        "àâæçéèêëîïôœùûüÿ", "äöüßé", "áéíñóúüªº", "àáâãçéêíóôõúªº", "àèéìíòóùúî", "áéëíïóúèêöü", "åäöé", "æøåéòóô",
        "äöåšž", "ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áéíóöőúüű", "ăâîşţșț", "čćđšž", "áäčďéíĺľňóôŕšťúýž", "çğıöşüâîûi",
        "ąčęėįšųūž", "āčēģīķļņšūžōŗ", "äõöüšž", "àçèéïíòóúü", "çë", "áéíóúýðþæö",
    )),
    (_CYRILLIC, (
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя", "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя", "абвгдежзийклмнопрстуфхцчшщъьюя",
        "абвгдђежзијклљмнњопрстћуфхцчџш", "абвгдѓежзѕијклљмнњопрстќуфхцчџш", "абвгдеёжзійклмнопрстуўфхцчшыьэюя",
    )),
    (_GREEK, ("αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ",)),
)  # fmt: skip
_MARKS_AROUND_WORDS = frozenset("“”„‚‘‹›«»¿¡°§€£©®•♪♫№´")
_MARKS = _MARKS_AROUND_WORDS.union("’…–—·\xa0")
_MIN_FIT = 0.97
_MIN_RARE = 8
"""The characters beyond ASCII that a code page of DOS or of old Macs has to explain."""

_Pairs = Counter[tuple[int, int]]
"""How often a text has each pair of adjacent bytes."""


class _Letters(NamedTuple):
    """How often a text has each character beyond ASCII, in lower case, and how much in it is where it cannot be."""

    counts: Counter[str]
    misplaced: int
    has_both_cases: bool


def guess_cased_encoding(sample: bytes) -> str:
    """Return the code page in which *sample* is a text in Latin, Cyrillic or Greek letters, or "" if none fits well."""
    pairs: _Pairs = Counter(zip(sample, sample[1:] + b"\n", strict=True))
    pairs = Counter({pair: count for pair, count in pairs.items() if max(pair) > 0x7F})
    best, found = _MIN_FIT, ""
    for encodings, alphabets in _ALPHABETS:
        decoded = {name: _count_letters(pairs, name) for name in encodings.split()}
        for alphabet in alphabets:
            known = _MARKS.union(alphabet)
            for name, letters in decoded.items():
                if _is_possible(name, letters) and (fit := _measure_fit(letters, known)) > best:
                    best, found = fit, name
    return found


def _is_possible(encoding: str, letters: _Letters) -> bool:
    """Return whether there is enough text for *encoding*: all letters of some scripts are small ones in others."""
    if encoding in _LATIN:
        return encoding.startswith(("cp12", "iso")) or letters.counts.total() >= _MIN_RARE
    return letters.has_both_cases


def _count_letters(pairs: _Pairs, encoding: str) -> _Letters:
    chars = bytes(range(256)).decode(encoding, "replace")
    counts: Counter[str] = Counter()
    before_marks: Counter[str] = Counter()
    after_marks: Counter[str] = Counter()
    misplaced, cases = 0, set()
    for (first, second), count in pairs.items():
        before, after = chars[first], chars[second]
        if first > 0x7F:
            counts[before.lower()[0]] += count
            if before.isalpha():
                cases.add(before.islower())
        if before.isalpha() and after.isalpha():
            is_mixed = min(before, after) < "\x80" and "\u0370" <= max(before, after) < "\u0530"
            if is_mixed or (before.islower() and after.isupper()):
                misplaced += count
        elif before.isalpha() and after in _MARKS_AROUND_WORDS:
            before_marks[after] += count
        elif after.isalpha() and before in _MARKS_AROUND_WORDS:
            after_marks[before] += count
    misplaced += (before_marks & after_marks).total()  # about as many are within words
    return _Letters(counts, misplaced, len(cases) == 2)


def _measure_fit(letters: _Letters, known: frozenset[str]) -> float:
    """Return the share of the characters that are *known*, less those that are where they cannot be."""
    total = letters.counts.total()
    hits = sum(count for char, count in letters.counts.items() if char in known)
    return (hits - letters.misplaced) / total if total else 0.0
