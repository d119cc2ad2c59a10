"""Places the words of a quote: finds the pieces that were said, wherever they are, and the words that were not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz.distance import Indel

from ..engines.cpu_limit import check_cpu_time
from .claim_text import ClaimText
from .languages.word_table import WordTable
from .likeness import likeness
from .numbers import is_number_part
from .said_text import SaidText, SaidWindow
from .word_alignment import align_words

_ALIKE = 0.6
"""Likeness from which a word is one that was misheard."""

_ALIKE_GAIN = 0.5
_UNLIKE_GAIN = -0.3
_MISSING_GAIN = -0.3
_NOWHERE_GAIN = -0.05
_SWITCH_GAIN = -2.0
_GAP_GAIN = -0.15  # for each word of a gap beyond the first ones
_FREE_GAP_WORDS = 3
_NEAR_WORDS = 45
"""Words between two pieces that are aligned once more together."""

_EDGE_WORDS = 6
"""Words at the edge of a piece that are compared with those next to it, though they are not alike."""

_EDGE_EXTRA_WORDS = 18
_SNAP_WORDS, _SNAP_OTHER_WORDS, _LEAD_WORDS = 4, 2, 3
_EDGE_FACTOR = 2.6
_EDGE_LIKENESS = 0.45
_ANCHOR, _ANCHOR_WEIGHT = "\0", 1000.0
_FUNCTION = 0.5

_SHARE_OF_BEST_VOTES = 0.3
_MAX_WINDOWS = 6
_MAX_ALIGNED_WINDOWS = 4
_COMPLETE_SHARE = 0.85
"""Share of equal words from which a window is the place, so that the others need not be compared."""


@dataclass(frozen=True, slots=True)
class PlacedPiece:
    """The tokens *start* to *end* (exclusive) of a quote, said in *text*: *places* are their positions there, or -1."""

    text: SaidText
    start: int
    end: int
    places: tuple[int, ...]

    @property
    def first(self) -> int:
        """The position of the first word that was said."""
        return next(place for place in self.places if place >= 0)

    @property
    def last(self) -> int:
        """The position of the last word that was said."""
        return next(place for place in reversed(self.places) if place >= 0)


def place_quote(quote: ClaimText, windows: Sequence[SaidWindow], weights: Sequence[float]) -> list[PlacedPiece]:
    """Return the pieces that explain most of the quote, in the order of the quote; several only if one cannot.

    The windows are compared by their equal words first, which is fast: mostly one of them has nearly all.
    """
    best = max((window.votes for window in windows), default=0.0)
    likely = [window for window in windows if window.votes >= _SHARE_OF_BEST_VOTES * best][:_MAX_WINDOWS]
    check_cpu_time()
    matched = [(window, _match_equal(quote.tokens, window)) for window in likely]
    complete = [each for each in matched if sum(place >= 0 for place in each[1]) >= _COMPLETE_SHARE * len(quote.tokens)]
    if complete:
        return _align_pieces(quote, merge_near(_choose_pieces(quote, complete[:1], weights)), weights)
    return _place_by_words(quote, likely[:_MAX_ALIGNED_WINDOWS], weights)


def _place_by_words(quote: ClaimText, windows: Sequence[SaidWindow], weights: Sequence[float]) -> list[PlacedPiece]:
    """Return the pieces of a quote that no window contains: each is aligned in full, with misheard words."""
    aligned = []
    for window in windows:
        check_cpu_time()
        said = window.text.tokens[window.start : window.end]
        positions = align_words(quote.tokens, said, weights, likeness=likeness)
        aligned.append((window, [at + window.start if at >= 0 else -1 for at in positions]))
    return _join_near(quote, _choose_pieces(quote, aligned, weights), weights)


def _join_near(quote: ClaimText, pieces: Sequence[PlacedPiece], weights: Sequence[float]) -> list[PlacedPiece]:
    """Align pieces that follow each other at a short distance once more, as one."""
    joined: list[PlacedPiece] = []
    for piece in pieces:
        is_near = bool(joined) and _is_near(joined[-1], piece)
        joined.append(_align_both(quote, joined.pop(), piece, weights) if is_near else piece)
    return joined


def _align_both(quote: ClaimText, left: PlacedPiece, right: PlacedPiece, weights: Sequence[float]) -> PlacedPiece:
    start, end = left.start, right.end
    low, high = left.first, max(left.last, right.last) + 1
    said = left.text.tokens[low:high]
    places = align_words(quote.tokens[start:end], said, weights[start:end], likeness=likeness)
    kept = [*left.places, *([-1] * (right.start - left.end)), *right.places]
    shifted = [low + at if at >= 0 else -1 for at in places]
    # Two pieces that overlap have no common order of their own; otherwise they may be right as they are.
    if right.first > left.last and count_equal(quote, left.text, start, kept) > count_equal(
        quote, left.text, start, shifted
    ):
        shifted = kept
    return trim_piece(left.text, start, end, shifted) or left


def _match_equal(tokens: Sequence[str], window: SaidWindow) -> list[int]:
    """Return the position of the equal word for each of *tokens*, or -1: the longest common subsequence."""
    places = [-1] * len(tokens)
    for op in Indel.opcodes(tokens, window.text.tokens[window.start : window.end]):
        if op.tag == "equal":
            for at in range(op.src_start, op.src_end):
                places[at] = window.start + op.dest_start + at - op.src_start
    return _close_gaps(tokens, window.text.tokens, places)


def _close_gaps(tokens: Sequence[str], said: Sequence[str], places: list[int]) -> list[int]:
    """Move words that are far from the next one to equal ones nearer to it, and then those far from the one before."""
    found = [at for at, place in enumerate(places) if place >= 0]
    for at, following in reversed(list(pairwise(found))):
        if places[following] - places[at] > _FREE_GAP_WORDS + 1:
            nearer = range(places[following] - 1, places[at], -1)
            places[at] = next((place for place in nearer if said[place] == tokens[at]), places[at])
    for before, at in pairwise(found):
        if places[at] - places[before] > _FREE_GAP_WORDS + 1:
            nearer = range(places[before] + 1, places[at])
            places[at] = next((place for place in nearer if said[place] == tokens[at]), places[at])
    return places


def merge_near(pieces: Sequence[PlacedPiece]) -> list[PlacedPiece]:
    """Join pieces that follow each other at a short distance."""
    merged: list[PlacedPiece] = []
    for piece in pieces:
        if merged and _is_near(merged[-1], piece):
            left = merged.pop()
            places = (*left.places, *([-1] * (piece.start - left.end)), *piece.places)
            merged.append(PlacedPiece(left.text, left.start, piece.end, places))
        else:
            merged.append(piece)
    return merged


def _align_pieces(quote: ClaimText, pieces: Sequence[PlacedPiece], weights: Sequence[float]) -> list[PlacedPiece]:
    """Align the words of each piece with what was said there, words that were misheard too."""
    aligned: list[PlacedPiece] = []
    for piece in pieces:
        check_cpu_time()
        start, end, low = piece.start, piece.end, piece.first
        said = piece.text.tokens[low : piece.last + 1]
        places = align_words(quote.tokens[start:end], said, weights[start:end], likeness=likeness)
        found = trim_piece(piece.text, start, end, [low + place if place >= 0 else -1 for place in places])
        aligned += [found] if found else []
    return aligned


def _choose_pieces(
    quote: ClaimText, aligned: Sequence[tuple[SaidWindow, list[int]]], weights: Sequence[float]
) -> list[PlacedPiece]:
    """Choose for each word the window that explains it, with a cost for each change of the window (Viterbi)."""
    size, nowhere = len(quote.tokens), len(aligned)
    totals = [_SWITCH_GAIN] * nowhere + [0.0]
    origins: list[list[int]] = []
    for at in range(size):
        source = max(range(nowhere + 1), key=totals.__getitem__)
        switched = totals[source]
        new_totals, new_origins = [], []
        for state in range(nowhere + 1):
            stay, move = totals[state], switched + (_SWITCH_GAIN if state < nowhere else 0.0)
            origin = state if stay >= move or at == 0 else source
            gain = (
                _gain(quote, aligned[state], at, weights, joined=origin == state)
                if state < nowhere
                else _NOWHERE_GAIN * weights[at]
            )
            new_totals.append(max(stay, move) + gain if at else stay + gain)
            new_origins.append(origin)
        totals = new_totals
        origins.append(new_origins)
    state = max(range(nowhere + 1), key=totals.__getitem__)
    states = [0] * size
    for at in range(size - 1, -1, -1):
        states[at] = state
        state = origins[at][state]
    return _cut_pieces(states, aligned)


def _gain(
    quote: ClaimText,
    aligned: tuple[SaidWindow, list[int]],
    at: int,
    weights: Sequence[float],
    *,
    joined: bool,
) -> float:
    window, places = aligned
    place = places[at]
    if place < 0:
        return _MISSING_GAIN * weights[at]
    said = window.text.tokens[place]
    share = (
        1.0 if said == quote.tokens[at] else _ALIKE_GAIN if likeness(said, quote.tokens[at]) >= _ALIKE else _UNLIKE_GAIN
    )
    gain = share * weights[at]
    if joined and at and places[at - 1] >= 0 and at not in quote.breaks:
        skipped = place - places[at - 1] - 1
        gain += max(_GAP_GAIN * max(0, skipped - _FREE_GAP_WORDS), _SWITCH_GAIN)
    return gain


def _cut_pieces(states: Sequence[int], aligned: Sequence[tuple[SaidWindow, list[int]]]) -> list[PlacedPiece]:
    pieces: list[PlacedPiece] = []
    start = 0
    for at in range(1, len(states) + 1):
        if at < len(states) and states[at] == states[start]:
            continue
        if states[start] < len(aligned):
            window, places = aligned[states[start]]
            piece = trim_piece(window.text, start, at, places[start:at])
            pieces += [piece] if piece else []
        start = at
    return pieces


def trim_piece(text: SaidText, start: int, end: int, places: Sequence[int]) -> PlacedPiece | None:
    """Return a piece without the words at its ends that were not said; None if nothing is left."""
    said = [at for at, place in enumerate(places) if place >= 0]
    if not said:
        return None
    first, last = said[0], said[-1] + 1
    return PlacedPiece(text, start + first, start + last, tuple(places[first:last]))


def _is_near(left: PlacedPiece, right: PlacedPiece) -> bool:
    return left.text is right.text and -_FREE_GAP_WORDS <= right.first - left.last - 1 <= _NEAR_WORDS


def extend_edges(
    quote: ClaimText,
    pieces: Sequence[PlacedPiece],
    weights: Sequence[float],
    table: WordTable,
    *,
    limit: int = _EDGE_WORDS,
) -> list[PlacedPiece]:
    """Align the few words before and after each piece that have no place yet with the words next to the piece."""
    extended: list[PlacedPiece] = []
    for at, placed in enumerate(pieces):
        piece = placed
        start = extended[-1].end if extended else 0
        end = pieces[at + 1].start if at + 1 < len(pieces) else len(quote.tokens)
        if 0 < piece.start - start <= limit:
            piece = _extend_start(quote, piece, start, weights)
        if 0 < end - piece.end <= limit and at + 1 == len(pieces):
            piece = _extend_end(quote, piece, end, weights)
        piece = _snap_end(quote, piece)
        extended.append(_snap_start(quote, _snap_lead(quote, piece, table), table))
    return extended


def _snap_lead(quote: ClaimText, piece: PlacedPiece, table: WordTable) -> PlacedPiece:
    """Move the first words of a piece to the same ones said right before: `so it` is placed there in `so it has to`."""
    tokens, said, places = quote.tokens[piece.start : piece.end], piece.text.tokens, piece.places
    size = next((at for at, place in enumerate(places) if place >= 0 and said[place] == tokens[at]), 0)
    if not 0 < size <= _LEAD_WORDS:
        return piece
    nearest = places[size] - size
    for first in range(nearest, max(-1, nearest - _SNAP_WORDS), -1):
        is_same = tuple(said[first : first + size]) == tokens[:size]
        if is_same and _may_be_left_out(said[first + size : places[size]], table):
            return PlacedPiece(piece.text, piece.start, piece.end, (*range(first, first + size), *places[size:]))
    return piece


def _snap_start(quote: ClaimText, piece: PlacedPiece, table: WordTable) -> PlacedPiece:
    """Move the first word of a piece to the equal word that was said right before its place.

    Replaced words cost less than words that were left out, so `we have gone` may be placed at `never gone` of `we have
    never gone`, and `had 37` at `seven` of `had thirty and seven`.  Another person stands for the first one as well, if
    that was not said: `he moved` is placed at `i just moved`.
    """
    first, token, said = piece.first, quote.tokens[piece.start], piece.text.tokens
    if piece.places[0] < 0 or said[first] == token:
        return piece
    before = range(first - 1, max(-1, first - 1 - _SNAP_WORDS), -1)
    equal = next((place for place in before if said[place] == token), None)
    if equal is not None:
        return _start_at(piece, equal) if _may_be_left_out(said[equal + 1 : first + 1], table) else piece
    is_person = token in table.persons and said[first] not in table.persons
    persons = (place for place in before if is_person and said[place] in table.persons)
    other = next((place for place in persons if tuple(said[place : place + 2]) not in table.filler_phrases), None)
    small = table.function_words | table.fillers
    return _start_at(piece, other) if other is not None and small.issuperset(said[other + 1 : first + 1]) else piece


def _may_be_left_out(words: Sequence[str], table: WordTable) -> bool:
    """Return whether words after the first one of a quote are fillers and few others, or parts of a number."""
    others = [word for word in words if word not in table.fillers]
    return len(others) <= _SNAP_OTHER_WORDS or all(is_number_part(word, table) for word in words)


def _start_at(piece: PlacedPiece, place: int) -> PlacedPiece:
    return PlacedPiece(piece.text, piece.start, piece.end, (place, *piece.places[1:]))


def _snap_end(quote: ClaimText, piece: PlacedPiece) -> PlacedPiece:
    """Move the last words of a piece to the same ones that are split differently: `broken down` and `brokendown`."""
    tokens, said, places = quote.tokens[piece.start : piece.end], piece.text.tokens, piece.places
    equal = [at for at, place in enumerate(places) if place >= 0 and said[place] == tokens[at]]
    if not equal or equal[-1] + 1 == len(tokens):
        return piece
    last = equal[-1]
    rest, first = "".join(tokens[last + 1 :]), places[last] + 1
    unpaired = [-1] * (len(tokens) - last - 2)
    for place in range(first, min(first + len(tokens) - last + _SNAP_WORDS, len(said))):
        if "".join(said[first : place + 1]) == rest:
            return PlacedPiece(piece.text, piece.start, piece.end, (*places[: last + 1], *unpaired, place))
    return piece


def _extend_start(quote: ClaimText, piece: PlacedPiece, start: int, weights: Sequence[float]) -> PlacedPiece:
    low = max(0, piece.first - (piece.start - start) - _EDGE_EXTRA_WORDS)
    said = [*piece.text.tokens[low : piece.first], _ANCHOR]
    tokens = [*quote.tokens[start : piece.start], _ANCHOR]
    places = align_words(
        tokens,
        said,
        [*_edge_weights(weights[start : piece.start]), _ANCHOR_WEIGHT],
        likeness=likeness,
        least=_EDGE_LIKENESS,
    )[:-1]
    shifted = [low + at if at >= 0 else -1 for at in places]
    return PlacedPiece(piece.text, start, piece.end, (*shifted, *piece.places)) if max(places) >= 0 else piece


def _extend_end(quote: ClaimText, piece: PlacedPiece, end: int, weights: Sequence[float]) -> PlacedPiece:
    low = piece.last + 1
    said = [_ANCHOR, *piece.text.tokens[low : low + end - piece.end + _EDGE_EXTRA_WORDS]]
    tokens = [_ANCHOR, *quote.tokens[piece.end : end]]
    places = align_words(
        tokens,
        said,
        [_ANCHOR_WEIGHT, *_edge_weights(weights[piece.end : end])],
        likeness=likeness,
        least=_EDGE_LIKENESS,
    )[1:]
    shifted = [low + at - 1 if at > 0 else -1 for at in places]
    return PlacedPiece(piece.text, piece.start, end, (*piece.places, *shifted)) if max(places) >= 0 else piece


def _edge_weights(weights: Sequence[float]) -> list[float]:
    """Return weights with which even unlike words at an edge stand for each other, between two anchors."""
    return [max(weight, _FUNCTION) * _EDGE_FACTOR for weight in weights]


def count_equal(quote: ClaimText, text: SaidText, start: int, places: Sequence[int]) -> int:
    """Return how many tokens from *start* on have a place where the same word was said."""
    return sum(place >= 0 and text.tokens[place] == quote.tokens[start + at] for at, place in enumerate(places))
