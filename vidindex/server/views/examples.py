"""Example searches for the landing page, taken from the transcripts."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from ...errors import NotIndexedError
from ...ingest.clip_kind import OTHER_KIND
from ...model import Video
from ...transcripts.export import split_captions
from ...transcripts.timecode import format_clock
from .names import video_name
from .urls import search_path

if TYPE_CHECKING:
    from ...library import Index

_MAX_VIDEOS = 12
_MIN_WORDS, _MAX_WORDS = 6, 14  # length of an example
_EXAMPLE_COUNT = 3
_MAX_CAPTIONS = 200  # of each video
_PUNCTUATION = ".,;:?!…"
_UNREADABLE_CHARS = set('[]()♪<>:*"“”')


@dataclass(frozen=True, slots=True)
class SearchExample:
    """A query, with its source or its meaning."""

    text: str
    href: str
    source: str


@dataclass(frozen=True, slots=True)
class LandingExamples:
    """Example searches: *sentences* from different videos, and *query_forms* made of their words."""

    sentences: tuple[SearchExample, ...] = ()
    query_forms: tuple[SearchExample, ...] = ()


def choose_examples(index: Index) -> LandingExamples:
    """Return the examples for *index*; they stay the same until the index changes."""
    videos = islice(index.videos(), _MAX_VIDEOS)
    candidates = [candidate for video in videos if (candidate := _find_candidate(index, video))]
    candidates.sort(key=lambda candidate: (not candidate.is_sentence, candidate.video.kind == OTHER_KIND))
    sentences = tuple(candidate.example for candidate in candidates[:_EXAMPLE_COUNT])
    return LandingExamples(sentences, tuple(_make_query_examples(candidates[0])) if candidates else ())


def _make_query_examples(candidate: _ExampleCandidate) -> Iterator[SearchExample]:
    words = [bare.lower() for word in candidate.example.text.split() if (bare := word.strip(_PUNCTUATION)).isalpha()]
    if len(words) < _MIN_WORDS:
        return
    longest = sorted(dict.fromkeys(words), key=len)[-2:]
    stem = longest[-1][: max(3, len(longest[-1]) - 2)]
    kind = candidate.video.kind
    yield _make_query_example(f'"{" ".join(words[:4])}"', "exact phrase")
    yield _make_query_example(" AND ".join(longest), "both words, close together")
    yield _make_query_example(f"{stem}*", f"words that start with “{stem}”")
    if kind not in ("", OTHER_KIND):
        yield _make_query_example(f"{longest[-1]} kind:{_quote_value(kind)}", f"only in videos of the kind “{kind}”")


def _quote_value(value: str) -> str:
    return f'"{value}"' if " " in value else value


def _make_query_example(text: str, meaning: str) -> SearchExample:
    return SearchExample(text, search_path(text), meaning)


@dataclass(frozen=True, slots=True)
class _ExampleCandidate:
    video: Video
    example: SearchExample
    is_sentence: bool


def _find_candidate(index: Index, video: Video) -> _ExampleCandidate | None:
    """Return a readable caption of *video*, chosen by its id; None if there is none."""
    try:
        transcript = index.transcript(video.id, restore_case=True)
    except NotIndexedError:
        return None
    captions = islice(split_captions(transcript), _MAX_CAPTIONS)
    readable = [caption for caption in captions if _is_readable(caption.text)]
    random.Random(video.id).shuffle(readable)  # noqa: S311 - not for security
    best = min(readable, key=lambda caption: not _is_sentence(caption.text), default=None)
    if best is None:
        return None
    source = f"{video_name(video)}, {format_clock(best.start_ms)}"
    example = SearchExample(best.text, search_path(best.text.strip(_PUNCTUATION)), source)
    return _ExampleCandidate(video, example, _is_sentence(best.text))


def _is_readable(text: str) -> bool:
    return _MIN_WORDS <= len(text.split()) <= _MAX_WORDS and text[0].isalpha() and not set(text) & _UNREADABLE_CHARS


def _is_sentence(text: str) -> bool:
    return text[0].isupper() and text.endswith((".", "?", "!"))
