"""The numbers in a few words, however they are written, in languages with a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, permutations

from ..transcripts.numbers import NUMBER_NAMES
from .languages.word_table import WordTable, word_set
from .number_phrases import PHRASE_WORDS, merge_phrases

_AMBIGUOUS = word_set("one second first un una une ein eine einen einem einer eines uno seconde primero quarter")
"""Words that are numbers only beside another one, or in place of one."""


@dataclass(frozen=True, slots=True)
class NumberWords:
    """The number words among some tokens, and their *values* as texts: numbers that follow each other are one value.

    *runs* are the values between which no other word stands, joined by `|`.
    """

    words: tuple[str, ...]
    values: tuple[str, ...]
    is_ambiguous: bool = False
    runs: tuple[str, ...] = ()


def is_number(token: str, table: WordTable) -> bool:
    """Return whether *token* is a number or a part of one."""
    return any(map(str.isdigit, token)) or token in table.numbers or token in table.scales or token in table.ordinals


def is_number_part(token: str, table: WordTable) -> bool:
    """Return whether *token* is a number, or may be a part of one beside it, as in `two and a half`."""
    return is_number(token, table) or token in PHRASE_WORDS


def read_numbers(tokens: Sequence[str], table: WordTable) -> NumberWords:
    """Return the numbers among *tokens*."""
    merged = list(merge_phrases(tokens, table))
    words = tuple(token for token in merged if is_number(token, table))
    groups = groupby(merged, key=lambda token: is_number(token, table))
    return NumberWords(
        words,
        tuple(_values(words, table)),
        bool(words) and all(word in _AMBIGUOUS for word in words),
        tuple("|".join(_values(tuple(group), table)) for is_run, group in groups if is_run),
    )


def _values(words: Sequence[str], table: WordTable) -> list[str]:
    values: list[str] = []
    total = group = 0
    is_open = False
    for word in words:
        if word in table.scales:
            power = 10 ** table.scales[word]
            if not is_open and values and values[-1].isdigit():
                group = int(values.pop()[:30])
            if power >= 1000:
                total, group = (total + (group or 1)) * power if total < power else total + (group or 1) * power, 0
            else:
                group = (group or 1) * power
            is_open = True
        elif word in table.numbers and (word not in NUMBER_NAMES or is_open):
            value = table.numbers[word]
            if group == 4 and value == 20:
                group = 80  # quatre-vingt
            elif _continues(group, value):
                group += value
            else:
                values.append(str(total + group))
                total, group = 0, value
            is_open = True
        else:
            if is_open:
                values.append(str(total + group))
                total = group = 0
                is_open = False
            values.append(_plain_value(word, table))
    if is_open:
        values.append(str(total + group))
    return values


def _continues(group: int, value: int) -> bool:
    """Return whether a number word is added to the ones before it: soixante-dix, cent vingt, treinta y tres."""
    return group % 100 == 0 or (group % 10 == 0 and value < 10) or (group in (60, 80) and value < 20)


def _plain_value(word: str, table: WordTable) -> str:
    if word in table.numbers:
        return str(table.numbers[word])
    if word in table.ordinals:
        return f"{table.ordinals[word]}th"
    return word


_HOMOPHONES = {"for": "4", "fore": "4", "to": "2", "too": "2", "won": "1", "ate": "8", "oh": "0", "tend": "10"}
_COMMON_HOMOPHONES = frozenset(("for",))


def sounds_like_number(token: str) -> bool:
    """Return whether a word may be a number that was misheard: `2020 to` may be 2022."""
    return token in _HOMOPHONES and token not in _COMMON_HOMOPHONES


def homophones_as_numbers(tokens: Sequence[str]) -> list[str]:
    """Return *tokens* with words that sound like numbers as figures: `for fifty` may be 450."""
    return [_HOMOPHONES.get(token, token) for token in tokens]


def same_numbers(left: NumberWords, right: NumberWords) -> bool:
    """Return whether two groups of number words may be the same numbers, heard in other pieces."""
    if sorted(left.values) == sorted(right.values):
        return True
    is_pairwise = len(left.runs) == len(right.runs)
    return is_pairwise and all(_have_same_digits(*pair) for pair in zip(left.runs, right.runs, strict=True))


def _have_same_digits(left: str, right: str) -> bool:
    """Return whether two runs have the same digits, and a decimal point only where the other one has one or is split.

    So `20` and `20` may be 2020, and `4` and `2` may be 4.2, but 42 is not.
    """
    left_digits, left_points, left_splits = _digits_and_limits(left)
    right_digits, right_points, right_splits = _digits_and_limits(right)
    return left_digits == right_digits and left_points <= right_splits and right_points <= left_splits


def _digits_and_limits(run: str) -> tuple[str, set[int], set[int]]:
    """Return the digits of a run, and how many are before each decimal point, and before each limit of any kind."""
    digits, points, splits = "", set(), set()
    for char in run:
        if char.isdigit():
            digits += char
        elif char in "p|":
            splits.add(len(digits))
            points.update([len(digits)] if char == "p" else [])
    return digits, points, splits


def sound_alike(left: NumberWords, right: NumberWords) -> bool:
    """Return whether recognizers confuse two numbers: `fifteen` and `fifty`, or `five ninety-five`, 595 and 5.95."""
    if len(left.values) != 1 or len(right.values) != 1:
        return False
    if any(_as_hundreds(one) == other for one, other in permutations((left.values[0], right.values[0]))):
        return True
    pair = [value for value in (left.values[0], right.values[0]) if value.isdigit()]
    if len(pair) != 2 or max(map(len, pair)) > 15:
        return False
    low, high = sorted(map(int, pair))
    while low >= 1000 and low % 1000 == 0 and high % 1000 == 0:
        low, high = low // 1000, high // 1000
    return 13 <= low <= 19 and high == 10 * (low - 10)


def _as_hundreds(value: str) -> str:
    """Return 595 for 5p95; empty for a number that is not read as a price or an hour is."""
    whole, _, decimals = value.partition("p")
    return whole + decimals if len(decimals) == 2 and whole.isdigit() else ""
