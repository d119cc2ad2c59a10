"""Spelling corrections of a query without hits; only those that find something are suggested."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from ..engines.base import PassageIndex
from ..engines.cpu_limit import check_cpu_time
from ..errors import QuerySyntaxError
from .hits import find_hits
from .options import SearchOptions
from .query import tokenize_text
from .source import PassageSource

_MAX_WORDS = 50
_MAX_UNKNOWN_WORDS = 5
"""Each unknown word is compared with all indexed words; a text with more of them is in another language, or noise."""

_MAX_SIMILAR_WORDS = 3
_MAX_TRIES = 6  # corrections that are searched


def suggest_query(engine: PassageIndex, source: PassageSource, text: str, *, options: SearchOptions) -> str | None:
    """Return the most likely correction of *text* that finds something with the filters of *options*; else None."""
    wanted = replace(options, limit=1, offset=0)
    for corrected in islice(correct_spelling(engine, text), _MAX_TRIES):
        try:
            if find_hits(engine, source, corrected, options=wanted):
                return corrected
        except QuerySyntaxError:
            continue
    return None


def correct_spelling(engine: PassageIndex, text: str) -> Iterator[str]:
    """Yield *text* with words that no passage contains replaced by similar indexed ones, the most likely first."""
    words = text.split()[:_MAX_WORDS]
    tokens = {word: token for word in dict.fromkeys(words) if (token := _find_token(word))}
    known = engine.find_known_tokens(tokens.values())
    unknown = {word: token for word, token in tokens.items() if token not in known}
    if len(unknown) > _MAX_UNKNOWN_WORDS:
        return
    similar = {word: found for word, token in unknown.items() if (found := _find_similar(engine, word, token))}
    best = {word: found[0] for word, found in similar.items()}
    if best:
        yield _replace_words(words, best)
    for word, others in similar.items():
        for other in others[1:]:
            yield _replace_words(words, {**best, word: other})


def _replace_words(words: Sequence[str], corrections: Mapping[str, str]) -> str:
    return " ".join(corrections.get(word, word) for word in words)


def _find_token(word: str) -> str:
    """Return the token of *word*, or "" if there is nothing to correct."""
    tokens = tokenize_text(word) if word[-1:] not in ("*", ":") else ()
    return tokens[0] if len(tokens) == 1 and tokens[0].isalpha() else ""


def _find_similar(engine: PassageIndex, word: str, token: str) -> list[str]:
    """Return what *word* may be a misspelling of, with the quotation marks and parentheses around it."""
    check_cpu_time()
    letters = [at for at, char in enumerate(word) if char.isalnum()]
    before, after = (word[: letters[0]], word[letters[-1] + 1 :]) if letters else ("", "")
    return [f"{before}{found}{after}" for found in engine.find_similar_tokens(token, limit=_MAX_SIMILAR_WORDS)]
