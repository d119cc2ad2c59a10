"""Where in a text a quote was said: exact first and last token, and how well they agree.

The hot path.  A window of the text is found by characters (in C), then aligned by tokens (in C); what does
not match by tokens is compared by characters, so that `cashflow` is `cash flow` and a misheard name still counts;
how alike the whole sounds counts beside that.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

_PAD_TOKENS = 3  # tokens around a window that may belong to it
_EXTRA_WORD_COST_SHARE = 0.2  # what an additional spoken word costs, as a share of its weight
_CHAR_SIMILARITY_SHARE = 0.4  # of a score is how alike quote and place are by their characters
_MIN_LIKENESS = 62.0  # likeness of a window that is worth aligning: hardly any place is less like its quote
_MIN_LIKENESS_LONG = 45.0  # the same, by tokens
_FULL_LIKENESS = 100.0
_GOOD_LIKENESS = 65.0  # likeness from which a text is searched for more windows
_MEAN_WORD_WEIGHT = 3.0  # what a word weighs, on average
_FILLER_PAIRS = {("you", "know"), ("i", "mean")}
_FILLER_WEIGHT_SHARE = 0.3  # of what they would weigh
_LONG_QUOTE_TOKENS = 60  # tokens of a quote that is compared by tokens
_MAX_ALIGNMENTS = 50  # places of one quote in one text


class TextWindow(NamedTuple):
    """Characters *start* to *end* of a text, *likeness* (of 100) to the quote."""

    likeness: float
    start: int
    end: int


class Alignment(NamedTuple):
    """Tokens *first* to *last* (included) of a text; *score* is 1.0 where they are the quote."""

    first: int
    last: int
    score: float
    matched: tuple[int, ...] = ()
    """The tokens of the text that are tokens of the quote."""

    def shift_tokens(self, by: int) -> Alignment:
        """Count from *by* tokens further back."""
        return Alignment(self.first + by, self.last + by, self.score, tuple(at + by for at in self.matched))


def find_verbatim(quote: Sequence[str], text: str) -> list[Alignment]:
    """Find all places in *text* (tokens joined by spaces) where the tokens of *quote* stand side by side."""
    bare = " ".join(quote)
    if bare not in text:
        return []
    wanted = f" {bare} "
    padded = f" {text} "
    places: list[Alignment] = []
    at = padded.find(wanted)
    while at >= 0 and len(places) < _MAX_ALIGNMENTS:
        first = padded.count(" ", 0, at)
        places.append(Alignment(first, first + len(quote) - 1, 1.0, tuple(range(first, first + len(quote)))))
        at = padded.find(wanted, at + len(wanted) - 1)
    return places


_MatchBlock = tuple[int, int, int, int]
"""Tokens from and to (excluded) of a quote, that stand from and to (excluded) in a text."""


class QuoteAligner:
    """A quote made ready to be looked for in many texts."""

    def __init__(self, quote: Sequence[str]) -> None:
        self.quote = tuple(quote)
        self._quote_text = " ".join(self.quote)
        self._quote_chars = "".join(self.quote)
        self._token_weights = weigh_tokens(self.quote)
        self._total_weight = sum(self._token_weights) or 1.0
        self.min_likeness = _MIN_LIKENESS if len(self.quote) <= _LONG_QUOTE_TOKENS else _MIN_LIKENESS_LONG
        """Likeness (of 100) of a window that is worth aligning."""

    def find_windows(self, text: str, cutoff: float) -> list[TextWindow]:
        """Give parts of *text* that look like the quote, *cutoff* (of 100) at least, the likeliest first.

        Only a text that has a good one is searched for others.
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
        if len(self.quote) > _LONG_QUOTE_TOKENS:
            return self._find_long_window(text, start, end, cutoff)
        match = fuzz.partial_ratio_alignment(self._quote_text, text[start:end], score_cutoff=cutoff)
        return TextWindow(match.score, start + match.dest_start, start + match.dest_end) if match else None

    def _find_long_window(self, text: str, start: int, end: int, cutoff: float) -> TextWindow | None:
        """Do the same by tokens: by characters, a paragraph would take too long."""
        tokens = text[start:end].split(" ")
        match = fuzz.partial_ratio_alignment(self.quote, tokens, score_cutoff=cutoff)
        if match is None:
            return None
        first = len(" ".join(tokens[: match.dest_start])) + (match.dest_start > 0)
        return TextWindow(match.score, start + first, start + len(" ".join(tokens[: match.dest_end])))

    def is_verbatim(self, text: str, window: TextWindow) -> bool:
        """Tell whether a window of *text* is the quote, word for word."""
        return (
            window.likeness == _FULL_LIKENESS and f" {self._quote_text} " == f" {text} "[window.start : window.end + 2]
        )

    def align_window(self, text: str, start: int, end: int) -> Alignment | None:
        """Align the quote with the words of *text* around the characters *start* to *end*."""
        left, right = _widen_window(text, start, end)
        found = self._align_tokens(text[left:right].split(" "))
        return found and found.shift_tokens(text.count(" ", 0, left))

    def _align_tokens(self, spoken: Sequence[str]) -> Alignment | None:
        blocks = [op for op in Indel.opcodes(self.quote, spoken) if op.tag == "equal"]
        if not blocks:
            return self._align_chars(spoken)
        found = [(b.src_start, b.src_end, b.dest_start, b.dest_end) for b in blocks]
        return self._build_alignment(_snap_edges(found, self.quote, spoken), spoken)

    def _align_chars(self, spoken: Sequence[str]) -> Alignment | None:
        """Align by characters alone, where no token is the same."""
        joined = " ".join(spoken)
        match = fuzz.partial_ratio_alignment(self._quote_text, joined)
        if match is None:
            return None
        first = joined.count(" ", 0, match.dest_start + 1)
        last = joined.count(" ", 0, max(match.dest_end - 1, 0))
        return Alignment(first, last, self._char_similarity(spoken[first : last + 1]))

    def _build_alignment(self, blocks: Sequence[_MatchBlock], spoken: Sequence[str]) -> Alignment:
        gained, blocks = self._best_segment(blocks, spoken)
        first, before = self._extend_edge(0, blocks[0][0], spoken[: blocks[0][2]][::-1])
        last, behind = self._extend_edge(blocks[-1][1], len(self.quote), spoken[blocks[-1][3] :])
        start, end = blocks[0][2] - first, blocks[-1][3] - 1 + last
        by_words = max(0.0, min((gained + before + behind) / self._total_weight, 1.0))
        by_sound = self._char_similarity(spoken[start : end + 1])
        matched = tuple(at for _, _, from_, to in blocks for at in range(from_, to))
        return Alignment(
            start, end, (1 - _CHAR_SIMILARITY_SHARE) * by_words + _CHAR_SIMILARITY_SHARE * by_sound, matched
        )

    def _char_similarity(self, heard: Sequence[str]) -> float:
        """Say how alike the whole quote and *heard* are by their characters."""
        return _credit_likeness(fuzz.ratio(self._quote_chars, "".join(heard)) / 100)

    def _best_segment(
        self, blocks: Sequence[_MatchBlock], spoken: Sequence[str]
    ) -> tuple[float, Sequence[_MatchBlock]]:
        """Give the run of *blocks* that is worth most, and its worth: a word far from the others does not belong."""
        best, gained, kept = 0.0, 0.0, blocks[:1]
        worth = strange = 0.0
        start = 0
        for at, (a, b, c, _) in enumerate(blocks):
            if at > start:
                heard = spoken[blocks[at - 1][3] : c]
                worth += self._score_gap(blocks[at - 1][1], a, heard)
                strange += self._mismatch_penalty(blocks[at - 1][1], a, heard)
            if worth <= strange:
                worth, strange, start = 0.0, 0.0, at
            worth += sum(self._token_weights[a:b])
            if worth - strange > best:
                best, gained, kept = worth - strange, worth, blocks[start : at + 1]
        return gained, kept

    def _mismatch_penalty(self, a: int, b: int, heard: Sequence[str]) -> float:
        """Say how far words that are nothing like the tokens *a* to *b*, in their place, set apart what is around.

        This tells only what belongs to a place: a word misheard costs its own worth and no more.
        """
        if a == b or not heard or _credit_likeness(fuzz.ratio("".join(self.quote[a:b]), "".join(heard)) / 100) > 0.0:
            return 0.0
        return self._score_gap(a, b, heard) + _EXTRA_WORD_COST_SHARE * sum(weigh_tokens(heard))

    def _score_gap(self, a: int, b: int, heard: Sequence[str]) -> float:
        """Value what was heard in the place of the tokens *a* to *b* of the quote."""
        if a == b:
            return -_EXTRA_WORD_COST_SHARE * sum(weigh_tokens(heard))
        if not heard:
            return 0.0
        worth = sum(self._token_weights[a:b])
        likeness = fuzz.ratio("".join(self.quote[a:b]), "".join(heard)) / 100
        extra = max(0, len(heard) - (b - a) - 1)
        return worth * _credit_likeness(likeness) - _EXTRA_WORD_COST_SHARE * _MEAN_WORD_WEIGHT * extra

    def _extend_edge(self, a: int, b: int, heard: Sequence[str]) -> tuple[int, float]:
        """Find how many words beyond the first or last match belong to the quote, and what they are worth."""
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


