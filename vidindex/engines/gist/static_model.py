"""Static word vectors: the vector of a text is the mean of those of its words, which takes microseconds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from ...transcripts.gist_windows import MAX_WINDOW_CHARS, GistWindow, TranscriptWords
from .base import DEFAULT_MODEL, MAX_TEXT_CHARS
from .word_hashes import HashedWords, hash_list, hash_words
from .word_vectors import WordVectors, load_word_vectors

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WORDS_PER_BATCH = 20_000  # the vectors of all of them are in memory
_MAX_WINDOW_WORDS = MAX_WINDOW_CHARS // 2


class StaticModel:
    """The 256-dimensional vectors of WordLlama.  Case and punctuation do not matter."""

    def __init__(self, words: WordVectors) -> None:
        self.id = DEFAULT_MODEL
        self.digest = words.digest
        self.dim = words.dim
        self._words = words

    @classmethod
    def from_wheel(cls) -> StaticModel:
        """Return the model in the installed wheel.  Raises `GistModelError` if a file is missing."""
        return cls(load_word_vectors())

    def embed(self, texts: Sequence[str]) -> NDArray[Any]:
        """Return the vectors of *texts* as rows of float32, of unit length; a text without words has a zero vector."""
        import numpy as np

        words = [text[:MAX_TEXT_CHARS].split() for text in texts]
        ends = np.cumsum([0, *map(len, words)])
        return self._embed(hash_list(list(chain.from_iterable(words))), ends[:-1], ends[1:])

    def embed_windows(self, said: TranscriptWords, windows: Sequence[GistWindow]) -> NDArray[Any]:
        """Return the vectors of *windows* of what is *said*, without sounds."""
        import numpy as np

        first, last, _ = np.array(windows, np.intp).reshape(-1, 3).T
        words = hash_words(said.text, "\n")
        if said.sounds:
            words = words.without(list(said.sounds))
        return self._embed(words, first, np.minimum(last, first + _MAX_WINDOW_WORDS))

    def measure_known(self, text: str) -> float:
        """Return how well the language of *text* is known, from 0 to 1."""
        return self._words.measure_known(text[:MAX_TEXT_CHARS])

    def _embed(self, words: HashedWords, first: NDArray[Any], last: NDArray[Any]) -> NDArray[Any]:
        """Return the vectors of the texts from the *first* of *words* to the *last* (exclusive), which are in order."""
        import numpy as np

        vectors = np.zeros((len(first), self.dim), np.float32)
        for texts in _group_texts(first, last):
            lengths = last[texts] - first[texts]
            places = np.arange(lengths.sum()) + np.repeat(last[texts] - np.cumsum(lengths), lengths)
            vectors[texts] = self._words.sum_captioned(words.select(places), lengths)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        np.divide(vectors, norms, out=vectors, where=norms > 0)
        return vectors


def _group_texts(first: NDArray[Any], last: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """Yield the numbers of the texts that have words, in groups with a limited number of words."""
    import numpy as np

    filled = np.flatnonzero(last > first)
    ends = np.cumsum((last - first)[filled])
    start = done = 0
    while start < len(filled):
        end = max(int(np.searchsorted(ends, done + _WORDS_PER_BATCH, "right")), start + 1)
        yield filled[start:end]
        start, done = end, int(ends[end - 1])
