"""Spelling suggestions for a query without hits."""

from __future__ import annotations

from ..engines.base import PassageIndex
from .query import tokenize_text

_MAX_WORDS = 50


def suggest_spelling(engine: PassageIndex, text: str) -> str | None:
    """Return *text* with words that no passage contains replaced by similar indexed ones; None if nothing changes."""
    is_changed = False
    words = []
    for word in text.split()[:_MAX_WORDS]:
        replacement = _find_correction(engine, word)
        is_changed = is_changed or replacement is not None
        words.append(replacement or word)
    return " ".join(words) if is_changed else None


def _find_correction(engine: PassageIndex, word: str) -> str | None:
    tokens = tokenize_text(word) if word[-1:] not in ("*", ":") else ()
    if len(tokens) != 1 or not tokens[0].isalpha() or engine.has_token(tokens[0]):
        return None
    return next(iter(engine.find_similar_tokens(tokens[0], limit=1)), None)
