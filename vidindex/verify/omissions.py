"""Words that a quote leaves out and that turn its meaning: before its first word, and where it has an ellipsis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from .claim_text import ClaimText
from .comparison import WordBlock
from .languages.word_table import WordTable
from .quote_changes import ANSWERS, OPENING, FoundChange
from .spoken import SpokenReader, SpokenWords

_NEGATION_REACH = 3
"""Words between a negation and the verb of thinking or saying that it negates, and one more."""

_SURE_GAP_WORDS, _MAX_GAP_WORDS = 3, 8
"""Words of one clause that an ellipsis leaves out."""

_MAX_FRAME_WORDS = 3


def find_omissions(
    quote: ClaimText, blocks: Sequence[WordBlock], table: WordTable, spoken: SpokenReader
) -> Iterator[FoundChange]:
    """Yield the changes that words make which are not printed, before the quote or in place of an ellipsis."""
    yield from _find_cut_negation(quote, blocks, table, spoken)
    yield from _find_cut_frame(quote, blocks, table, spoken)
    yield from _find_cut_article(quote, blocks, table)
    yield from _find_hidden_negations(quote, blocks, table, spoken)


def _find_cut_negation(
    quote: ClaimText, blocks: Sequence[WordBlock], table: WordTable, spoken: SpokenReader
) -> Iterator[FoundChange]:
    """Yield a change if a sentence is printed without the negation that was said right before its first word."""
    block = _find_word_before(quote, blocks)
    if block is None or block.text is None or (word := block.said[0]) not in table.negations:
        return
    around = spoken.read(block.text.track, block.first, blocks[0].stop)
    if around.opens_sentence(around.word_of(block.stop)) or around.ends_clause(around.word_of(block.first)):
        return
    is_answer = word in ANSWERS
    if not (is_answer and table.is_answer_apart):
        # Scripts without capital letters do not show whether the quote is printed as a sentence.
        undecided = (is_answer and not around.has_punctuation()) or not _first_letter(quote).isupper()
        yield FoundChange("negation", block, (), (word,), undecided=undecided)


def _find_cut_frame(
    quote: ClaimText, blocks: Sequence[WordBlock], table: WordTable, spoken: SpokenReader
) -> Iterator[FoundChange]:
    """Yield a change if a sentence is printed without the words of doubt right before it: `I don't think`."""
    before = _find_word_before(quote, blocks)
    if before is None or before.text is None:
        return
    around = spoken.read(before.text.track, before.first, blocks[0].stop)
    first = before.stop - count_frame_words(around, before.stop, table)
    if first < before.stop:
        block = WordBlock(0, 0, before.text, first, before.stop, same=False)
        small = table.function_words | table.conjunctions.keys()
        is_direct = sum(token not in small for token in block.said[1:]) <= 1  # the verb, or a noun such as `evidence`
        undecided = not is_direct or not around.has_punctuation()
        yield FoundChange("negation", block, (), tuple(block.said), undecided=undecided)


def count_frame_words(spoken: SpokenWords, place: int, table: WordTable) -> int:
    """Return how many words before a token of the track, in its sentence, say that what follows is doubted or denied.

    It is 0 if they do not.
    """
    tokens, at = spoken.transcript.tokens, place - spoken.base
    size = _frame_size(tokens[max(0, at - _NEGATION_REACH - _MAX_FRAME_WORDS) : at], table)
    places = range(place - size + 1, place + 1)
    starts = (spoken.word_of(each) for each in places if spoken.word_of(each) != spoken.word_of(each - 1))
    return 0 if any(map(spoken.opens_sentence, starts)) else size


def _frame_size(tokens: Sequence[str], table: WordTable) -> int:
    """Return how many words at the end of *tokens* say that what follows is doubted or denied; 0 if they do not."""
    for size in range(min(_MAX_FRAME_WORDS, len(tokens)), 0, -1):
        phrase, start = tuple(tokens[-size:]), len(tokens) - size
        near = range(max(0, start - _NEGATION_REACH), len(tokens))
        negations = [
            at
            for at in near
            if tokens[at] in table.negations
            and table.persons.keys().isdisjoint(tokens[at + 1 : start])
            and not _asserts(tokens[max(0, at - 1) :], table)
        ]
        if phrase in table.doubts:
            return 0 if negations else size
        if phrase in table.frames and negations:
            return len(tokens) - negations[0]
    return 0


def _asserts(tokens: Sequence[str], table: WordTable) -> bool:
    """Return whether *tokens*, or all but the first one, begin with a phrase such as `can not believe`."""
    return any(tuple(tokens[at : at + len(phrase)]) == phrase for phrase in table.assertions for at in (0, 1))


def _find_hidden_negations(
    quote: ClaimText, blocks: Sequence[WordBlock], table: WordTable, spoken: SpokenReader
) -> Iterator[FoundChange]:
    """Yield a change for each ellipsis in place of a negation in the same clause: `we … support the plan`."""
    for left, right in pairwise(blocks):
        text = left.text
        if right.start not in quote.breaks or text is None or text is not right.text:
            continue
        around = spoken.read(text.track, left.stop, right.first)
        for start, stop in _clauses_beside(around, left.stop, right.first, table):
            hidden = tuple(text.tokens[at] for at in range(start, stop) if _negates(around, at, table))
            if hidden and stop - start <= _MAX_GAP_WORDS:
                gap = WordBlock(right.start, right.start, text, start, stop, same=False)
                yield FoundChange("negation", gap, (), hidden, undecided=stop - start > _SURE_GAP_WORDS)
                break


def _negates(spoken: SpokenWords, place: int, table: WordTable) -> bool:
    """Return whether a token of the track is a negation, and no answer before a comma."""
    token = spoken.transcript.tokens[place - spoken.base]
    return token in table.negations and not (token in ANSWERS and spoken.ends_clause(spoken.word_of(place)))


def _clauses_beside(spoken: SpokenWords, first: int, stop: int, table: WordTable) -> Iterator[tuple[int, int]]:
    """Yield the tokens among those that were left out that belong to the clause before them, and to the one after."""
    tokens, base = spoken.transcript.tokens, spoken.base
    limits = [
        at
        for at in range(first, stop + 1)
        if spoken.ends_clause(spoken.word_of(at - 1))
        or (at < stop and tokens[at - base] in table.conjunctions)
        or (at == first and tokens[at - 1 - base] in table.conjunctions)
    ]
    before, after = (limits[0], limits[-1]) if limits else (stop, first)
    yield first, before
    if limits:
        yield after, stop


def _find_cut_article(quote: ClaimText, blocks: Sequence[WordBlock], table: WordTable) -> Iterator[FoundChange]:
    """Yield a change if a sentence begins with `few` where `a few` was said."""
    before = _find_word_before(quote, blocks)
    if before is not None and (said := (before.said[0], quote.tokens[0])) in table.articled:
        block = WordBlock(0, 1, before.text, before.first, before.stop + 1, same=False)
        yield FoundChange("quantifier", block, quote.tokens[:1], said, undecided=True, written=True)


def _find_word_before(quote: ClaimText, blocks: Sequence[WordBlock]) -> WordBlock | None:
    """Return the word that was said right before the first one of a sentence, as a block without a printed word.

    None if the first word was not said as printed, and if the quote begins with a small letter: that is a part of a
    sentence, in which the article can print the word.
    """
    first = blocks[0] if blocks else None
    if first is None or first.text is None or first.start or not first.same or not first.first:
        return None
    return (
        None
        if _first_letter(quote).islower()
        else WordBlock(0, 0, first.text, first.first - 1, first.first, same=False)
    )


def _first_letter(quote: ClaimText) -> str:
    return quote.words[quote.word_index[0]].lstrip(OPENING)[:1]
