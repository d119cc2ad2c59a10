"""Hits as the pages show them: time, words, and which words match the query."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ...model import Hit, probability_word
from ...transcripts.timecode import format_clock
from .urls import language_tag, video_path

TextPieceKind = Literal["", "mark", "differs", "sound"]


@dataclass(frozen=True, slots=True)
class TextPiece:
    """Text in one style: `mark` for words that match, `differs` for words that do not, `sound` for non-speech."""

    text: str
    kind: TextPieceKind = ""


@dataclass(frozen=True, slots=True)
class HitView:
    """A hit in the list of its video.

    *percent* is the score of a hit, 0 for an exact one.

    *probability* is a word for the score of a hit in other words, "" for others.
    """

    href: str
    start_ms: int
    clock: str
    before: str
    pieces: tuple[TextPiece, ...]
    after: str
    percent: int
    probability: str
    speaker: str
    language: str


def make_hit_view(hit: Hit, *, text: str, language: str = "") -> HitView:
    """Return the view of a *hit* of the query *text*; *language* is set if the visitor chose the transcript by it."""
    return HitView(
        href=video_path(hit.video.id, at_ms=hit.start_ms, text=text, language=language),
        start_ms=hit.start_ms,
        clock=format_clock(hit.start_ms),
        before=hit.before,
        pieces=tuple(split_hit_text(hit)),
        after=hit.after,
        percent=min(round(hit.score * 100), 99) if hit.match != "exact" else 0,
        probability=probability_word(hit.score) if hit.match == "gist" else "",
        speaker=hit.speaker,
        language=language_tag(hit.language),
    )


def split_hit_text(hit: Hit) -> Iterator[TextPiece]:
    """Split the words of *hit* into those that match the query and those that do not."""
    at = 0
    for start, end in (*hit.marks, (len(hit.text), len(hit.text))):
        yield from _split_unmarked(hit.text[at:start], differs=hit.match == "near")
        if end > start:
            yield TextPiece(hit.text[start:end], "mark")
        at = end


def _split_unmarked(text: str, *, differs: bool) -> Iterator[TextPiece]:
    """Yield the text between two marks, with outer spaces separate so that they are not underlined."""
    words = text.strip(" ")
    if not differs or not words:
        yield from [TextPiece(text)] if text else []
        return
    start = text.index(words)
    gaps = text[:start], text[start + len(words) :]
    yield from [piece for piece in (TextPiece(gaps[0]), TextPiece(words, "differs"), TextPiece(gaps[1])) if piece.text]
