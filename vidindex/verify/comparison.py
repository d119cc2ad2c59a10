"""The comparison of a quote with what was said, as blocks of words that are the same and blocks that differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from ..transcripts.numbers import NUMBER_NAMES
from .claim_text import ClaimText
from .languages.word_table import WordTable
from .likeness import likeness
from .numbers import is_number, is_number_part
from .placement import PlacedPiece
from .said_text import SaidText

_PAIRED = 0.55
"""Likeness from which two words are compared by themselves."""

_MAX_SPLIT_BLOCKS = 3


@dataclass(frozen=True, slots=True)
class WordBlock:
    """The tokens *start* to *end* of a quote, and the tokens *first* to *stop* of *text* that were said in their place.

    All ends are exclusive.  Without a *text* nothing was said in their place.
    """

    start: int
    end: int
    text: SaidText | None
    first: int
    stop: int
    same: bool

    @property
    def said(self) -> Sequence[str]:
        """The tokens that were said."""
        return self.text.tokens[self.first : self.stop] if self.text is not None else ()


def compare_pieces(quote: ClaimText, pieces: Iterable[PlacedPiece], table: WordTable) -> list[WordBlock]:
    """Return the blocks of all of *quote*, in order."""
    blocks: list[WordBlock] = []
    at = 0
    for piece in pieces:
        if piece.start > at:
            blocks.append(WordBlock(at, piece.start, None, 0, 0, same=False))
        blocks += _compare_piece(quote, piece)
        at = piece.end
    blocks = _join_numbers(quote, _join_split_words(quote, blocks), table)
    if at < len(quote.tokens):
        blocks.append(WordBlock(at, len(quote.tokens), None, 0, 0, same=False))
    return blocks


def _join_split_words(quote: ClaimText, blocks: Sequence[WordBlock]) -> list[WordBlock]:
    """Join blocks that differ only in where words are split, such as `every day` and `everyday`."""
    joined: list[WordBlock] = []
    for block in blocks:
        joined.append(block)
        for size in range(2, _MAX_SPLIT_BLOCKS + 1):
            run = joined[-size:]
            if len(run) < size or any(each.same or each.text is not block.text for each in run):
                break
            if block.text is None or run[0].first >= run[-1].stop:
                break
            whole = _differing_block(quote, block.text, run[0].start, block.end, run[0].first, block.stop)
            if whole.same:
                joined[-size:] = [whole]
                break
    return joined


def _join_numbers(quote: ClaimText, blocks: Sequence[WordBlock], table: WordTable) -> list[WordBlock]:
    """Join blocks that are parts of one number, such as `1.5 million` and `one and a half million`."""
    runs = groupby(blocks, key=lambda block: (_is_number_block(quote, block, table), id(block.text)))
    return [
        block
        for (is_number_run, _), run in runs
        for block in (_join_number_run(quote, list(run), table) if is_number_run else run)
    ]


def _is_number_block(quote: ClaimText, block: WordBlock, table: WordTable) -> bool:
    tokens = (*quote.tokens[block.start : block.end], *block.said)
    return block.text is not None and all(is_number_part(token, table) for token in tokens)


def _join_number_run(quote: ClaimText, run: list[WordBlock], table: WordTable) -> list[WordBlock]:
    """Return the blocks of numbers *run* as one, if both sides have a number there; equal ones at its ends stay."""
    first = next((at for at, block in enumerate(run) if not block.same), 0)
    last = next((at for at in reversed(range(len(run))) if not run[at].same), 0)
    if first == last:
        return run
    joined = WordBlock(run[first].start, run[last].end, run[first].text, run[first].first, run[last].stop, same=False)
    sides = (quote.tokens[joined.start : joined.end], joined.said)
    if not all(any(is_number(token, table) for token in side) for side in sides):
        return run
    return [*run[:first], joined, *run[last + 1 :]]


def _compare_piece(quote: ClaimText, piece: PlacedPiece) -> Iterator[WordBlock]:
    """Yield the blocks of a piece: runs of equal words, pairs of words that are alike, and all that is between them."""
    start, first = piece.start, piece.first  # of what is not yielded yet
    same_since = -1  # the first of the equal words before this one
    for at, place in enumerate(piece.places, piece.start):
        kind = _pair_kind(quote.tokens[at], piece.text.tokens[place]) if place >= 0 else ""
        if same_since >= 0 and (kind != "equal" or place != first + at - start):
            yield WordBlock(start, at, piece.text, first, first + at - start, same=True)
            start, first, same_since = at, first + at - start, -1
        if not kind:
            continue
        if same_since < 0:
            if at > start or place > first:
                yield _differing_block(quote, piece.text, start, at, first, place)
            start, first = at, place
        if kind == "equal":
            same_since = start
        else:
            yield _differing_block(quote, piece.text, at, at + 1, place, place + 1)
            start, first = at + 1, place + 1
    if start < piece.end:
        stop = first + piece.end - start if same_since >= 0 else piece.last + 1
        if same_since >= 0:
            yield WordBlock(start, piece.end, piece.text, first, stop, same=True)
        else:
            yield _differing_block(quote, piece.text, start, piece.end, first, max(first, stop))


def _pair_kind(printed: str, said: str) -> str:
    if printed == said:
        return "equal"
    is_number = _is_plain_number(printed) and _is_plain_number(said)
    return "alike" if is_number or likeness(printed, said) >= _PAIRED else ""


def _is_plain_number(token: str) -> bool:
    return token[:1].isdigit() or token in NUMBER_NAMES


def _differing_block(quote: ClaimText, text: SaidText, start: int, end: int, first: int, stop: int) -> WordBlock:
    """Return a block of words that differ, unless they are only split differently."""
    same = end > start and "".join(quote.tokens[start:end]) == "".join(text.tokens[first:stop])
    return WordBlock(start, end, text, first, stop, same=same)
