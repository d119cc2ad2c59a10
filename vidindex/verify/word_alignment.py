"""Aligns the words of a quote with a window of what was said: which word stands for which.

This is the hot path: lists of numbers, no objects for positions.  The costs know how recognizers fail: a word may be
heard as one that sounds alike, be left out, or be added, and people leave out more than they add.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

_REPLACED = 0.25  # cost of any replaced word, as a share of its weight
_UNLIKE = 1.0  # further cost of one that does not sound alike at all
_MISSING = 0.85  # cost of a printed word that was not said, as a share of its weight
_GAP = 0.45  # cost of words that were said but are not printed, however many
_GAP_WORD = 0.22  # further cost of each of them, as a share of its weight

_BAND = 64
"""Words that an alignment of a long quote may be off its diagonal."""

_MATCH, _SKIP_PRINTED, _SKIP_SAID = 0, 1, 2

Likeness = Callable[[str, str], float]


def align_words(
    quote: Sequence[str], said: Sequence[str], weights: Sequence[float], *, likeness: Likeness, least: float = 0.0
) -> list[int]:
    """Return for each word of *quote* the position of the word of *said* that stands for it, or -1.

    Positions rise.  All of the quote is aligned with any part of *said*; *weights* are those of the words of the
    quote, and *least* is the likeness that any two words have.
    """
    rows, columns = len(quote), len(said)
    if not rows or not columns:
        return [-1] * rows
    infinite = float("inf")
    best = [0.0] * (columns + 1)  # a quote may start anywhere
    moves: list[bytearray] = []
    gap_moves: list[bytearray] = []
    distinct = [(other, len(other)) for other in set(said)]
    for i in range(rows):
        word, weight = quote[i], weights[i]
        missing = _MISSING * weight
        replaced, size = weight * _REPLACED, len(word)
        unlike = replaced + weight * _UNLIKE * (1.0 - least)
        cost_of = {
            # Comparing all words would take most of the time; a short one never sounds like a long one.
            other: unlike
            if length + length < size or length > size + size
            else replaced + weight * _UNLIKE * (1.0 - max(least, likeness(word, other)))
            for other, length in distinct
        }
        cost_of[word] = 0.0
        above, best = best, [infinite] * (columns + 1)
        move, gap_move = bytearray(columns + 1), bytearray(columns + 1)
        low, high = _band(i, rows, columns)
        left = best[low] = above[low] + missing
        move[low] = _SKIP_PRINTED
        diagonal, gap = above[low], infinite
        is_last = i == rows - 1
        for j in range(low + 1, high + 1):
            cost = diagonal + cost_of[said[j - 1]]
            diagonal = above[j]
            skipped = diagonal + missing
            # A gap ends in the cell before; it costs most where it opens.
            opened = left + _GAP
            if gap <= opened:
                gap_move[j] = 1
            else:
                gap = opened
            gap += _GAP_WORD
            if gap < cost and gap < skipped and not is_last:
                left, move[j] = gap, _SKIP_SAID
            elif skipped < cost:
                left, move[j] = skipped, _SKIP_PRINTED
            else:
                left = cost
            best[j] = left
        moves.append(move)
        gap_moves.append(gap_move)
    return _trace(moves, gap_moves, best, columns)


def _band(row: int, rows: int, columns: int) -> tuple[int, int]:
    """Return the first and the last column to fill in a row: all of them unless the quote is long."""
    if rows <= _BAND:
        return 0, columns
    slack = max(0, columns - rows)
    return min(max(0, row - _BAND), columns), min(columns, row + slack + _BAND)


def _trace(
    moves: Sequence[bytearray], gap_moves: Sequence[bytearray], last: Sequence[float], columns: int
) -> list[int]:
    i, j = len(moves) - 1, min(range(columns + 1), key=last.__getitem__)
    positions = [-1] * len(moves)
    while i >= 0:
        move = moves[i][j]
        if move == _SKIP_SAID:
            while gap_moves[i][j]:
                j -= 1
            j -= 1
        elif move == _SKIP_PRINTED or j == 0:
            i -= 1
        else:
            positions[i] = j - 1
            i, j = i - 1, j - 1
    return positions
