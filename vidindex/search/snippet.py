"""The text of a match as captioned, with context and with the ranges of the matching words."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from ..model import TrackContext, Transcript
from ..transcripts.casing import is_all_caps, to_sentence_case
from ..transcripts.name_case import context_texts, learn_names
from ..transcripts.normalize import normalize_words
from .options import SearchOptions

_FAST_WORDS_PER_S = 5  # fast speech
_MAX_CONTEXT_WORDS = 2000

NameFinder = Callable[[Sequence[str]], Mapping[str, str]]
"""Returns how the names in words in capitals are written, which is rarely needed."""


class Snippet(NamedTuple):
    """Words of a transcript with their times; *marks* are character ranges of *text*."""

    start_ms: int
    end_ms: int
    text: str
    before: str
    after: str
    speaker: str
    marks: tuple[tuple[int, int], ...]


def make_name_finder(context: TrackContext) -> NameFinder:
    """Return a function that finds the names in captions of a track in the texts about its video."""

    def find_names(words: Sequence[str]) -> Mapping[str, str]:
        texts = context_texts(context.video, context.articles, [context.label])
        return learn_names(texts, words, language=context.track.language)

    return find_names


def context_word_count(options: SearchOptions) -> int:
    """Return how many words of context must be read on either side of a match."""
    wanted = options.context_ms * _FAST_WORDS_PER_S // 1000 if options.context_ms else options.context
    return min(max(wanted, 0), _MAX_CONTEXT_WORDS)


def cut_snippet(
    transcript: Transcript,
    first: int,
    last: int,
    *,
    matched: Sequence[int],
    options: SearchOptions,
    find_names: NameFinder,
) -> Snippet:
    """Return the snippet of the tokens *first* to *last* (inclusive); *matched* are the tokens to mark.

    Captions in capitals are shown in sentence case, with the names that *find_names* returns.
    """
    words = transcript.words
    start, end = word_range(transcript, first, last)
    left, right = _context_range(transcript, start, end, options)
    shown = list(words[left:right])
    if not options.raw_case and is_all_caps(words):
        shown = to_sentence_case(shown, starts_sentence=left == 0, names=find_names(shown))
    middle = shown[start - left : end - left]
    return Snippet(
        start_ms=transcript.starts_ms[start],
        end_ms=max(transcript.ends_ms[start:end]),
        text=" ".join(middle),
        before=" ".join(shown[: start - left]),
        after=" ".join(shown[end - left :]),
        speaker=speaker_of_word(transcript, start),
        marks=_mark_ranges(middle, {word - start for at in matched for word in _words_of_token(transcript, at)}),
    )


def captioned_text(transcript: Transcript, first: int, last: int, *, context_words: int) -> str:
    """Return the words of the tokens *first* to *last* (inclusive) as captioned, with context on either side."""
    start, end = word_range(transcript, first, last)
    return " ".join(transcript.words[max(0, start - context_words) : end + context_words])


def opening_snippet(transcript: Transcript, *, options: SearchOptions, find_names: NameFinder) -> Snippet:
    """Return the beginning of *transcript*, for a video that matches by its metadata."""
    words = transcript.words
    end = min(len(words), 2 * options.context)
    shown = list(words[:end])
    if not options.raw_case and is_all_caps(words):
        shown = to_sentence_case(shown, names=find_names(shown))
    start_ms, end_ms = (transcript.starts_ms[0], transcript.ends_ms[end - 1]) if end else (0, 0)
    return Snippet(start_ms, end_ms, " ".join(shown), "", "", speaker_of_word(transcript, 0), ())


def word_range(transcript: Transcript, first: int, last: int) -> tuple[int, int]:
    """Return the first word of the tokens *first* to *last* (inclusive), and the one after the last."""
    word_index = transcript.word_index
    return word_index[first], _words_of_token(transcript, last).stop if last < len(word_index) else len(
        transcript.words
    )


def _words_of_token(transcript: Transcript, at: int) -> range:
    """Return the words of the token *at*: those before the next token's, without fillers and sounds."""
    word_index, words = transcript.word_index, transcript.words
    start = word_index[at]
    next_start = word_index[at + 1] if at + 1 < len(word_index) else len(words)
    end = start + 1
    while end < next_start and end not in transcript.sounds and normalize_words((words[end],))[0]:
        end += 1
    return range(start, end)


def _context_range(transcript: Transcript, start: int, end: int, options: SearchOptions) -> tuple[int, int]:
    if not options.context_ms:
        return max(0, start - options.context), min(len(transcript.words), end + options.context)
    from_ms = transcript.starts_ms[start] - options.context_ms
    to_ms = transcript.ends_ms[end - 1] + options.context_ms
    return bisect_left(transcript.starts_ms, from_ms, 0, start), bisect_right(transcript.starts_ms, to_ms, end)


def speaker_of_word(transcript: Transcript, word: int) -> str:
    """Return who says the word at the position *word*; "" if the captions do not tell."""
    at = bisect_right(transcript.speakers, word, key=lambda pair: pair[0])
    return transcript.speakers[at - 1][1] if at else ""


def _mark_ranges(words: Sequence[str], marked: set[int]) -> tuple[tuple[int, int], ...]:
    """Return the character ranges of the *marked* words; adjacent words form one range."""
    ranges: list[tuple[int, int]] = []
    at = 0
    previous = -2
    for position, word in enumerate(words):
        if position in marked:
            if previous == position - 1:
                ranges[-1] = (ranges[-1][0], at + len(word))
            else:
                ranges.append((at, at + len(word)))
            previous = position
        at += len(word) + 1
    return tuple(ranges)
