"""Make what two people write for the same speech comparable: words in, tokens out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_WORD = re.compile(r"\w+")


def fold(words: Sequence[str]) -> tuple[list[str], list[int]]:
    """Fold display *words* to tokens.

    Returns the tokens and, for each, the position of the word in which it starts; positions never fall.
    A word may give no token, one or several, and several words one.
    """
    tokens: list[str] = []
    origins: list[int] = []
    for position, word in enumerate(words):
        plain = unicodedata.normalize("NFKD", word.casefold()).replace("'", "").replace("’", "")
        for token in _WORD.findall("".join(c for c in plain if not unicodedata.combining(c))):
            tokens.append(token)
            origins.append(position)
    return tokens, origins
