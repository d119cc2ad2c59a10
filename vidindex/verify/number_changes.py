"""Changes of numbers and units, however they are written, heard or broken up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile

from .difference import Difference
from .number_phrases import (
    decimals_as_minutes,
    dots_as_thousands,
    fractions_as_decimals,
    is_same_decade,
    letters_as_scales,
    merge_phrases,
)
from .numbers import (
    NumberWords,
    homophones_as_numbers,
    is_number,
    is_number_part,
    read_numbers,
    same_numbers,
    sound_alike,
    sounds_like_number,
)
from .quote_changes import FoundChange

_DECIMAL_POINTS = frozenset(("point", "komma", "coma", "virgule", "punto"))
_SHARES = frozenset(("per", "percentage"))
_MAX_NUMBER_PARTS = 4


def find_number_changes(diff: Difference, said_words: Sequence[str]) -> Iterator[FoundChange]:
    """Yield the changes of numbers and of units; *said_words* are the words of what was said, one for each token."""
    yield from _find_number(diff, said_words)
    yield from _find_unit(diff)


def _find_number(diff: Difference, said_words: Sequence[str]) -> Iterator[FoundChange]:
    table = diff.table
    printed, said = read_numbers(diff.printed, table), read_numbers(diff.said, table)
    if not printed.words and not said.words:
        return
    if printed.words and said.words:
        if not any(
            same_numbers(read_numbers(left, table), read_numbers(right, table))
            for left, right in _number_readings(diff, said_words)
        ) and not (_is_decade(diff) and is_same_decade(printed.values, said.values)):
            undecided = sound_alike(printed, said) or _is_number_badly_heard(diff, printed, said)
            yield diff.change("number", printed.words, said.words, undecided=undecided)
        return
    if printed.is_ambiguous or said.is_ambiguous or _is_repeated(diff, said):
        return
    others = diff.said if printed.words else diff.printed
    yield diff.change("number", printed.words, said.words, undecided=bool(others) or not diff.isolated)


def _is_repeated(diff: Difference, said: NumberWords) -> bool:
    """Return whether a number that is not printed was said twice, as when speakers stutter: `five, five percent`."""
    block, text = diff.block, diff.block.text
    if text is None or not said.words or tuple(said.words) != tuple(block.said):
        return False
    size = block.stop - block.first
    beside = (text.tokens[max(0, block.first - size) : block.first], text.tokens[block.stop : block.stop + size])
    return any(tuple(tokens) == tuple(block.said) for tokens in beside)


def _number_readings(diff: Difference, said_words: Sequence[str]) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
    """Yield the printed and the said tokens in each way in which they may be numbers."""
    printed, said = diff.all_printed, diff.all_said
    yield diff.printed, diff.said
    yield printed, said
    yield homophones_as_numbers(printed), homophones_as_numbers(said)
    yield letters_as_scales(printed), letters_as_scales(said)
    yield printed, [*_number_parts_before(diff), *said]
    yield decimals_as_minutes(printed), decimals_as_minutes(said)
    yield fractions_as_decimals(printed, diff.table), fractions_as_decimals(said, diff.table)
    quote, block = diff.quote, diff.block
    tokens = quote.tokens[block.start : block.end]
    words = [quote.words[at] for at in quote.word_index[block.start : block.end]]
    yield dots_as_thousands(tokens, words), block.said
    yield tokens, dots_as_thousands(block.said, said_words)


def _is_decade(diff: Difference) -> bool:
    """Return whether a number of the block is a decade in figures: an `s` follows it, or is a part of the block."""
    return "s" in (*diff.all_printed, *diff.all_said, *diff.quote.tokens[diff.block.end : diff.block.end + 1])


def _number_parts_before(diff: Difference) -> list[str]:
    """Return the parts of a number that were said right before the quote: `half a` of `half a million`."""
    block = diff.block
    if block.start or block.text is None:
        return []
    before = block.text.tokens[max(0, block.first - _MAX_NUMBER_PARTS) : block.first]
    return list(takewhile(lambda token: is_number_part(token, diff.table), reversed(before)))[::-1]


def _is_number_badly_heard(diff: Difference, printed: NumberWords, said: NumberWords) -> bool:
    """Return whether a number was heard as several ones, or with a part of it beside it."""
    if len(printed.values) != len(said.values) or diff.has_number_beside():
        return True
    heard = [token for token in merge_phrases(diff.all_said, diff.table) if token not in diff.all_printed]
    if len(diff.content(diff.said)) > 1 or any(map(sounds_like_number, heard)):
        return True
    block, text = diff.block, diff.block.text
    if text is None:
        return True
    beside = (
        text.tokens[block.first - 1 : block.first] if block.first else (),
        text.tokens[block.stop : block.stop + 1],
    )
    printed_beside = diff.quote.tokens[max(0, block.start - 1) : block.end + 1]
    return any(
        (token in _DECIMAL_POINTS or is_number(token, diff.table) or sounds_like_number(token))
        and token not in printed_beside
        for tokens in beside
        for token in tokens
    ) or _continues_homophone(diff, said)


def _continues_homophone(diff: Difference, said: NumberWords) -> bool:
    """Return whether `for fifty` was heard as 450."""
    start = max(0, diff.block.start - 1)
    joined = read_numbers(homophones_as_numbers(diff.quote.tokens[start : diff.block.end]), diff.table)
    return start < diff.block.start and same_numbers(joined, said)


def _find_unit(diff: Difference) -> Iterator[FoundChange]:
    printed, said = (_without_shares(diff.content(tokens)) for tokens in (diff.printed, diff.said))
    units = diff.table.units
    is_pair = diff.isolated and len(printed) == len(said) == 1 and printed[0] in units and said[0] in units
    if is_pair and units[printed[0]] != units[said[0]]:
        yield diff.change("number", printed, said)


def _without_shares(tokens: Sequence[str]) -> list[str]:
    """Return *tokens* without the first words of `percentage points` and `per cent`, which are two units."""
    return [word for word in tokens if word not in _SHARES or len(tokens) == 1]
