"""Divides a transcript into the windows that searches by meaning compare: about 40 tokens, by the ends of sentences."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from ..model import Transcript

WINDOW_TOKENS = 40
"""Number of tokens after which a window ends at the next end of a sentence."""

MAX_SENTENCE_TOKENS = 40
"""A longer sentence is divided at a comma or a pause."""

MAX_WINDOW_CHARS = 2_000
"""Maximum length of the text of a window: a model reads no more than some hundred tokens."""

_ENDS = frozenset(".?!…。！？｡؟।॥።")
_CLOSING = "\"'”’»)]）」』"
_ENDS_OR_CLOSING = _ENDS.union(_CLOSING)
_COMMAS = frozenset(",;:—–、，；：،؛")
_PAUSE_MS = 700
_MIN_PUNCTUATION = 60
"""Captions with fewer sentence ends than one in so many words are divided at pauses."""


@dataclass(frozen=True, slots=True)
class GistWindow:
    """The words *first_word* to *last_word* (exclusive) of a transcript, whose first token is *first_token*."""

    first_word: int
    last_word: int
    start_ms: int
    end_ms: int
    text: str
    first_token: int = 0


def split_gist_windows(transcript: Transcript) -> list[GistWindow]:
    """Return the windows of *transcript*, in order; sounds, and words without a token, start none by themselves."""
    if not transcript.tokens:
        return []
    counts = _count_tokens(transcript)
    ends = split_sentences(transcript, counts)
    windows = []
    first, size = 0, 0
    for start, end in pairwise((0, *ends)):
        tokens = counts[end] - counts[start]
        if size and size + tokens > WINDOW_TOKENS * 3 // 2:
            windows.append((first, start))
            first, size = start, 0
        size += tokens
        if size >= WINDOW_TOKENS:
            windows.append((first, end))
            first, size = end, 0
    if size:
        windows.append((first, len(transcript.words)))
    return [_make_window(transcript, counts, first, last) for first, last in windows]


def _count_tokens(transcript: Transcript) -> list[int]:
    """Return the number of tokens before each word, and at last that of all of them."""
    counts = [0] * (len(transcript.words) + 1)
    for at in transcript.word_index:
        counts[at + 1] += 1
    return list(accumulate(counts))


def _make_window(transcript: Transcript, counts: Sequence[int], first: int, last: int) -> GistWindow:
    words: Sequence[str] = transcript.words[first:last]
    if transcript.sounds:
        words = [word for at, word in enumerate(words, first) if at not in transcript.sounds]
    text = " ".join(words)[:MAX_WINDOW_CHARS]
    return GistWindow(first, last, transcript.starts_ms[first], transcript.ends_ms[last - 1], text, counts[first])


def split_sentences(transcript: Transcript, counts: Sequence[int] = ()) -> list[int]:
    """Return the positions of the words after the last word of each sentence, in order; the last one is the length.

    *counts* is the number of tokens before each word, if it is known.  A sentence ends at its punctuation, where
    another speaker starts, and in captions without punctuation at pauses.  A long one is divided.
    """
    words, starts, ends = transcript.words, transcript.starts_ms, transcript.ends_ms
    last_words = {word for word in set(words) if word[-1:] in _ENDS_OR_CLOSING and _ends_sentence(word)}
    is_end = list(map(last_words.__contains__, words))
    if sum(is_end) * _MIN_PUNCTUATION < len(words):
        is_end = [
            stop or after - end >= _PAUSE_MS
            for stop, end, after in zip(is_end, ends, (*starts[1:], ends[-1] + _PAUSE_MS), strict=True)
        ]
    for at, _ in transcript.speakers:
        if at:
            is_end[at - 1] = True
    is_end[-1] = True
    return list(
        _divide_long(
            transcript, counts or _count_tokens(transcript), [at + 1 for at, stop in enumerate(is_end) if stop]
        )
    )


def _ends_sentence(word: str) -> bool:
    return word[-1:] in _ENDS or (word[-1:] in _CLOSING and word.rstrip(_CLOSING)[-1:] in _ENDS)


def _divide_long(transcript: Transcript, counts: Sequence[int], ends: Sequence[int]) -> Iterator[int]:
    for start, end in pairwise((0, *ends)):
        first = start
        while counts[end] - counts[first] > MAX_SENTENCE_TOKENS:
            # The last word with which the part is no longer than allowed, but at least one.
            last = max(first + 1, bisect_left(counts, counts[first] + MAX_SENTENCE_TOKENS + 1, first, end) - 1)
            first = _best_cut(transcript, (first + last + 1) // 2, last)
            yield first
            if first >= end:
                break
        if first < end:
            yield end


def _best_cut(transcript: Transcript, first: int, last: int) -> int:
    """Return where between *first* and *last* to divide: after a comma, else at the longest pause."""
    words = transcript.words
    for at in range(last, first, -1):
        if words[at - 1][-1:] in _COMMAS:
            return at
    starts, ends = transcript.starts_ms, transcript.ends_ms
    places = range(first + 1, min(last, len(words) - 1) + 1)
    return max(places, key=lambda at: (starts[at] - ends[at - 1], at), default=last)
