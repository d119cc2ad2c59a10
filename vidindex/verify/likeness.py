"""How alike two words sound, so that a misheard word can be told from another one."""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

_MAX_COMPARED_CHARS = 100

# Letters that sound alike get the same key; vowels say little, because recognizers confuse them most.
_SPELLINGS = (
    (re.compile(r"^(?:kn|gn|pn)"), "n"),
    (re.compile(r"^wr"), "r"),
    (re.compile(r"^ps"), "s"),
    (re.compile(r"^x"), "z"),
    (re.compile(r"mb$"), "m"),
    (re.compile(r"[ts]ion"), "xn"),
    (re.compile(r"sch|sh|ch"), "x"),
    (re.compile(r"ph|gh(?=t)"), "f"),
    (re.compile(r"gh"), ""),
    (re.compile(r"tch"), "x"),
    (re.compile(r"dg|j"), "x"),
    (re.compile(r"c(?=[eiy])"), "s"),
    (re.compile(r"g(?=[eiy])"), "x"),
    (re.compile(r"ck|qu?|c|g"), "k"),
    (re.compile(r"x(?=$)"), "ks"),
    (re.compile(r"th"), "t"),
    (re.compile(r"d"), "t"),
    (re.compile(r"b"), "p"),
    (re.compile(r"v"), "f"),
    (re.compile(r"z"), "s"),
    (re.compile(r"[aeiouyhw]+$"), "a"),
    (re.compile(r"[aeiouyhw]+"), "a"),
    (re.compile(r"(.)\1+"), r"\1"),
)


@lru_cache(maxsize=50_000)
def sound_key(word: str) -> str:
    """Return a key that is the same for words that sound about alike."""
    key = word
    for pattern, replacement in _SPELLINGS:
        key = pattern.sub(replacement, key)
    return key


def likeness(left: str, right: str) -> float:
    """Return how alike two words are in letters or sound, from 0 to 1."""
    if left == right:
        return 1.0
    if len(left) > _MAX_COMPARED_CHARS or len(right) > _MAX_COMPARED_CHARS:
        left, right = left[:_MAX_COMPARED_CHARS], right[:_MAX_COMPARED_CHARS]
    return _compare(left, right)


def letter_likeness(left: str, right: str) -> float:
    """Return how alike two words are in letters, however they sound, from 0 to 1."""
    return Levenshtein.normalized_similarity(left[:_MAX_COMPARED_CHARS], right[:_MAX_COMPARED_CHARS])


@lru_cache(maxsize=50_000)
def _compare(left: str, right: str) -> float:
    letters = Levenshtein.normalized_similarity(left, right)
    sounds = Levenshtein.normalized_similarity(sound_key(left), sound_key(right))
    return max((letters + sounds) / 2, 0.9 * sounds)
