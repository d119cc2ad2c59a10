"""What was said around a quote: the sentences before and after, the question, and what the quote stops before."""

from __future__ import annotations

from .languages.word_table import WordTable, word_set
from .spoken import SpokenWords
from .verdicts import Context

_MAX_SENTENCE_WORDS = 40
_PLAIN_CONTEXT_WORDS = 20
"""Words before and after a quote in captions without punctuation."""

_MAX_QUESTION_WORDS = 90
_WEAK_LIMITERS = word_set("because not only parce quand nicht nur weil es sondern porque no solo cuando pas")
_OPENINGS = word_set("and so well now und y et also")


def read_context(spoken: SpokenWords, first: int, last: int, table: WordTable, *, open_end: bool) -> Context:
    """Return the context of the tokens *first* to *last* of a track; *open_end* if the quote ends with an ellipsis."""
    start, end = spoken.word_of(first), spoken.word_end(last)
    return Context(
        before=_before(spoken, start),
        after=" ".join(spoken.transcript.words[end : _sentence_end(spoken, end)]),
        question=_question(spoken, start),
        cut_before="" if open_end else _cut_before(spoken, last, table),
    )


def _before(spoken: SpokenWords, start: int) -> str:
    """Return the sentence before a word, without the name of the speaker whose turn begins there."""
    end = spoken.spoken_end(start)
    return " ".join(spoken.transcript.words[_sentence_start(spoken, end) : end])


def _sentence_start(spoken: SpokenWords, word: int) -> int:
    """Return where the sentence before a word starts, or the one that the word is in."""
    low = max(0, word - _MAX_SENTENCE_WORDS)
    for at in range(word - 1, low - 1, -1):
        if spoken.opens_sentence(at):
            return at
    return max(0, word - _PLAIN_CONTEXT_WORDS)


def _sentence_end(spoken: SpokenWords, word: int) -> int:
    high = min(len(spoken.transcript.words), word + _MAX_SENTENCE_WORDS)
    for at in range(word + 1, high):
        if spoken.opens_sentence(at):
            return at
    return min(high, word + _PLAIN_CONTEXT_WORDS)


def _question(spoken: SpokenWords, word: int) -> str:
    """Return the last sentence before a word that ends with a question mark, if it is near."""
    words = spoken.transcript.words
    for at in range(word - 1, max(0, word - _MAX_QUESTION_WORDS) - 1, -1):
        if words[at].rstrip("\"'”’)").endswith(("?", "？", "؟")):
            return " ".join(words[_sentence_start(spoken, at) if not spoken.opens_sentence(at) else at : at + 1])
    return ""


def _cut_before(spoken: SpokenWords, last: int, table: WordTable) -> str:
    """Return the limiting word with which the speaker goes on right after the quote."""
    tokens = spoken.transcript.tokens
    at = last + 1 - spoken.base
    following = [token for token in tokens[at : at + 3] if token not in _OPENINGS][:1]
    limits = [token for token in following if token in table.limiters and token not in _WEAK_LIMITERS]
    return limits[0] if limits else ""
