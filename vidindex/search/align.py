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

_PAD = 3  # tokens around a window that may belong to it
_EXTRA = 0.2  # what an additional spoken word costs, as a share of its weight
_SOUND = 0.4  # of a score is how alike quote and place are by their characters
_LEAST = 62.0  # likeness of a window that is worth aligning: hardly any place is less like its quote
_LEAST_LONG = 45.0  # the same, by tokens
_SAME = 100.0
_GOOD = 65.0  # likeness from which a text is searched for more windows
_WORD = 3.0  # what a word weighs, on average
_ASIDES = {("you", "know"), ("i", "mean")}
_ASIDE = 0.3  # of what they would weigh
_LONG = 60  # tokens of a quote that is compared by tokens
_MAX_PLACES = 50  # places of one quote in one text


class Window(NamedTuple):
    """Characters *start* to *end* of a text, *likeness* (of 100) to the quote."""

    likeness: float
    start: int
    end: int


class Place(NamedTuple):
    """Tokens *first* to *last* (included) of a text; *score* is 1.0 where they are the quote."""

    first: int
    last: int
    score: float
    matched: tuple[int, ...] = ()
    """The tokens of the text that are tokens of the quote."""

    def moved(self, by: int) -> Place:
        """Count from *by* tokens further back."""
        return Place(self.first + by, self.last + by, self.score, tuple(at + by for at in self.matched))


def said(quote: Sequence[str], text: str) -> list[Place]:
    """Find all places in *text* (tokens joined by spaces) where the tokens of *quote* stand side by side."""
    bare = " ".join(quote)
    if bare not in text:
        return []
    wanted = f" {bare} "
    padded = f" {text} "
    places: list[Place] = []
    at = padded.find(wanted)
    while at >= 0 and len(places) < _MAX_PLACES:
        first = padded.count(" ", 0, at)
        places.append(Place(first, first + len(quote) - 1, 1.0, tuple(range(first, first + len(quote)))))
        at = padded.find(wanted, at + len(wanted) - 1)
    return places


_Block = tuple[int, int, int, int]
"""Tokens from and to (excluded) of a quote, that stand from and to (excluded) in a text."""


class Aligner:
    """A quote made ready to be looked for in many texts."""

    def __init__(self, quote: Sequence[str]) -> None:
        self.quote = tuple(quote)
        self._joined = " ".join(self.quote)
        self._bare = "".join(self.quote)
        self._weights = weights(self.quote)
        self._total = sum(self._weights) or 1.0
        self.least = _LEAST if len(self.quote) <= _LONG else _LEAST_LONG
        """Likeness (of 100) of a window that is worth aligning."""

    def windows(self, text: str, cutoff: float) -> list[Window]:
        """Give parts of *text* that look like the quote, *cutoff* (of 100) at least, the likeliest first.

        Only a text that has a good one is searched for others.
        """
        best = self._window(text, 0, len(text), cutoff)
        if best is None:
            return []
        found = [best]
        stack = [(0, best.start), (best.end, len(text))] if best.likeness >= _GOOD else []
        while stack and len(found) < _MAX_PLACES:
            start, end = stack.pop()
            window = self._window(text, start, end, max(cutoff, _GOOD))
            if window is not None:
                found.append(window)
                stack += [(start, window.start), (window.end, end)]
        return found

    def _window(self, text: str, start: int, end: int, cutoff: float) -> Window | None:
        if (end - start) * 2 < len(self._joined):
            return None
        if len(self.quote) > _LONG:
            return self._long_window(text, start, end, cutoff)
        match = fuzz.partial_ratio_alignment(self._joined, text[start:end], score_cutoff=cutoff)
        return Window(match.score, start + match.dest_start, start + match.dest_end) if match else None

    def _long_window(self, text: str, start: int, end: int, cutoff: float) -> Window | None:
        """Do the same by tokens: by characters, a paragraph would take too long."""
        tokens = text[start:end].split(" ")
        match = fuzz.partial_ratio_alignment(self.quote, tokens, score_cutoff=cutoff)
        if match is None:
            return None
        first = len(" ".join(tokens[: match.dest_start])) + (match.dest_start > 0)
        return Window(match.score, start + first, start + len(" ".join(tokens[: match.dest_end])))

    def is_verbatim(self, text: str, window: Window) -> bool:
        """Tell whether a window of *text* is the quote, word for word."""
        return window.likeness == _SAME and f" {self._joined} " == f" {text} "[window.start : window.end + 2]

    def place(self, text: str, start: int, end: int) -> Place | None:
        """Align the quote with the words of *text* around the characters *start* to *end*."""
        left, right = _widened(text, start, end)
        found = self._align(text[left:right].split(" "))
        return found and found.moved(text.count(" ", 0, left))

    def _align(self, spoken: Sequence[str]) -> Place | None:
        blocks = [op for op in Indel.opcodes(self.quote, spoken) if op.tag == "equal"]
        if not blocks:
            return self._alike(spoken)
        found = [(b.src_start, b.src_end, b.dest_start, b.dest_end) for b in blocks]
        return self._assembled(_gathered(found, self.quote, spoken), spoken)

    def _alike(self, spoken: Sequence[str]) -> Place | None:
        """Align by characters alone, where no token is the same."""
        joined = " ".join(spoken)
        match = fuzz.partial_ratio_alignment(self._joined, joined)
        if match is None:
            return None
        first = joined.count(" ", 0, match.dest_start + 1)
        last = joined.count(" ", 0, max(match.dest_end - 1, 0))
        return Place(first, last, self._sounds(spoken[first : last + 1]))

    def _assembled(self, blocks: Sequence[_Block], spoken: Sequence[str]) -> Place:
        gained, blocks = self._worthwhile(blocks, spoken)
        first, before = self._edge(0, blocks[0][0], spoken[: blocks[0][2]][::-1])
        last, behind = self._edge(blocks[-1][1], len(self.quote), spoken[blocks[-1][3] :])
        start, end = blocks[0][2] - first, blocks[-1][3] - 1 + last
        by_words = max(0.0, min((gained + before + behind) / self._total, 1.0))
        by_sound = self._sounds(spoken[start : end + 1])
        matched = tuple(at for _, _, from_, to in blocks for at in range(from_, to))
        return Place(start, end, (1 - _SOUND) * by_words + _SOUND * by_sound, matched)

    def _sounds(self, heard: Sequence[str]) -> float:
        """Say how alike the whole quote and *heard* are by their characters."""
        return _credit(fuzz.ratio(self._bare, "".join(heard)) / 100)

    def _worthwhile(self, blocks: Sequence[_Block], spoken: Sequence[str]) -> tuple[float, Sequence[_Block]]:
        """Give the run of *blocks* that is worth most, and its worth: a word far from the others does not belong."""
        best, gained, kept = 0.0, 0.0, blocks[:1]
        worth = strange = 0.0
        start = 0
        for at, (a, b, c, _) in enumerate(blocks):
            if at > start:
                heard = spoken[blocks[at - 1][3] : c]
                worth += self._between(blocks[at - 1][1], a, heard)
                strange += self._strangeness(blocks[at - 1][1], a, heard)
            if worth <= strange:
                worth, strange, start = 0.0, 0.0, at
            worth += sum(self._weights[a:b])
            if worth - strange > best:
                best, gained, kept = worth - strange, worth, blocks[start : at + 1]
        return gained, kept

    def _strangeness(self, a: int, b: int, heard: Sequence[str]) -> float:
        """Say how far words that are nothing like the tokens *a* to *b*, in their place, set apart what is around.

        This tells only what belongs to a place: a word misheard costs its own worth and no more.
        """
        if a == b or not heard or _credit(fuzz.ratio("".join(self.quote[a:b]), "".join(heard)) / 100) > 0.0:
            return 0.0
        return self._between(a, b, heard) + _EXTRA * sum(weights(heard))

    def _between(self, a: int, b: int, heard: Sequence[str]) -> float:
        """Value what was heard in the place of the tokens *a* to *b* of the quote."""
        if a == b:
            return -_EXTRA * sum(weights(heard))
        if not heard:
            return 0.0
        worth = sum(self._weights[a:b])
        likeness = fuzz.ratio("".join(self.quote[a:b]), "".join(heard)) / 100
        extra = max(0, len(heard) - (b - a) - 1)
        return worth * _credit(likeness) - _EXTRA * _WORD * extra

    def _edge(self, a: int, b: int, heard: Sequence[str]) -> tuple[int, float]:
        """Find how many words beyond the first or last match belong to the quote, and what they are worth."""
        if a == b:
            return 0, 0.0
        wanted = "".join(self.quote[a:b])
        best = (0, 0.0)
        for count in range(1, min(len(heard), b - a + 2) + 1):
            words = heard[:count] if a else heard[:count][::-1]
            gain = sum(self._weights[a:b]) * _credit(fuzz.ratio(wanted, "".join(words)) / 100)
            gain -= _EXTRA * _WORD * max(0, count - (b - a))
            if gain > best[1]:
                best = (count, gain)
        return best


