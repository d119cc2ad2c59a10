"""Normalization of words to tokens, so that different spellings of the same speech become equal.

Case, accents, apostrophes and hyphens are removed, contractions and spoken forms are written out, each number has one
form, and fillers and stutters give no tokens.  In scripts without spaces, each character is a token.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cache, lru_cache
from itertools import compress, islice, pairwise
from operator import eq
from sys import intern
from typing import cast

from .letters import fold_letters
from .limits import MAX_TOKENS, refuse_more_than
from .numbers import (
    CONTINUING_WORDS,
    CURRENCY_NAMES,
    DERIVED_NAMES,
    EAST_ASIAN_NUMBER,
    HAN_NUMERALS,
    MAX_NUMBER_WORDS,
    NUMBER_NAMES,
    NumberWord,
    continues_in_groups,
    is_digit_group,
    parse_east_asian_number,
    parse_number_word,
    read_number,
    standalone_tokens,
)

_FILLER_WORDS = frozenset(["uh", "um", "uhh", "umm", "uhm", "erm", "hmm", "hm", "mm", "mmm", "mhm"])

_SPOKEN_FORMS = {
    "okay": "ok",
    "gonna": "going to",
    "wanna": "want to",
    "gotta": "got to",
    "kinda": "kind of",
    "sorta": "sort of",
    "outta": "out of",
    "lemme": "let me",
    "gimme": "give me",
    "dunno": "do not know",
    "cuz": "because",
    "cos": "because",
    "'n'": "and",
    "yall": "you all",
    "cannot": "can not",
    "alright": "all right",
    "percent": "per cent",
    "pct": "per cent",
    "mister": "mr",
    "&": "and",
    "%": "per cent",
    "c++": "c plus plus",
    "c#": "c sharp",
    "f#": "f sharp",
    **CURRENCY_NAMES,
}

_CONTRACTIONS = {
    "can't": "can not",
    "won't": "will not",
    "shan't": "shall not",
    "ain't": "is not",
    "let's": "let us",
    "i'm": "i am",
    "y'all": "you all",
    "'cause": "because",
    "'em": "them",
    "'til": "till",
    "ma'am": "madam",
}
_CONTRACTION_ENDINGS = {"n't": "not", "'re": "are", "'ve": "have", "'ll": "will", "'d": "would"}
_STEMS_BEFORE_IS = frozenset(
    ["it", "that", "he", "she", "what", "there", "here", "who", "where", "how", "this", "when"]
)

_ELIDED_WORDS = frozenset(
    [
        *("l", "d", "j", "m", "t", "s", "c", "n", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu", "quelqu", "presqu"),
        *("dell", "nell", "sull", "all", "dall", "coll", "un", "quest", "bell", "quell", "sant", "anch"),
    ]
)
"""French, Italian and Catalan words before an apostrophe and a vowel: the word behind them is one of its own."""

_PLAIN_WORD_PATTERN = re.compile(r"[\W_]*([a-z]+)[\W_]*")
_INITIALS_PATTERN = re.compile(r"\W*((?:[a-z]\.){2,}[a-z]?)\W*")
_INITIAL_PATTERN = re.compile(r"[A-Za-z](?:(\.)|\.[,;:?!])|[B-HJ-Z][,;:?!]?")
_CUT_OFF_PATTERN = re.compile(r"\W*([a-z]+)[-–—]+")
_PUNCTUATION = '.,?!:;"()[]'
"""Characters around a word that change neither its token nor that of the word after it, unless it is a number."""

_CLOSING, _SENTENCE_ENDS = "\"'”’)", (".", "!", "?", "…", ":")
_NO_PLAIN_WORDS = frozenset((*_FILLER_WORDS, *_SPOKEN_FORMS, *NUMBER_NAMES, *DERIVED_NAMES, "no", "nos"))
_MAX_CACHED_WORDS = 100_000
_MAX_CACHED_WORD_CHARS = 32
_MAX_INITIAL_CHARS = 3
_MAX_CACHED_PARTS = 6  # of a word, which are as many as a `NumberWord` has fields


@cache  # compiled at its first use, because it takes some milliseconds and few queries need it
def _part_pattern() -> re.Pattern[str]:
    """Return a pattern for a run of letters with inner apostrophes, of digits, or of another script."""
    return re.compile(
        rf"(?<=[a-z])&(?=[a-z])|[a-z]+(?:'[a-z]+)*|'[a-z]+|{EAST_ASIAN_NUMBER}"
        r"|#(?=\d)|[$£€¥₹₽₩]?\d+(?:[.,]\d+)*(?:%|(?:st|nd|rd|th)(?![a-z]))?"
        rf"|(?:(?![\d_{HAN_NUMERALS}])[\w\u0300-\u036f\u0900-\u0dff\u0e31-\u0e4e\u0eb1-\u0ecd\u102b-\u109f\u17b4-\u17dd\u3099\u309a])+"
    )


@cache  # for the same reason
def _spaceless_pattern() -> re.Pattern[str]:
    """Return a pattern for a letter of a script that is written without spaces, or with spaces that vary: Korean."""
    return re.compile(
        "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3130-\u318f\uac00-\ud7a3\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
    )


class _CutOffWord(str):
    """A word that the speaker broke off; it gives no token if the next word starts with it."""

    __slots__ = ()


class _Initial(str):
    """A letter with a period: several in a row are one abbreviation, such as `U. S.`."""

    __slots__ = ()


class _LastInitial(_Initial):
    """A capital letter without a period, which may end an abbreviation, as in `U. S`, but does not start one."""

    __slots__ = ()


class _NumberSign(str):
    """The word `No.`, or `No` within a sentence, which means `number` before figures."""

    __slots__ = ()


class _TokenGroup(tuple[str, ...]):
    """No token, or several tokens."""

    __slots__ = ()


_NormalizedWord = str | _TokenGroup | NumberWord | tuple[str | NumberWord, ...]
"""A word normalized by itself: one token, no or several tokens, a part of a number, or a mixture of these."""


class _WordCache:
    """Caches the normalized forms of words; it is cleared when it is full.

    *tokens* has the words that are one token: nearly all words, which are found without a call for each of them.
    """

    def __init__(self) -> None:
        self.tokens: dict[str, str] = {}
        self._others: dict[str, _NormalizedWord] = {}

    def clear(self) -> None:
        """Forget all words."""
        self.tokens.clear()
        self._others.clear()

    def find(self, word: str) -> _NormalizedWord:
        """Return the normalized form of *word*, which is not one of *tokens*."""
        found = self._others.get(word)
        return self._add(word) if found is None else found

    def _add(self, word: str) -> _NormalizedWord:
        if len(self.tokens) + len(self._others) >= _MAX_CACHED_WORDS:
            self.clear()
        normalized = self._normalize(word)
        if len(word) > _MAX_CACHED_WORD_CHARS:
            return normalized
        if normalized.__class__ is str:
            self.tokens[word] = normalized
        elif len(normalized) <= _MAX_CACHED_PARTS:
            self._others[word] = normalized
        return normalized

    def _normalize(self, word: str) -> _NormalizedWord:
        # Most new words are known ones with a capital letter or punctuation.
        bare = word.strip(_PUNCTUATION)
        is_plain = len(bare) > 1 and bare.isascii() and bare.isalpha()
        if is_plain and (plain := bare.lower()) not in _NO_PLAIN_WORDS:
            return self.tokens.get(plain, plain)
        return _normalize_word(word)


_word_cache = _WordCache()


def normalize_words(words: Sequence[str]) -> tuple[list[str], list[int]]:
    """Normalize *words* to tokens.

    Return the tokens and, for each, the index of the word in which it starts; indices never decrease.  A word may give
    no token, one or several, and several words may give one.

    Raises `CaptionError` if there are too many tokens.
    """
    normalized: list[_NormalizedWord | None] = list(map(_word_cache.tokens.get, words))
    special: list[int] = []  # the positions of words that are not one token
    token_count = 0
    find = _word_cache.find
    for at in _find_missing(normalized):
        normalized[at] = word = find(words[at])
        if word.__class__ is _TokenGroup:  # most of them
            special.append(at)
            token_count += len(word)
        elif word.__class__ is not str:
            special.append(at)
            token_count += _count_tokens(word)
        if token_count > MAX_TOKENS:
            raise refuse_more_than(MAX_TOKENS, "tokens")
    tokens, word_index = _emit_tokens(words, cast("list[_NormalizedWord]", normalized), special)
    stutters = list(compress(range(1, len(tokens)), map(eq, tokens, islice(tokens, 1, None))))
    if stutters:
        _drop_stutters(tokens, word_index, stutters)
    return tokens, word_index


def _find_missing(values: list[_NormalizedWord | None]) -> Iterator[int]:
    """Yield the position of each None in *values*."""
    at = -1
    with suppress(ValueError):  # there is no further one
        while True:
            at = values.index(None, at + 1)
            yield at


def _count_tokens(word: _NormalizedWord) -> int:
    return 1 if word.__class__ is NumberWord or isinstance(word, str) else len(word)


def _emit_tokens(
    words: Sequence[str], normalized: list[_NormalizedWord], special: list[int]
) -> tuple[list[str], list[int]]:
    tokens: list[str] = []
    word_index: list[int] = []
    positions = list(range(len(normalized)))  # slices of it share its numbers
    done = 0
    for at in special:
        if at < done:
            continue
        tokens += normalized[done:at]  # type: ignore[arg-type]  # all words between special ones are tokens
        word_index += positions[done:at]
        word = normalized[at]
        if word.__class__ is _TokenGroup:  # most of them
            if word:
                tokens += word
                word_index += (at,) * len(word)
            done = at + 1
        else:
            done = at + _emit_word(words, normalized, at, tokens, word_index)
    tokens += normalized[done:]  # type: ignore[arg-type]
    word_index += positions[done:]
    return tokens, word_index


def _emit_word(
    words: Sequence[str], normalized: list[_NormalizedWord], at: int, tokens: list[str], word_index: list[int]
) -> int:
    """Append the tokens of the word *at*, and return how many words were read."""
    word = normalized[at]
    if isinstance(word, _Initial):
        return _emit_initials(normalized, at, tokens, word_index)
    if isinstance(word, _NumberSign):
        tokens.append("number" if _is_number_sign(words, normalized, at) else str(word))
        word_index.append(at)
        return 1
    if isinstance(word, _CutOffWord):
        follow = normalized[at + 1] if at + 1 < len(normalized) else ""
        if not (isinstance(follow, str) and follow.startswith(word)):
            tokens.append(str(word))
            word_index.append(at)
        return 1
    if isinstance(word, NumberWord) and word.kind != "scale" and _is_standalone_number(normalized, at):
        word = _TokenGroup(standalone_tokens(word))
    if word.__class__ is _TokenGroup:
        tokens += word
        word_index += [at] * len(word)
        return 1
    return _emit_numbers(normalized, at, tokens, word_index)


def _is_number_sign(words: Sequence[str], normalized: list[_NormalizedWord], at: int) -> bool:
    """Return whether a number follows the word *at*, and it does not negate it: `No 2 of them` begins a sentence."""
    if at + 1 == len(words):
        return False
    number, follow = normalized[at + 1], words[at + 1]
    has_figures = isinstance(number, NumberWord) and number.kind == "figures"
    if words[at].endswith("."):  # a new sentence would begin with a capital letter
        return has_figures or follow == "of" or (isinstance(number, NumberWord) and follow.islower())
    return has_figures and bool(at) and words[at - 1].rstrip(_CLOSING)[-1:] not in _SENTENCE_ENDS


def _emit_initials(normalized: list[_NormalizedWord], at: int, tokens: list[str], word_index: list[int]) -> int:
    """Append the abbreviation of which the letter *at* is the first one, and return how many letters it has."""
    end = at + 1
    while normalized[end - 1].__class__ is _Initial and end < len(normalized) and isinstance(normalized[end], _Initial):
        end += 1
    tokens.append("".join(cast("list[str]", normalized[at:end])))
    word_index.append(at)
    return end - at


def _is_standalone_number(normalized: list[_NormalizedWord], at: int) -> bool:
    """Check, for a fast path, that the next word cannot continue the number *at*."""
    follow = normalized[at + 1] if at + 1 < len(normalized) else ""
    if follow.__class__ is str:
        return follow not in CONTINUING_WORDS and not is_digit_group(follow)
    return _ends_before(normalized[at], follow) and not continues_in_groups(normalized, at)


def _ends_before(number: _NormalizedWord, follow: _NormalizedWord) -> bool:
    """Check for two numbers, the second of which cannot continue the first: figures, or units before any but scales."""
    return (
        isinstance(follow, NumberWord)
        and isinstance(number, NumberWord)
        and number.kind in ("figures", "unit")
        and follow.kind != "scale"
    )


def _emit_numbers(normalized: list[_NormalizedWord], at: int, tokens: list[str], word_index: list[int]) -> int:
    """Append the numbers that start in the word *at*, and return how many words were read: whole words only."""
    items, positions = _flatten_words(normalized, at)
    done = 0
    while done == 0 or (done < len(items) and positions[done] == positions[done - 1]):
        item = items[done]
        if isinstance(item, str):
            tokens.append(item)
            word_index.append(positions[done])
            done += 1
            continue
        is_end = done + 1 < len(items) and _ends_before(item, items[done + 1])
        if is_end and not continues_in_groups(items, done):
            tokens += standalone_tokens(item)
            word_index += [positions[done]] * (len(tokens) - len(word_index))
            done += 1
            continue
        number = read_number(items[done : done + MAX_NUMBER_WORDS])
        if item.kind == "scale" and done == 0 and tokens and tokens[-1] == "a":
            tokens.pop()  # "a hundred"
            positions[0] = word_index.pop()
        tokens += number.tokens
        last = positions[done + number.word_count - 1]
        word_index += [positions[done], *[last] * (len(number.tokens) - 1)]
        done += number.word_count
    return positions[done - 1] - at + 1 if done > 1 else 1


def _flatten_words(normalized: list[_NormalizedWord], at: int) -> tuple[list[str | NumberWord], list[int]]:
    """Return the parts of the words from *at* on that a number may have, and the index of the word of each."""
    items: list[str | NumberWord] = []
    positions: list[int] = []
    for position in range(at, min(at + MAX_NUMBER_WORDS, len(normalized))):
        word = normalized[position]
        parts = word if isinstance(word, tuple) and not isinstance(word, NumberWord) else (word,)
        if position > at and parts and parts[0].__class__ is str and not _may_continue(parts[0]):
            break  # it ends the number
        items += parts
        positions += [position] * len(parts)
    return items, positions


def _may_continue(token: object) -> bool:
    return token in CONTINUING_WORDS or token in ("a", "half") or is_digit_group(token)


def _drop_stutters(tokens: list[str], word_index: list[int], stutters: list[int]) -> None:
    kept_tokens: list[str] = []
    kept_index: list[int] = []
    done = 0
    for at in stutters:
        if tokens[at].isascii() and tokens[at].isalpha() and tokens[at] not in NUMBER_NAMES:
            kept_tokens += tokens[done:at]
            kept_index += word_index[done:at]
            done = at + 1
    if done:
        tokens[:], word_index[:] = kept_tokens + tokens[done:], kept_index + word_index[done:]


def _normalize_word(word: str) -> _NormalizedWord:
    """Normalize a word by itself."""
    plain = fold_letters(word)
    if len(word) <= _MAX_INITIAL_CHARS and (initial := _INITIAL_PATTERN.fullmatch(word)):
        return (_Initial if initial[1] else _LastInitial)(plain[0])
    if word in ("No.", "Nos.", "no.", "nos.", "No", "Nos"):
        return _NumberSign(plain.rstrip("."))
    if plain in _SPOKEN_FORMS:
        return _group_tokens(_SPOKEN_FORMS[plain].split())
    if plain[:1] == "'" and (full := _CONTRACTIONS.get(plain.rstrip(_PUNCTUATION))):
        return _group_tokens(full.split())
    match = _PLAIN_WORD_PATTERN.fullmatch(plain)
    if match and not ("$" in plain or "&" in plain or "%" in plain):
        return _normalize_plain_word(match[1], plain)
    number = parse_number_word(plain)
    if number:
        return number
    initials = _INITIALS_PATTERN.fullmatch(plain)
    if initials:
        return initials[1].replace(".", "")
    parts = [item for part in _part_pattern().findall(plain) for item in _normalize_part(part)]
    if len(parts) > MAX_NUMBER_WORDS:
        return _TokenGroup(_without_numbers(parts))
    if any(isinstance(part, NumberWord) for part in parts):
        return tuple(parts)
    return _group_tokens([part for part in parts if isinstance(part, str)])


def _without_numbers(parts: Iterable[str | NumberWord]) -> Iterator[str]:
    """Yield *parts* with the tokens of each number by itself."""
    for part in parts:
        if isinstance(part, str):
            yield part
        else:
            yield from standalone_tokens(part)


def _group_tokens(tokens: Sequence[str]) -> _NormalizedWord:
    return tokens[0] if len(tokens) == 1 else _TokenGroup(tokens)


def _normalize_plain_word(letters: str, plain: str) -> _NormalizedWord:
    if letters in _FILLER_WORDS:
        return _TokenGroup()
    if letters in _SPOKEN_FORMS:
        return _group_tokens(_SPOKEN_FORMS[letters].split())
    number = parse_number_word(plain)
    if number:
        return number
    if plain[-1] in "-–—" and _CUT_OFF_PATTERN.fullmatch(plain):
        return _CutOffWord(letters)
    return letters


def _normalize_part(part: str) -> list[str | NumberWord]:
    """Normalize a run of letters with inner apostrophes, of digits, or of another script."""
    if "'" in part:
        return [*_expand_contraction(part)]
    if part == "#":
        return ["number"]
    if not part.isascii() and part[0] not in CURRENCY_NAMES:
        number = parse_east_asian_number(part)
        if number:
            return [number]
        return [*_split_characters(part)] if _spaceless_pattern().search(part) else [part]
    number = _parse_number_part(part)
    if number:
        return [number]
    if "," in part:  # a list such as 1,2,3
        return [item for piece in part.split(",") for item in _normalize_part(piece)]
    if part[0] in CURRENCY_NAMES:
        return _normalize_part(part[1:])
    if part in _FILLER_WORDS:
        return []
    if part in _SPOKEN_FORMS:
        return [*_SPOKEN_FORMS[part].split()]
    return [part.removesuffix("%").replace(".", "p")]


_parse_number_part = lru_cache(4096)(parse_number_word)


def _expand_contraction(part: str) -> list[str]:
    if part in _CONTRACTIONS:
        return _CONTRACTIONS[part].split()
    elided, _, rest = part.partition("'")
    if elided in _ELIDED_WORDS and len(rest) > 1 and rest[0] in "aeiouh":
        return [elided, *(_expand_contraction(rest) if "'" in rest else (rest,))]
    for ending, full in _CONTRACTION_ENDINGS.items():
        if part.endswith(ending) and len(part) > len(ending):
            return [part[: -len(ending)].replace("'", ""), full]
    stem, _, ending = part.rpartition("'")
    if ending == "s" and stem in _STEMS_BEFORE_IS:
        return [stem, "is"]
    return [part.replace("'", "")]


def _split_characters(part: str) -> list[str]:
    """Return a token for each character of a script without spaces, including its combining marks."""
    starts: list[int] = []
    in_spaced_run = False  # of a script with spaces
    for at, char in enumerate(part):
        is_spaceless = _spaceless_pattern().match(char) and not unicodedata.category(char).startswith("M")
        if not starts or is_spaceless or not (in_spaced_run or not char.isalnum()):
            starts.append(at)
        in_spaced_run = not is_spaceless and char.isalnum()
    # Python shares only Latin letters; the same few thousand characters make up the whole text.
    return [intern(part[start:end]) for start, end in pairwise((*starts, len(part)))]
