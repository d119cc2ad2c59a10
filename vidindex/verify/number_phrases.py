"""Numbers that are said in several words around a fraction: two and a half million, half past nine."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction

from .languages.word_table import NUMBER_TOKENS, WordTable, word_set

_AND = word_set("and und et y")
_ARTICLES = word_set("a an of")
_QUARTERS = word_set("quarter quarters")
_DENOMINATORS = {"half": 2, "quarter": 4, "demi": 2, "demie": 2, "medio": 2, "media": 2}
_DECADE_NAMES = ("twenties", "thirties", "forties", "fifties", "sixties", "seventies", "eighties", "nineties")
_NAMED_VALUES = dict.fromkeys(("anderthalb", "anderthalbe", "eineinhalb"), Fraction(3, 2))
_MINUTES = {("half", "past"): 30, ("quarter", "past"): 15, ("quarter", "after"): 15, ("quarter", "to"): 45}
_DECADES = {name: 10 * ten for ten, name in enumerate(_DECADE_NAMES, 2)}
_CENTURIES = ("18", "19", "20")
_LETTER_SCALES = {"k": 10**3, "m": 10**6, "mn": 10**6, "b": 10**9, "bn": 10**9}
_FULL_HOUR = "00"  # the minutes of `7:00`, which nobody says
_MIN_SCALE = 1000
_FIGURES_PATTERN = re.compile(r"[0-9]{1,15}(?:p[0-9]{1,6})?")
_TIME_PATTERN = re.compile(r"(?:1?[0-9]|2[0-3])p[1-5]")
_THOUSANDS_PATTERN = re.compile(r"(?<![\d.,])[1-9][0-9]{0,2}\.[0-9]{3}(?![\d.,]*\d)")
_MAX_DECIMALS = 6
_MAX_PHRASE_TOKENS = 7

PHRASE_WORDS = (
    _AND
    | _ARTICLES
    | word_set("past after to s")
    | frozenset(_DENOMINATORS)
    | frozenset(_DECADES)
    | frozenset(_LETTER_SCALES)
)
"""Words that belong to a number only beside one."""


def merge_phrases(tokens: Sequence[str], table: WordTable) -> Iterator[str]:
    """Yield *tokens* with each number that is said around a fraction in figures: 1500000, 2p5, or 9 and 30."""
    at = 0
    tokens = [token for token in tokens if token != _FULL_HOUR]
    while at < len(tokens):
        phrase = tokens[at : at + _MAX_PHRASE_TOKENS]
        figures, size = _read_phrase(phrase, table) or ([tokens[at]], 1)
        yield from figures
        at += size


def letters_as_scales(tokens: Sequence[str]) -> list[str]:
    """Return *tokens* with letters after figures as powers of ten: `1.5M` may be 1500000."""
    read: list[str] = []
    for token in tokens:
        before = NUMBER_TOKENS.get(read[-1], read[-1]) if read else ""
        if token in _LETTER_SCALES and _FIGURES_PATTERN.fullmatch(str(before)):
            read[-1] = _format_value(Fraction(str(before).replace("p", ".")) * _LETTER_SCALES[token])
        else:
            read.append(token)
    return read


def decimals_as_minutes(tokens: Sequence[str]) -> list[str]:
    """Return *tokens* with numbers such as 3.3, to which 3.30 is normalized, as times with two digits for minutes."""
    return [f"{token}0" if _TIME_PATTERN.fullmatch(token) else token for token in tokens]


def fractions_as_decimals(tokens: Sequence[str], table: WordTable) -> list[str]:
    """Return *tokens* with fractions of one in figures: `half a percent` is 0.5 percent, `three quarters of a` 0.75."""
    read: list[str] = []
    at = 0
    while at < len(tokens):
        numerator = 1 if tokens[at] in _ARTICLES else table.numbers.get(tokens[at], 0)
        is_quarters = 0 < numerator < 4 and not _QUARTERS.isdisjoint(tokens[at + 1 : at + 2])
        if is_quarters or tokens[at] == "half":
            read.append(_format_value(Fraction(numerator, 4) if is_quarters else Fraction(1, 2)))
            at += 1 + is_quarters
            while at < len(tokens) and tokens[at] in _ARTICLES:
                at += 1
        else:
            read.append(tokens[at])
            at += 1
    return read


def dots_as_thousands(tokens: Sequence[str], words: Sequence[str]) -> list[str]:
    """Return *tokens*, each of one of *words*, with 15.000 as most languages of Europe read it: as 15000."""
    return [
        _format_value(1000 * value)
        if _THOUSANDS_PATTERN.search(word) and (value := _figures_value(token)) is not None
        else token
        for token, word in zip(tokens, words, strict=True)
    ]


def _figures_value(token: str) -> Fraction | None:
    figures = str(NUMBER_TOKENS.get(token, token))
    return Fraction(figures.replace("p", ".")) if _FIGURES_PATTERN.fullmatch(figures) else None


def is_same_decade(left: Sequence[str], right: Sequence[str]) -> bool:
    """Return whether one of two values is a decade without its century: `80` of `the '80s`, and 1980."""
    if not (len(left) == len(right) == 1 and left[0].isdigit() and right[0].isdigit()):
        return False
    short, full = sorted((left[0], right[0]), key=len)
    return (
        len(short) == 2 and len(full) == 4 and full.endswith(short) and short.endswith("0") and full[:2] in _CENTURIES
    )


def _read_phrase(tokens: Sequence[str], table: WordTable) -> tuple[list[str], int] | None:
    return _read_clock(tokens, table) or _read_decade(tokens, table) or _read_mixed(tokens, table)


def _read_decade(tokens: Sequence[str], table: WordTable) -> tuple[list[str], int] | None:
    """Return the first year of `nineteen seventies` if *tokens* begin with a decade, and its length."""
    if tokens[0] in _DECADES:
        return [str(_DECADES[tokens[0]])], 1
    century = table.numbers.get(tokens[0], 0)
    if len(tokens) > 1 and tokens[1] in _DECADES and 11 <= century <= 20:
        return [str(100 * century + _DECADES[tokens[1]])], 2
    return None


def _read_clock(tokens: Sequence[str], table: WordTable) -> tuple[list[str], int] | None:
    """Return hours and minutes if *tokens* begin with a time such as `quarter to ten`, and its length."""
    if len(tokens) < 3:
        return None
    minutes, hour = _MINUTES.get((tokens[0], tokens[1])), table.numbers.get(tokens[2], 0)
    if minutes is None or not 1 <= hour <= 12:
        return None
    return [str((hour - 2) % 12 + 1 if minutes == 45 else hour), str(minutes)], 3


def _read_mixed(tokens: Sequence[str], table: WordTable) -> tuple[list[str], int] | None:
    """Return the figures of a number with a fraction that *tokens* begin with, and its length."""
    whole = _NAMED_VALUES.get(tokens[0]) or _read_value(tokens[0], table)
    if whole is None:
        return _read_part_of_scale(tokens, table)
    part, size = _read_added_part(tokens)
    scale, scale_size = _read_scale(tokens[size:], table)
    if part and not scale_size and whole >= _MIN_SCALE:
        return [_format_value(whole + part * _last_scale(whole))], size  # a million and a half
    if not part and not (tokens[0] in _NAMED_VALUES or (scale_size and whole.denominator > 1)):
        return None
    return [_format_value((whole + part) * scale)], size + scale_size


def _read_part_of_scale(tokens: Sequence[str], table: WordTable) -> tuple[list[str], int] | None:
    """Return the figures of `half a million`, and its length."""
    denominator = _DENOMINATORS.get(tokens[0])
    scale, size = _read_scale(tokens[1:], table)
    return ([_format_value(Fraction(scale, denominator))], 1 + size) if denominator and size else None


def _read_added_part(tokens: Sequence[str]) -> tuple[Fraction, int]:
    """Return the part that is added to the number at the start of *tokens*, and the length of both."""
    following = [token for token in tokens[1:4] if token not in _ARTICLES][:2]
    denominator = _DENOMINATORS.get(following[1]) if len(following) > 1 and following[0] in _AND else None
    if denominator is None:
        return Fraction(), 1
    return Fraction(1, denominator), tokens.index(following[1], 1) + 1


def _read_scale(tokens: Sequence[str], table: WordTable) -> tuple[int, int]:
    """Return the power of ten that *tokens* begin with, after articles, and its length; 1 and 0 without one."""
    at = next((at for at, token in enumerate(tokens) if token not in _ARTICLES), len(tokens))
    token = tokens[at] if at < len(tokens) else ""
    power = 10 ** table.scales[token] if token in table.scales else int(_read_value(token, table) or 0)
    is_scale = power >= _MIN_SCALE and not str(power)[1:].strip("0") and str(power)[0] == "1"
    return (power, at + 1) if is_scale else (1, 0)


def _read_value(token: str, table: WordTable) -> Fraction | None:
    if token in table.numbers:
        return Fraction(table.numbers[token])
    match = _FIGURES_PATTERN.fullmatch(token)
    return Fraction(token.replace("p", ".")) if match else None


def _last_scale(value: Fraction) -> int:
    """Return the power of ten of the last scale of a number: a million of two million."""
    return next(power for power in (10**12, 10**9, 10**6, 10**3) if value >= power)


def _format_value(value: Fraction) -> str:
    """Return a number as a token: 1500000, or 2p5."""
    whole, rest = divmod(value, 1)
    decimals = f"{int(rest * 10**_MAX_DECIMALS):0{_MAX_DECIMALS}}".rstrip("0")
    return f"{whole}p{decimals}" if decimals else str(whole)
