"""Aligns a quote with a text: the first and the last matching token, and a score.

This is the hot path.  A window of the text is found by characters, then aligned by tokens, both in C.  Tokens that do
not match are compared by characters, so that `cashflow` equals `cash flow` and a misheard name still counts.  The
character similarity of the whole adds to the score.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

_PAD_TOKENS = 3  # tokens on either side of a window that may belong to the quote
_TOKENS_PER_PAD_TOKEN_LONG = 8  # one for so many tokens of a long quote, beside which more words may have been said
_EXTRA_WORD_COST_SHARE = 0.2  # cost of an additional spoken word, as a share of its weight
_CHAR_SIMILARITY_SHARE = 0.4  # share of the score that character similarity decides
_MIN_LIKENESS = 62.0  # minimum likeness of a window to align; almost all matches have more
_MIN_LIKENESS_LONG = 45.0  # the same for long quotes, by tokens
FULL_LIKENESS = 100.0
"""Likeness of a window that contains the quote."""

_GOOD_LIKENESS = 65.0  # likeness of a window from which the text is searched for more
_MEAN_WORD_WEIGHT = 3.0  # average weight of a word
_FILLER_PAIRS = {("you", "know"), ("i", "mean")}
_FILLER_WEIGHT_SHARE = 0.3  # weight of a filler, as a share of that of another word
_LONG_QUOTE_TOKENS = 60  # longer quotes are compared by tokens instead of characters
_LONG_QUOTE_CHARS = 400  # the same for long words: the time grows with the square of the characters
_MAX_ALIGNMENTS = 50  # maximum alignments of one quote in one text


class TextWindow(NamedTuple):
    """Characters *start* to *end* of a text, and their likeness to the quote, from 0 to 100."""

    likeness: float
    start: int
    end: int


class Alignment(NamedTuple):
    """Tokens *first* to *last* (inclusive) of a text; *score* is 1.0 if they are the quote."""

    first: int
    last: int
    score: float
    matched: tuple[int, ...] = ()
    """Positions of the tokens that equal tokens of the quote."""

    def shift_tokens(self, by: int) -> Alignment:
        """Return the alignment with *by* added to all positions."""
        return Alignment(self.first + by, self.last + by, self.score, tuple(at + by for at in self.matched))


def find_verbatim(quote: Sequence[str], text: str) -> list[Alignment]:
    """Return all alignments of the tokens of *quote*, adjacent and in order, in *text* (tokens joined by spaces)."""
    joined = " ".join(quote)
    if joined not in text:
        return []
    wanted = f" {joined} "
    padded = f" {text} "
    alignments: list[Alignment] = []
    first = counted = 0
    at = padded.find(wanted)
    while at >= 0 and len(alignments) < _MAX_ALIGNMENTS:
        first += padded.count(" ", counted, at)
        counted = at
        alignments.append(Alignment(first, first + len(quote) - 1, 1.0, tuple(range(first, first + len(quote)))))
        at = padded.find(wanted, at + len(wanted) - 1)
    return alignments


_MatchBlock = tuple[int, int, int, int]
"""Start and end (exclusive) in the quote, start and end (exclusive) in the text, of equal tokens."""


class QuoteAligner:
    """A quote, prepared for alignment with many texts."""

    def __init__(self, quote: Sequence[str]) -> None:
        self.quote = tuple(quote)
        self._quote_text = " ".join(self.quote)
        self._quote_chars = "".join(self.quote)
        self._token_weights = weigh_tokens(self.quote)
        self._total_weight = sum(self._token_weights) or 1.0
        self._is_long = len(self.quote) > _LONG_QUOTE_TOKENS or len(self._quote_text) > _LONG_QUOTE_CHARS
        self.min_likeness = _MIN_LIKENESS_LONG if self._is_long else _MIN_LIKENESS
        """Minimum likeness, from 0 to 100, of a window to align."""
        self._pad_tokens = len(self.quote) // _TOKENS_PER_PAD_TOKEN_LONG if self._is_long else _PAD_TOKENS

    def find_windows(self, text: str, cutoff: float) -> list[TextWindow]:
        """Return windows of *text* with a likeness of at least *cutoff*, the most likely first.

        Further windows are searched only if the first one is good.
        """
        best = self._find_window(text, 0, len(text), cutoff)
        if best is None:
            return []
        found = [best]
        stack = [(0, best.start), (best.end, len(text))] if best.likeness >= _GOOD_LIKENESS else []
        while stack and len(found) < _MAX_ALIGNMENTS:
            start, end = stack.pop()
            window = self._find_window(text, start, end, max(cutoff, _GOOD_LIKENESS))
            if window is not None:
                found.append(window)
                stack += [(start, window.start), (window.end, end)]
        return found

    def _find_window(self, text: str, start: int, end: int, cutoff: float) -> TextWindow | None:
        if (end - start) * 2 < len(self._quote_text):
            return None
        if self._is_long:
            return self._find_long_window(text, start, end, cutoff)
        match = fuzz.partial_ratio_alignment(self._quote_text, text[start:end], score_cutoff=cutoff)
        return TextWindow(match.score, start + match.dest_start, start + match.dest_end) if match else None

    def _find_long_window(self, text: str, start: int, end: int, cutoff: float) -> TextWindow | None:
        """Return the best window by tokens; a comparison by characters would be too slow for a paragraph."""
        tokens = text[start:end].split(" ")
        match = fuzz.partial_ratio_alignment(self.quote, tokens, score_cutoff=cutoff)
        if match is None:
            return None
        first = len(" ".join(tokens[: match.dest_start])) + (match.dest_start > 0)
        return TextWindow(match.score, start + first, start + len(" ".join(tokens[: match.dest_end])))

    def is_verbatim(self, text: str, window: TextWindow) -> bool:
        """Return whether a window of *text* is the quote word for word."""
        return (
            window.likeness == FULL_LIKENESS and f" {self._quote_text} " == f" {text} "[window.start : window.end + 2]
        )

    def align_window(self, text: str, start: int, end: int) -> Alignment | None:
        """Align the quote with the tokens of *text* around the characters *start* to *end*."""
        left, right = _widen_window(text, start, end, self._pad_tokens)
        found = self._align_tokens(text[left:right].split(" "))
        return found and found.shift_tokens(text.count(" ", 0, left))

    def _align_tokens(self, spoken: Sequence[str]) -> Alignment | None:
        blocks = [op for op in Indel.opcodes(self.quote, spoken) if op.tag == "equal"]
        if not blocks:
            return self._align_chars(spoken)
        found = [(b.src_start, b.src_end, b.dest_start, b.dest_end) for b in blocks]
        return self._build_alignment(_snap_edges(found, self.quote, spoken), spoken)

    def _align_chars(self, spoken: Sequence[str]) -> Alignment | None:
        """Align by characters alone, for a text without an equal token."""
        joined = " ".join(spoken)
        match = fuzz.partial_ratio_alignment(self._quote_text, joined)
        if match is None:
            return None
        first = joined.count(" ", 0, match.dest_start + 1)
        last = joined.count(" ", 0, max(match.dest_end - 1, 0))
        return Alignment(first, last, self._char_similarity(spoken[first : last + 1]))

    def _build_alignment(self, blocks: Sequence[_MatchBlock], spoken: Sequence[str]) -> Alignment:
        value, blocks = self._best_segment(blocks, spoken)
        first, before_value = self._extend_edge(0, blocks[0][0], spoken[: blocks[0][2]][::-1])
        last, after_value = self._extend_edge(blocks[-1][1], len(self.quote), spoken[blocks[-1][3] :])
        start, end = blocks[0][2] - first, blocks[-1][3] - 1 + last
        by_words = max(0.0, min((value + before_value + after_value) / self._total_weight, 1.0))
        by_chars = self._char_similarity(spoken[start : end + 1])
        matched = tuple(at for _, _, from_, to in blocks for at in range(from_, to))
        return Alignment(
            start, end, (1 - _CHAR_SIMILARITY_SHARE) * by_words + _CHAR_SIMILARITY_SHARE * by_chars, matched
        )

    def _char_similarity(self, heard: Sequence[str]) -> float:
        """Return the credit for the character similarity of the quote and *heard*, from 0 to 1."""
        return _credit_likeness(fuzz.ratio(self._quote_chars, "".join(heard)) / 100)

    def _best_segment(
        self, blocks: Sequence[_MatchBlock], spoken: Sequence[str]
    ) -> tuple[float, Sequence[_MatchBlock]]:
        """Return the segment of *blocks* with the highest value, and the value; isolated words are left out."""
        best, best_value, best_blocks = 0.0, 0.0, blocks[:1]
        value = penalty = 0.0
        start = 0
        for at, (a, b, c, _) in enumerate(blocks):
            if at > start:
                heard = spoken[blocks[at - 1][3] : c]
                value += self._score_gap(blocks[at - 1][1], a, heard)
                penalty += self._mismatch_penalty(blocks[at - 1][1], a, heard)
            if value <= penalty:
                value, penalty, start = 0.0, 0.0, at
            value += sum(self._token_weights[a:b])
            if value - penalty > best:
                best, best_value, best_blocks = value - penalty, value, blocks[start : at + 1]
        return best_value, best_blocks

    def _mismatch_penalty(self, a: int, b: int, heard: Sequence[str]) -> float:
        """Return the penalty for unrelated words heard in place of the tokens *a* to *b*; decides where a match ends.

        It does not lower the score: a misheard word costs only its own weight.
        """
        if a == b or not heard or _credit_likeness(fuzz.ratio("".join(self.quote[a:b]), "".join(heard)) / 100) > 0.0:
            return 0.0
        return self._score_gap(a, b, heard) + _EXTRA_WORD_COST_SHARE * sum(weigh_tokens(heard))

    def _score_gap(self, a: int, b: int, heard: Sequence[str]) -> float:
        """Return the value of the words *heard* in place of the tokens *a* to *b* of the quote."""
        if a == b:
            return -_EXTRA_WORD_COST_SHARE * sum(weigh_tokens(heard))
        if not heard:
            return 0.0
        weight = sum(self._token_weights[a:b])
        likeness = fuzz.ratio("".join(self.quote[a:b]), "".join(heard)) / 100
        extra = max(0, len(heard) - (b - a) - 1)
        return weight * _credit_likeness(likeness) - _EXTRA_WORD_COST_SHARE * _MEAN_WORD_WEIGHT * extra

    def _extend_edge(self, a: int, b: int, heard: Sequence[str]) -> tuple[int, float]:
        """Return how many words beyond the first or the last match belong to the quote, and their value."""
        if a == b:
            return 0, 0.0
        wanted = "".join(self.quote[a:b])
        best = (0, 0.0)
        for count in range(1, min(len(heard), b - a + 2) + 1):
            words = heard[:count] if a else heard[:count][::-1]
            gain = sum(self._token_weights[a:b]) * _credit_likeness(fuzz.ratio(wanted, "".join(words)) / 100)
            gain -= _EXTRA_WORD_COST_SHARE * _MEAN_WORD_WEIGHT * max(0, count - (b - a))
            if gain > best[1]:
                best = (count, gain)
        return best


def _widen_window(text: str, start: int, end: int, pad_tokens: int) -> tuple[int, int]:
    """Widen the characters *start* to *end* to whole tokens, plus *pad_tokens* on either side."""
    left, right = start, end - 1
    for _ in range(pad_tokens + 1):
        left = text.rfind(" ", 0, left) if left > 0 else -1
        right = text.find(" ", right + 1) if right >= 0 else -1
    return left + 1, right if right >= 0 else len(text)


def _snap_edges(blocks: list[_MatchBlock], quote: Sequence[str], spoken: Sequence[str]) -> list[_MatchBlock]:
    """Move the first and the last words of a quote next to the others if the same words also occur there.

    The alignment by tokens picks any of several equal words: in `turn the call over the`, it may match the `the` of
    `turn the` with the last one.
    """
    while len(blocks) > 1 and blocks[-2][1] == blocks[-1][0]:
        (a, b, c, d), (_, end, from_, to) = blocks[-2:]
        size = to - from_
        if tuple(spoken[d : d + size]) != tuple(quote[b:end]):
            break
        blocks[-2:] = [(a, end, c, d + size)]
    while len(blocks) > 1 and blocks[0][1] == blocks[1][0]:
        (a, b, _, _), (_, end, from_, to) = blocks[:2]
        size = b - a
        if tuple(spoken[from_ - size : from_]) != tuple(quote[a:b]):
            break
        blocks[:2] = [(a, end, from_ - size, to)]
    return _tighten_edges(blocks, spoken)


def _tighten_edges(blocks: list[_MatchBlock], spoken: Sequence[str]) -> list[_MatchBlock]:
    """Move the first and the last words of a quote to their nearest occurrence.

    This matters if misheard words separate them from the others: `it is` of `the statement it is` is the first one in
    `the stay meant it is what it is`.
    """
    if len(blocks) > 1:
        (a, b, from_, to), following = blocks[0], blocks[1]
        moved = _find_nearest(spoken[from_:to], spoken, range(following[2] - (b - a), from_, -1))
        blocks[0] = (a, b, moved, moved + b - a) if moved is not None else blocks[0]
        preceding, (a, b, from_, to) = blocks[-2], blocks[-1]
        moved = _find_nearest(spoken[from_:to], spoken, range(preceding[3], from_))
        blocks[-1] = (a, b, moved, moved + b - a) if moved is not None else blocks[-1]
    return blocks


def _find_nearest(words: Sequence[str], spoken: Sequence[str], positions: range) -> int | None:
    return next((at for at in positions if spoken[at : at + len(words)] == words), None)


def weigh_tokens(tokens: Sequence[str]) -> list[float]:
    """Return the weight of each token: long words weigh more than short ones, fillers almost nothing."""
    weights = [1.0 + min(len(token), 10) / 2 for token in tokens]
    for at in fillers(tokens):
        weights[at] *= _FILLER_WEIGHT_SHARE
    return weights


def fillers(tokens: Sequence[str]) -> set[int]:
    """Return the positions of fillers such as "you know", which recognizers and people drop or add."""
    return {position for at, pair in enumerate(pairwise(tokens)) if pair in _FILLER_PAIRS for position in (at, at + 1)}


def _credit_likeness(likeness: float) -> float:
    """Return the credit for a character similarity; the similarity of unrelated words counts nothing."""
    return max(0.0, (likeness - 0.4) / 0.6)
