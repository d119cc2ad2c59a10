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

_LATIN_LETTERS = (2.0, 3.0)
"""Letters in a token of a language that a model does not know at all, and of one that it knows well.

Sentence models of English have 4.4 in English and 2.0 to 2.8 in other languages, multilingual ones 3.5 and more.
"""

_OTHER_LETTERS = (1.45, 1.7)
"""The same for other scripts: there, models of English have 1.0 to 1.4, and multilingual ones 1.7 and more."""

_WIDE_LETTER = 1.5  # what a Chinese, Japanese or Korean one counts, which says more


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


def rate_tokens(letters: float, tokens: int, *, latin: bool = True) -> float:
    """Return how well a model knows a language, of which it divides so many *letters* into *tokens*: from 0 to 1.

    It has few words of a language that it has hardly read, and divides all others into short pieces or single letters,
    whose vectors say nothing.  *latin* tells whether the letters are Latin ones.
    """
    if not tokens:
        return 1.0
    unknown, known = _LATIN_LETTERS if latin else _OTHER_LETTERS
    return min(max((letters / tokens - unknown) / (known - unknown), 0.0), 1.0)


def count_letters(text: str, wide: float = _WIDE_LETTER) -> float:
    """Return the number of letters and marks, with *wide* for each letter that is as wide as two."""
    widths = (east_asian_width(each) for each in text if category(each)[0] in "LM")
    return sum(wide if each in "WF" else 1 for each in widths)
