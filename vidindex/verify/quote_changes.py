"""Changes of meaning that no differing word shows by itself: signs, bounds, words that changed places."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import Literal

from .claim_text import ClaimText
from .comparison import WordBlock
from .languages.word_table import WordTable, word_set
from .numbers import is_number, is_number_part, read_numbers
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
OPENING = "\"'“‘«„([¿¡"
_DASHES = ("-", "\u2212", "\u2013", "\u2014")
_NEGATIVE_PATTERN = re.compile(r"[-\u2212][$£€¥]?\d")
_SWAP_REACH = 3
"""Blocks that differ from the first of two swapped words to the second: titles are swapped, too."""

_AGENT = "by"
_SIDES = {"more": 1, "at least": 1, "about": 0, "less": -1, "at most": -1}
"""Whether a group of bounds says that a number is larger, about right, or smaller."""


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
    yield from _find_signs(quote, blocks, table, spoken)
    yield from _find_bounds(quote, blocks, table)
    yield from _find_swaps(quote, blocks, table)
    yield from _find_passive(quote, blocks, table)


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
    if word.lstrip(OPENING)[:1] not in _DASHES:
        return "positive"
    is_sign = bool(_NEGATIVE_PATTERN.match(word.lstrip(OPENING))) and not before[-1:].isdigit() and not starts_turn
    return "negative" if is_sign else ""


def _find_bounds(quote: ClaimText, blocks: Sequence[WordBlock], table: WordTable) -> Iterator[FoundChange]:
    """Yield a change for each number that is printed with another bound than it was said with, or with one more."""
    for block in _differing_runs(blocks):
        printed, said = _read_bounds(quote, block, table)
        if printed and said:
            if {_SIDES[group] for group in printed.values()}.isdisjoint(_SIDES[group] for group in said.values()):
                yield FoundChange("direction", block, tuple(printed), tuple(said))
        elif any(_SIDES[group] for group in (printed | said).values()) and _has_numbers_only(
            quote, block, (*printed, *said), table
        ):
            yield FoundChange("direction", block, tuple(printed), tuple(said), undecided=True)


def _has_numbers_only(quote: ClaimText, block: WordBlock, bounds: Sequence[str], table: WordTable) -> bool:
    """Return whether a block consists of bounds, and of numbers that may be written otherwise."""
    words = {word for phrase in bounds for word in phrase.split()}
    tokens = (*quote.tokens[block.start : block.end], *block.said)
    return all(token in words or is_number_part(token, table) for token in tokens)


def drop_equal_bounds(
    found: Iterable[FoundChange], quote: ClaimText, blocks: Sequence[WordBlock], table: WordTable
) -> list[FoundChange]:
    """Drop changes between bounds that say the same before a number, such as `over` and `more than`."""
    equal = []
    for block in _differing_runs(blocks):
        printed, said = _read_bounds(quote, block, table)
        if printed and set(printed.values()) == set(said.values()):
            equal.append((block, {token for phrase in (*printed, *said) for token in phrase.split()}))
    return [
        change
        for change in found
        if not any(
            block.start <= change.block.start < change.block.end <= block.end
            and words.issuperset((*change.printed, *(change.said if change.block.start else ())))
            for block, words in equal
        )
    ]


def _differing_runs(blocks: Iterable[WordBlock]) -> Iterator[WordBlock]:
    """Yield each run of blocks that differ as one block, if all of them are in one text."""
    for is_same, group in groupby(blocks, key=lambda block: block.same):
        run = list(group)
        text = run[0].text
        if not (is_same or text is None or any(block.text is not text for block in run)):
            yield WordBlock(run[0].start, run[-1].end, text, run[0].first, run[-1].stop, same=False)


def join_number_runs(quote: ClaimText, blocks: Sequence[WordBlock], table: WordTable) -> list[WordBlock]:
    """Return *blocks* with each run of them that differs as one if it has a number, for tables that cannot read it."""
    joined: list[WordBlock] = []
    for _, group in groupby(blocks, key=lambda block: (block.same, id(block.text))):
        run = list(group)
        tokens = [token for block in run for token in (*quote.tokens[block.start : block.end], *block.said)]
        is_number_run = not run[0].same and any(is_number(token, table) for token in tokens)
        joined += [replace(run[0], end=run[-1].end, stop=run[-1].stop)] if is_number_run else run
    return joined


def _read_bounds(quote: ClaimText, block: WordBlock, table: WordTable) -> tuple[dict[str, str], dict[str, str]]:
    """Return the bounds that a block has as printed and as said."""
    following = quote.tokens[block.end : block.end + 1]
    said_next = _tokens(block)[block.stop : block.stop + 1]
    return (
        _bounds((*quote.tokens[block.start : block.end], *following), table),
        _bounds((*block.said, *said_next), table),
    )


def _bounds(tokens: Sequence[str], table: WordTable) -> dict[str, str]:
    """Return the bounds among *tokens*, such as `up to`, or `over` before a number, each with its group."""
    found = find_phrases(tokens, table.bounds)
    longest = [phrase for phrase in found if sum(f" {phrase} " in f" {other} " for other in found) == 1]
    return {phrase: table.bounds[phrase] for phrase in longest} | {
        word: table.number_bounds[word]
        for word, number in pairwise(tokens)
        if word in table.number_bounds and is_number(number, table)
    }


def find_phrases(tokens: Sequence[str], phrases: Iterable[str]) -> list[str]:
    """Return those of *phrases* that *tokens* contain."""
    text = f" {' '.join(tokens)} "
    return [phrase for phrase in phrases if f" {phrase} " in text]


def _find_swaps(quote: ClaimText, blocks: Sequence[WordBlock], table: WordTable) -> Iterator[FoundChange]:
    """Yield a change for each two words that changed places, unless they are only listed."""
    differing = [block for block in blocks if not block.same and block.said and block.end > block.start]
    pairs = ((left, right) for at, left in enumerate(differing) for right in differing[at + 1 : at + 1 + _SWAP_REACH])
    for left, right in pairs:
        printed, said = quote.tokens[left.start : left.end], tuple(left.said)
        between = quote.tokens[left.end : right.start]
        is_listed = CONJUNCTIONS.issuperset(between) and "," not in quote.printed(left.start, right.start)
        others = (tuple(right.said), quote.tokens[right.start : right.end])
        sides = [[token for token in side if token not in table.function_words] for side in (printed, said, *others)]
        is_swapped = sides[0] == sides[2] and sides[1] == sides[3]
        if is_swapped and all(sides) and not is_listed:
            yield FoundChange("other", left, printed, said)


def _find_passive(quote: ClaimText, blocks: Sequence[WordBlock], table: WordTable) -> Iterator[FoundChange]:
    """Yield a change if only one side says that something is done by somebody, so that who does it is another one."""
    differing = [block for block in blocks if not block.same and block.text is not None]
    printed = [token for block in differing for token in quote.tokens[block.start : block.end]]
    said = [token for block in differing for token in block.said]
    if differing and _is_passive(printed, table) != _is_passive(said, table):
        first, last = differing[0], differing[-1]
        block = WordBlock(first.start, last.end, first.text, first.first, last.stop, same=False)
        if first.text is last.text:
            yield FoundChange("other", block, tuple(printed), tuple(said), undecided=True, written=True)


def _is_passive(tokens: Sequence[str], table: WordTable) -> bool:
    return _AGENT in tokens and any(table.forms.get(token) == "be" for token in tokens)


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
