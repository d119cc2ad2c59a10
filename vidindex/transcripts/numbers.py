"""Numbers in one form, however they are written: `2009`, `two thousand nine`, `twenty oh nine`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, NamedTuple, cast

from .lazy_pattern import lazy_pattern

_NAMES_BELOW_TWENTY = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS_NAMES = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCALE_POWERS = {"hundred": 2, "thousand": 3, "million": 6, "billion": 9, "trillion": 12}
_ORDINAL_NAMES = [
    "zeroth",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
]
_CARDINAL_VALUES = {name: value for value, name in enumerate(_NAMES_BELOW_TWENTY)} | {
    name: 10 * ten for ten, name in enumerate(_TENS_NAMES, 2)
}
_CARDINAL_NAMES = {str(value): name for name, value in _CARDINAL_VALUES.items()}
NUMBER_NAMES = frozenset((*_CARDINAL_VALUES, *_SCALE_POWERS))
"""Words that name numbers."""
_LARGE_ORDINALS = {"eleventh": "eleven", "twelfth": "twelve"} | {
    f"{name}th".replace("yth", "ieth"): name for name in (*_NAMES_BELOW_TWENTY[13:], *_TENS_NAMES, *_SCALE_POWERS)
}
_DECADE_NAMES = {f"{name[:-1]}ies": name for name in _TENS_NAMES}
DERIVED_NAMES = frozenset((*_LARGE_ORDINALS, *_DECADE_NAMES))
"""Names of ordinals from eleven on and of decades: `twentieth`, `eighties`."""
_UNIT_NAMES = {"dollar": "dollars", "euro": "euros", "pound": "pounds"}
"""Currencies that are said in the singular before what they measure: `$2 million` is `a two-million-dollar` cost."""
CURRENCY_NAMES = {
    sign: name
    for pair in ["$ dollars", "£ pounds", "€ euros", "¥ yen", "₹ rupees", "₽ rubles", "₩ won", "¢ cents"]
    for sign, name in [pair.split()]
}
_SUFFIX_POWERS = {"k": 3, "m": 6, "mn": 6, "mm": 6, "b": 9, "bn": 9, "t": 12, "tn": 12}
_SCALE_ABBREVIATIONS = {"mn": 6, "mln": 6, "bn": 9, "bln": 9, "tn": 12, "trn": 12}
"""Abbreviations that are powers of ten after figures only."""
_FIGURES_PATTERN = lazy_pattern(
    r"(?P<before>[^\w$£€¥₹₽₩#]*)(?:(?:us|au?|ca?|hk|nz|sg?)(?=\$))?(?P<currency>[$£€¥₹₽₩]?)"
    r"(?P<digits>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,3}(?:\.[0-9]{3}){2,}|[0-9]{1,3}(?:'[0-9]{3})+|[0-9]{1,15})"
    r"(?P<decimals>\.[0-9]{1,6}|,(?:[0-9]{1,2}|[0-9]{4,6}))?"
    r"(?P<suffix>%|[kmb]|mn|mm|bn|tn?|st|nd|rd|th)?(?P<unit>[$£€¥₹₽₩¢]?)(?P<after>\W*)",
)
_BARE_POINT_PATTERN = lazy_pattern(r"(?<![\w.])\.(?=[0-9])")
_YEAR_AND_ORDINAL_PATTERN = lazy_pattern("20[1-9][1-9]")
"""Figures of an ordinal that nobody says: some recognizers write `2023rd quarter` for the third quarter of 2020."""
_HAN_VALUES = {digit: value for value, digit in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2, "兩": 2}
_HAN_POWERS = {"十": 1, "百": 2, "千": 3, "万": 4, "亿": 8, "兆": 12}
_KOREAN_POWERS = {"십": 1, "백": 2, "천": 3, "만": 4, "억": 8, "조": 12}
_EAST_ASIAN_POWERS = _HAN_POWERS | _KOREAN_POWERS
HAN_NUMERALS = "〇零一二三四五六七八九两兩十百千万亿兆"
"""Chinese numerals, as letters are folded: a run of them is a number."""

_KOREAN_NUMERALS = "".join(_KOREAN_POWERS)
_FIGURES = r"[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?"
EAST_ASIAN_NUMBER = (
    rf"(?:{_FIGURES})?[{HAN_NUMERALS}](?:[{HAN_NUMERALS}]|{_FIGURES})*"
    rf"|{_FIGURES}[{_KOREAN_NUMERALS}](?:[{_KOREAN_NUMERALS}]|{_FIGURES})*"
)
"""The pattern of a number that has Chinese numerals, or Korean powers of ten after figures: 3万, 二〇二〇, 100만."""
_EAST_ASIAN_ITEMS = lazy_pattern(rf"{_FIGURES}|\D")
_MAX_EAST_ASIAN_CHARS = 40  # more than any number has
MAX_NUMBER_WORDS = 24
"""Longer runs of number words are split."""

NumberKind = Literal["figures", "unit", "teen", "tens", "scale"]
"""How a number is written: figures (12, 1.5), one to nine, ten to nineteen, twenty to ninety, or a power of ten."""
_ReadState = NumberKind | Literal["", "hundred", "joined", "oh", "point", "done"]


class NumberWord(NamedTuple):
    """A word that is a number or a part of one: *value* times ten to the *power*.

    *suffix_tokens* follow the number, such as its currency.  If *is_closed*, no other word can continue the number.
    """

    kind: NumberKind
    value: int
    power: int = 0
    suffix_tokens: tuple[str, ...] = ()
    is_ordinal: bool = False
    is_closed: bool = False


def parse_number_word(word: str) -> NumberWord | None:
    """Parse *word*, in lower case, as a number or a part of one; return None if it is neither."""
    bare = word.strip(".,;:!?\"'()[]…“”‘’")
    if bare in _CARDINAL_VALUES:
        return _build_named_number(_CARDINAL_VALUES[bare], is_closed=bare != word.rstrip("\"'”’)"))
    if bare in _SCALE_POWERS:
        return NumberWord("scale", 1, _SCALE_POWERS[bare], is_closed=bare != word.rstrip("\"'”’)"))
    if bare in DERIVED_NAMES:
        return _parse_derived_name(bare)
    match = _FIGURES_PATTERN.fullmatch(_BARE_POINT_PATTERN.sub("0.", word) if "." in word else word)
    return _parse_figures(match) if match else None


def _parse_derived_name(name: str) -> NumberWord | None:
    """Parse one of `DERIVED_NAMES`: decades are read like figures with an s, `80s`."""
    number = parse_number_word(_LARGE_ORDINALS.get(name) or _DECADE_NAMES[name])
    if number is None or name in _LARGE_ORDINALS:
        return number and number._replace(is_ordinal=True, is_closed=True)
    return number._replace(suffix_tokens=("s",), is_closed=True)


def parse_east_asian_number(text: str) -> NumberWord | None:
    """Parse a number such as 三千, 1万2000, 二〇二〇 or 1.5万; return None for other text."""
    from fractions import Fraction  # few texts need it

    total = section = current = Fraction()  # before the last power of 10,000, within it, before the next power of ten
    is_counted = False  # a power without a number before it counts once
    for item in _EAST_ASIAN_ITEMS.findall(text if len(text) <= _MAX_EAST_ASIAN_CHARS else ""):
        power = _EAST_ASIAN_POWERS.get(item)
        if power is None:
            digits = str(_HAN_VALUES.get(item, item)).replace(",", "")
            if not digits[0].isdecimal():
                return None
            current, is_counted = current * 10 ** len(digits.partition(".")[0]) + Fraction(digits), True
        elif power < 4:
            section, current, is_counted = section + (current if is_counted else 1) * 10**power, Fraction(), False
        else:
            total, section, current = total + (section + current or 1) * 10**power, Fraction(), Fraction()
            is_counted = False
    value = total + section + current
    is_number = is_counted or total or section
    return NumberWord("figures", int(value), is_closed=True) if is_number and value.denominator == 1 else None


def is_digit_group(token: object) -> bool:
    """Check for the rest of a number such as `000` in `1 000`, which is no number by itself."""
    return isinstance(token, str) and len(token) == 3 and token[0] == "0" and token.isdigit()


def continues_in_groups(words: Sequence[object], at: int) -> bool:
    """Check whether the figures at *at* are the first group of a number such as `1 250 000`, written with spaces."""
    first = words[at]
    if not _is_figure_group(first, 1):
        return False
    for word in words[at + 1 : at + 5]:
        if is_digit_group(word):
            return True
        if not _is_figure_group(word, 100):
            return False
    return False


def _is_figure_group(word: object, least: int) -> bool:
    is_figures = isinstance(word, NumberWord) and word.kind == "figures"
    return is_figures and not word.power and not word.is_closed and least <= word.value < 1000  # type: ignore[attr-defined]


def _build_named_number(value: int, *, is_closed: bool) -> NumberWord:
    kind: NumberKind = "unit" if value < 10 else "teen" if value < 20 else "tens"
    return NumberWord(kind, value, is_closed=is_closed)


def _parse_figures(match: re.Match[str]) -> NumberWord | None:
    decimals = (match["decimals"] or ".")[1:]
    digits = "".join(filter(str.isdigit, match["digits"]))
    suffix = match["suffix"] or ""
    currency = CURRENCY_NAMES.get(match["currency"] or match["unit"])
    if (digits[0] == "0" and len(digits) > 1) or (suffix in _SUFFIX_POWERS and not currency):
        return None
    power = _SUFFIX_POWERS.get(suffix, 0) - len(decimals)
    suffix_tokens = ((currency,) if currency else ()) + (("per", "cent") if suffix == "%" else ())
    is_ordinal = suffix in ("st", "nd", "rd", "th")
    is_closed = bool(match["after"].strip("\"'”’)")) or is_ordinal or suffix != ""
    if is_ordinal and _YEAR_AND_ORDINAL_PATTERN.fullmatch(digits):
        return NumberWord("figures", int(digits[:3]) * 10, 0, (_ORDINAL_NAMES[int(digits[3])],), is_closed=True)
    return NumberWord("figures", int(digits + decimals), power, suffix_tokens, is_ordinal, is_closed)


def ordinal_value(word: str) -> int:
    """Return the value of an ordinal such as `third`, or 0 for any other word."""
    return _ORDINAL_VALUES.get(word, 0)


_ORDINAL_VALUES = {name: value for value, name in enumerate(_ORDINAL_NAMES) if value}


CONTINUING_WORDS = frozenset(("point", "oh", "and", *_ORDINAL_NAMES, *_SCALE_ABBREVIATIONS, *_UNIT_NAMES))
"""Words that are not numbers but may continue one."""


@lru_cache(4096)
def standalone_tokens(number: NumberWord) -> tuple[str, ...]:
    """Return the tokens of a number of one word."""
    return read_number((number,)).tokens


class NumberSpan(NamedTuple):
    """The tokens of a number, and the count of its words."""

    tokens: tuple[str, ...]
    word_count: int


def read_number(words: Sequence[object]) -> NumberSpan:
    """Read the number that starts with the first of *words*, which are `NumberWord`s, or tokens as strings."""
    reader = _NumberReader(words[:MAX_NUMBER_WORDS])
    reader.read_words()
    return NumberSpan((*reader.format_number(), *reader.suffix_tokens), reader.position)


class _NumberReader:
    """Adds up the words of one number, until a word does not continue it."""

    def __init__(self, words: Sequence[object]) -> None:
        self.words = words
        self.position = 0
        self.total = 0  # of the groups before the last scale
        self.group = 0
        self.power = 0  # of ten, by which total and group are multiplied
        self.scale_limit = 1 << 60  # the last scale: the next one must be smaller
        self.last_kind: _ReadState = ""
        self.is_ordinal = False
        self.is_grouped = False  # in groups of three figures with spaces
        self.suffix_tokens: tuple[str, ...] = ()

    def read_words(self) -> None:
        """Read words until one does not continue the number."""
        while self.position < len(self.words):
            word = self.words[self.position]
            if self.last_kind == "figures" and self._add_digit_group(word):
                continue
            if word == "point" and self.last_kind in ("unit", "teen", "tens", "figures", "joined"):
                self._read_decimals()
            elif word == "and" and self._add_half():
                continue
            elif self._ends_with(word) or not self._read_word(word):
                return

    def _add_digit_group(self, word: object) -> bool:
        """Add the next group of a number that is written with spaces, such as `000` in `1 000`."""
        if self.power or self.total or not (self.group < 1000 or (self.is_grouped and self.group < 10**12)):
            return False
        if is_digit_group(word):
            self.group = self.group * 1000 + int(str(word))
        elif self.position and self.group and continues_in_groups(self.words, self.position - 1):
            self.group = self.group * 1000 + cast("NumberWord", word).value
        else:
            return False
        self.position, self.is_grouped = self.position + 1, True
        return True

    def _add_half(self) -> bool:
        """Add `and a half` after a number without a scale: `two and a half million` is 2.5 million."""
        is_whole = self.last_kind in ("unit", "teen", "tens", "joined", "figures")
        if not is_whole or self.power or self.total or tuple(self.words[self.position + 1 :][:2]) != ("a", "half"):
            return False
        self.group, self.power, self.last_kind = 10 * self.group + 5, -1, "figures"
        self.position += 3
        return True

    def _ends_with(self, word: object) -> bool:
        """Add *word* if it is the last one of the number."""
        return isinstance(word, str) and (self._add_ordinal(word) or self._add_unit(word))

    def _add_unit(self, word: str) -> bool:
        """Add a currency in the singular; return False if *word* is not one."""
        if not self.position or word not in _UNIT_NAMES or self.suffix_tokens or self.is_ordinal:
            return False
        self.suffix_tokens, self.position = (_UNIT_NAMES[word],), self.position + 1
        return True

    def _add_ordinal(self, word: str) -> bool:
        """Add an ordinal such as `first` in `twenty-first`; return False if *word* is not one, or follows a year."""
        is_open = self.last_kind == "hundred" or (self.last_kind == "tens" and self.group < 100)
        if not is_open or not ordinal_value(word):
            return False
        self.group += ordinal_value(word)
        self.is_ordinal, self.position = True, self.position + 1
        return True

    def _read_word(self, word: object) -> bool:
        """Read the next word, and a connecting word before it; return False if the number ends."""
        step = 1
        if word == "and" and self.last_kind in ("hundred", "scale"):
            step, word = 2, self._next_word()
        elif word == "and" and self.last_kind == "figures" and self._is_year_after(self._next_word()):
            step, word, self.last_kind = 2, self._next_word(), "hundred"
        elif word == "oh" and self.last_kind in ("teen", "tens") and self._is_year_start():
            step, word = 2, self._next_word()
            if not (isinstance(word, NumberWord) and word.kind == "unit"):
                return False
            self.group, self.last_kind = self.group * 100, "oh"
        elif word in _SCALE_ABBREVIATIONS and self.last_kind == "figures":
            word = NumberWord("scale", 1, _SCALE_ABBREVIATIONS[str(word)])
        if not isinstance(word, NumberWord) or not self._add_word(word):
            return False
        self.position += step
        self.suffix_tokens += word.suffix_tokens
        self.is_ordinal = word.is_ordinal
        # `million` may follow figures with a currency before them.
        return not word.is_closed or (
            self.last_kind == "figures" and bool(word.suffix_tokens) and "cent" not in word.suffix_tokens
        )

    def _next_word(self) -> object:
        return self.words[self.position + 1] if self.position + 1 < len(self.words) else None

    def _is_year_start(self) -> bool:
        return 11 <= self.group <= 21 and not self.total

    def _is_year_after(self, word: object) -> bool:
        """Check for the year 2019 as some recognizers write it: `2000 and 19`."""
        is_end = isinstance(word, NumberWord) and word.kind != "scale" and 0 < word.value < 100 and not word.power
        return is_end and self.group == 2000 and not self.power

    def _add_word(self, word: NumberWord) -> bool:
        """Add *word*; return False if it does not continue the number."""
        if word.kind == "scale":
            return self._add_scale(word.power)
        return self._add_value(word)

    def _add_value(self, word: NumberWord) -> bool:
        last, value = self.last_kind, word.value
        if last == "":
            self.group, self.power, self.last_kind = value, word.power, word.kind
            return True
        if word.power or self.power:
            return False
        if last == "tens" and word.kind == "unit" and value:
            self.group, self.last_kind = self.group + value, "joined"
        elif last in ("hundred", "oh") and value < 100:
            self.group, self.last_kind = self.group + value, word.kind if last == "hundred" else "joined"
        elif last == "scale" and value < self.scale_limit and (value < 1000 or word.kind == "figures"):
            self.group, self.last_kind = value, word.kind
        elif last in ("teen", "tens", "joined") and word.kind in ("teen", "tens") and self._is_year_start():
            self.group, self.last_kind = self.group * 100 + value, word.kind
        elif last in ("teen", "tens") and word.kind == "figures" and 10 <= value < 100 and 18 <= self.group <= 20:
            self.group, self.last_kind = self.group * 100 + value, "joined"  # `twenty 21`, as some recognizers write it
        else:
            return False
        return True

    def _add_scale(self, power: int) -> bool:
        if self.last_kind == "scale" and self.total:
            if power < 3 or self.group:
                return False
            self.total *= 10**power  # a hundred thousand million
            return True
        if power == 2:
            if self.last_kind not in ("unit", "teen", "joined", "") and not (
                self.last_kind == "figures" and self.group < 100
            ):
                return False
            self.group, self.last_kind = (self.group or 1) * 100, "hundred"
            return self.power == 0
        if 10**power >= self.scale_limit or self.power > 0:
            return False
        if self.power:
            self.power += power
            self.scale_limit, self.last_kind = 0, "done"
            return True
        self.total += (self.group or 1) * 10**power
        self.group, self.scale_limit, self.last_kind = 0, 10**power, "scale"
        return True

    def _read_decimals(self) -> None:
        """Read decimals such as `point one four`; `point` without figures after it is not read."""
        self.last_kind = "point"
        at = self.position + 1
        figures = last_kind = ""
        while at < len(self.words) and len(figures) < 6:
            word = self.words[at]
            if not isinstance(word, NumberWord) or word.kind == "scale" or word.power:
                break
            is_joined = word.kind == "unit" and word.value and last_kind == "tens"  # point twenty-five
            figures = (figures[:-1] if is_joined else figures) + str(word.value)
            last_kind, at = word.kind, at + 1
            if word.suffix_tokens or word.is_closed:
                self.suffix_tokens += word.suffix_tokens
                break
        if figures:
            self.group = self.group * 10 ** len(figures) + int(figures)
            self.power, self.position = -len(figures), at

    def format_number(self) -> tuple[str, ...]:
        """Return the number as a word if it has a short name, otherwise in figures."""
        text = _format_value(self.total + self.group, self.power)
        if self.is_ordinal:
            return (_ORDINAL_NAMES[int(text)] if text.isdigit() and int(text) <= 10 else f"{text}th",)
        return (_CARDINAL_NAMES.get(text, text),)


def _format_value(value: int, power: int) -> str:
    if power >= 0:
        return str(value * 10**power)
    digits = str(value).rjust(1 - power, "0")
    whole, decimals = digits[:power], digits[power:].rstrip("0")
    return f"{whole}p{decimals}" if decimals else whole
