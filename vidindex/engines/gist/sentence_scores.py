"""Compares sentences with a query by their vectors and word for word: a word counts as far as one is similar to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from .static_table import find_greatest, sum_rows
from .word_vectors import WordLookup

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MIN_PASSAGE_SIMILARITY = 0.2
"""The cosine of two words up to which they have nothing in common."""

_MIN_SIMILARITY = 0.1
"""The same, without what all words have in common."""

_REACHES = (0, 1, 3)  # sentences on either side that are compared with a sentence
_BLOCK_TOKENS = 10
_MAX_TOKENS_PER_CALL = 60_000

FEATURES = ("sentence", "near", "around", "words", "near words", "length")
"""What `compare_sentences` returns of a sentence: the cosines of the sentence, with those beside it, and with three on
either side; the similarity of its words, and with those of the sentences beside it; and the logarithm of its length."""


class QueryVectors(NamedTuple):
    """The vectors of the words of a query as rows, and their weights, whose sum is how well their language is known."""

    words: NDArray[Any]
    weights: NDArray[Any]


def embed_query_words(table: WordLookup, tokens: Sequence[str], *, known: float = 1.0) -> QueryVectors:
    """Return the vectors of the *tokens* of a query, whose language is *known* so well."""
    unique, weights = table.look_up(list(dict.fromkeys(tokens)))
    return QueryVectors(_unit(unique), weights * (known / max(float(weights.sum()), 1e-6)))


def score_passages(table: WordLookup, query: QueryVectors, passages: Sequence[str]) -> NDArray[Any]:
    """Return how similar the best 20 adjacent tokens of each of *passages* are to *query*, word for word.

    The tokens of a passage have spaces between them.
    """
    import numpy as np

    scores = np.zeros(len(passages), np.float32)
    sizes = list(map(_count_tokens, passages))
    first = 0
    while first < len(passages):
        last, size = first, 0
        while last < len(passages) and (last == first or size + sizes[last] <= _MAX_TOKENS_PER_CALL):
            size += sizes[last]
            last += 1
        scores[first:last] = _score_blocks(table, query, passages[first:last], np.array(sizes[first:last]))
        first = last
    return scores


def _count_tokens(text: str) -> int:
    return text.count(" ") + 1


def _score_blocks(
    table: WordLookup, query: QueryVectors, passages: Sequence[str], lengths: NDArray[Any]
) -> NDArray[Any]:
    """Return the scores of *passages*, which have so many tokens as *lengths* say."""
    import numpy as np

    rows, _, places = table.look_up_unique(" ".join(passages))
    likeness = _word_likeness(query.words, rows, least=_MIN_PASSAGE_SIMILARITY)
    likeness = np.vstack([likeness, np.zeros((1, len(query.words)), np.float32)])
    blocks = -(-lengths // _BLOCK_TOKENS)
    first_blocks = np.cumsum(blocks) - blocks
    filled = np.full(int(blocks.sum()) * _BLOCK_TOKENS, len(rows))
    filled[np.arange(len(places)) + np.repeat(first_blocks * _BLOCK_TOKENS - np.cumsum(lengths) + lengths, lengths)] = (
        places
    )
    best = _reduce_columns(likeness, filled.reshape(-1, _BLOCK_TOKENS))
    owner = np.repeat(np.arange(len(passages)), blocks)
    best[:-1] = np.maximum(best[:-1], np.where((owner[1:] == owner[:-1])[:, None], best[1:], 0.0))
    scores = np.zeros(len(passages), np.float32)
    np.maximum.at(scores, owner, np.vecdot(best, query.weights))
    return scores


def _reduce_columns(values: NDArray[Any], places: NDArray[Any]) -> NDArray[Any]:
    """Return the greatest of the rows of *values* at the *places* of each row."""
    import numpy as np

    best: NDArray[Any] = values[places[:, 0]]
    for column in range(1, places.shape[1]):
        np.maximum(best, values[places[:, column]], out=best)
    return best


def _word_likeness(words: NDArray[Any], rows: NDArray[Any], *, least: float) -> NDArray[Any]:
    """Return the similarity of each of *rows*, the vectors of words, to each of *words*, which have unit length."""
    import numpy as np

    # Not a product of matrices, which OpenBLAS divides among threads, where waiting for each other takes longer.
    cosines = np.vecdot(rows[:, None], words) / _norms(rows)
    likeness: NDArray[Any] = np.maximum(cosines - least, 0.0) / (1.0 - least)
    return likeness


class SentenceText(NamedTuple):
    """The tokens of a part of a transcript, with spaces between them, and the number of tokens of each sentence."""

    tokens: str
    lengths: Sequence[int]


def compare_sentences(
    table: WordLookup, query: Sequence[str], texts: Sequence[SentenceText], *, known: float = 1.0
) -> NDArray[Any]:
    """Return the `FEATURES` of each sentence of *texts* in comparison with the tokens of *query*, as rows.

    Each text has sentences.  A word that many of them have counts less, and so do all words if their language is
    hardly *known*.
    """
    import numpy as np

    counts = [len(text.lengths) for text in texts]
    if not counts:
        return np.zeros((0, len(FEATURES)), np.float32)
    lengths = np.array([length for text in texts for length in text.lengths])
    rows, weights, places = table.look_up_unique(" ".join([*(text.tokens for text in texts), *query]))
    used = int(lengths.sum())
    rows = table.remove_common(rows)
    places, asked = places[:used], np.unique(places[used:])
    weights = np.sqrt(weights * _rarity(places, lengths, len(rows)))
    shares = weights[asked] / max(float(weights[asked].sum()), 1e-6)
    likeness = _word_likeness(_unit(rows[asked]), rows, least=_MIN_SIMILARITY)
    best = find_greatest(likeness, places, lengths)
    weighted = rows * weights[:, None]
    whole = _unit(weighted[asked].sum(axis=0, keepdims=True))[0]
    ends = np.repeat(np.cumsum(counts), counts)
    starts = ends - np.repeat(counts, counts)
    similarities = (
        *_cosines(sum_rows(weighted, places, lengths), whole, counts),
        np.vecdot(best, shares),
        np.vecdot(_with_neighbors(best, starts, ends), shares),
    )
    return np.column_stack([*(known * each for each in similarities), np.log(lengths)]).astype(np.float32)


def _rarity(places: NDArray[Any], lengths: NDArray[Any], words: int) -> NDArray[Any]:
    """Return the inverse document frequency of each of *words* in sentences of *lengths*, whose words are *places*."""
    import numpy as np

    owners = np.repeat(np.arange(len(lengths)), lengths)
    pairs = np.sort(owners * words + places)  # `unique` takes ten times as long
    is_first = np.append(True, pairs[1:] != pairs[:-1])
    found = np.bincount(pairs[is_first] % words, minlength=words)
    rarity: NDArray[Any] = np.log(1 + (len(lengths) - found + 0.5) / (found + 0.5)).astype(np.float32)
    return rarity


def _cosines(sums: NDArray[Any], whole: NDArray[Any], counts: Sequence[int]) -> Iterator[NDArray[Any]]:
    """Yield the cosines of the *sums* of sentences, then with those of as many on either side as `_REACHES` say.

    *counts* are the numbers of sentences of the texts; beside the first and the last one of a text, there are none.
    """
    import numpy as np

    gap = max(_REACHES)
    places = np.arange(len(sums)) + gap * np.repeat(np.arange(1, len(counts) + 1), counts)
    beside = np.zeros((len(sums) + gap * (len(counts) + 1), sums.shape[1]), np.float32)
    beside[places] = sums
    total = beside.copy()
    for distance in range(gap + 1):
        if distance:
            total[distance:] += beside[:-distance]
            total[:-distance] += beside[distance:]
        if distance in _REACHES:
            yield (np.vecdot(total, whole) / _norms(total)[:, 0])[places]


def _with_neighbors(best: NDArray[Any], starts: NDArray[Any], ends: NDArray[Any]) -> NDArray[Any]:
    """Return the greater of the similarities of each sentence and those beside it in the same text."""
    import numpy as np

    places = np.arange(len(best))
    before, after = best[np.maximum(places - 1, starts)], best[np.minimum(places + 1, ends - 1)]
    near: NDArray[Any] = np.maximum(best, np.maximum(before, after))
    return near


def _unit(rows: NDArray[Any]) -> NDArray[Any]:
    unit: NDArray[Any] = rows / _norms(rows)
    return unit


def _norms(rows: NDArray[Any]) -> NDArray[Any]:
    """Return the lengths of *rows* as a column; that of a row of zeros is 1."""
    import numpy as np

    norms: NDArray[Any] = np.sqrt(np.vecdot(rows, rows))[:, None]
    norms[norms == 0] = 1.0
    return norms
