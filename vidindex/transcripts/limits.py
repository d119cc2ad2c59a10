"""The limits of a caption track: enough for a video of 24 hours, and no input takes much memory or time.

In 24 hours, people say about 220,000 words.  Each parser stops at the first limit that a file exceeds, with an error:
nothing is cut off silently.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import islice
from threading import RLock
from typing import TypeVar

from ..errors import CaptionError
from ..model import Cue
from .plain_cues import PlainCues, text_column

MAX_CUES = 300_000
MAX_WORDS = 300_000
MAX_TOKENS = 600_000
"""In scripts without spaces, each character is a token."""

LONG_WORD_CHARS = 256
MAX_LONG_WORD_CHARS = 1_000_000
"""The characters in all words longer than `LONG_WORD_CHARS`: text without spaces, which can give many tokens."""

MAX_CUE_CHARS = 1_000_000
"""With the markup of the cue."""

MAX_TRACK_CHARS = 16_000_000
"""The text of all cues.  Only a file that states a text for many times exceeds this without being too large itself."""

MAX_TEXT_BYTES = 40_000_000
"""The memory of a decoded file: 16 MB of text, unless it has characters of four bytes."""

_BATCH_CUES = 500
_T = TypeVar("_T")
_SMALL_BYTES = 1 << 18
_turn = RLock()


def take_turn(size: int) -> AbstractContextManager[object]:
    """Return a context that one thread at a time enters if *size* bytes of captions take much memory.

    Parsing holds the interpreter lock anyway, so that this costs no time.
    """
    return _turn if size > _SMALL_BYTES else nullcontext()


def refuse_more_than(limit: int, things: str) -> CaptionError:
    """Return the error of a track that has more than *limit* *things*."""
    return CaptionError(
        "captions", f"more than the limit of {limit:,} {things}; split the file, or check that it is a caption file"
    )


def check_cue_size(chars: int) -> None:
    """Raise `CaptionError` if *chars* is too long for the text of one cue."""
    if chars > MAX_CUE_CHARS:
        raise refuse_more_than(MAX_CUE_CHARS, "characters in one cue")


@dataclass(slots=True)
class CueBudget:
    """What the cues of a track may still take."""

    cues: int = MAX_CUES
    words: int = MAX_WORDS
    chars: int = MAX_TRACK_CHARS

    def charge(self, cues: Sequence[Cue]) -> None:
        """Count further *cues* of the track.  Raises `CaptionError` if they exceed a limit."""
        self.cues -= len(cues)
        if self.cues < 0:
            raise refuse_more_than(MAX_CUES, "cues")
        if not isinstance(cues, PlainCues):
            self.words -= sum([len(cue.words) for cue in cues if cue.words])
            if self.words < 0:
                raise refuse_more_than(MAX_WORDS, "words")
        self.charge_chars(sum(map(len, text_column(cues))))

    def charge_chars(self, chars: int) -> None:
        """Count further characters of text.  Raises `CaptionError` if they exceed the limit."""
        self.chars -= chars
        if self.chars < 0:
            raise refuse_more_than(MAX_TRACK_CHARS, "characters of text")


def check_count(count: int, limit: int, things: str) -> None:
    """Raise `CaptionError` if *count* *things* are more than *limit*."""
    if count > limit:
        raise refuse_more_than(limit, things)


def count_up_to(limit: int, things: str, values: Iterable[_T]) -> Iterator[_T]:
    """Yield *values*.  Raises `CaptionError` as soon as they are more than *limit*."""
    for count, value in enumerate(values, 1):
        if count > limit:
            raise refuse_more_than(limit, things)
        yield value


def iter_batches(values: Iterable[_T]) -> Iterator[list[_T]]:
    """Yield *values* in lists."""
    rest = iter(values)
    while batch := list(islice(rest, _BATCH_CUES)):
        yield batch


def collect_cues(cues: Iterable[Cue]) -> list[Cue]:
    """Return *cues* as a list.  Raises `CaptionError` as soon as they exceed a limit."""
    budget = CueBudget()
    collected: list[Cue] = []
    for batch in iter_batches(cues):
        budget.charge(batch)
        collected += batch
    return collected
