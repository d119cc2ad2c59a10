"""What a model is that turns text into vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ...transcripts.gist_windows import GistWindow, TranscriptWords

DEFAULT_MODEL = "wordllama-256"

MAX_TEXT_CHARS = 4_000
"""Only the beginning of a longer text is read."""


class GistModel(Protocol):
    """Turns texts into vectors, so that texts of similar meaning have similar vectors."""

    id: str
    """The name of the model, such as `wordllama-256`."""

    digest: str
    """The SHA-256 of the weights and the tokenizer, so that vectors of different models are never compared."""

    dim: int

    def embed(self, texts: Sequence[str]) -> NDArray[Any]:
        """Return the vectors of *texts* as rows of float32, of unit length; a text without words has a zero vector."""

    def embed_windows(self, said: TranscriptWords, windows: Sequence[GistWindow]) -> NDArray[Any]:
        """Return the vectors of *windows* of what is *said*, without sounds."""


class ReadText(NamedTuple):
    """A text that a model has read: its vector, and those of its words as rows, none if the model returns none."""

    vector: NDArray[Any]
    words: NDArray[Any]


@runtime_checkable
class SentenceReader(GistModel, Protocol):
    """A model that reads words in their context, so that what is compared with a query is worth reading again."""

    def read_query(self, text: str) -> ReadText:
        """Return what the model has read of a query, which some models want marked as one."""

    def compare(self, query: ReadText, texts: Sequence[str]) -> NDArray[Any]:
        """Return of each of *texts* the cosine with *query*, and how similar to its words those of the text are.

        The latter is the mean over the words of *query* of the greatest cosine with a word of the text.  It is the
        former if the model returns no vectors of words.
        """


def replace_surrogates(text: str) -> str:
    """Return *text* with `?` for each lone surrogate, which tokenizers refuse: those of arguments that are no UTF-8."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
