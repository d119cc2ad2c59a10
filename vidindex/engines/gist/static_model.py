"""Static word vectors: the vector of a text is the mean of those of its words, which takes microseconds."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from string import punctuation
from typing import TYPE_CHECKING, Any

from .base import DEFAULT_MODEL, MAX_TEXT_CHARS
from .word_vectors import WordVectors, load_word_vectors

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TEXTS_PER_BATCH = 256  # the vectors of their words are looked up at once, and cached
_MAX_STRIPPED_WORDS = 100_000
_PUNCTUATION = punctuation + "\u2018\u2019\u201c\u201d\u2026\u2013\u2014"


class StaticModel:
    """The 256-dimensional vectors of WordLlama.  Case and punctuation do not matter."""

    def __init__(self, words: WordVectors) -> None:
        self.id = DEFAULT_MODEL
        self.digest = words.digest
        self.dim = words.dim
        self._words = words
        self._stripped = _StrippedWords()

    @classmethod
    def from_wheel(cls) -> StaticModel:
        """Return the model in the installed wheel.  Raises `GistModelError` if a file is missing."""
        return cls(load_word_vectors())

    def embed(self, texts: Sequence[str]) -> NDArray[Any]:
        """Return the vectors of *texts* as rows of float32, of unit length; a text without words has a zero vector."""
        import numpy as np

        vectors = np.zeros((len(texts), self.dim), np.float32)
        for start in range(0, len(texts), _TEXTS_PER_BATCH):
            batch = [text[:MAX_TEXT_CHARS].split() for text in texts[start : start + _TEXTS_PER_BATCH]]
            filled = [at for at, words in enumerate(batch) if words]
            words = list(map(self._stripped.__getitem__, chain.from_iterable(batch)))
            sums = self._words.sum_runs(words, [len(batch[at]) for at in filled])
            vectors[[start + at for at in filled]] = sums
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        np.divide(vectors, norms, out=vectors, where=norms > 0)
        return vectors


class _StrippedWords(dict[str, str]):
    """Words as captions write them, with what the model reads of them, "" if they are punctuation."""

    def __missing__(self, word: str) -> str:
        if len(self) >= _MAX_STRIPPED_WORDS:
            self.clear()
        stripped = self[word] = word.lower().strip(_PUNCTUATION)
        return stripped
