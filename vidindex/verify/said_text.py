"""The words of caption tracks, prepared to find where parts of a quote were said."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import nlargest
from math import log

from ..engines.cpu_limit import check_cpu_time
from ..model import PASSAGE_STRIDE, make_passage_id
from ..search.source import PassageSource

_PASSAGES_PER_READ = 64
_MAX_CACHED_TOKENS = 1_000_000
_DIAGONAL_BITS = 3  # positions that are counted together: 8 words
_PAD = 10  # words on either side of a window
_MAX_COMMON_SHARE = 0.02  # of a word that is counted if the quote has rarer ones
_MIN_RARE_WORDS = 3
_MAX_COMPARED_PLACES = 10_000
_MAX_VOTES, _MIN_VOTES_PER_WORD = 100_000, 100


@dataclass(frozen=True, slots=True)
class SaidWindow:
    """The words *start* to *end* (exclusive) of a text that may contain some of a quote."""

    text: SaidText
    start: int
    end: int
    votes: float


@dataclass(frozen=True, slots=True)
class SaidText:
    """Tokens of a track from the position *base* on, and where each of them occurs."""

    track: int
    base: int
    tokens: Sequence[str]
    positions: dict[str, list[int]] = field(repr=False)

    def find_windows(self, quote: Sequence[str], *, limit: int) -> list[SaidWindow]:
        """Return the windows with the most words of *quote* in the same order, best first.

        Words on one diagonal vote together, so that each piece of a spliced quote gets a window of its own.
        """
        votes = self._count_votes(quote)
        paired = {at: count + max(votes.get(at + 1, 0.0), votes.get(at - 1, 0.0)) for at, count in votes.items()}
        best: list[SaidWindow] = []
        taken: set[int] = set()
        for at in nlargest(3 * limit, paired, key=paired.__getitem__):
            if at in taken:
                continue
            taken.update((at - 1, at, at + 1))
            start = (at - 1 << _DIAGONAL_BITS) - len(quote)
            end = start + (3 << _DIAGONAL_BITS) + len(quote)
            low, high = max(0, start - _PAD), min(len(self.tokens), end + _PAD)
            if low < high:
                best.append(SaidWindow(self, low, high, paired[at]))
            if len(best) >= limit:
                break
        return best

    def find_in_a_row(self, quote: tuple[str, ...]) -> list[range]:
        """Return where *quote* was said word for word, however few and common its words are.

        Of words that are said very often, only the first places are compared.
        """
        rarest = min(range(len(quote)), key=lambda at: len(self.positions.get(quote[at], ())))
        starts = (place - rarest for place in self.positions.get(quote[rarest], ())[:_MAX_COMPARED_PLACES])
        return [
            range(start, start + len(quote))
            for start in starts
            if start >= 0 and tuple(self.tokens[start : start + len(quote)]) == quote
        ]

    def _count_votes(self, quote: Sequence[str]) -> dict[int, float]:
        """Return the sum of the weights of the words on each diagonal, shifted so that it is not negative."""
        size, total = len(quote), len(self.tokens)
        found = [(at, places) for at, token in enumerate(quote) if (places := self.positions.get(token))]
        rare = [pair for pair in found if len(pair[1]) <= max(3.0, _MAX_COMMON_SHARE * total)]
        votes: dict[int, float] = {}
        voting = rare if len(rare) >= _MIN_RARE_WORDS else found
        most = max(_MIN_VOTES_PER_WORD, _MAX_VOTES // (len(voting) or 1))
        for at, places in voting:
            weight = log(1 + total / len(places))
            for place in places[:most]:
                diagonal = place - at + size >> _DIAGONAL_BITS
                votes[diagonal] = votes.get(diagonal, 0.0) + weight
        return votes


def prepare_text(track: int, base: int, tokens: Sequence[str]) -> SaidText:
    """Return *tokens* with their positions."""
    positions: dict[str, list[int]] = {}
    for at, token in enumerate(tokens):
        positions.setdefault(token, []).append(at)
    return SaidText(track, base, tokens, positions)


class SaidTextReader:
    """Reads whole tracks, and keeps those that it read last."""

    def __init__(self, source: PassageSource) -> None:
        self._source = source
        self._texts: OrderedDict[int, SaidText] = OrderedDict()
        self._cached_tokens = 0

    def read_track(self, track: int, *, max_tokens: int) -> SaidText:
        """Return the first *max_tokens* tokens of a track."""
        text = self._texts.get(track)
        if text is not None:
            self._texts.move_to_end(track)
            return text
        text = prepare_text(track, 0, self._read_tokens(track, max_tokens))
        self._texts[track] = text
        self._cached_tokens += len(text.tokens)
        while self._cached_tokens > _MAX_CACHED_TOKENS and len(self._texts) > 1:
            _, oldest = self._texts.popitem(last=False)
            self._cached_tokens -= len(oldest.tokens)
        return text

    def _read_tokens(self, track: int, max_tokens: int) -> list[str]:
        tokens: list[str] = []
        first = 0
        while len(tokens) < max_tokens:
            check_cpu_time()
            wanted = [make_passage_id(track, number) for number in range(first, first + _PASSAGES_PER_READ)]
            texts = self._source.passage_texts(wanted)
            for passage in wanted:
                if passage in texts:
                    tokens += texts[passage].split(" ", PASSAGE_STRIDE)[:PASSAGE_STRIDE]
            if len(texts) < len(wanted):
                break
            first += _PASSAGES_PER_READ
        return tokens
