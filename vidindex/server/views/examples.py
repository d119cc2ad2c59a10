"""What to type, shown by what was really said."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from ...errors import NotIndexedError
from ...ingest.clip_kind import OTHER
from ...model import Video
from ...transcripts.export import captions
from ...transcripts.timecode import clock
from .transcript import readable
from .urls import search_path

if TYPE_CHECKING:
    from ...library import Index

_VIDEOS = 12  # videos that are looked at
_FEWEST, _MOST = 6, 14  # words of an example
_WANTED = 3
_CAPTIONS = 200  # of each
_ENDS = ".,;:?!…"
_MARKS = set('[]()♪<>:*"“”')


@dataclass(frozen=True, slots=True)
class Example:
    """Words to search for, and where they are from or what they ask."""

    text: str
    href: str
    source: str


@dataclass(frozen=True, slots=True)
class Welcome:
    """*said*: sentences from different videos; *ways*: other forms of query, made of their words."""

    said: tuple[Example, ...] = ()
    ways: tuple[Example, ...] = ()


def welcome(index: Index) -> Welcome:
    """Choose what to begin with: the same until *index* changes."""
    found = [each for video in islice(index.videos(), _VIDEOS) if (each := _of(index, video))]
    found.sort(key=lambda each: (not each.is_sentence, each.video.kind == OTHER))
    said = tuple(each.example for each in found[:_WANTED])
    return Welcome(said, tuple(_ways(found[0])) if found else ())


def _ways(model: _Candidate) -> Iterator[Example]:
    words = [bare.lower() for word in model.example.text.split() if (bare := word.strip(_ENDS)).isalpha()]
    if len(words) < _FEWEST:
        return
    longest = sorted(dict.fromkeys(words), key=len)[-2:]
    stem = longest[-1][: max(3, len(longest[-1]) - 2)]
    kind = model.video.kind
    yield _way(f'"{" ".join(words[:4])}"', "these words exactly")
    yield _way(" AND ".join(longest), "both, in one passage")
    yield _way(f"{stem}*", "words that begin so")
    if kind not in ("", OTHER):
        yield _way(f"{longest[-1]} kind:{_quoted(kind)}", f"only in clips of this kind: {kind}")


def _quoted(value: str) -> str:
    return f'"{value}"' if " " in value else value


def _way(text: str, meaning: str) -> Example:
    return Example(text, search_path(text), meaning)


@dataclass(frozen=True, slots=True)
class _Candidate:
    video: Video
    example: Example
    is_sentence: bool


def _of(index: Index, video: Video) -> _Candidate | None:
    """Give words of *video* that read well, from a place in it that its id decides."""
    try:
        said = readable(index.transcript(video.id))
    except NotIndexedError:
        return None
    runs = [caption for caption in islice(captions(said), _CAPTIONS) if _reads_well(caption.text)]
    random.Random(video.id).shuffle(runs)  # noqa: S311 - nothing is secret here
    best = min(runs, key=lambda caption: not _is_sentence(caption.text), default=None)
    if best is None:
        return None
    source = f"{video.title or video.id}, {clock(best.start_ms)}"
    example = Example(best.text, search_path(best.text.strip(_ENDS)), source)
    return _Candidate(video, example, _is_sentence(best.text))


def _reads_well(text: str) -> bool:
    return _FEWEST <= len(text.split()) <= _MOST and text[0].isalpha() and not set(text) & _MARKS


def _is_sentence(text: str) -> bool:
    return text[0].isupper() and text.endswith((".", "?", "!"))
