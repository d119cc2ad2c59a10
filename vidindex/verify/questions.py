"""Questions that are printed as statements."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .claim_text import ClaimText
from .comparison import WordBlock
from .languages.word_table import WordTable
from .quote_changes import OPENING, FoundChange
from .spoken import SpokenReader, SpokenWords

_CLOSING = "\"'“”’»)"
_MIN_TOKENS = 2
"""Tokens of a printed statement before its last one."""

_MAX_REST_WORDS = 12
"""Words of a question that a quote leaves out at its end."""


def find_questions(
    quote: ClaimText, blocks: Sequence[WordBlock], table: WordTable, spoken: SpokenReader
) -> Iterator[FoundChange]:
    """Yield a change for each sentence that is printed as a statement and was asked.

    It is undecided if only the question mark in the captions tells: people also raise their voice in a statement.
    """
    finder = _QuestionFinder(quote, blocks, table, spoken)
    for block in blocks:
        if block.same and block.text is not None:
            for at in range(block.start, block.end):
                mark = _closing_mark(quote, at)
                if mark is not None:
                    yield from finder.find(block, at, is_marked=bool(mark))


@dataclass(frozen=True, slots=True)
class _QuestionFinder:
    """Finds the question of a printed sentence."""

    quote: ClaimText
    blocks: Sequence[WordBlock]
    table: WordTable
    spoken: SpokenReader

    def find(self, block: WordBlock, at: int, *, is_marked: bool) -> Iterator[FoundChange]:
        """Yield a change if the sentence that is printed up to a token of *block* was asked."""
        first, place = _sentence_start(self.quote, at), block.first + at - block.start
        if block.text is None or at - first < _MIN_TOKENS or not _opens_statement(self.quote, first, self.table):
            return
        around = self.spoken.read(block.text.track, place, place)
        word = _marked_word(around, place)
        mark = _question_mark(around, word, may_go_on=at + 1 == len(self.quote.tokens))
        if mark is None:
            return
        is_inverted = self._is_inverted(around, word, first)
        if is_inverted or (is_marked and mark == word):
            stop = max(place + 1, _token_after(around, mark))
            last = WordBlock(at, at + 1, block.text, place, stop, same=False)
            printed = self.quote.tokens[at : at + 1]
            yield FoundChange("modality", last, printed, tuple(last.said), undecided=True, written=is_inverted)

    def _is_inverted(self, spoken: SpokenWords, word: int, first: int) -> bool:
        """Return whether the sentence of a word was said with a word before its subject that is not printed there."""
        opening = _opening(spoken, spoken.sentence_start(word), self.table)
        is_auxiliary = spoken.transcript.tokens[opening] in self.table.auxiliaries
        return is_auxiliary and self._is_said_after(first, spoken.base + opening)

    def _is_said_after(self, token: int, place: int) -> bool:
        """Return whether a printed token, or the next one that was said as printed, was said after a place."""
        for block in self.blocks:
            if block.same and block.end > token:
                return block.first + max(0, token - block.start) > place
        return False


def _closing_mark(quote: ClaimText, at: int) -> str | None:
    """Return the mark that ends a printed statement with a token, empty at the end of a quote; None if none ends."""
    word = quote.word_index[at]
    is_last = at + 1 == len(quote.tokens)
    if not is_last and quote.word_index[at + 1] == word:
        return None
    mark = quote.printed(at, at + 1).rstrip(_CLOSING)[-1:]
    if mark in (".", "!") or (mark == "," and is_last):
        return mark
    return "" if is_last and mark.isalnum() else None


def _opens_statement(quote: ClaimText, at: int, table: WordTable) -> bool:
    """Return whether a printed sentence begins at a token, with a capital letter and no word that asks."""
    word = quote.words[quote.word_index[at]].lstrip(OPENING)
    return not word[:1].islower() and quote.tokens[at] not in table.questions


def _sentence_start(quote: ClaimText, at: int) -> int:
    """Return the first token of the printed sentence that a token is in."""
    while at and not (quote.word_index[at - 1] != quote.word_index[at] and quote.opens_sentence(at)):
        at -= 1
    return at


def _marked_word(spoken: SpokenWords, place: int) -> int:
    """Return the last word of a token with a punctuation mark: `right? Right.` is one token that was said twice."""
    words = range(spoken.word_of(place), spoken.word_end(place))
    return next((at for at in reversed(words) if spoken.ends_clause(at)), spoken.word_of(place))


def _question_mark(spoken: SpokenWords, word: int, *, may_go_on: bool) -> int | None:
    """Return the word with the question mark after a word; no comma may stand between them, as before `right?`."""
    reach = min(word + (_MAX_REST_WORDS if may_go_on else 1), len(spoken.transcript.words))
    end = next((at for at in range(word, reach) if spoken.ends_clause(at) or spoken.ends_question(at)), None)
    return end if end is not None and spoken.ends_question(end) else None


def _opening(spoken: SpokenWords, word: int, table: WordTable) -> int:
    """Return the first token of a sentence after words such as `so` and `and`."""
    tokens = spoken.transcript.tokens
    first = _token_from(spoken, word)
    small = table.fillers | table.conjunctions.keys()
    return next((at for at in range(first, len(tokens)) if tokens[at] not in small), first)


def _token_from(spoken: SpokenWords, word: int) -> int:
    """Return the first token of a word, or of one after it."""
    return min(bisect_left(spoken.transcript.word_index, word), len(spoken.transcript.tokens) - 1)


def _token_after(spoken: SpokenWords, word: int) -> int:
    """Return the position in the track after the last token of a word."""
    return spoken.base + bisect_right(spoken.transcript.word_index, word)
