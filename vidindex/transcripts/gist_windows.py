"""Divides a transcript into the windows that searches by meaning compare: about 40 tokens, by the ends of sentences."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, partial
from operator import sub
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from ..model import Transcript

if TYPE_CHECKING:
    from numpy.typing import NDArray

WINDOW_TOKENS = 40
"""Number of tokens after which a window ends at the next end of a sentence."""

MAX_SENTENCE_TOKENS = 40
"""A longer sentence is divided at a comma or a pause."""

MAX_WINDOW_CHARS = 2_000
"""Maximum length of the text of a window: a model reads no more than some hundred tokens."""

_ENDS = frozenset(".?!…。！？｡؟।॥።")
_CLOSING = "\"'”’»)）]」』"
_ENDS_SENTENCE, _MAY_END_SENTENCE = 1, 2
_COMMAS = frozenset(",;:—–、，；：،؛")
_PAUSE_MS = 700
_MIN_PUNCTUATION = 60
"""Captions with fewer sentence ends than one in so many words are divided at pauses."""


@dataclass(frozen=True)
class TranscriptWords:
    """The words of a transcript, and what tells where its sentences end.

    *text* has a newline between words; *word_index* is that of `Transcript`.  *read_pauses_ms* is given the words, and
    the first and the last (exclusive) of those after which pauses are wanted; see `find_pauses_ms`.
    """

    text: str
    word_index: Sequence[int]
    read_pauses_ms: Callable[[Sequence[str], int, int], Mapping[int, int]]
    sounds: Collection[int] = ()
    speakers: Sequence[tuple[int, str]] = ()
    tokens: str = ""  # with spaces between them; only where somebody compares them

    @classmethod
    def from_transcript(cls, transcript: Transcript) -> Self:
        """Return the words of *transcript*."""
        text, read_pauses_ms = "\n".join(transcript.words), partial(_find_pauses_ms, transcript)
        return cls(text, transcript.word_index, read_pauses_ms, transcript.sounds, transcript.speakers)

    @cached_property
    def words(self) -> Sequence[str]:
        """The words themselves."""
        return self.text.split("\n") if self.text else []

    def count_words(self) -> int:
        """Return the number of words."""
        return self.text.count("\n") + 1 if self.text else 0

    def count_tokens(self, word: int) -> int:
        """Return the number of tokens before the position *word*."""
        return bisect_left(self.word_index, word)

    def find_pauses_ms(self, first: int, last: int) -> Mapping[int, int]:
        """Return the pauses after the words from *first* to *last* (exclusive), and maybe some around them.

        There are none of no length.  A pause is negative if the next word starts before the end of a word.
        """
        return self.read_pauses_ms(self.words, first, last)

    def without_sounds(self) -> Sequence[str]:
        """Return the words, with empty ones in place of sounds, which are no part of what is said."""
        if not self.sounds:
            return self.words
        return ["" if at in self.sounds else word for at, word in enumerate(self.words)]


class GistWindow(NamedTuple):
    """The words *first_word* to *last_word* (exclusive) of a transcript, whose first token is *first_token*."""

    first_word: int
    last_word: int
    first_token: int


def _find_pauses_ms(transcript: Transcript, words: Sequence[str], first: int, last: int) -> dict[int, int]:
    pauses_ms = map(sub, transcript.starts_ms[first + 1 : last + 1], transcript.ends_ms[first:last])
    return {at: pause_ms for at, pause_ms in enumerate(pauses_ms, first) if pause_ms}


def split_gist_windows(said: TranscriptWords) -> list[GistWindow]:
    """Return the windows of *said*, in order; sounds, and words without a token, start none by themselves."""
    windows = []
    first = first_token = 0
    before = (0, 0)
    for end in split_sentences(said) if said.word_index else ():
        tokens = said.count_tokens(end)
        if first_token < before[1] and tokens - first_token > WINDOW_TOKENS * 3 // 2:
            windows.append(GistWindow(first, before[0], first_token))
            first, first_token = before
        if tokens - first_token >= WINDOW_TOKENS:
            windows.append(GistWindow(first, end, first_token))
            first, first_token = end, tokens
        before = end, tokens
    if first_token < len(said.word_index):
        windows.append(GistWindow(first, said.count_words(), first_token))
    return windows


def join_window(words: Sequence[str], window: GistWindow) -> str:
    """Return the text of *window* for a model; the *words* that it does not read are empty."""
    return " ".join(filter(None, words[window.first_word : window.last_word]))[:MAX_WINDOW_CHARS]


def split_sentences(said: TranscriptWords) -> list[int]:
    """Return the positions of the words after the last word of each sentence, in order; the last one is the length.

    A sentence ends at its punctuation, where another speaker starts, and in captions without punctuation at pauses.  A
    long one is divided.
    """
    count = said.count_words()
    ends = _find_punctuated(said)
    more = [at for at, _ in said.speakers if at]
    pauses_ms = None
    if len(ends) * _MIN_PUNCTUATION < count:
        pauses_ms = said.find_pauses_ms(0, count)
        more += [at + 1 for at, pause_ms in pauses_ms.items() if pause_ms >= _PAUSE_MS]
    if more or ends[-1:] != [count]:
        ends = sorted({*ends, *more, count})
    return list(_divide_long(said, ends, pauses_ms))


def _find_punctuated(said: TranscriptWords) -> list[int]:
    """Return the positions after the words that end a sentence, by their last characters."""
    import numpy as np

    data = np.frombuffer(f"{said.text}\n".encode("utf-8", "surrogatepass"), np.uint8)
    kinds = _list_kinds_of_bytes()[data[np.flatnonzero(data == ord("\n")) - 1]]
    ends: list[int] = (np.flatnonzero(kinds == _ENDS_SENTENCE) + 1).tolist()
    if unsure := np.flatnonzero(kinds == _MAY_END_SENTENCE).tolist():
        words = said.words
        last_words = set(filter(_ends_sentence, {words[at] for at in unsure}))
        ends = sorted([*ends, *(at + 1 for at in unsure if words[at] in last_words)])
    return ends


@cache
def _list_kinds_of_bytes() -> NDArray[Any]:
    """Return for each byte what the last byte of a word in UTF-8 tells."""
    import numpy as np

    kinds = np.full(256, _MAY_END_SENTENCE, np.uint8)
    for byte in range(128):
        is_end, is_closing = chr(byte) in _ENDS, chr(byte) in _CLOSING
        kinds[byte] = _ENDS_SENTENCE if is_end else _MAY_END_SENTENCE if is_closing else 0
    return kinds


def _ends_sentence(word: str) -> bool:
    return word[-1:] in _ENDS or (word[-1:] in _CLOSING and word.rstrip(_CLOSING)[-1:] in _ENDS)


def _divide_long(said: TranscriptWords, ends: Sequence[int], pauses_ms: Mapping[int, int] | None) -> Iterator[int]:
    """Yield *ends* and where the sentences between them are divided; *pauses_ms* are all pauses, None if not known."""
    first = first_token = 0
    for end in ends:
        tokens = said.count_tokens(end)
        while tokens - first_token > MAX_SENTENCE_TOKENS:
            # The last word with which the part is no longer than allowed, but at least one.
            last = max(first + 1, said.word_index[first_token + MAX_SENTENCE_TOKENS])
            first = _best_cut(said, (first + last + 1) // 2, last, pauses_ms)
            first_token = said.count_tokens(first)
            yield first
        if first < end:
            yield end
        first, first_token = end, tokens


def _best_cut(said: TranscriptWords, first: int, last: int, pauses_ms: Mapping[int, int] | None) -> int:
    """Return where between *first* and *last* to divide: after a comma, else at the longest pause."""
    words = said.words
    for at in range(last, first, -1):
        if words[at - 1][-1:] in _COMMAS:
            return at
    known = said.find_pauses_ms(first, last) if pauses_ms is None else pauses_ms
    places = range(first + 1, min(last, len(words) - 1) + 1)
    return max(places, key=lambda at: (known.get(at - 1, 0), at), default=last)
