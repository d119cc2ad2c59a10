"""Find all moments of one video that answer a query: its words alone are looked at, no engine is asked."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..engines.base import PassageCandidate
from ..engines.terms import QueryTerm, padded, select_terms
from ..model import (
    PASSAGE_OVERLAP,
    And,
    Hit,
    Not,
    Or,
    Passage,
    PassageRange,
    QueryNode,
    TrackContext,
    Transcript,
    WordsQuery,
    make_passage_id,
    split_passage_id,
)
from ..model import PASSAGE_STRIDE as STRIDE
from .facets import FacetedHits, count_facets
from .hits import MAX_COUNTED_HITS, drop_overlapping_hits, find_hits
from .options import SearchOptions
from .query import parse_query
from .spans import find_spans, is_decided_by_words

_TRACK_ID = 1
_LOOKAHEAD_TOKENS = 40  # tokens behind a passage that are looked at with it


def find_in_transcript(
    subject: TrackContext, transcript: Transcript, text: str, *, options: SearchOptions
) -> list[Hit]:
    """Find the moments of *transcript*, which is *subject*'s, that answer *text*, in the order of time.

    Raises `QuerySyntaxError`.
    """
    hits = find_hits(
        _TranscriptEngine(transcript.tokens), _TranscriptSource(subject, transcript), text, options=options
    )
    return sorted(hits, key=lambda hit: hit.start_ms)


def facet_search_tracks(
    tracks: Iterable[tuple[TrackContext, Transcript]], text: str, *, options: SearchOptions
) -> FacetedHits | None:
    """Find the moments of one video, told by several tracks, that *options* ask for, and count all.

    None where more than what is said decides which they are.  Raises `QuerySyntaxError`.
    """
    if not is_decided_by_words(parse_query(text).node):
        return None
    everything = replace(options, limit=MAX_COUNTED_HITS, offset=0, sort="score", videos=frozenset())
    hits = [
        hit
        for subject, transcript in tracks
        for hit in find_in_transcript(subject, transcript, text, options=everything)
    ]
    return count_facets(drop_overlapping_hits(sorted(hits, key=lambda hit: (-hit.score, hit.start_ms))), options)


class _TranscriptEngine:
    """An engine of one transcript, which is short enough to be read for each question."""

    name = "one transcript"

    def __init__(self, tokens: Sequence[str]) -> None:
        size = STRIDE + PASSAGE_OVERLAP
        self._passages = [tokens[start : start + size] for start in range(0, len(tokens), STRIDE)]
        self._padded_texts = [f" {' '.join(passage)} " for passage in self._passages]

    def replace_tracks(self, tracks: Sequence[int], passages: Iterable[Passage]) -> None:
        """Hold what is given at the start, and no more."""
        raise NotImplementedError

    def find_candidates(self, query: QueryNode, *, limit: int) -> list[PassageCandidate]:
        """Give the *limit* best passages for *query*, best first, equal scores by passage id."""
        best = sorted(self._score_passages(query).items(), key=lambda pair: (-pair[1], pair[0]))
        return [PassageCandidate(make_passage_id(_TRACK_ID, number), score) for number, score in best[:limit]]

    def _score_passages(self, node: QueryNode) -> dict[int, float]:
        """Score the passages that *node* holds of; what is said about the video is taken to hold."""
        match node:
            case WordsQuery():
                return self._score_words(node)
            case And():
                held = [self._score_passages(each) for each in node.nodes]
                return {number: sum(scores[number] for scores in held) for number in self._common_passages(held)}
            case Or():
                return _sum_scores(self._score_passages(each) for each in node.nodes)
            case Not():
                return dict.fromkeys(
                    (at for at, each in enumerate(self._passages) if not find_spans(node.node, each)), 0.0
                )
        held_at = (at for at, each in enumerate(self._passages) if (found := find_spans(node, each)) or found is None)
        return dict.fromkeys(held_at, 0.0)

    def _common_passages(self, held: Sequence[dict[int, float]]) -> Iterator[int]:
        return (number for number in range(len(self._passages)) if all(number in scores for scores in held))

    def _score_words(self, words: WordsQuery) -> dict[int, float]:
        def passage_frequency(text: str, is_pair: bool) -> int:
            return len(self._find_passages(QueryTerm(text, is_pair, 0.0, 0)))

        terms = select_terms(words, frequency=passage_frequency, passage_count=len(self._padded_texts))
        return _sum_scores(dict.fromkeys(self._find_passages(term), term.weight) for term in terms)

    def _find_passages(self, term: QueryTerm) -> list[int]:
        wanted = padded(term)
        return [number for number, text in enumerate(self._padded_texts) if wanted in text]

    def has_token(self, token: str) -> bool:
        """Know no words."""
        del token
        return False

    def find_similar_tokens(self, token: str, *, limit: int = 3) -> list[str]:
        """Know no spelling."""
        del token, limit
        return []

    def count_passages(self) -> int:
        """Count the passages."""
        return len(self._passages)

    def close(self) -> None:
        """Hold nothing open."""


def _sum_scores(scores: Iterable[dict[int, float]]) -> dict[int, float]:
    total: Counter[int] = Counter()
    for each in scores:
        total.update(each)
    return dict(total)


@dataclass(frozen=True, slots=True)
class _TranscriptSource:
    """What `find` reads from the store, read from one transcript."""

    context: TrackContext
    read_transcript: Transcript

    def passage_texts(self, passages: Sequence[int]) -> dict[int, str]:
        """Give the tokens of each of *passages*, and some that follow."""
        tokens = self.read_transcript.tokens
        starts = {id_: split_passage_id(id_)[1] * STRIDE for id_ in passages}
        size = STRIDE + _LOOKAHEAD_TOKENS
        return {id_: " ".join(tokens[at : at + size]) for id_, at in starts.items() if 0 <= at < len(tokens)}

    @property
    def batch_size(self) -> int:
        """All of it is there."""
        return 1

    def transcript_slices(self, spans: Sequence[PassageRange]) -> list[Transcript]:
        """Give the tokens of each of *spans*, counted in strides, with their words."""
        return [self._slice_passages(span.first, span.last) for span in spans]

    def _slice_passages(self, first: int, last: int) -> Transcript:
        whole = self.read_transcript
        start, end = max(first, 0) * STRIDE, min((last + 1) * STRIDE, len(whole.tokens))
        left = whole.word_index[start] if start else 0
        right = whole.word_index[end] if end < len(whole.tokens) else len(whole.words)
        right = max(right, whole.word_index[end - 1] + 1) if end > start else right
        return _slice_transcript(whole, slice(left, right), slice(start, end))

    def track_contexts(self, tracks: Iterable[int]) -> Mapping[int, TrackContext]:
        """Tell whose words they are."""
        return dict.fromkeys(tracks, self.context)


def _slice_transcript(whole: Transcript, words: slice, tokens: slice) -> Transcript:
    left, right = words.start, words.stop
    return Transcript(
        words=whole.words[words],
        starts_ms=whole.starts_ms[words],
        ends_ms=whole.ends_ms[words],
        sounds=frozenset(at - left for at in whole.sounds if left <= at < right),
        speakers=_slice_speakers(whole, left, right),
        has_word_times=whole.has_word_times,
        tokens=whole.tokens[tokens],
        word_index=tuple(at - left for at in whole.word_index[tokens]),
    )


def _slice_speakers(whole: Transcript, left: int, right: int) -> tuple[tuple[int, str], ...]:
    """Give who speaks in a part, the one who spoke already when it began first."""
    at = bisect_right(whole.speakers, left, key=lambda pair: pair[0])
    begun = ((0, whole.speakers[at - 1][1]),) if at else ()
    return (*begun, *((word - left, name) for word, name in whole.speakers[at:] if word < right))
