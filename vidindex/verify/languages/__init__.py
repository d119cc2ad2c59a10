"""The words that decide a meaning, for each language that has a table."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from ...transcripts.languages import base_language
from .word_table import WordTable

_MODULES = {"en": "english", "de": "german", "es": "spanish", "fr": "french"}
TABLE_LANGUAGES = frozenset(_MODULES)
"""The languages that have a table."""


def word_table(language: str) -> WordTable:
    """Return the table of *language*; that of English if the captions state none; an empty one for others."""
    return _load_table(base_language(language) or "en")


@cache
def _load_table(language: str) -> WordTable:
    if language not in _MODULES:
        return WordTable()
    table: WordTable = import_module(f".{_MODULES[language]}", __name__).TABLE
    return table
