"""Numbers however they are written, to one form: `2009`, `two thousand nine`, `twenty oh nine`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

_SMALL = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCALES = {"hundred": 2, "thousand": 3, "million": 6, "billion": 9, "trillion": 12}
_ORDINALS = ["zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"]
_CARDINALS = {name: value for value, name in enumerate(_SMALL)} | {name: 10 * ten for ten, name in enumerate(_TENS, 2)}
_NAMES = {str(value): name for name, value in _CARDINALS.items()}
NUMBER_NAMES = frozenset((*_CARDINALS, *_SCALES))
"""Words that are numbers."""
_CURRENCIES = {"$": "dollars", "£": "pounds", "€": "euros", "¥": "yen", "₹": "rupees", "₽": "rubles", "₩": "won"}
_SUFFIXES = {"k": 3, "m": 6, "mn": 6, "mm": 6, "b": 9, "bn": 9, "t": 12, "tn": 12}
_FIGURES = re.compile(
    r"(?P<before>[^\w$£€¥₹₽₩]*)(?P<currency>[$£€¥₹₽₩]?)(?P<digits>\d{1,3}(?:,\d{3})+|\d{1,15})(?P<decimals>\.\d{1,6})?"
    r"(?P<suffix>%|[kmb]|mn|mm|bn|tn?|st|nd|rd|th)?(?P<after>\W*)",
    re.ASCII,
)
LONGEST_RUN = 24
"""Words that one number has at most."""


class Numeral(NamedTuple):
    """A word that is a number or part of one: *digits* times ten to the *power*.

    *kind* is `figures` (12, 1.5), `unit` (one to nine), `teen` (ten to nineteen), `tens`, `scale`.  *after*
    are tokens that follow the number, such as its currency; *closed* where nothing can continue it.
    """

    kind: str
    value: int
    power: int = 0
    after: tuple[str, ...] = ()
    ordinal: bool = False
    closed: bool = False


def numeral(word: str) -> Numeral | None:
    """Read *word*, in lower case, as a number or part of one."""
    bare = word.strip(".,;:!?\"'()[]…“”‘’")
    if bare in _CARDINALS:
        return _named(_CARDINALS[bare], closed=bare != word.rstrip("\"'”’)"))
    if bare in _SCALES:
        return Numeral("scale", 1, _SCALES[bare], closed=bare != word.rstrip("\"'”’)"))
    match = _FIGURES.fullmatch(word)
    return _figures(match) if match else None


def _named(value: int, *, closed: bool) -> Numeral:
    kind = "unit" if value < 10 else "teen" if value < 20 else "tens"
    return Numeral(kind, value, closed=closed)


def _figures(match: re.Match[str]) -> Numeral | None:
    decimals = (match["decimals"] or ".")[1:]
    digits = match["digits"].replace(",", "")
    suffix = match["suffix"] or ""
    currency = _CURRENCIES.get(match["currency"])
    if (digits[0] == "0" and len(digits) > 1) or (suffix in _SUFFIXES and not currency):
        return None
    power = _SUFFIXES.get(suffix, 0) - len(decimals)
    after = ((currency,) if currency else ()) + (("per", "cent") if suffix == "%" else ())
    ordinal = suffix in ("st", "nd", "rd", "th")
    closed = bool(match["after"].strip("\"'”’)")) or ordinal or suffix != ""
    return Numeral("figures", int(digits + decimals), power, after, ordinal, closed)


def ordinal(word: str) -> int:
    """Give what `third` is in figures; 0 for another word."""
    return _ORDINAL_VALUES.get(word, 0)


_ORDINAL_VALUES = {name: value for value, name in enumerate(_ORDINALS) if value}


CONTINUING = frozenset(("point", "oh", "and", *_ORDINALS))
"""Words that are no number themselves but may continue one."""


@lru_cache(4096)
def alone(number: Numeral) -> tuple[str, ...]:
    """Give the tokens of a number that no other word continues."""
    return read_run((number,)).tokens


class Run(NamedTuple):
    """A number of several words: its tokens, and how many words they were."""

    tokens: tuple[str, ...]
    length: int


def read_run(words: Sequence[object]) -> Run:
    """Read the number that starts with the first of *words*: `Numeral`s, and other words as plain tokens."""
    reader = _Reader(words[:LONGEST_RUN])
    reader.read()
    return Run((*reader.number(), *reader.after), reader.at)


class _Reader:
    """Adds up the words of one number, as long as each continues it."""

    def __init__(self, words: Sequence[object]) -> None:
        self.words = words
        self.at = 0
        self.total = 0  # of the groups that a scale has closed
        self.group = 0
        self.power = 0  # of ten, by which total and group are to be multiplied
        self.least = 1 << 60  # the scale that closed the last group: the next must be smaller
        self.last = ""
        self.ordinal = False
        self.after: tuple[str, ...] = ()

    def read(self) -> None:
        """Read on until a word does not continue the number."""
        while self.at < len(self.words):
            word = self.words[self.at]
            if word == "point" and self.last in ("unit", "teen", "tens", "figures", "joined"):
                self._decimals()
            elif (isinstance(word, str) and self._takes_ordinal(word)) or not self._step(word):
                return

    def _takes_ordinal(self, word: str) -> bool:
        """Read `first` behind `twenty`."""
        if self.last not in ("tens", "hundred") or not ordinal(word):
            return False
        self.group += ordinal(word)
        self.ordinal, self.at = True, self.at + 1
        return True

    def _step(self, word: object) -> bool:
        """Read the next word, with a link before it; false where the number ends."""
        step = 1
        if word == "and" and self.last in ("hundred", "scale"):
            step, word = 2, self._ahead()
        elif word == "oh" and self.last in ("teen", "tens") and self._year_starts():
            step, word = 2, self._ahead()
            if not (isinstance(word, Numeral) and word.kind == "unit"):
                return False
            self.group, self.last = self.group * 100, "oh"
        if not isinstance(word, Numeral) or not self._takes(word):
            return False
        self.at += step
        self.after += word.after
        self.ordinal = word.ordinal
        # A currency before the figures leaves them open for `million`.
        return not word.closed or (self.last == "figures" and bool(word.after) and "cent" not in word.after)

    def _ahead(self) -> object:
        return self.words[self.at + 1] if self.at + 1 < len(self.words) else None

    def _year_starts(self) -> bool:
        return 11 <= self.group <= 21 and not self.total

    def _takes(self, word: Numeral) -> bool:
        """Add *word*; false where it does not continue the number."""
        if word.kind == "scale":
            return self._scale(word.power)
        return self._add(word)

    def _add(self, word: Numeral) -> bool:
        last, value = self.last, word.value
        if last == "":
            self.group, self.power, self.last = value, word.power, word.kind
            return True
        if word.power or self.power:
            return False
        if last == "tens" and word.kind == "unit" and value:
            self.group, self.last = self.group + value, "joined"
        elif last in ("hundred", "oh") and value < 100:
            self.group, self.last = self.group + value, word.kind if last == "hundred" else "joined"
        elif last == "scale" and value < self.least and (value < 1000 or word.kind == "figures"):
            self.group, self.last = value, word.kind
        elif last in ("teen", "tens", "joined") and word.kind in ("teen", "tens") and self._year_starts():
            self.group, self.last = self.group * 100 + value, word.kind
        else:
            return False
        return True

    def _scale(self, power: int) -> bool:
        if self.last == "scale" and self.total:
            if power < 3 or self.group:
                return False
            self.total *= 10**power  # a hundred thousand million
            return True
        if power == 2:
            if self.last not in ("unit", "teen", "joined", "") and not (self.last == "figures" and self.group < 100):
                return False
            self.group, self.last = (self.group or 1) * 100, "hundred"
            return self.power == 0 or self.last == ""
        if 10**power >= self.least or self.power > 0:
            return False
        if self.power:
            self.power += power
            self.least, self.last = 0, "done"
            return True
        self.total += (self.group or 1) * 10**power
        self.group, self.least, self.last = 0, 10**power, "scale"
        return True

    def _decimals(self) -> None:
        """Read `point one four`; leaves `point` alone where no figures follow."""
        self.last = "point"
        at = self.at + 1
        figures = ""
        while at < len(self.words) and len(figures) < 6:
            word = self.words[at]
            if not isinstance(word, Numeral) or word.kind == "scale" or word.power:
                break
            figures += str(word.value)
            at += 1
            if word.after or word.closed:
                self.after += word.after
                break
        if figures:
            self.group = self.group * 10 ** len(figures) + int(figures)
            self.power, self.at = -len(figures), at

    def number(self) -> tuple[str, ...]:
        """Write the number: one word where it has a short name, else in figures."""
        text = _written(self.total + self.group, self.power)
        if self.ordinal:
            return (_ORDINALS[int(text)] if text.isdigit() and int(text) <= 10 else f"{text}th",)
        return (_NAMES.get(text, text),)


def _written(value: int, power: int) -> str:
    if power >= 0:
        return str(value * 10**power)
    digits = str(value).rjust(1 - power, "0")
    whole, decimals = digits[:power], digits[power:].rstrip("0")
    return f"{whole}p{decimals}" if decimals else whole
