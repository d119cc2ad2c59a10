"""Tell a query with operators from plain words.  Most searches are plain words, and import no parser."""

from __future__ import annotations

from ..engines.terms import FIELD_NAMES
from ..transcripts.lazy_pattern import lazy_pattern

OPERATORS = ("AND", "OR", "NOT")
DATE_FIELDS = ("after", "before")
FIELD_ALTERNATIVES = "|".join((*FIELD_NAMES, *DATE_FIELDS))

MAX_QUERY_CHARS = 1000
"""A longer text is always a quote."""

_FIELD_PATTERN = lazy_pattern(rf"(?<![^\s(])(?:{FIELD_ALTERNATIVES}):(?=[\w\"(])")
_OPERATOR_PATTERN = lazy_pattern(r"(?<=\S)\s+(?:AND|OR|NOT)(?=\s+\S)")
_PREFIX_PATTERN = lazy_pattern(r"(?<![^\s(])\w{2,}\*(?=[\s)]|$)")
_QUOTED_PATTERN = lazy_pattern(r"(?<![^\s(:])\"[^\"\w]*\w[^\"]*\"(?:~\d{1,4})?(?=[\s)]|$)")


def has_operators(text: str) -> bool:
    """Return whether *text* is a query with operators rather than plain words."""
    if len(text) > MAX_QUERY_CHARS:
        return False
    return has_explicit_operators(text) or _has_quoted_phrase(text)


def has_explicit_operators(text: str) -> bool:
    """Return whether *text* has a field, a prefix or a boolean operator."""
    # The characters are looked for first: most texts have none of them, and the patterns take long to compile.
    return bool(
        (":" in text and _FIELD_PATTERN.search(text))
        or ("*" in text and _PREFIX_PATTERN.search(text))
        or has_boolean_operators(text)
    )


def has_boolean_operators(text: str) -> bool:
    """Return whether *text* has AND, OR or NOT between words; in a text that is all capitals they are plain words."""
    if not any(map(text.__contains__, OPERATORS)) or not _OPERATOR_PATTERN.search(text):
        return False
    other_words = _OPERATOR_PATTERN.sub(" ", text)
    return not other_words.isupper() or '"' in text


def _has_quoted_phrase(text: str) -> bool:
    """Return whether *text* has quotation marks, and all of them enclose whole words."""
    return '"' in text and bool(_QUOTED_PATTERN.search(text)) and '"' not in _QUOTED_PATTERN.sub("", text)
