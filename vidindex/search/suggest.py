"""Spelling suggestions for a query without hits."""

from __future__ import annotations

from ..engines.base import PassageIndex
from ..engines.cpu_limit import check_cpu_time
from .query import tokenize_text

_MAX_WORDS = 50
_MAX_UNKNOWN_WORDS = 5
"""Each unknown word is compared with all indexed words; a text with more of them is in another language, or noise."""


def suggest_spelling(engine: PassageIndex, text: str) -> str | None:
    """Return *text* with words that no passage contains replaced by similar indexed ones; None if nothing changes."""
    words = text.split()[:_MAX_WORDS]
    unknown = {word: token for word in dict.fromkeys(words) if (token := _unknown_token(engine, word))}
    if len(unknown) > _MAX_UNKNOWN_WORDS:
        return None
    corrections = {word: found for word, token in unknown.items() if (found := _find_correction(engine, token))}
    return " ".join(corrections.get(word, word) for word in words) if corrections else None


def _unknown_token(engine: PassageIndex, word: str) -> str:
    """Return the token of *word* if it is one that no passage contains, or "" if there is nothing to correct."""
    tokens = tokenize_text(word) if word[-1:] not in ("*", ":") else ()
    if len(tokens) != 1 or not tokens[0].isalpha() or engine.has_token(tokens[0]):
        return ""
    return tokens[0]


def _find_correction(engine: PassageIndex, token: str) -> str:
    check_cpu_time()
    return next(iter(engine.find_similar_tokens(token, limit=1)), "")
