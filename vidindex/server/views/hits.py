"""Hits as a page shows them: the time, the words, and which of them answer the query."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ...model import Hit
from ...transcripts.timecode import format_clock
from .urls import language_tag, video_path

TextPieceKind = Literal["", "mark", "differs", "sound"]


@dataclass(frozen=True, slots=True)
class TextPiece:
    """Words that are shown alike: *mark*ed ones answer, *differs* are in their place, a *sound* is no speech."""

    text: str
    kind: TextPieceKind = ""


@dataclass(frozen=True, slots=True)
class HitView:
    """A hit in its video's list; *percent* is how near it is, 0 where it is exact."""

    href: str
    start_ms: int
    clock: str
    before: str
    pieces: tuple[TextPiece, ...]
    after: str
    percent: int
    speaker: str
    language: str


def make_hit_view(hit: Hit, *, text: str, language: str = "") -> HitView:
    """Show *hit* of the query *text*; *language* where the transcript was chosen by that."""
    return HitView(
        href=video_path(hit.video.id, at_ms=hit.start_ms, text=text, language=language),
        start_ms=hit.start_ms,
        clock=format_clock(hit.start_ms),
        before=hit.before,
        pieces=tuple(split_hit_text(hit)),
        after=hit.after,
        percent=min(round(hit.score * 100), 99) if hit.match == "near" else 0,
        speaker=hit.speaker,
        language=language_tag(hit.language),
    )


def split_hit_text(hit: Hit) -> Iterator[TextPiece]:
    """Cut the words of *hit* into those that answer and those that differ from what was asked."""
    at = 0
    for start, end in (*hit.marks, (len(hit.text), len(hit.text))):
        yield from _split_unmarked(hit.text[at:start], differs=hit.match == "near")
        if end > start:
            yield TextPiece(hit.text[start:end], "mark")
        at = end


def _split_unmarked(text: str, *, differs: bool) -> Iterator[TextPiece]:
    """Give what stands between two marks, its blanks apart, so that no line runs under them."""
    words = text.strip(" ")
    if not differs or not words:
        yield from [TextPiece(text)] if text else []
        return
    start = text.index(words)
    gaps = text[:start], text[start + len(words) :]
    yield from [piece for piece in (TextPiece(gaps[0]), TextPiece(words, "differs"), TextPiece(gaps[1])) if piece.text]
