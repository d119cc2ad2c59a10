"""What was said around a quote: the sentences before and after, the question, and what the quote stops before."""

from __future__ import annotations

from collections.abc import Sequence

from ..transcripts.normalize import normalize_words
from .languages.word_table import WordTable, word_set
from .numbers import is_number
from .omissions import count_frame_words
from .spoken import SpokenWords
from .verdicts import Context

_MAX_SENTENCE_WORDS = 40
_PLAIN_CONTEXT_WORDS = 20
"""Words before and after a quote in captions without punctuation."""

_MAX_QUESTION_WORDS = 90
_WEAK_LIMITERS = word_set("because not only parce quand nicht nur weil es sondern porque no solo cuando pas")
_OPENINGS = word_set("and so well now und y et also")
_DOUBTFUL_GROUPS = ("may", "likely", "unlikely")
_LIMITING_GROUPS = ("most", "some", "few", "only", "almost")
_CONDITIONS = word_set("if unless whether wenn falls sofern ob si sauf salvo")
_ARTICLES = word_set("of the")
_MAX_HEDGE_WORDS = 3
_MAX_CONDITION_WORDS = 15


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
    return limits[0] if limits else _doubt_after(spoken, last, table)


def _doubt_after(spoken: SpokenWords, last: int, table: WordTable) -> str:
    """Return the words of doubt right after the quote with which the speaker ends the sentence: `I think.`"""
    tokens, at = spoken.transcript.tokens, last + 1 - spoken.base
    if spoken.opens_sentence(spoken.word_of(last + 1)):
        return ""
    for size in range(1, min(_MAX_HEDGE_WORDS, len(tokens) - at) + 1):
        is_end = at + size == len(tokens) or spoken.opens_sentence(spoken.word_of(last + 1 + size))
        words = tokens[at : at + size]
        is_quantifier = size == 1 and table.quantifiers.get(words[0]) in _LIMITING_GROUPS
        if is_end and (is_quantifier or _is_doubt(words, table)):
            return spoken.text(last + 1, last + 1 + size).rstrip(".,;!?…")
    return ""


def limit_before(spoken: SpokenWords, first: int, table: WordTable) -> str:
    """Return the words right before the quote, in its sentence, that limit what it says: `I think`, `if`, `only`."""
    tokens, at = spoken.transcript.tokens, first - spoken.base
    if not at or spoken.opens_sentence(spoken.word_of(first)):
        return ""
    for size in range(_MAX_HEDGE_WORDS, 0, -1):
        words = tokens[max(0, at - size) : at]
        starts = [spoken.word_of(place) for place in range(first - size + 1, first)]
        if len(words) == size and _limits(words, tokens[at], table) and not any(map(spoken.opens_sentence, starts)):
            return spoken.text(first - size, first).rstrip(".,;!?…")
    return _condition_before(spoken, first)


def _condition_before(spoken: SpokenWords, first: int) -> str:
    """Return the clause with `if` that opens the sentence in which the quote starts, if the quote leaves it out."""
    word = spoken.word_of(first)
    start = spoken.sentence_start(word)
    words = spoken.transcript.words[start:word]
    is_clause = len(words) <= _MAX_CONDITION_WORDS and bool(words) and spoken.ends_clause(word - 1)
    opening = next((each for each in normalize_words(words)[0] if each not in _OPENINGS), "")
    return " ".join(words).rstrip(".,;!?…") if is_clause and opening in _CONDITIONS else ""


def negation_before(spoken: SpokenWords, first: int, table: WordTable) -> str:
    """Return the words right before the quote, in its sentence, that negate what it says: `not`, `I don't think`."""
    tokens, at = spoken.transcript.tokens, first - spoken.base
    if not at or spoken.opens_sentence(spoken.word_of(first)):
        return ""
    is_negated = tokens[at - 1] in table.negations and not spoken.ends_clause(spoken.word_of(first - 1))
    size = 1 if is_negated else count_frame_words(spoken, first, table)
    return spoken.text(first - size, first).rstrip(".,;!?…")


def _is_doubt(words: Sequence[str], table: WordTable) -> bool:
    is_word = len(words) == 1 and table.modals.get(words[0]) in _DOUBTFUL_GROUPS
    return is_word or tuple(words) in table.hedges


def _limits(words: Sequence[str], following: str, table: WordTable) -> bool:
    """Return whether words limit the clause after them; articles may stand between: `most of the`."""
    if " ".join(words) in (*table.bounds, *table.number_bounds):
        return is_number(following, table)
    is_limiter = len(words) == 1 and words[0] in _CONDITIONS
    is_quantifier = table.quantifiers.get(words[0]) in _LIMITING_GROUPS and _ARTICLES.issuperset(words[1:])
    return is_limiter or is_quantifier or _is_doubt(words, table)
