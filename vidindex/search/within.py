"""Find all moments of one video that answer a query: its words alone are looked at, no engine is asked."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..engines.base import Candidate
from ..model import PASSAGE_STRIDE as STRIDE
from ..model import Hit, Node, Passage, Span, Subject, Transcript, passage_id, passage_place
from .find import find
from .options import SearchOptions

_TRACK = 1


def find_within(subject: Subject, transcript: Transcript, text: str, *, options: SearchOptions) -> list[Hit]:
    """Find the moments of *transcript*, which is *subject*'s, that answer *text*, in the order of time.

    Raises `QuerySyntaxError`.
    """
    passages = _Passages(-(-len(transcript.tokens) // STRIDE))
    hits = find(passages, _Words(subject, transcript), text, options=options)
    return sorted(hits, key=lambda hit: hit.start_ms)


@dataclass(slots=True)
class _Passages:
    """An engine of one transcript: every passage of it may answer."""

    size: int
    name: str = "one transcript"

    def replace(self, tracks: Sequence[int], passages: Iterable[Passage]) -> None:
        """Hold what is given at the start, and no more."""
        raise NotImplementedError

    def candidates(self, query: Node, *, limit: int) -> list[Candidate]:
        """Give every passage, whatever is asked for."""
        del query
        return [Candidate(passage_id(_TRACK, number), 1.0) for number in range(min(self.size, limit))]

    def knows(self, token: str) -> bool:
        """Know no words."""
        del token
        return False

    def similar(self, token: str, *, limit: int = 3) -> list[str]:
        """Know no spelling."""
        del token, limit
        return []

    def count(self) -> int:
        """Count the passages."""
        return self.size

    def close(self) -> None:
        """Hold nothing open."""


@dataclass(frozen=True, slots=True)
class _Words:
    """What `find` reads from the store, read from one transcript."""

    only: Subject
    transcript: Transcript

    def tokens(self, passages: Sequence[int]) -> dict[int, str]:
        """Give the tokens of each of *passages*."""
        tokens = self.transcript.tokens
        starts = {passage: passage_place(passage)[1] * STRIDE for passage in passages}
        return {passage: " ".join(tokens[at : at + STRIDE]) for passage, at in starts.items() if 0 <= at < len(tokens)}

    @property
    def at_once(self) -> int:
        """All of it is there."""
        return 1

    def stretches(self, spans: Sequence[Span]) -> list[Transcript]:
        """Give the tokens of each of *spans*, counted in strides, with their words."""
        return [self._stretch(span.first, span.last) for span in spans]

    def _stretch(self, first: int, last: int) -> Transcript:
        whole = self.transcript
        start, end = max(first, 0) * STRIDE, min((last + 1) * STRIDE, len(whole.tokens))
        left = whole.origins[start] if start else 0
        right = whole.origins[end] if end < len(whole.tokens) else len(whole.words)
        right = max(right, whole.origins[end - 1] + 1) if end > start else right
        return _part(whole, slice(left, right), slice(start, end))

    def subjects(self, tracks: Iterable[int]) -> Mapping[int, Subject]:
        """Tell whose words they are."""
        return dict.fromkeys(tracks, self.only)


def _part(whole: Transcript, words: slice, tokens: slice) -> Transcript:
    left, right = words.start, words.stop
    return Transcript(
        words=whole.words[words],
        starts_ms=whole.starts_ms[words],
        ends_ms=whole.ends_ms[words],
        sounds=frozenset(at - left for at in whole.sounds if left <= at < right),
        speakers=_speakers(whole, left, right),
        timed=whole.timed,
        tokens=whole.tokens[tokens],
        origins=tuple(at - left for at in whole.origins[tokens]),
    )


def _speakers(whole: Transcript, left: int, right: int) -> tuple[tuple[int, str], ...]:
    """Give who speaks in a part, the one who spoke already when it began first."""
    at = bisect_right(whole.speakers, left, key=lambda pair: pair[0])
    begun = ((0, whole.speakers[at - 1][1]),) if at else ()
    return (*begun, *((word - left, name) for word, name in whole.speakers[at:] if word < right))
