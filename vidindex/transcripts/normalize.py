"""Make what two people write for the same speech comparable: words in, tokens out.

Case, accents, apostrophes and hyphens go; contractions and spoken forms are written out; a number has one
form; fillers and stutters are nothing.  A script without spaces gives a token for each character.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from itertools import compress, islice
from operator import eq

from .numbers import (
    CONTINUING_WORDS,
    MAX_NUMBER_WORDS,
    NUMBER_NAMES,
    NumberWord,
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
    "yall": "you all",
    "cannot": "can not",
    "alright": "all right",
    "percent": "per cent",
    "mister": "mr",
    "&": "and",
    "%": "per cent",
    "c++": "c plus plus",
    "c#": "c sharp",
    "f#": "f sharp",
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

_LETTER_TRANSLATION = str.maketrans(
    {
        "ø": "o",
        "đ": "d",
        "ł": "l",
        "æ": "ae",
        "œ": "oe",
        "ı": "i",
        "ð": "d",
        "þ": "th",
        "’": "'",
        "‘": "'",
        "ʼ": "'",
        "＇": "'",
    }
)
_PLAIN_WORD_PATTERN = re.compile(r"[\W_]*([a-z]+)[\W_]*")
_INITIALS_PATTERN = re.compile(r"\W*((?:[a-z]\.){2,}[a-z]?)\W*")
_CUT_OFF_PATTERN = re.compile(r"\W*([a-z]+)[-–—]+")
_KEPT_COMBINING_CLASSES = frozenset((8, 9))  # kana voicing and virama make other letters, they are no accents
_MAX_CACHED_WORDS = 300_000
_MAX_CACHED_WORD_CHARS = 64  # characters of a word that is remembered


@cache  # compiled when a word first needs it: few queries do, and it takes some ms
def _part_pattern() -> re.Pattern[str]:
    """Match a run of letters with apostrophes inside, of digits, or of another script."""
    return re.compile(
        r"(?<=[a-z])&(?=[a-z])|[a-z]+(?:'[a-z]+)*|'[a-z]+|\d+(?:[.,]\d+)*|(?:(?![\d_])[\w\u0300-\u036f\u0900-\u0dff\u0e31-\u0e4e\u0eb1-\u0ecd\u102b-\u109f\u17b4-\u17dd\u3099\u309a])+"
    )


@cache  # likewise
def _spaceless_pattern() -> re.Pattern[str]:
    """Match a letter of a script that is written without spaces."""
    return re.compile(
        "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
    )


class _CutOffWord(str):
    """A word that was broken off: nothing, where the next one takes it up."""

    __slots__ = ()


class _TokenGroup(tuple[str, ...]):
    """Any number of tokens but one."""

    __slots__ = ()


_NormalizedWord = str | _TokenGroup | NumberWord | tuple[str | NumberWord, ...]
"""What a word is alone: one token, any number of them, a part of a number, or a mixture of these."""


class _WordCache(dict[str, _NormalizedWord]):
    """Remembers what words fold to, as long as they are not too many."""

    def __missing__(self, word: str) -> _NormalizedWord:
        if len(self) >= _MAX_CACHED_WORDS:
            self.clear()
        folded = _normalize_word(word)
        if len(word) <= _MAX_CACHED_WORD_CHARS:
            self[word] = folded
        return folded


_word_cache = _WordCache()


def normalize_words(words: Sequence[str]) -> tuple[list[str], list[int]]:
    """Fold display *words* to tokens.

    Returns the tokens and, for each, the position of the word in which it starts; positions never fall.
    A word may give no token, one or several, and several words one.
    """
    folded = list(map(_word_cache.__getitem__, words))
    special = [at for at, one in enumerate(folded) if one.__class__ is not str]
    tokens, origins = _emit_tokens(folded, special)
    stutters = list(compress(range(1, len(tokens)), map(eq, tokens, islice(tokens, 1, None))))
    if stutters:
        _drop_stutters(tokens, origins, stutters)
    return tokens, origins


def _emit_tokens(folded: list[_NormalizedWord], special: list[int]) -> tuple[list[str], list[int]]:
    tokens: list[str] = []
    origins: list[int] = []
    done = 0
    for at in special:
        if at < done:
            continue
        tokens += folded[done:at]  # type: ignore[arg-type]  # between special ones all are tokens
        origins += range(done, at)
        done = at + _emit_word(folded, at, tokens, origins)
    tokens += folded[done:]  # type: ignore[arg-type]
    origins += range(done, len(folded))
    return tokens, origins


def _emit_word(folded: list[_NormalizedWord], at: int, tokens: list[str], origins: list[int]) -> int:
    """Add what the word *at* gives; says how many words it took."""
    one = folded[at]
    if isinstance(one, _CutOffWord):
        follow = folded[at + 1] if at + 1 < len(folded) else ""
        if not (isinstance(follow, str) and follow.startswith(one)):
            tokens.append(str(one))
            origins.append(at)
        return 1
    if isinstance(one, NumberWord) and one.kind != "scale" and _is_standalone_number(folded, at):
        one = _TokenGroup(standalone_tokens(one))
    if one.__class__ is _TokenGroup:
        tokens += one
        origins += [at] * len(one)
        return 1
    return _emit_numbers(folded, at, tokens, origins)


def _is_standalone_number(folded: list[_NormalizedWord], at: int) -> bool:
    """Tell whether no word after the number *at* can continue it, as for most."""
    follow = folded[at + 1] if at + 1 < len(folded) else ""
    return follow.__class__ is str and follow not in CONTINUING_WORDS


def _emit_numbers(folded: list[_NormalizedWord], at: int, tokens: list[str], origins: list[int]) -> int:
    """Add the numbers that start in the word *at*, to the end of the word in which the last one ends."""
    items, places = _flatten_words(folded, at)
    done = 0
    while done == 0 or (done < len(items) and places[done] == places[done - 1]):
        item = items[done]
        if isinstance(item, str):
            tokens.append(item)
            origins.append(places[done])
            done += 1
            continue
        run = read_number(items[done : done + MAX_NUMBER_WORDS])
        if item.kind == "scale" and done == 0 and tokens and tokens[-1] == "a":
            tokens.pop()  # a hundred
            places[0] = origins.pop()
        tokens += run.tokens
        origins += [places[done], *[places[done + run.word_count - 1]] * (len(run.tokens) - 1)]
        done += run.word_count
    return places[done - 1] - at + 1 if done > 1 else 1


def _flatten_words(folded: list[_NormalizedWord], at: int) -> tuple[list[str | NumberWord], list[int]]:
    """Take the words from *at* on apart, as far as a number may go."""
    items: list[str | NumberWord] = []
    places: list[int] = []
    for place in range(at, min(at + MAX_NUMBER_WORDS, len(folded))):
        one = folded[place]
        several = one if isinstance(one, tuple) and not isinstance(one, NumberWord) else (one,)
        items += several
        places += [place] * len(several)
    return items, places


def _drop_stutters(tokens: list[str], origins: list[int], stutters: list[int]) -> None:
    for at in reversed(stutters):
        if tokens[at].isascii() and tokens[at].isalpha() and tokens[at] not in NUMBER_NAMES:
            del tokens[at], origins[at]


def _normalize_word(word: str) -> _NormalizedWord:
    """Fold a word without looking at those around it."""
    plain = _simplify_letters(word)
    if plain in _SPOKEN_FORMS:
        return _group_tokens(_SPOKEN_FORMS[plain].split())
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
    if any(isinstance(part, NumberWord) for part in parts):
        return tuple(parts)
    return _group_tokens([part for part in parts if isinstance(part, str)])


def _group_tokens(tokens: Sequence[str]) -> _NormalizedWord:
    return tokens[0] if len(tokens) == 1 else _TokenGroup(tokens)


def _simplify_letters(word: str) -> str:
    """Lower the case and take accents away."""
    lower = word.casefold()
    if lower.isascii():
        return lower
    apart = unicodedata.normalize("NFKD", lower)
    kept = "".join(char for char in apart if not _is_accent(char))
    return unicodedata.normalize("NFC", kept).translate(_LETTER_TRANSLATION)


def _is_accent(char: str) -> bool:
    """Tell a mark that may be left out from one that makes another letter (kana, vowels of India)."""
    mark = unicodedata.combining(char)
    return mark != 0 and mark not in _KEPT_COMBINING_CLASSES


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
    """Fold a run of letters with apostrophes inside, of digits, or of another script."""
    if "'" in part:
        return [*_expand_contraction(part)]
    if not part.isascii():
        return [*_split_characters(part)] if _spaceless_pattern().search(part) else [part]
    number = parse_number_word(part)
    if number:
        return [number]
    if part in _FILLER_WORDS:
        return []
    if part in _SPOKEN_FORMS:
        return [*_SPOKEN_FORMS[part].split()]
    return [part.replace(",", "").replace(".", "p")]


def _expand_contraction(part: str) -> list[str]:
    if part in _CONTRACTIONS:
        return _CONTRACTIONS[part].split()
    for ending, full in _CONTRACTION_ENDINGS.items():
        if part.endswith(ending) and len(part) > len(ending):
            return [part[: -len(ending)].replace("'", ""), full]
    stem, _, ending = part.rpartition("'")
    if ending == "s" and stem in _STEMS_BEFORE_IS:
        return [stem, "is"]
    return [part.replace("'", "")]


def _split_characters(part: str) -> list[str]:
    """Give a token for each character of a script without spaces, with the marks that stand on it."""
    tokens: list[str] = []
    spaced = False  # inside a run of another script
    for char in part:
        alone = _spaceless_pattern().match(char) and not unicodedata.category(char).startswith("M")
        if tokens and not alone and (spaced or not char.isalnum()):
            tokens[-1] += char
        else:
            tokens.append(char)
        spaced = not alone and char.isalnum()
    return tokens
