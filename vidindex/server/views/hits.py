"""Hits as a page shows them: the time, the words, and which of them answer the query."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ...model import Hit
from ...transcripts.timecode import clock
from .urls import language_tag, video_path

PieceKind = Literal["", "mark", "differs", "sound"]


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that are shown alike: *mark*ed ones answer, *differs* are in their place, a *sound* is no speech."""

    text: str
    kind: PieceKind = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """A hit in its video's list; *percent* is how near it is, 0 where it is exact."""

    href: str
    start_ms: int
    clock: str
    before: str
    pieces: tuple[Piece, ...]
    after: str
    percent: int
    speaker: str
    language: str


def moment(hit: Hit, *, text: str, language: str = "") -> Moment:
    """Show *hit* of the query *text*; *language* where the transcript was chosen by that."""
    return Moment(
        href=video_path(hit.video.id, at_ms=hit.start_ms, text=text, language=language),
        start_ms=hit.start_ms,
        clock=clock(hit.start_ms),
        before=hit.before,
        pieces=tuple(pieces(hit)),
        after=hit.after,
        percent=min(round(hit.score * 100), 99) if hit.match == "near" else 0,
        speaker=hit.speaker,
        language=language_tag(hit.language),
    )


def pieces(hit: Hit) -> Iterator[Piece]:
    """Cut the words of *hit* into those that answer and those that differ from what was asked."""
    at = 0
    for start, end in (*hit.marks, (len(hit.text), len(hit.text))):
        yield from _between(hit.text[at:start], differs=hit.match == "near")
        if end > start:
            yield Piece(hit.text[start:end], "mark")
        at = end


def _between(text: str, *, differs: bool) -> Iterator[Piece]:
    """Give what stands between two marks, its blanks apart, so that no line runs under them."""
    words = text.strip(" ")
    if not differs or not words:
        yield from [Piece(text)] if text else []
        return
    start = text.index(words)
    gaps = text[:start], text[start + len(words) :]
    yield from [piece for piece in (Piece(gaps[0]), Piece(words, "differs"), Piece(gaps[1])) if piece.text]
