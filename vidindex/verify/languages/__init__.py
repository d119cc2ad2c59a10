"""The words that decide a meaning, for each language that has a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module

from ...transcripts.languages import base_language
from .negations import negation_tokens
from .word_table import WordTable

_MODULES = {"en": "english", "de": "german", "es": "spanish", "fr": "french"}

_NEGATING_ANSWERS = ("it", "ca")
"""Languages without a table in which `non` or `no` mostly negates a verb."""

_MIN_SHARE = 0.2
"""Share of the words of a text that are function words of its language, at least."""


def word_table(language: str) -> WordTable:
    """Return the table of *language*; one with its negations, or an empty one, if it has none."""
    return _load_table(base_language(language))


def guess_language(positions: Mapping[str, Sequence[int]], word_count: int) -> str:
    """Return the language with a table whose function words are most frequent in a text, or an empty string.

    *positions* are those of each word in the text.
    """
    counts = {
        language: sum(len(positions.get(word, ())) for word in _load_table(language).function_words)
        for language in _MODULES
    }
    best = max(counts, key=counts.__getitem__)
    return best if counts[best] >= _MIN_SHARE * max(1, word_count) else ""


@cache
def _load_table(language: str) -> WordTable:
    if language not in _MODULES:
        return WordTable(negations=negation_tokens(language), is_answer_apart=language not in _NEGATING_ANSWERS)
    table: WordTable = import_module(f".{_MODULES[language]}", __name__).TABLE
    return table
