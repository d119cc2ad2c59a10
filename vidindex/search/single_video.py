"""Find all moments of one video that answer a query: its words alone are looked at, no engine is asked."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..engines.base import Candidate
from ..engines.terms import Term, select, spaced
from ..model import (
    PASSAGE_OVERLAP,
    And,
    Hit,
    Node,
    Not,
    Or,
    Passage,
    Span,
    Subject,
    Transcript,
    Words,
    passage_id,
    passage_place,
)
from ..model import PASSAGE_STRIDE as STRIDE
from .facets import Survey, surveyed
from .hits import MOST, distinct, find
from .options import SearchOptions
from .query import parse
from .spans import is_said, spans

_TRACK = 1
_AHEAD = 40  # tokens behind a passage that are looked at with it


def find_within(subject: Subject, transcript: Transcript, text: str, *, options: SearchOptions) -> list[Hit]:
    """Find the moments of *transcript*, which is *subject*'s, that answer *text*, in the order of time.

    Raises `QuerySyntaxError`.
    """
    hits = find(_Passages(transcript.tokens), _Words(subject, transcript), text, options=options)
    return sorted(hits, key=lambda hit: hit.start_ms)


def survey_within(said: Iterable[tuple[Subject, Transcript]], text: str, *, options: SearchOptions) -> Survey | None:
    """Find the moments of one video, told by several tracks, that *options* ask for, and count all.

    None where more than what is said decides which they are.  Raises `QuerySyntaxError`.
    """
    if not is_said(parse(text).node):
        return None
    everything = replace(options, limit=MOST, offset=0, sort="score", videos=frozenset())
    hits = [hit for subject, transcript in said for hit in find_within(subject, transcript, text, options=everything)]
    return surveyed(distinct(sorted(hits, key=lambda hit: (-hit.score, hit.start_ms))), options)


class _Passages:
    """An engine of one transcript, which is short enough to be read for each question."""

    name = "one transcript"

    def __init__(self, tokens: Sequence[str]) -> None:
        size = STRIDE + PASSAGE_OVERLAP
        self._passages = [tokens[start : start + size] for start in range(0, len(tokens), STRIDE)]
        self._texts = [f" {' '.join(passage)} " for passage in self._passages]

    def replace(self, tracks: Sequence[int], passages: Iterable[Passage]) -> None:
        """Hold what is given at the start, and no more."""
        raise NotImplementedError

    def candidates(self, query: Node, *, limit: int) -> list[Candidate]:
        """Give the *limit* best passages for *query*, best first, equal scores by passage id."""
        best = sorted(self._scores(query).items(), key=lambda pair: (-pair[1], pair[0]))
        return [Candidate(passage_id(_TRACK, number), score) for number, score in best[:limit]]

    def _scores(self, node: Node) -> dict[int, float]:
        """Score the passages that *node* holds of; what is said about the video is taken to hold."""
        match node:
            case Words():
                return self._ranked(node)
            case And():
                held = [self._scores(each) for each in node.nodes]
                return {number: sum(scores[number] for scores in held) for number in self._in_all(held)}
            case Or():
                return _added(self._scores(each) for each in node.nodes)
            case Not():
                return dict.fromkeys((at for at, each in enumerate(self._passages) if not spans(node.node, each)), 0.0)
        held_at = (at for at, each in enumerate(self._passages) if (found := spans(node, each)) or found is None)
        return dict.fromkeys(held_at, 0.0)

    def _in_all(self, held: Sequence[dict[int, float]]) -> Iterator[int]:
        return (number for number in range(len(self._passages)) if all(number in scores for scores in held))

    def _ranked(self, asked: Words) -> dict[int, float]:
        def frequency(text: str, is_pair: bool) -> int:
            return len(self._holding(Term(text, is_pair, 0.0, 0)))

        terms = select(asked, frequency=frequency, passages=len(self._texts))
        return _added(dict.fromkeys(self._holding(term), term.weight) for term in terms)

    def _holding(self, term: Term) -> list[int]:
        wanted = spaced(term)
        return [number for number, text in enumerate(self._texts) if wanted in text]

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
        return len(self._passages)

    def close(self) -> None:
        """Hold nothing open."""


def _added(scores: Iterable[dict[int, float]]) -> dict[int, float]:
    total: Counter[int] = Counter()
    for each in scores:
        total.update(each)
    return dict(total)


@dataclass(frozen=True, slots=True)
class _Words:
    """What `find` reads from the store, read from one transcript."""

    only: Subject
    transcript: Transcript

    def texts(self, passages: Sequence[int]) -> dict[int, str]:
        """Give the tokens of each of *passages*, and some that follow."""
        tokens = self.transcript.tokens
        starts = {id_: passage_place(id_)[1] * STRIDE for id_ in passages}
        size = STRIDE + _AHEAD
        return {id_: " ".join(tokens[at : at + size]) for id_, at in starts.items() if 0 <= at < len(tokens)}

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
