"""Find other forms of a word: speech that contains `scheduled` may be misheard, or remembered, as `schedule`.

The suffixes are English.  In other languages they produce words that no index contains, which does no harm.  Letters
that some keyboards lack are also written as two: `München` and `Muenchen`, `Ångström` and `Aangstroem`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

_INFLECTABLE_CHARS = range(4, 31)  # length of a word that has other forms
_MIN_STEM_CHARS = 3
_SUFFIX_REPLACEMENTS = (
    ("ies", "y"),
    ("ied", "y"),
    ("ing", ""),
    ("ing", "e"),
    ("es", ""),
    ("ed", ""),
    ("s", ""),
    ("d", ""),
)
_LETTER_PAIRS = (("ae", "a"), ("oe", "o"), ("ue", "u"), ("aa", "a"), ("dj", "d"))
"""How letters that accents were removed from are written without accents."""

_SIBILANT_ENDINGS = ("s", "x", "z", "ch", "sh")
_ADDED_SUFFIXES = ("", "s", "ed", "ing")


def inflect_tokens(tokens: Iterable[str]) -> tuple[str, ...]:
    """Return words that differ from one of *tokens* only by their suffix, without *tokens* themselves.

    Many of them are not real words.
    """
    originals = dict.fromkeys(tokens)
    inflectable = (token for token in originals if len(token) in _INFLECTABLE_CHARS and token.isalpha())
    forms = dict.fromkeys(form for token in inflectable for form in _inflect_word(token))
    return tuple(form for form in forms if form not in originals)


def _respell_word(word: str) -> Iterator[str]:
    """Yield *word* with the letter pairs as letters, and with a letter as a pair: all of them, and each by itself."""
    letters = pairs = word
    for pair, letter in _LETTER_PAIRS:
        letters = letters.replace(pair, letter)
        if pair in word:
            yield word.replace(pair, letter)
            continue
        pairs = pairs.replace(letter, pair) if pair[1:] == "e" else pairs
        yield from (word[:at] + pair + word[at + 1 :] for at, char in enumerate(word) if char == letter)
    yield from (letters, pairs)


def _inflect_word(word: str) -> Iterator[str]:
    if word.isascii():
        yield from _respell_word(word)
    stems = [
        word.removesuffix(suffix) + replacement for suffix, replacement in _SUFFIX_REPLACEMENTS if word.endswith(suffix)
    ]
    for base in (word, *stems):
        if len(base) < _MIN_STEM_CHARS:
            continue
        yield from (base + suffix for suffix in _ADDED_SUFFIXES)
        if base.endswith("e"):
            yield from (f"{base}d", f"{base[:-1]}ing")
        if base.endswith(_SIBILANT_ENDINGS):
            yield f"{base}es"
        if base.endswith("y"):
            yield from (f"{base[:-1]}ies", f"{base[:-1]}ied")
