"""Changes of meaning that no differing word shows by itself: a cut negation, a sign, words that changed places."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Literal

from .claim_text import ClaimText
from .comparison import WordBlock
from .languages.word_table import WordTable, word_set
from .numbers import is_number, read_numbers
from .spoken import SpokenReader
from .verdicts import ChangeKind

ANSWERS = frozenset(("no", "non", "nein"))
"""Negations that are also answers, after which a sentence begins."""

_MOVED_WORDS = 8

SIGNS = word_set("minus negative")
"""Words that make a number negative."""

_POSSIBLE_SIGNS = word_set("moins menos meno")
"""Words that are signs, or mean `less`, as in French and Spanish."""

_Sign = Literal["negative", "positive", ""]
_OPENING = "\"'“‘«„([¿¡"
_DASHES = ("-", "\u2212", "\u2013", "\u2014")
_NEGATIVE_PATTERN = re.compile(r"[-\u2212][$£€¥]?\d")
CONJUNCTIONS = word_set("and or und oder y o e et ou")


@dataclass(frozen=True, slots=True)
class FoundChange:
    """A change of a block: the deciding tokens, as *printed* and as *said*.

    Captions that people wrote decide an *undecided* change that is *written*.
    """

    kind: ChangeKind
    block: WordBlock
    printed: tuple[str, ...]
    said: tuple[str, ...]
    undecided: bool = False
    written: bool = False


def find_quote_changes(
    quote: ClaimText, blocks: Sequence[WordBlock], table: WordTable, spoken: SpokenReader
) -> Iterator[FoundChange]:
    """Yield the changes of a quote as a whole."""
    yield from _find_cut_negation(quote, blocks, table, spoken)
    yield from _find_cut_article(quote, blocks, table)
    yield from _find_signs(quote, blocks, table, spoken)
    yield from _find_bounds(quote, blocks, table)
    yield from _find_swaps(quote, blocks, table)


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
    return quote.words[quote.word_index[0]].lstrip(_OPENING)[:1]


def _find_signs(
    quote: ClaimText, blocks: Sequence[WordBlock], table: WordTable, spoken: SpokenReader
) -> Iterator[FoundChange]:
    """Yield a change for each number that is printed, or was said, as a negative one only on one side."""
    for before, block in zip((None, *blocks), blocks, strict=False):
        for at, place in _paired_numbers(quote, block, table):
            signs = {_printed_sign(quote, at), _said_sign(spoken, block, place)}
            if signs == {"negative", "positive"}:
                start, first = _include_sign(quote.tokens, at), _include_sign(_tokens(block), place)
                number = WordBlock(start, at + 1, block.text, first, place + 1, same=False)
                undecided = at == block.start and before is not None and before.end > before.start and not before.same
                yield FoundChange("number", number, quote.tokens[start : at + 1], tuple(number.said), undecided)


def _include_sign(tokens: Sequence[str], at: int) -> int:
    """Return where the number at *at* starts with its sign, which readers of the change need to see."""
    return at - 1 if at and tokens[at - 1] in SIGNS else at


def _tokens(block: WordBlock) -> Sequence[str]:
    return block.text.tokens if block.text is not None else ()


def _paired_numbers(quote: ClaimText, block: WordBlock, table: WordTable) -> Iterator[tuple[int, int]]:
    """Yield the first token of each number of a block in the quote and in what was said, if they are paired."""
    printed = [at for at in range(block.start, block.end) if is_number(quote.tokens[at], table)]
    said = [at for at, token in enumerate(block.said, block.first) if is_number(token, table)]
    if block.same or len(printed) == len(said) == 1:
        for at, place in zip(printed, said, strict=False):
            if not (at and is_number(quote.tokens[at - 1], table)):
                yield at, place


def _printed_sign(quote: ClaimText, at: int) -> _Sign:
    word = quote.word_index[at]
    previous = quote.tokens[at - 1] if at and quote.word_index[at - 1] != word else ""
    return _read_sign(quote.words[word], quote.words[word - 1] if word else "", previous, starts_turn=False)


def _said_sign(spoken: SpokenReader, block: WordBlock, place: int) -> _Sign:
    text = block.text
    if text is None:
        return ""
    around = spoken.read(text.track, place, place)
    words, word = around.transcript.words, around.word_of(place)
    previous = text.tokens[place - 1] if place else ""
    return _read_sign(words[word], words[word - 1] if word else "", previous, starts_turn=around.opens_sentence(word))


def _read_sign(word: str, before: str, previous: str, *, starts_turn: bool) -> _Sign:
    """Return the sign of the number in *word*, empty if it is uncertain.

    *before* is the word before it, and *previous* its token.  A dash may also be a range, or mark a turn.
    """
    if previous in SIGNS:
        return "negative"
    if previous in _POSSIBLE_SIGNS or before in _DASHES:
        return ""
    if word.lstrip(_OPENING)[:1] not in _DASHES:
        return "positive"
    is_sign = bool(_NEGATIVE_PATTERN.match(word.lstrip(_OPENING))) and not before[-1:].isdigit() and not starts_turn
    return "negative" if is_sign else ""


def _find_bounds(quote: ClaimText, blocks: Sequence[WordBlock], table: WordTable) -> Iterator[FoundChange]:
    """Yield a change for each number that is printed as an upper bound and was said as a lower one, or the reverse."""
    for is_same, group in groupby(blocks, key=lambda block: block.same):
        run = list(group)
        text = run[0].text
        if is_same or text is None or any(block.text is not text for block in run):
            continue
        block = WordBlock(run[0].start, run[-1].end, text, run[0].first, run[-1].stop, same=False)
        printed, said = _bounds(quote.tokens[block.start : block.end], table), _bounds(block.said, table)
        if printed and said and set(printed.values()).isdisjoint(said.values()):
            yield FoundChange("direction", block, tuple(printed), tuple(said))


def _bounds(tokens: Sequence[str], table: WordTable) -> dict[str, str]:
    """Return the bounds among *tokens*, such as `up to`, each with its group."""
    return {phrase: table.bounds[phrase] for phrase in find_phrases(tokens, table.bounds)}


def find_phrases(tokens: Sequence[str], phrases: Iterable[str]) -> list[str]:
    """Return those of *phrases* that *tokens* contain."""
    text = f" {' '.join(tokens)} "
    return [phrase for phrase in phrases if f" {phrase} " in text]


def _find_swaps(quote: ClaimText, blocks: Sequence[WordBlock], table: WordTable) -> Iterator[FoundChange]:
    """Yield a change for each two words that changed places, unless they are only listed."""
    differing = [block for block in blocks if not block.same and block.said and block.end > block.start]
    for left, right in pairwise(differing):
        printed, said = quote.tokens[left.start : left.end], tuple(left.said)
        between = quote.tokens[left.end : right.start]
        is_listed = CONJUNCTIONS.issuperset(between) and "," not in quote.printed(left.start, right.start)
        is_swapped = (printed, said) == (tuple(right.said), quote.tokens[right.start : right.end])
        has_content = not any(token in table.function_words for token in (*printed, *said))
        if is_swapped and has_content and not is_listed:
            yield FoundChange("other", left, printed, said)


def drop_moved_words(found: Sequence[FoundChange]) -> list[FoundChange]:
    """Drop pairs of changes in which a word is only moved: it is dropped in one place and added in another nearby."""
    dropped: set[int] = set()
    for at, left in enumerate(found):
        for other in range(at + 1, len(found)):
            right = found[other]
            near = right.block.start - left.block.end <= _MOVED_WORDS
            if (
                near
                and other not in dropped
                and left.kind == right.kind
                and not (left.printed and left.said)
                and ((left.printed, left.said) == (right.said, right.printed))
            ):
                dropped.update((at, other))
                break
    return [change for at, change in enumerate(found) if at not in dropped]


def drop_moved_numbers(
    found: Sequence[FoundChange], quote: ClaimText, blocks: Sequence[WordBlock], table: WordTable
) -> list[FoundChange]:
    """Drop numbers that are only moved, also as ordinals: `April 13th` is printed as `13 April`."""
    return [change for change in found if not _is_moved_number(change, quote, blocks, table)]


def _is_moved_number(change: FoundChange, quote: ClaimText, blocks: Sequence[WordBlock], table: WordTable) -> bool:
    if change.kind != "number" or (change.printed and change.said):
        return False
    numbers = _cardinals(change.printed or change.said, table)
    last = blocks[-1]
    if change.printed and last.text is not None and last.start - change.block.end <= _MOVED_WORDS:
        following = last.text.tokens[last.stop : last.stop + 1]  # the quote may end before `5th` of `October 5th`
        if numbers == _cardinals(following, table):
            return True
    return any(
        not block.same
        and block.start != change.block.start
        and max(block.start, change.block.start) - min(block.end, change.block.end) <= _MOVED_WORDS
        and numbers == _cardinals(block.said if change.printed else quote.tokens[block.start : block.end], table)
        for block in blocks
    )


def _cardinals(tokens: Sequence[str], table: WordTable) -> list[str]:
    """Return the values of the numbers among *tokens*, those of ordinals without their ending."""
    return [value.removesuffix("th") for value in read_numbers(tokens, table).values]
