"""Compares sentences with a query by their vectors and word for word: a word counts as far as one is similar to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from .word_vectors import WordLookup

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MIN_SIMILARITY = 0.2
"""The cosine of two words up to which they have nothing in common."""

_BLOCK_TOKENS = 10
_MAX_TOKENS_PER_CALL = 60_000

FEATURES = ("sentence", "near", "around", "words", "near words", "length")
"""What `compare_sentences` returns of a sentence: the cosines of the sentence, with those beside it, and with three on
either side; the similarity of its words, and with those of the sentences beside it; and the logarithm of its length."""


class QueryVectors(NamedTuple):
    """The vectors of a query: its own, and those of its words as columns, with their weights, which have the sum 1."""

    whole: NDArray[Any]
    words: NDArray[Any]
    weights: NDArray[Any]


def embed_query_words(table: WordLookup, tokens: Sequence[str]) -> QueryVectors:
    """Return the vectors of the *tokens* of a query."""
    import numpy as np

    sums, _ = table.look_up(tokens)
    unique, weights = table.look_up(list(dict.fromkeys(tokens)))
    return QueryVectors(
        _unit(sums.sum(axis=0)), np.ascontiguousarray(_unit(unique).T), weights / max(float(weights.sum()), 1e-6)
    )


def score_passages(table: WordLookup, query: QueryVectors, passages: Sequence[Sequence[str]]) -> NDArray[Any]:
    """Return how similar the best 20 adjacent tokens of each of *passages* are to *query*, word for word."""
    import numpy as np

    scores = np.zeros(len(passages), np.float32)
    first = 0
    while first < len(passages):
        last, size = first, 0
        while last < len(passages) and (last == first or size + len(passages[last]) <= _MAX_TOKENS_PER_CALL):
            size += len(passages[last])
            last += 1
        scores[first:last] = _score_blocks(table, query, passages[first:last])
        first = last
    return scores


def _score_blocks(table: WordLookup, query: QueryVectors, passages: Sequence[Sequence[str]]) -> NDArray[Any]:
    import numpy as np

    likeness = _compare_words(table, query, [token for passage in passages for token in passage])
    starts: list[int] = []
    owners: list[int] = []
    at = 0
    for number, passage in enumerate(passages):
        blocks = range(at, at + len(passage), _BLOCK_TOKENS)
        starts += blocks
        owners += [number] * len(blocks)
        at += len(passage)
    owner = np.array(owners)
    best = np.maximum.reduceat(likeness, starts, axis=0)
    has_next = np.append(owner[1:] == owner[:-1], False)
    pairs = np.maximum(best, np.where(has_next[:, None], np.roll(best, -1, axis=0), 0.0))
    scores = np.zeros(len(passages), np.float32)
    np.maximum.at(scores, owner, pairs @ query.weights)
    return scores


def _compare_words(table: WordLookup, query: QueryVectors, tokens: Sequence[str]) -> NDArray[Any]:
    """Return the similarity of each of *tokens*, as rows, to each word of *query*."""
    rows, places = _look_up_unique(table, tokens)
    likeness: NDArray[Any] = _word_likeness(query, rows)[places]
    return likeness


def _look_up_unique(table: WordLookup, tokens: Sequence[str]) -> tuple[NDArray[Any], list[int]]:
    """Return the vectors of the different words in *tokens*, and which of them each token is."""
    places = {word: at for at, word in enumerate(dict.fromkeys(tokens))}
    return table.look_up(list(places))[0], [places[token] for token in tokens]


def _word_likeness(query: QueryVectors, rows: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    likeness: NDArray[Any] = np.maximum(_unit(rows) @ query.words - _MIN_SIMILARITY, 0.0) / (1.0 - _MIN_SIMILARITY)
    return likeness


class SentenceText(NamedTuple):
    """The tokens of a part of a transcript, and its adjacent sentences: their first tokens and those after the last."""

    tokens: Sequence[str]
    spans: Sequence[tuple[int, int]]


def compare_sentences(table: WordLookup, query: QueryVectors, texts: Sequence[SentenceText]) -> NDArray[Any]:
    """Return the `FEATURES` of each sentence of *texts*, as rows; each text has some."""
    import numpy as np

    counts = [len(text.spans) for text in texts]
    if not counts:
        return np.zeros((0, len(FEATURES)), np.float32)
    used = [token for text in texts for token in text.tokens[text.spans[0][0] : text.spans[-1][1]]]
    lengths = np.array([last - first for text in texts for first, last in text.spans])
    offsets = np.append(0, np.cumsum(lengths)[:-1])
    rows, places = _look_up_unique(table, used)
    best = np.maximum.reduceat(_word_likeness(query, rows)[places], offsets, axis=0)
    total = _cumulate(np.add.reduceat(rows[places], offsets, axis=0))
    ends = np.repeat(np.cumsum(counts), counts)
    starts = ends - np.repeat(counts, counts)
    return np.column_stack(
        [
            *(_cosines(total, query, starts, ends, reach=reach) for reach in (0, 1, 3)),
            best @ query.weights,
            _with_neighbors(best, starts, ends) @ query.weights,
            np.log(lengths),
        ]
    ).astype(np.float32)


def _cumulate(sums: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    return np.vstack([np.zeros((1, sums.shape[1]), np.float32), np.cumsum(sums, axis=0)])


def _cosines(
    total: NDArray[Any], query: QueryVectors, starts: NDArray[Any], ends: NDArray[Any], *, reach: int
) -> NDArray[Any]:
    """Return the cosines of the sums of as many sentences as *reach* on either side of each, in the same text."""
    import numpy as np

    places = np.arange(len(starts))
    sums = total[np.minimum(places + reach + 1, ends)] - total[np.maximum(places - reach, starts)]
    cosines: NDArray[Any] = _unit(sums) @ query.whole
    return cosines


def _with_neighbors(best: NDArray[Any], starts: NDArray[Any], ends: NDArray[Any]) -> NDArray[Any]:
    """Return the greater of the similarities of each sentence and those beside it in the same text."""
    import numpy as np

    places = np.arange(len(best))
    before, after = best[np.maximum(places - 1, starts)], best[np.minimum(places + 1, ends - 1)]
    near: NDArray[Any] = np.maximum(best, np.maximum(before, after))
    return near


def _unit(rows: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    norms = np.linalg.norm(rows, axis=-1, keepdims=True)
    unit: NDArray[Any] = np.divide(rows, norms, out=np.zeros_like(rows), where=norms > 0)
    return unit
