"""Find other forms of a word: speech that contains `scheduled` may be misheard, or remembered, as `schedule`.

The suffixes are English.  In other languages they produce words that no index contains, which does no harm.
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


def _inflect_word(word: str) -> Iterator[str]:
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
