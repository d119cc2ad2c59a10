"""Tokens of the fields that searches filter by, and dates as numbers: the same in the store and in every engine."""

from __future__ import annotations

import re
import unicodedata

MAX_TOKEN_CHARS = 200
"""Tokens are truncated to this length; longer ones are not words."""

_WORD_PATTERN = re.compile(r"\w+")


def tokenize_field(text: str) -> list[str]:
    """Return the normalized tokens of a field, or of words to filter it by."""
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return [word[:MAX_TOKEN_CHARS] for word in _WORD_PATTERN.findall(text.casefold())]


def date_number(date: str, *, pad: str = "0") -> int:
    """Return an ISO date, or the start of one, as the integer yyyymmdd; *pad* fills the missing digits.

    Return 0 if *date* is not a date.
    """
    digits = date.replace("-", "")[:8]
    return int(digits.ljust(8, pad)) if len(digits) >= 4 and digits.isascii() and digits.isdigit() else 0
