"""Spelling suggestions from the words of an index."""

from __future__ import annotations

from collections.abc import Mapping


def find_similar_words(token: str, vocabulary: Mapping[str, int], *, limit: int) -> list[str]:
    """Return the words of *vocabulary* that *token* may be a misspelling of, the most likely first.

    The distance is the optimal string alignment distance: at most 1, or 2 for words of six characters or more.  Among
    words of equal distance, the more frequent one comes first.
    """
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    max_distance = 1 if len(token) < 6 else 2
    found = process.extract(token, vocabulary.keys(), scorer=OSA.distance, score_cutoff=max_distance, limit=None)
    near = [(distance, -vocabulary[word], word) for word, distance, _ in found if word != token]
    return [word for _, _, word in sorted(near)[:limit]]