def _widened(text: str, start: int, end: int) -> tuple[int, int]:
    """Widen the characters *start* to *end* to whole tokens, and `_PAD` more on either side."""
    left, right = start, end - 1
    for _ in range(_PAD + 1):
        left = text.rfind(" ", 0, left) if left > 0 else -1
        right = text.find(" ", right + 1) if right >= 0 else -1
    return left + 1, right if right >= 0 else len(text)


def _gathered(blocks: list[_Block], quote: Sequence[str], spoken: Sequence[str]) -> list[_Block]:
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
    return _drawn_in(blocks, spoken)


def _drawn_in(blocks: list[_Block], spoken: Sequence[str]) -> list[_Block]:
    """Take the first and the last words of a quote from where they were said nearest to the others.

    This is for those that misheard words part from the others: `it is` of `the statement it is`
    is the first one in `the stay meant it is what it is`.
    """
    if len(blocks) > 1:
        (a, b, from_, to), behind = blocks[0], blocks[1]
        moved = _nearest(spoken[from_:to], spoken, range(behind[2] - (b - a), from_, -1))
        blocks[0] = (a, b, moved, moved + b - a) if moved is not None else blocks[0]
        before, (a, b, from_, to) = blocks[-2], blocks[-1]
        moved = _nearest(spoken[from_:to], spoken, range(before[3], from_))
        blocks[-1] = (a, b, moved, moved + b - a) if moved is not None else blocks[-1]
    return blocks


def _nearest(words: Sequence[str], spoken: Sequence[str], places: range) -> int | None:
    return next((at for at in places if spoken[at : at + len(words)] == words), None)


def weights(tokens: Sequence[str]) -> list[float]:
    """Say what each of *tokens* counts: long words tell more than short ones, and asides next to nothing."""
    counts = [1.0 + min(len(token), 10) / 2 for token in tokens]
    for at in asides(tokens):
        counts[at] *= _ASIDE
    return counts


def asides(tokens: Sequence[str]) -> set[int]:
    """Say which of *tokens* belong to what speakers strew in, and recognisers and memories drop or make up."""
    return {place for at, pair in enumerate(pairwise(tokens)) if pair in _ASIDES for place in (at, at + 1)}


def _credit(likeness: float) -> float:
    """Turn likeness of characters to credit: chance likeness is worth nothing."""
    return max(0.0, (likeness - 0.4) / 0.6)
