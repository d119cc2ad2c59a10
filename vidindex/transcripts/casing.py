"""Sentence case for all-capitals captions; only for display, stored words keep the case of the captions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from types import MappingProxyType

from ..model import Transcript
from .name_case import learn_names, name_key

_MAX_SAMPLE_WORDS = 4000
_LOWERCASE_BYTES = bytes(range(ord("a"), ord("z") + 1))


def is_all_caps(words: Iterable[str]) -> bool:
    """Check whether *words* are in capitals, apart from a few such as the names of speakers."""
    sample = "".join(islice(words, _MAX_SAMPLE_WORDS))
    # Lower-case ASCII letters are fast to count, and mostly decide it.
    other_bytes = len(sample.encode("utf-8", "replace").translate(None, _LOWERCASE_BYTES))
    if other_bytes <= 9 * (len(sample) - other_bytes):
        return False
    upper = sum(map(str.isupper, sample))
    lower = sum(map(str.islower, sample))
    return upper > 20 and upper > 9 * lower


def restore_case(transcript: Transcript, texts: Iterable[str] = (), *, language: str = "") -> Transcript:
    """Return *transcript* in sentence case if it is all in capitals, with names as *texts* write them."""
    if not is_all_caps(transcript.words):
        return transcript
    names = learn_names(texts, transcript.words, language=language)
    return replace(transcript, words=tuple(to_sentence_case(transcript.words, names=names)))


def to_sentence_case(
    words: Sequence[str], *, starts_sentence: bool = True, names: Mapping[str, str] = MappingProxyType({})
) -> list[str]:
    """Return *words* in lower case except for the first of each sentence, `I`, clear abbreviations and *names*.

    *names* are those that `learn_names` returns.
    """
    cased: list[str] = []
    for word in words:
        cased.append(_case_word(word, first=starts_sentence, name=names.get(name_key(word), "") if names else ""))
        if any(map(str.isalnum, word)):
            core = word.rstrip("\"'”’)]")
            starts_sentence = core.endswith(("?", "!", ":")) or (core.endswith(".") and "." not in core[:-1])
        elif word.startswith((">>", "♪")) or word in ("-", "–", "—"):
            starts_sentence = True
    return cased


def _case_word(word: str, *, first: bool, name: str = "") -> str:
    core = word.strip("\"'“”‘’()[].,;:?!-…")
    if not word.isupper():
        return word
    if name:
        return _write_name(word, core, name[:1].upper() + name[1:] if first and name.islower() else name)
    if _is_abbreviation(core):
        return word
    lower = word.lower()
    if not first and core != "I" and not core.startswith(("I'", "I’")):
        return lower
    at = next((at for at, char in enumerate(lower) if char.isalpha()), 0)
    return lower[:at] + lower[at].upper() + lower[at + 1 :]


def _write_name(word: str, core: str, name: str) -> str:
    ending = core[-2:].lower() if core[-2:-1] in ("'", "’") and core[-1:] in "Ss" and name[-2:-1] not in "'’" else ""
    return word.replace(core, name + ending, 1)


def _is_abbreviation(core: str) -> bool:
    """Check for an abbreviation such as `U.S`, `CBS` or `F16`: it has inner dots, no vowels, or digits."""
    letters = [char for char in core if char.isalpha()]
    if "." in core or any(map(str.isdigit, core)):
        return len(letters) > 0
    return (
        1 < len(letters) < 5
        and not set("AEIOUYÄÖÜ") & set(core)
        and core.isalpha()
        and core.isascii()
        and core not in _VOWELLESS_WORDS
    )


_VOWELLESS_WORDS = {"MR", "MRS", "MS", "DR", "ST", "HMM", "MMM", "SHH", "PST", "VS", "HM", "MM", "TH", "ND", "RD"}
