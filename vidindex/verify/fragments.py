"""Finds where the parts of a quote were said that have no place yet, above all those beside an ellipsis."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from ..engines.cpu_limit import check_cpu_time
from .claim_text import ClaimText
from .likeness import likeness
from .placement import PlacedPiece, count_equal, merge_near, trim_piece
from .said_text import SaidText, SaidWindow
from .word_alignment import align_words

ELLIPSIS_WORDS = 120
"""Words that an ellipsis usually leaves out, at most."""

_MAX_END_WORDS, _END_REACH = 3, 12
"""Words beyond an ellipsis at an end of a quote that are searched by themselves, and how far for each of them."""

_MIN_RUN_WORDS, _MIN_RUN_SHARE, _RUN_WINDOWS = 4, 0.6, 3


def find_missing(
    quote: ClaimText, texts: Sequence[SaidText], pieces: Sequence[PlacedPiece], weights: Sequence[float]
) -> list[PlacedPiece]:
    """Return *pieces* with those added that contain the words between them, wherever in *texts* they were said."""
    found: list[PlacedPiece] = []
    at = 0
    for piece in pieces:
        found += _find_run(quote, texts, at, piece.start, weights)
        found.append(piece)
        at = piece.end
    return _find_fragments(quote, found + _find_run(quote, texts, at, len(quote.tokens), weights), weights)


def _find_run(
    quote: ClaimText, texts: Sequence[SaidText], start: int, end: int, weights: Sequence[float]
) -> list[PlacedPiece]:
    """Return the best place of the tokens *start* to *end*, if most of them were said there."""
    if end - start < _MIN_RUN_WORDS:
        return []
    windows = [window for text in texts for window in text.find_windows(quote.tokens[start:end], limit=_RUN_WINDOWS)]
    windows = sorted(windows, key=lambda window: -window.votes)[:_RUN_WINDOWS]
    best = _best_run(quote, windows, start, end, weights)
    return [best] if best is not None else []


def _best_run(
    quote: ClaimText, windows: Iterable[SaidWindow], start: int, end: int, weights: Sequence[float]
) -> PlacedPiece | None:
    run = quote.tokens[start:end]
    best: PlacedPiece | None = None
    best_weight = _MIN_RUN_SHARE * sum(weights[start:end])
    for window in windows:
        check_cpu_time()
        said = window.text.tokens[window.start : window.end]
        places = align_words(run, said, weights[start:end], likeness=likeness)
        piece = trim_piece(window.text, start, end, [at + window.start if at >= 0 else -1 for at in places])
        if piece is None:
            continue
        weight = _equal_weight(quote, [piece], start, end, weights)
        if weight > best_weight and count_equal(quote, window.text, piece.start, piece.places) >= _MIN_RUN_WORDS:
            best, best_weight = piece, weight
    return best


def _equal_weight(
    quote: ClaimText, pieces: Iterable[PlacedPiece], start: int, end: int, weights: Sequence[float]
) -> float:
    """Return the weight of the tokens *start* to *end* that were said as printed."""
    return sum(
        weights[at]
        for piece in pieces
        for at, place in enumerate(piece.places, piece.start)
        if place >= 0 and start <= at < end and piece.text.tokens[place] == quote.tokens[at]
    )


def _find_fragments(quote: ClaimText, pieces: Sequence[PlacedPiece], weights: Sequence[float]) -> list[PlacedPiece]:
    """Place each part of a quote with ellipses, most of whose words were not found, near the parts beside it."""
    placed = list(pieces)
    limits = [0, *sorted(quote.breaks), len(quote.tokens)] if quote.breaks else []
    for start, end in pairwise(limits):
        total = sum(weights[start:end])
        if end - start < _MIN_RUN_WORDS or _equal_weight(quote, placed, start, end, weights) >= _MIN_RUN_SHARE * total:
            continue
        others = [part for piece in placed for part in _without(piece, start, end)]
        windows = _windows_beside([each for each in others if each.end <= start][-1:], others, start, end)
        found = _best_run(quote, windows, start, end, weights)
        if found is not None:
            placed = merge_near(sorted([*others, found], key=lambda piece: piece.start))
    return placed


def _without(piece: PlacedPiece, start: int, end: int) -> Iterator[PlacedPiece]:
    """Yield what is left of a piece without the tokens *start* to *end*."""
    for low, high in ((piece.start, min(start, piece.end)), (max(end, piece.start), piece.end)):
        if low < high:
            part = trim_piece(piece.text, low, high, piece.places[low - piece.start : high - piece.start])
            yield from [part] if part is not None else []


def _windows_beside(
    before: Sequence[PlacedPiece], pieces: Sequence[PlacedPiece], start: int, end: int
) -> Iterator[SaidWindow]:
    """Yield the words after the piece before the tokens *start* to *end*, and those before the piece after them."""
    reach = end - start + ELLIPSIS_WORDS
    for piece in before:
        yield SaidWindow(piece.text, piece.last + 1, min(piece.last + 1 + reach, len(piece.text.tokens)), 0.0)
    for piece in [each for each in pieces if each.start >= end][:1]:
        yield SaidWindow(piece.text, max(0, piece.first - reach), piece.first, 0.0)


def snap_to_breaks(quote: ClaimText, piece: PlacedPiece) -> PlacedPiece:
    """Move words beside an ellipsis that were placed across it, where they were said on their own side as well.

    The last word before the ellipsis may also be the last one that it leaves out.
    """
    places, tokens = list(piece.places), piece.text.tokens
    for mark in (at - piece.start for at in quote.breaks if piece.start < at < piece.end):
        left, right = _run_start(places, mark - 1), _run_end(places, mark)
        before, after = places[left - 1] if left else -1, places[right] if right < len(places) else -1
        if before >= 0 and places[mark - 1] >= 0:
            moved = range(before + 1, before + 1 + mark - left)
            if _are_equal(quote.tokens[piece.start + left : piece.start + mark], tokens, moved):
                places[left:mark] = moved
        if after >= 0 and places[mark] >= 0:
            moved = range(after - (right - mark), after)
            if _are_equal(quote.tokens[piece.start + mark : piece.start + right], tokens, moved):
                places[mark:right] = moved
    _snap_ends(quote, piece, places)
    return PlacedPiece(piece.text, piece.start, piece.end, tuple(places))


def _snap_ends(quote: ClaimText, piece: PlacedPiece, places: list[int]) -> None:
    """Move the few words before the first ellipsis, or after the last one, to where just they were said nearby."""
    marks = sorted(at - piece.start for at in quote.breaks if piece.start < at < piece.end)
    if not marks:
        return
    ends = [(0, marks[0], -1)] if piece.start == 0 else []
    ends += [(marks[-1], len(places), 1)] if piece.end == len(quote.tokens) else []
    for low, high, step in ends:
        size, printed = high - low, quote.tokens[piece.start + low : piece.start + high]
        anchor = places[high] if step < 0 else places[low - 1]
        if size > _MAX_END_WORDS or anchor < 0 or _is_placed(printed, piece.text.tokens, places[low:high]):
            continue
        nearest = anchor - size if step < 0 else anchor + 1
        for first in range(nearest, nearest + step * size * _END_REACH, step):
            if _are_equal(printed, piece.text.tokens, range(first, first + size)):
                places[low:high] = range(first, first + size)
                break


def _is_placed(printed: Sequence[str], tokens: Sequence[str], places: Sequence[int]) -> bool:
    return all(place >= 0 and tokens[place] == token for token, place in zip(printed, places, strict=True))


def _run_start(places: Sequence[int], at: int) -> int:
    while at > 0 and places[at - 1] == places[at] - 1:
        at -= 1
    return at


def _run_end(places: Sequence[int], at: int) -> int:
    """Return the end (exclusive) of the run of adjacent places that begins at *at*."""
    while at + 1 < len(places) and places[at + 1] == places[at] + 1:
        at += 1
    return at + 1


def _are_equal(printed: Sequence[str], tokens: Sequence[str], places: range) -> bool:
    return places.start >= 0 and tuple(printed) == tuple(tokens[places.start : places.stop])
