"""Static word vectors: the vector of a text is the mean of those of its words, which takes microseconds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from ...transcripts.gist_windows import MAX_WINDOW_CHARS, GistWindow
from .base import DEFAULT_MODEL, MAX_TEXT_CHARS
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
        return self._embed([text[:MAX_TEXT_CHARS].split() for text in texts])

    def embed_windows(self, words: Sequence[str], windows: Sequence[GistWindow]) -> NDArray[Any]:
        """Return the vectors of *windows* of *words*, some of which may be empty."""
        ranges = ((first, min(last, first + _MAX_WINDOW_WORDS)) for first, last, _ in windows)
        return self._embed([words[first:last] for first, last in ranges])

    def _embed(self, texts: Sequence[Sequence[str]]) -> NDArray[Any]:
        import numpy as np

        vectors = np.zeros((len(texts), self.dim), np.float32)
        for places in _group_places(texts):
            batch = [texts[at] for at in places]
            vectors[places] = self._words.sum_captioned(list(chain.from_iterable(batch)), list(map(len, batch)))
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        np.divide(vectors, norms, out=vectors, where=norms > 0)
        return vectors


def _group_places(texts: Sequence[Sequence[str]]) -> Iterator[list[int]]:
    """Yield the places of those of *texts* that have words, in groups with a limited number of words."""
    places: list[int] = []
    count = 0
    for at, words in enumerate(texts):
        if words:
            places.append(at)
            count += len(words)
        if count >= _WORDS_PER_BATCH:
            yield places
            places, count = [], 0
    if places:
        yield places
