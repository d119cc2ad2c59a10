"""What a model is that turns text into vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable
from unicodedata import category, east_asian_width

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ...transcripts.gist_windows import GistWindow, TranscriptWords

DEFAULT_MODEL = "wordllama-256"

MAX_TEXT_CHARS = 4_000
"""Only the beginning of a longer text is read."""

_UNKNOWN_LETTERS, _KNOWN_LETTERS = 2.0, 3.0
"""Letters in a token of a language that a model does not know at all, and of one that it knows well.

Tokens of English have four and a half in models of English, tokens of other languages with Latin letters 2.0 to 2.8 in
sentence models of English, and tokens of other scripts one.
"""


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

    def measure_known(self, text: str) -> float:
        """Return how well the model knows the language of *text*, from 0 to 1: see `rate_tokens`."""


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


def rate_tokens(letters: int, tokens: int) -> float:
    """Return how well a model knows a language, of which it divides so many *letters* into *tokens*: from 0 to 1.

    It has few words of a language that it has hardly read, and divides all others into short pieces or single letters,
    whose vectors say nothing.
    """
    if not tokens:
        return 1.0
    return min(max((letters / tokens - _UNKNOWN_LETTERS) / (_KNOWN_LETTERS - _UNKNOWN_LETTERS), 0.0), 1.0)


def count_letters(text: str) -> int:
    """Return the number of letters and marks; one that is as wide as two, such as a Chinese one, counts twice."""
    return sum(1 + (east_asian_width(each) in "WF") for each in text if category(each)[0] in "LM")
