"""A quotation as it is printed, and what was said in its place, with the words that differ set apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from ...transcripts.timecode import format_clock
from ...verify.check import compare_words
from ...verify.reports.wording import change_kind
from ...verify.verdicts import Change, Piece, Verdict, WordChange
from ..plain_text import pluralize

Difference = Literal["same", "wording", "meaning"]


@dataclass(frozen=True, slots=True)
class SideWords:
    """Words of one side; *difference* tells whether the other side differs, and whether that changes the meaning."""

    text: str
    difference: Difference = "same"


@dataclass(frozen=True, slots=True)
class SaidPiece:
    """A part of the quotation that was said in one place; *gap* tells what was left out after it."""

    words: tuple[SideWords, ...]
    start_ms: int
    clock: str
    gap: str
    is_earlier: bool


def mark_printed(text: str, verdict: Verdict) -> tuple[SideWords, ...]:
    """Return *text*, exactly as it is printed, with the words set apart that were not said so."""
    if verdict.verdict == "verbatim" or not verdict.diff:
        return (SideWords(text),)
    return tuple(_mark_text(text, verdict.diff, verdict.changes))


def _mark_text(text: str, diff: Sequence[WordChange], changes: Sequence[Change]) -> Iterator[SideWords]:
    """Yield *text* in pieces; *diff* lacks the ellipses and brackets of the article, so its words are looked up."""
    at = 0
    for words in diff:
        place = text.find(words.printed, at) if words.printed else -1
        if place < 0:
            continue
        end = place + len(words.printed)
        if not words.same:
            if place > at:
                yield SideWords(text[at:place])
            yield SideWords(words.printed, _difference(words, changes))
            at = end
        else:
            yield SideWords(text[at:end])
            at = end
    if at < len(text):
        yield SideWords(text[at:])


def mark_said(verdict: Verdict) -> tuple[SideWords, ...]:
    """Return what was said in place of the quotation; empty if it was not found, or in several places."""
    if verdict.hit is None or len(verdict.pieces) > 1:
        return ()
    spoken = tuple(_mark_spoken(verdict.diff, verdict.changes))
    return spoken or (SideWords(verdict.hit.text),)


def _mark_spoken(diff: Sequence[WordChange], changes: Sequence[Change]) -> Iterator[SideWords]:
    for words in diff:
        if words.spoken:
            yield SideWords(words.spoken, "same" if words.same else _difference(words, changes))


def split_said(verdict: Verdict) -> tuple[SaidPiece, ...]:
    """Return the pieces of a quotation that was said in several places, in the order of the quotation."""
    if verdict.hit is None or len(verdict.pieces) < 2:
        return ()
    before = [-1, *(piece.order for piece in verdict.pieces)]
    return tuple(
        _make_piece(piece, verdict.changes, is_earlier=piece.order < former)
        for piece, former in zip(verdict.pieces, before, strict=False)
    )


def _make_piece(piece: Piece, changes: Sequence[Change], *, is_earlier: bool) -> SaidPiece:
    return SaidPiece(
        words=tuple(_mark_spoken(compare_words(piece.printed, piece.said), changes)) or (SideWords(piece.said),),
        start_ms=piece.start_ms,
        clock=format_clock(piece.start_ms),
        gap=_describe_gap(piece),
        is_earlier=is_earlier,
    )


def _describe_gap(piece: Piece) -> str:
    if not piece.gap_words:
        return ""
    count = f"{pluralize(piece.gap_words, 'word')} left out"
    return f"{count}: {piece.gap}" if piece.gap else count


def _difference(words: WordChange, changes: Sequence[Change]) -> Difference:
    return "meaning" if change_kind(words, changes) else "wording"
