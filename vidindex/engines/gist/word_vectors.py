"""Vectors of single words, and how rare each is: what sentences are compared by, word for word."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from itertools import repeat
from math import log
from string import punctuation
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from unicodedata import category

from .base import count_letters, rate_tokens
from .static_table import StaticTable, sum_rows
from .word_hashes import HashedWords, hash_list, hash_words

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MAX_CACHED_WORDS = 30_000
"""Their vectors take 30 MB."""

_FIRST_ROWS = 8_192  # memory for so many words is reserved at first

_MAX_CAPTIONED_WORDS = 100_000
_WORDS_PER_BATCH = 2_000  # the vectors of their tokens are copied
_MAX_WORD_CHARS = 200
_PUNCTUATION = punctuation + "\u2018\u2019\u201c\u201d\u2026\u2013\u2014"
_RARE_WEIGHT = 7.5  # of a word of several tokens
_FREQUENT_RANK = 5.0  # logarithm of the rank of a token up to which a word has the least weight
_WEIGHT_PER_RANK = 1.3
_MIN_WEIGHT = 0.5
_SAMPLED_TOKENS = range(300, 12_300, 4)  # of 32,000, the most frequent first; the first ones are single bytes
_COMMON_AXES = 2


class WordLookup(Protocol):
    """Looks up words."""

    dim: int

    def look_up(self, words: Sequence[str]) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the sums of the vectors of the tokens of *words*, as rows, and the weight of each word."""

    def look_up_unique(self, text: str) -> UniqueWords:
        """Return the different words of *text*, which has spaces between them, in any order."""

    def remove_common(self, rows: NDArray[Any]) -> NDArray[Any]:
        """Return the vectors of words without what those of all words have in common: their mean and main axes."""


class UniqueWords(NamedTuple):
    """The *rows* and *weights* of different words, and the *places* of the words of a text among them."""

    rows: NDArray[Any]
    weights: NDArray[Any]
    places: NDArray[Any]


