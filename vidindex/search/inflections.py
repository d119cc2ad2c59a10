"""Other forms of a word: what was `scheduled` is misheard, and misremembered, as `schedule`.

The endings are those of English.  Of another language's words they make words that no index holds, which costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

_INFLECTABLE_CHARS = range(4, 31)  # characters of a word that has other forms
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
    """Give words that differ from one of *tokens* by their ending alone, and are none of them; most are no words."""
    known = dict.fromkeys(tokens)
    found = (
        form for token in known if len(token) in _INFLECTABLE_CHARS and token.isalpha() for form in _inflect_word(token)
    )
    return tuple(dict.fromkeys(form for form in found if form not in known))


def _inflect_word(word: str) -> Iterator[str]:
    bases = [
        word,
        *(word.removesuffix(ending) + instead for ending, instead in _SUFFIX_REPLACEMENTS if word.endswith(ending)),
    ]
    for base in bases:
        if len(base) < _MIN_STEM_CHARS:
            continue
        yield from (base + ending for ending in _ADDED_SUFFIXES)
        if base.endswith("e"):
            yield from (f"{base}d", f"{base[:-1]}ing")
        if base.endswith(_SIBILANT_ENDINGS):
            yield f"{base}es"
        if base.endswith("y"):
            yield from (f"{base[:-1]}ies", f"{base[:-1]}ied")