def _widen_window(text: str, start: int, end: int) -> tuple[int, int]:
    """Widen the characters *start* to *end* to whole tokens, and `_PAD` more on either side."""
    left, right = start, end - 1
    for _ in range(_PAD_TOKENS + 1):
        left = text.rfind(" ", 0, left) if left > 0 else -1
        right = text.find(" ", right + 1) if right >= 0 else -1
    return left + 1, right if right >= 0 else len(text)


def _snap_edges(blocks: list[_MatchBlock], quote: Sequence[str], spoken: Sequence[str]) -> list[_MatchBlock]:
    """Take the first and the last words of a quote from beside the others, where they were said there as well.

    Of equal words the alignment by tokens takes any: in `turn the call over the`
    the `the` of `turn the` may be the last.
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
    """Take the first and the last words of a quote from where they were said nearest to the others.

    This is for those that misheard words part from the others: `it is` of `the statement it is`
    is the first one in `the stay meant it is what it is`.
    """
    if len(blocks) > 1:
        (a, b, from_, to), behind = blocks[0], blocks[1]
        moved = _find_nearest(spoken[from_:to], spoken, range(behind[2] - (b - a), from_, -1))
        blocks[0] = (a, b, moved, moved + b - a) if moved is not None else blocks[0]
        before, (a, b, from_, to) = blocks[-2], blocks[-1]
        moved = _find_nearest(spoken[from_:to], spoken, range(before[3], from_))
        blocks[-1] = (a, b, moved, moved + b - a) if moved is not None else blocks[-1]
    return blocks


def _find_nearest(words: Sequence[str], spoken: Sequence[str], positions: range) -> int | None:
    return next((at for at in positions if spoken[at : at + len(words)] == words), None)


def weigh_tokens(tokens: Sequence[str]) -> list[float]:
    """Say what each of *tokens* counts: long words tell more than short ones, and asides next to nothing."""
    counts = [1.0 + min(len(token), 10) / 2 for token in tokens]
    for at in fillers(tokens):
        counts[at] *= _FILLER_WEIGHT_SHARE
    return counts


def fillers(tokens: Sequence[str]) -> set[int]:
    """Say which of *tokens* belong to what speakers strew in, and recognisers and memories drop or make up."""
    return {place for at, pair in enumerate(pairwise(tokens)) if pair in _FILLER_PAIRS for place in (at, at + 1)}


def _credit_likeness(likeness: float) -> float:
    """Turn likeness of characters to credit: chance likeness is worth nothing."""
    return max(0.0, (likeness - 0.4) / 0.6)
