"""Judges the placement of a quote: the kind of the verdict, the changes, and how sure both are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import inf, log2

from .changes import find_changes
from .claim_text import ClaimText
from .comparison import WordBlock, compare_pieces
from .fragments import ELLIPSIS_WORDS, snap_to_breaks
from .languages.word_table import WordTable
from .likeness import likeness
from .numbers import is_number_part
from .placement import PlacedPiece, extend_edges
from .quote_changes import FoundChange
from .spoken import SpokenReader
from .verdicts import VerdictKind

_SURE_BITS = 9.0
"""By how many bits the words of a piece must be rarer than the words that were searched are many."""

_FUNCTION_BITS, _NUMBER_BITS, _WORD_BITS, _CHAR_BITS, _MAX_CHARS = 3.6, 7.0, 5.0, 0.8, 9
_FOLLOWING_SHARE = 0.6  # of the bits of a word that follows one that was said, since words come in phrases
_MIN_DENSITY = 0.55
_MIN_FAR_COVER = 0.66
_CUT_WORDS, _CUT_CONTENT_WORDS = 4, 3
"""Words left out from which pieces count as spliced, and how many of them are no fillers or repetitions."""

_LIMIT_CUT_WORDS = 3  # the same for a clause that begins with a limiting word
_MISHEARD = 0.5
_MIN_UNSAID_EDGE_WORDS, _MIN_UNSAID_WORDS = 5, 7
_UNSAID_WEIGHT = 2.4
_SAID_SHARE, _EDGE_SLACK = 1.1, 1
_PARTIAL_BITS = 14.0
_MIN_FOUND = 0.5
_FAR_BITS = -2.0
_MIN_COVER = 0.72
"""Share of a quote from which one piece is its place, though its words are common."""

_MIN_FAR_WORDS = 4
_WRITTEN_KINDS = ("negation", "number")
_MAX_BESIDE_WORDS, _MIN_ADVANTAGE = 12, 0.9


@dataclass(frozen=True, slots=True)
class Judgment:
    """What a placement says about a quote.

    *score* is the share of its words that were said; *bits* tells how unlikely they are by chance.  *cuts* are the
    blocks of words between pieces that were left out.
    """

    kind: VerdictKind
    score: float
    bits: float
    pieces: tuple[PlacedPiece, ...] = ()
    blocks: tuple[WordBlock, ...] = ()
    changes: tuple[FoundChange, ...] = ()


def judge_pieces(
    quote: ClaimText,
    weights: Sequence[float],
    pieces: Sequence[PlacedPiece],
    table: WordTable,
    *,
    searched_words: int,
    spoken: SpokenReader,
    written: bool,
) -> Judgment:
    """Return the judgment of a quote whose *pieces* were found among *searched_words* words.

    The captions are *written* if people made them: they hear hardly any word badly.
    """
    chance = log2(max(searched_words, 2))
    sure = _sure_pieces(quote, weights, pieces, table, chance)
    if not sure:
        return Judgment("not_found", 0.0, 0.0)
    extended = extend_edges(quote, sure, weights, table)
    split = tuple(part for piece in extended for part in _split_at_cuts(quote, snap_to_breaks(quote, piece), table))
    blocks = compare_pieces(quote, split, table)
    total = sum(weights) or 1.0
    unsaid = _unsaid_weights(quote, blocks, weights)
    score = max(0.0, 1.0 - sum(unsaid) / total)
    bits = max(_bits(quote, piece, table) for piece in split) - chance
    changes = find_changes(quote, blocks, table, spoken, written=written)
    judgment = Judgment("faithful", score, bits, split, tuple(blocks), tuple(changes))
    if _has_unsaid_part(unsaid, weights) or score < _MIN_FOUND:
        return replace(judgment, kind="partial" if bits >= _PARTIAL_BITS else "not_found")
    if _is_spliced(quote, split):
        return replace(judgment, kind="spliced")
    if any(not change.undecided for change in changes):
        return replace(judgment, kind="altered")
    if not changes and all(block.same for block in blocks):
        return replace(judgment, kind="verbatim")
    return judgment


def decide_changes(judgment: Judgment) -> Judgment:
    """Return *judgment* for captions that people wrote: they confuse neither `keine` and `eine` nor 15 and 50."""
    changes = tuple(
        replace(change, undecided=False)
        if change.written or (change.kind in _WRITTEN_KINDS and change.printed and change.said)
        else change
        for change in judgment.changes
    )
    is_altered = judgment.kind == "faithful" and any(not change.undecided for change in changes)
    return replace(judgment, changes=changes, kind="altered" if is_altered else judgment.kind)


def _has_unsaid_part(unsaid: Sequence[float], weights: Sequence[float]) -> bool:
    """Return whether the quote has a part that was not said: one of its ends, or many words in a row.

    A few equal words within the part do not count, since other words that were said there have them too.
    """
    best = run = 0.0
    start = found_start = found_end = 0
    for at, (missing, weight) in enumerate(zip(unsaid, weights, strict=True)):
        if run <= 0.0:
            run, start = 0.0, at
        run += missing if missing else -_SAID_SHARE * weight
        if run > best:
            best, found_start, found_end = run, start, at + 1
    words = found_end - found_start
    at_edge = found_start <= _EDGE_SLACK or found_end >= len(unsaid) - _EDGE_SLACK
    return words >= (_MIN_UNSAID_EDGE_WORDS if at_edge else _MIN_UNSAID_WORDS) and best >= _UNSAID_WEIGHT


def _unsaid_weights(quote: ClaimText, blocks: Sequence[WordBlock], weights: Sequence[float]) -> list[float]:
    """Return the weight of each token that was not said, 0 for the others."""
    unsaid = [0.0] * len(weights)
    for block in blocks:
        if not block.same and _is_unsaid(quote, block):
            unsaid[block.start : block.end] = weights[block.start : block.end]
    return unsaid


def _sure_pieces(
    quote: ClaimText, weights: Sequence[float], pieces: Sequence[PlacedPiece], table: WordTable, chance: float
) -> list[PlacedPiece]:
    """Return the pieces that are no coincidence."""
    dense = [piece for piece in pieces if _density(quote, weights, piece) >= _MIN_DENSITY]
    sure = [piece for piece in dense if _bits(quote, piece, table) - chance >= _SURE_BITS]
    if not sure:
        return [piece for piece in pieces[:1] if _covers_all(quote, weights, pieces)]
    main = max(sure, key=lambda piece: _matched_weight(quote, weights, piece))
    return [
        piece for piece in dense if piece is main or _is_far_piece(quote, weights, dense, piece, table, chance, main)
    ]


def _is_far_piece(
    quote: ClaimText,
    weights: Sequence[float],
    pieces: Sequence[PlacedPiece],
    piece: PlacedPiece,
    table: WordTable,
    chance: float,
    main: PlacedPiece,
) -> bool:
    """Return whether a second piece was said somewhere else, rather than being a common phrase."""
    words = sum(
        place >= 0 and piece.text.tokens[place] == token
        for place, token in zip(piece.places, quote.tokens[piece.start : piece.end], strict=True)
    )
    return (
        words >= _MIN_FAR_WORDS
        and _bits(quote, piece, table) - min(chance, _chance_beside(quote, main, piece)) >= _FAR_BITS
        and _covers_surroundings(quote, weights, pieces, piece)
        and _beats_place_beside(quote, weights, [each for each in pieces if each is not piece], piece, table)
    )


def _chance_beside(quote: ClaimText, main: PlacedPiece, piece: PlacedPiece) -> float:
    """Return the logarithm of the words among which a piece was found, if it is on the other side of an ellipsis."""
    left, right = (main, piece) if main.start < piece.start else (piece, main)
    is_marked = any(at in quote.breaks for at in range(left.end, right.start + 1))
    is_near = left.text is right.text and 0 < right.first - left.last <= ELLIPSIS_WORDS
    return log2(ELLIPSIS_WORDS) if is_marked and is_near else inf


def _beats_place_beside(
    quote: ClaimText,
    weights: Sequence[float],
    others: Sequence[PlacedPiece],
    piece: PlacedPiece,
    table: WordTable,
) -> bool:
    """Return whether the words of a piece were not said, badly heard, right beside the other pieces as well."""
    beside = extend_edges(quote, others, weights, table, limit=_MAX_BESIDE_WORDS)
    weight = sum(
        weights[at] * likeness(said, token)
        for each in beside
        for at, token, said in _said_tokens(quote, each)
        if piece.start <= at < piece.end and (said == token or likeness(said, token) >= _MISHEARD + 0.1)
    )
    return _matched_weight(quote, weights, piece) - weight >= _MIN_ADVANTAGE


def _covers_all(quote: ClaimText, weights: Sequence[float], pieces: Sequence[PlacedPiece]) -> bool:
    """Return whether one piece is nearly the whole quote, which may be too short to be rare."""
    return len(pieces) == 1 and _matched_weight(quote, weights, pieces[0]) >= _MIN_COVER * sum(weights)


def _covers_surroundings(
    quote: ClaimText, weights: Sequence[float], pieces: Sequence[PlacedPiece], piece: PlacedPiece
) -> bool:
    """Return whether a piece explains most of the words between its neighbors, not just a phrase of them."""
    at = pieces.index(piece)
    start = pieces[at - 1].end if at else 0
    end = pieces[at + 1].start if at + 1 < len(pieces) else len(quote.tokens)
    return _matched_weight(quote, weights, piece) >= _MIN_FAR_COVER * sum(weights[start:end])


def _matched_weight(quote: ClaimText, weights: Sequence[float], piece: PlacedPiece) -> float:
    return sum(
        weights[at] * (1.0 if said == token else likeness(said, token))
        for at, token, said in _said_tokens(quote, piece)
        if said == token or likeness(said, token) >= _MISHEARD + 0.1
    )


def _said_tokens(quote: ClaimText, piece: PlacedPiece) -> Iterator[tuple[int, str, str]]:
    for at, place in enumerate(piece.places, piece.start):
        if place >= 0:
            yield at, quote.tokens[at], piece.text.tokens[place]


def _density(quote: ClaimText, weights: Sequence[float], piece: PlacedPiece) -> float:
    return _matched_weight(quote, weights, piece) / (sum(weights[piece.start : piece.end]) or 1.0)


def _bits(quote: ClaimText, piece: PlacedPiece, table: WordTable) -> float:
    """Return how unlikely the words of a piece are, in bits."""
    total, previous = 0.0, -2
    for place, token in zip(piece.places, quote.tokens[piece.start : piece.end], strict=True):
        if place >= 0 and piece.text.tokens[place] == token:
            total += word_bits(token, table) * (_FOLLOWING_SHARE if place == previous + 1 else 1.0)
            previous = place
    return total


def word_bits(token: str, table: WordTable) -> float:
    """Return about how rare a word is, as the binary logarithm of one in so many words."""
    if any(map(str.isdigit, token)):
        return _NUMBER_BITS
    if token in table.function_words or token in table.fillers or len(token) < 3:
        return _FUNCTION_BITS
    return _WORD_BITS + _CHAR_BITS * min(len(token), _MAX_CHARS)


def _split_at_cuts(quote: ClaimText, piece: PlacedPiece, table: WordTable) -> Iterator[PlacedPiece]:
    """Split a piece where the article left out more than fillers, or where it says so."""
    start = 0
    said = [at for at, place in enumerate(piece.places) if place >= 0]
    for left, right in pairwise(said):
        at = piece.start + right
        marked = any(number in quote.breaks for number in range(piece.start + left + 1, at + 1))
        gap = piece.text.tokens[piece.places[left] + 1 : piece.places[right]]
        if (marked and gap) or _is_cut(quote, piece, left, right, gap, table):
            yield _part(piece, start, left + 1)
            start = right
    yield _part(piece, start, len(piece.places))


def _part(piece: PlacedPiece, start: int, end: int) -> PlacedPiece:
    return PlacedPiece(piece.text, piece.start + start, piece.start + end, piece.places[start:end])


def _is_cut(quote: ClaimText, piece: PlacedPiece, left: int, right: int, gap: Sequence[str], table: WordTable) -> bool:
    """Return whether the words of a gap are more than fillers, repetitions, and words in place of printed ones."""
    if len(gap) < _LIMIT_CUT_WORDS or all(is_number_part(token, table) for token in gap):
        return False
    replaced = right - left - 1
    near = set(quote.tokens[max(0, piece.start + left - 6) : piece.start + right + 8])
    kept = [token for token in gap if token not in table.fillers and token not in near]
    size = len(kept) - replaced
    if gap[0] in table.limiters or (len(gap) > 1 and gap[1] in table.limiters):
        limits = sum(token not in table.fillers for token in gap) - replaced
        return limits >= _LIMIT_CUT_WORDS and size >= 2
    return size >= _CUT_CONTENT_WORDS and len(gap) - replaced >= _CUT_WORDS


def _is_spliced(quote: ClaimText, pieces: Sequence[PlacedPiece]) -> bool:
    """Return whether two pieces are joined where the article does not say so."""
    for left, right in pairwise(pieces):
        marked = any(at in quote.breaks for at in range(left.end, right.start + 1))
        in_order = left.text is right.text and right.first > left.last
        if not (marked and in_order):
            return True
    return False


def _is_unsaid(quote: ClaimText, block: WordBlock) -> bool:
    """Return whether nothing that sounds like the printed words of a block was said."""
    printed = "".join(quote.tokens[block.start : block.end])
    return not block.said or likeness(printed, "".join(block.said)) < _MISHEARD
