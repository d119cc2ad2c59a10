"""Words with content that only one side has: printed and never said, or said and left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Literal

from .claim_text import ClaimText
from .comparison import WordBlock
from .difference import Difference, is_form, read_difference
from .languages.word_table import WordTable
from .likeness import likeness
from .numbers import is_number, is_number_part
from .quote_changes import CONJUNCTIONS, SIGNS, FoundChange, find_phrases

_NEAR_WORDS = 8
"""Words before and after a place in which a word may be said that is printed there."""

_REPEATED_WORDS = 4
"""Words before and after a place in which speakers repeat what they began to say."""

_DATE_WORDS = 2
_SKIPPED = SIGNS | {"per"}
"""Signs of numbers, and the first word of `per cent`."""

_RATES = frozenset(("per", "a", "an", "each", "every"))
"""Words between an amount and a unit of time: `five dollars a day`."""

_SPOKEN_SIGNS = {"dot": ".", "punkt": ".", "punto": ".", "point": ".", "slash": "/"}
_MIN_ADDED_WORDS = 2
"""Words with content from which printed words were added; recognizers may miss fewer."""

_BADLY_HEARD = 0.5
"""Likeness from which words may be others, misheard."""


def find_unmatched(
    quote: ClaimText, blocks: Sequence[WordBlock], table: WordTable, known: Sequence[FoundChange], *, written: bool
) -> Iterator[FoundChange]:
    """Yield the words that have no counterpart, for each run of blocks that differ and have no *known* change.

    Which word stands for which is a guess where several differ, so a run is compared as a whole.  Without captions that
    are *written*, only runs between words that agree are compared: others are badly heard.
    """
    states = [_read_state(blocks, at, known, written=written) for at in range(len(blocks))]
    runs = [(state, [blocks[at] for at in run]) for state, run in groupby(range(len(blocks)), key=states.__getitem__)]
    joined = [_join_run(run, blocks) for _, run in runs]
    for at, (state, _) in enumerate(runs):
        if state == "differs" and joined[at].text is not None:
            diff = read_difference(quote, joined, at, table, written=written)
            is_added = joined[at].first == joined[at].stop and not diff.at_edge
            if written or is_added or diff.clean:
                yield from _judge_run(diff, blocks)


def _read_state(
    blocks: Sequence[WordBlock], at: int, known: Sequence[FoundChange], *, written: bool
) -> Literal["same", "known", "differs"]:
    """Return what is to be done with a block; one same word between replaced ones proves little if it was heard."""
    block = blocks[at]
    if block.same:
        beside = (*blocks[at - 1 : at], *blocks[at + 1 : at + 2])
        are_replaced = all(not each.same and each.said and each.end > each.start for each in beside)
        is_proof = written or block.end - block.start > 1 or len(beside) < 2 or not are_replaced
        return "same" if is_proof else "differs"
    return "known" if any(_overlap(change.block, block) for change in known) else "differs"


def _join_run(run: Sequence[WordBlock], blocks: Sequence[WordBlock]) -> WordBlock:
    """Return a run of blocks as one; if nothing was said in their place, it is where the next block begins or ended."""
    start, end = run[0].start, run[-1].end
    placed = [block for block in run if block.text is not None]
    if placed:
        return replace(placed[0], start=start, end=end, stop=placed[-1].stop)
    for other in reversed(blocks):
        if other.text is not None and other.end <= start:
            return replace(other, start=start, end=end, first=other.stop, same=False)
    for other in blocks:
        if other.text is not None:
            return replace(other, start=start, end=end, stop=other.first, same=False)
    return run[0]


def _overlap(left: WordBlock, right: WordBlock) -> bool:
    """Return whether two blocks share a printed word, or one that was said."""
    return max(left.start, right.start) < min(left.end, right.end) or (
        left.text is right.text and max(left.first, right.first) < min(left.stop, right.stop)
    )


def _judge_run(diff: Difference, blocks: Sequence[WordBlock]) -> Iterator[FoundChange]:
    """Yield the words of one side that have no counterpart on the other one."""
    printed, said = "".join(diff.printed), "".join(diff.said)
    is_misheard = not diff.is_written and likeness(printed, said) >= _BADLY_HEARD
    if printed and said and (is_misheard or diff.is_alike(printed, said)):
        return
    hedges = _find_dropped_hedges(diff)
    added, left_out = _find_unsaid(diff, blocks), _find_unprinted(diff)
    if added and not diff.all_said:
        yield diff.change("other", added, (), undecided=diff.at_edge or len(added) < _MIN_ADDED_WORDS)
    elif added or left_out:
        yield diff.change("other", added, left_out, undecided=True)
    elif hedges:
        yield diff.change("modality", (), hedges, undecided=True)


def _find_dropped_hedges(diff: Difference) -> list[str]:
    hedges = list(map(" ".join, diff.table.hedges))
    printed = find_phrases(_near_printed(diff), hedges)
    return [phrase for phrase in find_phrases(diff.block.said, hedges) if phrase not in printed]


def _find_unsaid(diff: Difference, blocks: Sequence[WordBlock]) -> list[str]:
    """Return the printed words that were not said there, nor nearby if their place says little."""
    near = [
        block
        for block in blocks
        if not block.same and max(diff.block.start, block.start) - min(diff.block.end, block.end) <= _NEAR_WORDS
    ]
    after = [token for block in near for token in _said_after(diff, block)] if _is_beside_number(diff) else []
    moved = {*after, *(token for block in near for token in block.said)}
    if not (_is_beside_number(diff) or _is_reordered_list(diff, near)):
        moved = {token for token in moved if token in diff.table.quantifiers or token in diff.table.modals}
    said = [*diff.all_said, *(token for block in _differing_beside(diff) for token in block.said)]
    return [
        token
        for token in _content(diff, diff.printed)
        if not _is_moved(diff, token, moved) and not any(_stands_for(diff, token, other) for other in said)
    ]


def _said_after(diff: Difference, block: WordBlock) -> Sequence[str]:
    """Return the words said right after the end of a quote, at which it may print a date the other way round."""
    is_near_end = len(diff.quote.tokens) - block.end < _DATE_WORDS
    return block.text.tokens[block.stop : block.stop + _DATE_WORDS + 1] if block.text and is_near_end else ()


def _is_moved(diff: Difference, token: str, others: Collection[str]) -> bool:
    """Return whether a word, or another name of the same currency, is elsewhere: `USD 5` for `five dollars`."""
    units = diff.table.units
    is_currency = token in units and any(units.get(other) == units[token] for other in others)
    return token in others or is_currency


def _is_beside_number(diff: Difference) -> bool:
    """Return whether the words may be parts of a date: `January 15th` is printed as `15 January`."""
    around = diff.quote.tokens[max(0, diff.block.start - 2) : diff.block.end + 2]
    return any(is_number(token, diff.table) for token in around)


def _is_reordered_list(diff: Difference, near: Sequence[WordBlock]) -> bool:
    """Return whether the words are `and cheese` of `bread and cheese`, where `cheese and bread` was said."""
    printed = diff.quote.tokens[diff.block.start : diff.block.end]
    return not CONJUNCTIONS.isdisjoint(printed) and any(Counter(block.said) == Counter(printed) for block in near)


def _find_unprinted(diff: Difference) -> list[str]:
    """Return the words that were said and are not printed, neither there nor nearby as when speakers start anew."""
    near, tokens = _near_printed(diff), diff.quote.tokens
    printed = [
        *diff.all_printed,
        *(tokens[at] for each in _differing_beside(diff) for at in range(each.start, each.end)),
    ]
    return [
        token
        for token in _content(diff, diff.said)
        if not any(token == other or is_form(token, other, diff.table) for other in near)
        and not (_is_beside_number(diff) and _is_moved(diff, token, near))
        and not (token in _SPOKEN_SIGNS and _has_sign(diff, _SPOKEN_SIGNS[token]))
        and not any(_stands_for(diff, other, token) for other in printed)
    ]


def _has_sign(diff: Difference, sign: str) -> bool:
    """Return whether a word with a sign in it is printed there: `example.com` for `example dot com`."""
    return sign in diff.quote.printed(max(0, diff.block.start - 1), diff.block.end + 1).strip(".,;:!?…\"'”’")


def _differing_beside(diff: Difference) -> list[WordBlock]:
    """Return the blocks beside that have a change of their own, whose words may be paired with the wrong ones."""
    return [block for block in diff.beside if not block.same]


def _stands_for(diff: Difference, printed: str, said: str) -> bool:
    """Return whether words may stand for each other: they are alike, or of one group as `will` and `going`."""
    groups = (diff.table.quantifiers, diff.table.modals)
    is_rate = printed in _RATES and said in _RATES
    return (
        is_rate
        or diff.is_same_word(printed, said)
        or any(printed in words and words[printed] == words.get(said) for words in groups)
    )


def _near_printed(diff: Difference) -> Sequence[str]:
    return diff.quote.tokens[max(0, diff.block.start - _REPEATED_WORDS) : diff.block.end + _REPEATED_WORDS]


def _content(diff: Difference, tokens: Sequence[str]) -> list[str]:
    """Return the words among *tokens* that name something; none if the words of the language are not known."""
    table = diff.table
    judged = [token for token in tokens if token in table.quantifiers or token in table.modals]
    keep = [token for token in judged if token not in table.function_words and table.function_words]
    return [
        token
        for token in diff.content(tokens, keep)
        if table.function_words and token not in _SKIPPED and not is_number_part(token, table)
    ]