class WordVectors:
    """The vectors of the words that were looked up last; threads may share it."""

    def __init__(self, table: StaticTable) -> None:
        self.dim = table.dim
        self.digest = table.digest
        self._table = table
        self._lock = Lock()
        self._places: dict[int, int] = {}
        """The rows of words by their hashes."""
        self._captioned: dict[int, int] = {}
        """The same for words as captions write them, with capitals and punctuation."""
        self._sums, self._weights = self._allocate(_FIRST_ROWS)

    def _allocate(self, rows: int) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return memory for the sums and the weights of so many words."""
        import numpy as np

        return np.empty((rows, self.dim), np.float32), np.empty(rows, np.float32)

    def look_up(self, words: Sequence[str]) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the sums of the vectors of the tokens of *words*, as rows, and the weight of each word.

        A weight grows with the rank of the token in the vocabulary of the model, which is ordered by frequency.  It is
        0 for a word of another script that is read letter by letter: its vector says nothing.
        """
        with self._lock:
            unique, places = self._find_places(hash_list(words))
            rows = unique[places]
            return self._sums[rows], self._weights[rows]

    def measure_known(self, text: str) -> float:
        """Return how well the language of *text* is known, from 0 to 1: see `rate_tokens`.

        Words of ASCII count as known: those of English, in small letters, are divided into short pieces as well.
        """
        plain = "".join(each for each in text.lower() if each.isspace() or category(each)[0] in "LM")
        words = [word[:_MAX_WORD_CHARS] for word in plain.split()]
        foreign = [word for word in words if not word.isascii()]
        total, letters = (sum(map(count_letters, each)) for each in (words, foreign))
        unknown = 1 - rate_tokens(letters, sum(map(len, self._table.tokenize(foreign))))
        return 1 - unknown * letters / max(total, 1)

    def look_up_unique(self, text: str) -> UniqueWords:
        """Return the different words of *text*, which has spaces between them, in any order."""
        with self._lock:
            unique, places = self._find_places(hash_words(text, " "))
            return UniqueWords(self._sums[unique], self._weights[unique], places)

    def remove_common(self, rows: NDArray[Any]) -> NDArray[Any]:
        """Return the vectors of words without what those of all words have in common: their mean and main axes."""
        import numpy as np

        mean, axes = self._common
        norms = np.sqrt(np.vecdot(rows, rows))[:, None]
        norms[norms == 0] = 1.0
        vectors: NDArray[Any] = rows / norms - mean
        for axis in axes:
            vectors -= np.vecdot(vectors, axis)[:, None] * axis
        return vectors

    @cached_property
    def _common(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the mean of the vectors of frequent tokens, and the axes along which they differ most."""
        import numpy as np

        rows = self._table.sum_tokens([[token] for token in _SAMPLED_TOKENS])
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        mean = rows.mean(axis=0)
        _, axes = np.linalg.eigh((rows - mean).T @ (rows - mean))
        return mean, np.ascontiguousarray(axes.T[-_COMMON_AXES:])

    def sum_captioned(self, words: HashedWords, lengths: Sequence[int] | NDArray[Any]) -> NDArray[Any]:
        """Return the sum of the rows of each run of *words*; they have *lengths*, none of which is 0.

        The words are as captions write them: case and punctuation do not matter.
        """
        with self._lock:
            unique, places = self._find_captioned(words)
            return sum_rows(self._sums, unique[places], lengths)

    def _find_places(self, words: HashedWords) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the rows of the different *words*, and the places of all words among them; missing ones are added."""
        return self._find_rows(words, self._places, self._add)

    def _find_captioned(self, words: HashedWords) -> tuple[NDArray[Any], NDArray[Any]]:
        """Do the same for *words* as captions write them."""
        return self._find_rows(words, self._captioned, self._add_captioned)

    def _find_rows(
        self, words: HashedWords, known: dict[int, int], add: Callable[[Sequence[int], Sequence[str]], None]
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        import numpy as np

        unique, places = np.unique(words.hashes, return_inverse=True)
        hashes = unique.tolist()
        rows = np.fromiter(map(known.get, hashes, repeat(-1)), np.intp, len(hashes))
        missing = np.flatnonzero(rows < 0)
        if not len(missing):
            return rows, places
        if self._make_room(len(missing)):
            missing = np.arange(len(hashes))
        one_of_each = np.zeros(len(hashes), np.intp)
        one_of_each[places] = np.arange(len(places))
        add(unique[missing].tolist(), words.spell(one_of_each[missing]))
        return np.fromiter(map(known.__getitem__, hashes), np.intp, len(hashes)), places

    def _make_room(self, count: int) -> bool:
        """Forget all words if *count* more would be too many, and return whether that was so."""
        is_full = len(self._places) + count > _MAX_CACHED_WORDS or len(self._captioned) + count > _MAX_CAPTIONED_WORDS
        if is_full:
            self._places.clear()
            self._captioned.clear()
        return is_full

    def _add_captioned(self, hashes: Sequence[int], words: Sequence[str]) -> None:
        plain = [word.lower().strip(_PUNCTUATION) for word in words]
        unique, places = self._find_places(hash_list(plain))
        self._captioned |= zip(hashes, unique[places].tolist(), strict=True)

    def _add(self, hashes: Sequence[int], words: Sequence[str]) -> None:
        for start in range(0, len(words), _WORDS_PER_BATCH):
            batch = slice(start, start + _WORDS_PER_BATCH)
            self._add_batch(hashes[batch], words[batch])

    def _add_batch(self, hashes: Sequence[int], words: Sequence[str]) -> None:
        first = len(self._places)
        size = first + len(words)
        if size > len(self._sums):
            sums, weights = self._sums, self._weights
            self._sums, self._weights = self._allocate(max(size, 2 * len(sums)))
            self._sums[:first], self._weights[:first] = sums[:first], weights[:first]
        tokens = self._table.tokenize([word[:_MAX_WORD_CHARS] for word in words])
        self._sums[first:size] = self._table.sum_tokens(tokens)
        self._weights[first:size] = [_weigh(word, ids) for word, ids in zip(words, tokens, strict=True)]
        self._places |= {each: first + at for at, each in enumerate(hashes)}


def _weigh(word: str, ids: Sequence[int]) -> float:
    if not ids or not (word.isascii() or count_letters(word) > len(ids)):
        return 0.0
    if len(ids) != 1:
        return _RARE_WEIGHT
    return max((log(ids[0] + 1) - _FREQUENT_RANK) * _WEIGHT_PER_RANK, _MIN_WEIGHT)


@lru_cache(maxsize=1)
def load_word_vectors() -> WordVectors:
    """Return the vectors of words of the default model, which are also used beside another model."""
    return WordVectors(StaticTable.from_wheel())
