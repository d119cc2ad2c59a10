"""What to type, shown by what was really said."""

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
from .transcript import restore_sentence_case
from .urls import search_path

if TYPE_CHECKING:
    from ...library import Index

_MAX_VIDEOS = 12  # videos that are looked at
_MIN_WORDS, _MAX_WORDS = 6, 14  # words of an example
_EXAMPLE_COUNT = 3
_MAX_CAPTIONS = 200  # of each
_PUNCTUATION = ".,;:?!…"
_UNREADABLE_CHARS = set('[]()♪<>:*"“”')


@dataclass(frozen=True, slots=True)
class SearchExample:
    """Words to search for, and where they are from or what they ask."""

    text: str
    href: str
    source: str


@dataclass(frozen=True, slots=True)
class LandingExamples:
    """*said*: sentences from different videos; *ways*: other forms of query, made of their words."""

    sentences: tuple[SearchExample, ...] = ()
    query_forms: tuple[SearchExample, ...] = ()


def choose_examples(index: Index) -> LandingExamples:
    """Choose what to begin with: the same until *index* changes."""
    found = [each for video in islice(index.videos(), _MAX_VIDEOS) if (each := _find_candidate(index, video))]
    found.sort(key=lambda each: (not each.is_sentence, each.video.kind == OTHER_KIND))
    said = tuple(each.example for each in found[:_EXAMPLE_COUNT])
    return LandingExamples(said, tuple(_make_query_examples(found[0])) if found else ())


def _make_query_examples(model: _ExampleCandidate) -> Iterator[SearchExample]:
    words = [bare.lower() for word in model.example.text.split() if (bare := word.strip(_PUNCTUATION)).isalpha()]
    if len(words) < _MIN_WORDS:
        return
    longest = sorted(dict.fromkeys(words), key=len)[-2:]
    stem = longest[-1][: max(3, len(longest[-1]) - 2)]
    kind = model.video.kind
    yield _make_query_example(f'"{" ".join(words[:4])}"', "these words exactly")
    yield _make_query_example(" AND ".join(longest), "both, in one passage")
    yield _make_query_example(f"{stem}*", "words that begin so")
    if kind not in ("", OTHER_KIND):
        yield _make_query_example(f"{longest[-1]} kind:{_quote_value(kind)}", f"only in clips of this kind: {kind}")


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
    """Give words of *video* that read well, from a place in it that its id decides."""
    try:
        said = restore_sentence_case(index.transcript(video.id))
    except NotIndexedError:
        return None
    runs = [caption for caption in islice(split_captions(said), _MAX_CAPTIONS) if _is_readable(caption.text)]
    random.Random(video.id).shuffle(runs)  # noqa: S311 - nothing is secret here
    best = min(runs, key=lambda caption: not _is_sentence(caption.text), default=None)
    if best is None:
        return None
    source = f"{video.title or video.id}, {format_clock(best.start_ms)}"
    example = SearchExample(best.text, search_path(best.text.strip(_PUNCTUATION)), source)
    return _ExampleCandidate(video, example, _is_sentence(best.text))


def _is_readable(text: str) -> bool:
    return _MIN_WORDS <= len(text.split()) <= _MAX_WORDS and text[0].isalpha() and not set(text) & _UNREADABLE_CHARS


def _is_sentence(text: str) -> bool:
    return text[0].isupper() and text.endswith((".", "?", "!"))
