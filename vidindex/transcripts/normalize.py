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

from .numbers import CONTINUING, LONGEST_RUN, NUMBER_NAMES, Numeral, alone, numeral, read_run

_FILLERS = frozenset(["uh", "um", "uhh", "umm", "uhm", "erm", "hmm", "hm", "mm", "mmm", "mhm"])

_SPOKEN = {
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
_ENDINGS = {"n't": "not", "'re": "are", "'ve": "have", "'ll": "will", "'d": "would"}
_IS = frozenset(["it", "that", "he", "she", "what", "there", "here", "who", "where", "how", "this", "when"])

_LETTERS = str.maketrans(
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
_PLAIN = re.compile(r"[\W_]*([a-z]+)[\W_]*")
_INITIALS = re.compile(r"\W*((?:[a-z]\.){2,}[a-z]?)\W*")
_FRAGMENT = re.compile(r"\W*([a-z]+)[-–—]+")
_KEPT_MARKS = frozenset((8, 9))  # kana voicing and virama make other letters, they are no accents
_MEMO_WORDS = 300_000
_LONGEST = 64  # characters of a word that is remembered


@cache  # compiled when a word first needs it: few queries do, and it takes some ms
def _parts() -> re.Pattern[str]:
    """Match a run of letters with apostrophes inside, of digits, or of another script."""
    return re.compile(
        r"(?<=[a-z])&(?=[a-z])|[a-z]+(?:'[a-z]+)*|'[a-z]+|\d+(?:[.,]\d+)*|(?:(?![\d_])[\w\u0300-\u036f\u0900-\u0dff\u0e31-\u0e4e\u0eb1-\u0ecd\u102b-\u109f\u17b4-\u17dd\u3099\u309a])+"
    )


@cache  # likewise
def _spaceless() -> re.Pattern[str]:
    """Match a letter of a script that is written without spaces."""
    return re.compile(
        "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
    )


class _Fragment(str):
    """A word that was broken off: nothing, where the next one takes it up."""

    __slots__ = ()


class _Tokens(tuple[str, ...]):
    """Any number of tokens but one."""

    __slots__ = ()


_Folded = str | _Tokens | Numeral | tuple[str | Numeral, ...]
"""What a word is alone: one token, any number of them, a part of a number, or a mixture of these."""


class _Memo(dict[str, _Folded]):
    """Remembers what words fold to, as long as they are not too many."""

    def __missing__(self, word: str) -> _Folded:
        if len(self) >= _MEMO_WORDS:
            self.clear()
        folded = _fold_word(word)
        if len(word) <= _LONGEST:
            self[word] = folded
        return folded


_memo = _Memo()


def fold(words: Sequence[str]) -> tuple[list[str], list[int]]:
    """Fold display *words* to tokens.

    Returns the tokens and, for each, the position of the word in which it starts; positions never fall.
    A word may give no token, one or several, and several words one.
    """
    folded = list(map(_memo.__getitem__, words))
    special = [at for at, one in enumerate(folded) if one.__class__ is not str]
    tokens, origins = _joined(folded, special)
    stutters = list(compress(range(1, len(tokens)), map(eq, tokens, islice(tokens, 1, None))))
    if stutters:
        _drop_stutters(tokens, origins, stutters)
    return tokens, origins


def _joined(folded: list[_Folded], special: list[int]) -> tuple[list[str], list[int]]:
    tokens: list[str] = []
    origins: list[int] = []
    done = 0
    for at in special:
        if at < done:
            continue
        tokens += folded[done:at]  # type: ignore[arg-type]  # between special ones all are tokens
        origins += range(done, at)
        done = at + _add(folded, at, tokens, origins)
    tokens += folded[done:]  # type: ignore[arg-type]
    origins += range(done, len(folded))
    return tokens, origins


def _add(folded: list[_Folded], at: int, tokens: list[str], origins: list[int]) -> int:
    """Add what the word *at* gives; says how many words it took."""
    one = folded[at]
    if isinstance(one, _Fragment):
        follow = folded[at + 1] if at + 1 < len(folded) else ""
        if not (isinstance(follow, str) and follow.startswith(one)):
            tokens.append(str(one))
            origins.append(at)
        return 1
    if isinstance(one, Numeral) and one.kind != "scale" and _stands_alone(folded, at):
        one = _Tokens(alone(one))
    if one.__class__ is _Tokens:
        tokens += one
        origins += [at] * len(one)
        return 1
    return _add_numbers(folded, at, tokens, origins)


def _stands_alone(folded: list[_Folded], at: int) -> bool:
    """Tell whether no word after the number *at* can continue it, as for most."""
    follow = folded[at + 1] if at + 1 < len(folded) else ""
    return follow.__class__ is str and follow not in CONTINUING


def _add_numbers(folded: list[_Folded], at: int, tokens: list[str], origins: list[int]) -> int:
    """Add the numbers that start in the word *at*, to the end of the word in which the last one ends."""
    items, places = _flat(folded, at)
    done = 0
    while done == 0 or (done < len(items) and places[done] == places[done - 1]):
        item = items[done]
        if isinstance(item, str):
            tokens.append(item)
            origins.append(places[done])
            done += 1
            continue
        run = read_run(items[done : done + LONGEST_RUN])
        if item.kind == "scale" and done == 0 and tokens and tokens[-1] == "a":
            tokens.pop()  # a hundred
            places[0] = origins.pop()
        tokens += run.tokens
        origins += [places[done], *[places[done + run.length - 1]] * (len(run.tokens) - 1)]
        done += run.length
    return places[done - 1] - at + 1 if done > 1 else 1


def _flat(folded: list[_Folded], at: int) -> tuple[list[str | Numeral], list[int]]:
    """Take the words from *at* on apart, as far as a number may go."""
    items: list[str | Numeral] = []
    places: list[int] = []
    for place in range(at, min(at + LONGEST_RUN, len(folded))):
        one = folded[place]
        several = one if isinstance(one, tuple) and not isinstance(one, Numeral) else (one,)
        items += several
        places += [place] * len(several)
    return items, places


def _drop_stutters(tokens: list[str], origins: list[int], stutters: list[int]) -> None:
    for at in reversed(stutters):
        if tokens[at].isascii() and tokens[at].isalpha() and tokens[at] not in NUMBER_NAMES:
            del tokens[at], origins[at]


def _fold_word(word: str) -> _Folded:
    """Fold a word without looking at those around it."""
    plain = _plain(word)
    if plain in _SPOKEN:
        return _tokens(_SPOKEN[plain].split())
    match = _PLAIN.fullmatch(plain)
    if match and not ("$" in plain or "&" in plain or "%" in plain):
        return _known(match[1], plain)
    number = numeral(plain)
    if number:
        return number
    initials = _INITIALS.fullmatch(plain)
    if initials:
        return initials[1].replace(".", "")
    parts = [item for part in _parts().findall(plain) for item in _fold_part(part)]
    if any(isinstance(part, Numeral) for part in parts):
        return tuple(parts)
    return _tokens([part for part in parts if isinstance(part, str)])


def _tokens(tokens: Sequence[str]) -> _Folded:
    return tokens[0] if len(tokens) == 1 else _Tokens(tokens)


def _plain(word: str) -> str:
    """Lower the case and take accents away."""
    lower = word.casefold()
    if lower.isascii():
        return lower
    apart = unicodedata.normalize("NFKD", lower)
    kept = "".join(char for char in apart if not _is_accent(char))
    return unicodedata.normalize("NFC", kept).translate(_LETTERS)


def _is_accent(char: str) -> bool:
    """Tell a mark that may be left out from one that makes another letter (kana, vowels of India)."""
    mark = unicodedata.combining(char)
    return mark != 0 and mark not in _KEPT_MARKS


def _known(letters: str, plain: str) -> _Folded:
    if letters in _FILLERS:
        return _Tokens()
    if letters in _SPOKEN:
        return _tokens(_SPOKEN[letters].split())
    number = numeral(plain)
    if number:
        return number
    if plain[-1] in "-–—" and _FRAGMENT.fullmatch(plain):
        return _Fragment(letters)
    return letters


def _fold_part(part: str) -> list[str | Numeral]:
    """Fold a run of letters with apostrophes inside, of digits, or of another script."""
    if "'" in part:
        return [*_uncontracted(part)]
    if not part.isascii():
        return [*_characters(part)] if _spaceless().search(part) else [part]
    number = numeral(part)
    if number:
        return [number]
    if part in _FILLERS:
        return []
    if part in _SPOKEN:
        return [*_SPOKEN[part].split()]
    return [part.replace(",", "").replace(".", "p")]


def _uncontracted(part: str) -> list[str]:
    if part in _CONTRACTIONS:
        return _CONTRACTIONS[part].split()
    for ending, full in _ENDINGS.items():
        if part.endswith(ending) and len(part) > len(ending):
            return [part[: -len(ending)].replace("'", ""), full]
    stem, _, ending = part.rpartition("'")
    if ending == "s" and stem in _IS:
        return [stem, "is"]
    return [part.replace("'", "")]


def _characters(part: str) -> list[str]:
    """Give a token for each character of a script without spaces, with the marks that stand on it."""
    tokens: list[str] = []
    spaced = False  # inside a run of another script
    for char in part:
        alone = _spaceless().match(char) and not unicodedata.category(char).startswith("M")
        if tokens and not alone and (spaced or not char.isalnum()):
            tokens[-1] += char
        else:
            tokens.append(char)
        spaced = not alone and char.isalnum()
    return tokens
