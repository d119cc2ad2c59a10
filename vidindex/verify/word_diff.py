"""The comparison of printed and spoken words, word by word."""

from __future__ import annotations

from collections.abc import Sequence

from ..transcripts.normalize import normalize_words
from .verdicts import WordChange


def compare_words(printed: str, spoken: str) -> tuple[WordChange, ...]:
    """Return the differences between *printed* and *spoken*, word by word."""
    from rapidfuzz.distance import Levenshtein

    left, right = _split_units(printed), _split_units(spoken)
    changes = [
        WordChange(
            _join_units(left[op.src_start : op.src_end]),
            _join_units(right[op.dest_start : op.dest_end]),
            op.tag == "equal",
        )
        for op in Levenshtein.opcodes([key for key, _ in left], [key for key, _ in right])
    ]
    return tuple(changes)


def _split_units(text: str) -> list[tuple[tuple[str, ...], str]]:
    """Split *text* into the smallest groups of words that are normalized together, with their tokens."""
    words = text.split()
    tokens, origins = normalize_words(words)
    folded: dict[int, list[str]] = {}
    for token, origin in zip(tokens, origins, strict=True):
        folded.setdefault(origin, []).append(token)
    starts = sorted(folded)
    if not starts:
        return []
    starts[0] = 0
    ends = [*starts[1:], len(words)]
    return [
        (tuple(folded[origin]), " ".join(words[start:end]))
        for origin, start, end in zip(sorted(folded), starts, ends, strict=True)
    ]


def _join_units(units: Sequence[tuple[tuple[str, ...], str]]) -> str:
    return " ".join(text for _, text in units)
