"""Fold the spellings of a letter into one, in every script, so that different spellings of a word become equal.

Case and accents are removed, and so are differences that speech does not have: those of Arabic keyboards, of the nasal
signs of Indic scripts, of hiragana and katakana, of simplified and traditional Chinese.  Digits of every script become
European ones.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

_KEPT_COMBINING_CLASSES = frozenset((8, 9))  # kana voicing and virama make different letters, unlike accents
_MAX_PIECE_CHARS = 256
_MAX_MARKS = 30  # after one letter, as in the stream-safe text format of Unicode

_LETTERS = {
    letter: folded
    for pair in [
        *["ø o", "đ d", "ł l", "æ ae", "œ oe", "ı i", "ð d", "þ th", "ħ h", "ŋ ng", "ə e"],
        *["ґ г", "ё е", "ў у", "○ 〇", "’‘ʼʻʹ＇׳´ '"],
        *["ىیےئېۍ ي", "کڪګگ ك", "ةەۀہھۃ ه", "ٱ ا", "ؤ و"],  # as Arabic, Persian, Urdu and Pashto keyboards type it
    ]
    for letters, folded in [pair.split()]
    for letter in letters
}
_REMOVED = "\u0640\u0670"  # tatweel and superscript alef
_ANUSVARA = {
    chr(candrabindu): chr(candrabindu + 1)
    for candrabindu in (0x0901, 0x0981, 0x0A01, 0x0A81, 0x0B01, 0x0C01, 0x0C81, 0x0D01)
} | {"\u0a70": "\u0a02"}
"""The nasal signs of Indic scripts, which writers choose from freely."""

_FRACTIONS = {"½": "half", "¼": "quarter", "¾": "three quarters", "⅓": "third", "⅔": "two thirds"}


def fold_letters(word: str) -> str:
    """Return *word* in lower case with one spelling of each letter."""
    lower = word.casefold()
    if lower.isascii():
        return lower
    if _invisible_pattern().search(lower):
        lower = _invisible_pattern().sub("", lower)
    if not _FRACTIONS.keys().isdisjoint(lower):
        lower = _spell_fractions(lower)
    return "".join([_fold_piece(piece) for piece in _split_long_word(lower)])


def _fold_piece(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    plain = "".join([char for char in decomposed if not _is_accent(char)])
    plain = unicodedata.normalize("NFC", plain).casefold().translate(_fold_table())  # NFKD makes capitals: ℃
    if plain.isascii():
        return plain
    if _han_pattern().search(plain):
        plain = plain.translate(_simplified_table())
    if "'" in plain:
        plain = _foreign_apostrophe_pattern().sub("", plain)
    return _homorganic_nasal_pattern().sub(_write_anusvara, plain)


def _spell_fractions(text: str) -> str:
    for sign, name in _FRACTIONS.items():
        mixed = f" and a {name} " if name in ("half", "quarter", "third") else f" and {name} "
        text = re.sub(rf"(?<=\d){sign}", mixed, text).replace(sign, f" {name} ")
    return text


@cache
def _fold_table() -> dict[int, str]:
    """Return the table that folds letters and digits; kana are folded to hiragana."""
    digits = {code: str(unicodedata.digit(chr(code))) for code in _find_digits()}
    kana = {code: chr(code - 0x60) for code in (*range(0x30A1, 0x30F7), 0x30FD, 0x30FE)}
    letters = _LETTERS | _ANUSVARA | dict.fromkeys(_REMOVED, "")
    return {**digits, **kana, **{ord(letter): folded for letter, folded in letters.items()}}


def _find_digits() -> Iterator[int]:
    """Yield the code points of the decimal digits of other scripts, which come in runs of ten."""
    for start in range(0x660, 0x1FBFA, 2):
        if unicodedata.category(chr(start)) == "Nd" and unicodedata.decimal(chr(start), None) == 0:
            yield from range(start, start + 10)


@cache
def _simplified_table() -> dict[int, str]:
    """Return the table that folds traditional Chinese and old Japanese characters to simplified Chinese ones."""
    from opencc import OpenCC

    chars = "".join(map(chr, (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000))))
    simplified = OpenCC("t2s").convert(OpenCC("jp2t").convert(chars))
    return {ord(char): folded for char, folded in zip(chars, simplified, strict=True) if char != folded}


def _split_long_word(word: str) -> Iterator[str]:
    """Yield pieces of *word* that start with a letter: sorting the marks after a letter takes quadratic time."""
    start = 0
    while len(word) - start > _MAX_PIECE_CHARS:
        end = start + _MAX_PIECE_CHARS - _MAX_MARKS
        while end < start + _MAX_PIECE_CHARS and unicodedata.combining(word[end]):
            end += 1
        yield word[start:end]
        start = end
    yield word[start:]


def _is_accent(char: str) -> bool:
    """Check for an accent, unlike a mark that makes a different letter (in kana and Indic scripts)."""
    combining_class = unicodedata.combining(char)
    return combining_class != 0 and combining_class not in _KEPT_COMBINING_CLASSES


def _write_anusvara(match: re.Match[str]) -> str:
    """Return the anusvara of the script of a nasal consonant that is written out before another consonant."""
    return chr((ord(match[0][0]) & ~0x7F) + 0x02)  # each of these scripts has 128 code points in the same order


# The patterns are compiled at their first use, because that takes some milliseconds and few words need them.


@cache
def _invisible_pattern() -> re.Pattern[str]:
    """Return a pattern for characters without width, such as soft hyphens: they part no word."""
    return re.compile(
        "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
        "\ufff9-\ufffb\U000e0000-\U000e0fff]+"
    )


@cache
def _han_pattern() -> re.Pattern[str]:
    return re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")


@cache
def _foreign_apostrophe_pattern() -> re.Pattern[str]:
    """Return a pattern for an apostrophe within a word of another script than Latin, such as `п'ять`."""
    return re.compile(r"(?<=[^\W\d_a-z])'(?=[^\W\d_a-z])")


@cache
def _homorganic_nasal_pattern() -> re.Pattern[str]:
    """Return a pattern for a nasal consonant and virama before a consonant, in Devanagari, Bengali and Gujarati."""
    return re.compile(
        "[\u0919\u091e\u0923\u0928\u092e]\u094d(?=[\u0915-\u092e])"
        "|[\u0999\u099e\u09a3\u09a8\u09ae]\u09cd(?=[\u0995-\u09ae])"
        "|[\u0a99\u0a9e\u0aa3\u0aa8\u0aae]\u0acd(?=[\u0a95-\u0aae])"
    )
