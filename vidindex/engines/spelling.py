"""Neighbours in spelling among the words that an index holds."""

from __future__ import annotations

from collections.abc import Mapping


def find_similar_words(token: str, vocabulary: Mapping[str, int], *, limit: int) -> list[str]:
    """Give the words of *vocabulary* that *token* may be a misspelling of, the likeliest first.

    A letter missing, added, changed or swapped with the next counts one; up to two in a long word.  Among
    equals the more frequent word is the likelier.
    """
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    furthest = 1 if len(token) < 6 else 2
    found = process.extract(token, vocabulary.keys(), scorer=OSA.distance, score_cutoff=furthest, limit=None)
    near = [(distance, -vocabulary[word], word) for word, distance, _ in found if word != token]
    return [word for _, _, word in sorted(near)[:limit]]
