"""Finds all matches in one video from its transcripts, without an engine."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..engines.base import PassageCandidate, PassageIndex
from ..engines.cpu_limit import check_cpu_time
from ..engines.terms import QueryTerm, date_number, padded, select_terms
from ..model import (
    PASSAGE_OVERLAP,
    And,
    Hit,
    MatchKind,
    Not,
    Or,
    PassageRange,
    PhraseQuery,
    QueryNode,
    TrackContext,
    Transcript,
    WordsQuery,
    make_passage_id,
    split_passage_id,
)
from ..model import PASSAGE_STRIDE as STRIDE
from .by_video import SHOWN_HITS, VideoHits, VideoHitsPage
from .facets import FACET_NAMES, Facet, FacetedHits, FacetName, make_facet
from .filters import apply_filters, contains_words, is_selected, padded_field, without_filters
from .found_moments import MAX_COUNTED_HITS
from .hits import drop_overlapping_hits, find_hits, sort_hits
from .options import SearchOptions
from .query import parse_query
from .source import PassageSource
from .spans import find_spans, is_decided_by_words

_TRACK_ID = 1
_MAX_VALUES = 200  # languages, origins or speakers that are counted
_MAX_KEPT_SLICES = 8
_LOOKAHEAD_TOKENS = 40  # tokens after a passage that are searched with it


def find_in_transcript(
    context: TrackContext, transcript: Transcript, text: str, *, options: SearchOptions
) -> list[Hit]:
    """Return the hits of *text* in *transcript*, in chronological order.  Raises `QuerySyntaxError`."""
    # Terms about metadata match every passage here, so the language of the words is stated.
    options = replace(options, lang=context.track.language or "und")
    hits = find_hits(
        _TranscriptPassages(transcript.tokens), _TranscriptSource(context, transcript), text, options=options
    )
    return sorted(hits, key=lambda hit: hit.start_ms)


def search_tracks(
    tracks: Iterable[tuple[TrackContext, Transcript]], text: str, *, options: SearchOptions
) -> list[Hit] | None:
    """Return all hits of *text* in the *tracks* of one video that *options* select, best first.

    Hits of several tracks in one moment are all returned.  Return None if the query depends on metadata.
    Raises `QuerySyntaxError`.
    """
    node = parse_query(text).node
    if not is_decided_by_words(node):
        return None
    if node is not None:
        apply_filters(node, options)  # raises an error if a date is invalid
    selected = [(context, transcript) for context, transcript in tracks if is_selected(context, options)]
    found = _find_in_tracks(selected, text, replace(options, match=None))
    if options.match is None or _distinct_hits(found, options.match):
        return found
    return _find_in_tracks(selected, text, options)


def _find_in_tracks(tracks: Iterable[tuple[TrackContext, Transcript]], text: str, options: SearchOptions) -> list[Hit]:
    everything = replace(without_filters(options), limit=MAX_COUNTED_HITS, offset=0, sort="score")
    hits = [
        hit
        for context, transcript in tracks
        for hit in find_in_transcript(context, transcript, text, options=everything)
        if not options.speaker or contains_words(hit.speaker, options.speaker)
    ]
    return sorted(hits, key=lambda hit: (-hit.score, hit.start_ms))


def _distinct_hits(hits: Iterable[Hit], kind: MatchKind | None) -> list[Hit]:
    """Return the best of the *hits* of each moment, manual captions before automatic ones, and of those the *kind*."""
    ranked = sorted(hits, key=lambda hit: (-hit.score, hit.origin in ("automatic", "asr")))
    distinct = [hit for hit in drop_overlapping_hits(ranked) if kind in (None, hit.match)]
    return sorted(distinct, key=lambda hit: (-hit.score, hit.start_ms))


def make_faceted_hits(track_hits: Sequence[Hit], options: SearchOptions) -> FacetedHits:
    """Return the page of *track_hits* of one video that *options* select, with facets of all of them."""
    hits = _distinct_hits(track_hits, options.match)
    shown = sort_hits(hits, options)[options.offset : options.offset + options.limit]
    total = min(len(hits), MAX_COUNTED_HITS)
    facets = _count_video_facets(track_hits, hits, options.match)
    return FacetedHits(tuple(shown), total, len(hits) > total, facets)


def make_video_page(track_hits: Sequence[Hit], options: SearchOptions) -> VideoHitsPage:
    """Return the one video of *track_hits* as a page, unless *options* skip it."""
    if not _distinct_hits(track_hits, options.match):
        return VideoHitsPage()
    found = make_faceted_hits(track_hits, replace(options, limit=SHOWN_HITS, offset=0, sort="score"))
    video = VideoHits(found.hits[0].video, found.hits, found.total, found.is_more)
    shown = (video,)[options.offset : options.offset + options.limit]
    return VideoHitsPage(shown, 1, found.total, found.is_more, found.facets)


def _count_video_facets(hits: Sequence[Hit], distinct: Sequence[Hit], kind: MatchKind | None) -> tuple[Facet, ...]:
    """Return the facets of the *hits* in the tracks of one video; the *distinct* ones are those of *kind*."""
    if not distinct:
        return ()
    video, total = hits[0].video, len(distinct)
    articles = {article.url: article.title for hit in hits for article in hit.articles}
    values: dict[FacetName, Iterable[str]] = {
        "site": [video.site],
        "channel": [video.channel],
        "kind": [video.kind],
        "year": [video.date[:4]] if date_number(video.date) else [],
        "article": articles,
    }
    counts = {name: {text: total for text in texts if padded_field(text) != " "} for name, texts in values.items()}
    counts["lang"] = _count_hit_texts(hits, _language_of, contains_words, kind)
    counts["match"] = dict(Counter(hit.match for hit in distinct))
    counts["origin"] = _count_hit_texts(hits, lambda hit: hit.origin, str.__eq__, kind)
    counts["speaker"] = _count_hit_texts(hits, lambda hit: hit.speaker, contains_words, kind)
    return tuple(make_facet(name, counts[name], articles if name == "article" else {}) for name in FACET_NAMES)


def _count_hit_texts(
    hits: Sequence[Hit], text_of: Callable[[Hit], str], is_within: Callable[[str, str], bool], kind: MatchKind | None
) -> dict[str, int]:
    values = sorted({text_of(hit) for hit in hits})[:_MAX_VALUES]
    found = {value: [hit for hit in hits if is_within(text_of(hit), value)] for value in values if value}
    return {value: count for value, of in found.items() if (count := len(_distinct_hits(of, kind)))}


def _language_of(hit: Hit) -> str:
    return hit.language or hit.video.language


class _TranscriptPassages(PassageIndex):
    """The passages of one transcript, which is short enough to be read for each query."""

    def __init__(self, tokens: Sequence[str]) -> None:
        size = STRIDE + PASSAGE_OVERLAP
        self._passages = [tokens[start : start + size] for start in range(0, len(tokens), STRIDE)]
        self._padded_texts = [f" {' '.join(passage)} " for passage in self._passages]

    def find_candidates(self, query: QueryNode, *, limit: int, min_share: float = 0.0) -> list[PassageCandidate]:
        best = sorted(self._score_passages(query).items(), key=lambda pair: (-pair[1], pair[0]))
        return [PassageCandidate(make_passage_id(_TRACK_ID, number), score) for number, score in best[:limit]]

    def _score_passages(self, node: QueryNode) -> dict[int, float]:
        """Return the scores of the passages that match *node*; terms about metadata match everything."""
        check_cpu_time()
        match node:
            case WordsQuery():
                return self._score_words(node)
            case PhraseQuery():
                wanted = f" {' '.join(node.tokens)} "
                return dict.fromkeys((at for at, text in enumerate(self._padded_texts) if wanted in text), 0.0)
            case And():
                scored = [self._score_passages(each) for each in node.nodes]
                return {number: sum(scores[number] for scores in scored) for number in self._common_passages(scored)}
            case Or():
                return _sum_scores(self._score_passages(each) for each in node.nodes)
            case Not():
                return dict.fromkeys(
                    (at for at, each in enumerate(self._passages) if not find_spans(node.node, each)), 0.0
                )
        matching = (at for at, each in enumerate(self._passages) if (found := find_spans(node, each)) or found is None)
        return dict.fromkeys(matching, 0.0)

    def _common_passages(self, scored: Sequence[dict[int, float]]) -> Iterator[int]:
        return (number for number in range(len(self._passages)) if all(number in scores for scores in scored))

    def _score_words(self, words: WordsQuery) -> dict[int, float]:
        def passage_frequency(text: str, is_pair: bool) -> int:
            return len(self._find_passages(QueryTerm(text, is_pair, 0.0, 0)))

        terms = select_terms(words, frequency=passage_frequency, passage_count=len(self._padded_texts))
        return _sum_scores(dict.fromkeys(self._find_passages(term), term.weight) for term in terms)

    def _find_passages(self, term: QueryTerm) -> list[int]:
        wanted = padded(term)
        return [number for number, text in enumerate(self._padded_texts) if wanted in text]

    def has_token(self, token: str) -> bool:
        return bool(self._find_passages(QueryTerm(token, False, 0.0, 0)))

    def find_similar_tokens(self, token: str, *, limit: int = 3) -> list[str]:
        return []  # a search in one video makes no suggestions

    def find_tokens_beside(self, token: str, *, prefix_chars: int, limit: int) -> list[str]:
        prefix = token[:prefix_chars]
        counts = Counter(each for passage in self._passages for each in passage if each.startswith(prefix))
        return [each for each, _ in counts.most_common(limit)]

    def count_passages(self) -> int:
        return len(self._passages)


def _sum_scores(scores: Iterable[dict[int, float]]) -> dict[int, float]:
    total: Counter[int] = Counter()
    for each in scores:
        total.update(each)
    return dict(total)


@dataclass(frozen=True, slots=True)
class _TranscriptSource(PassageSource):
    """The passages of one transcript, as a search reads them from a store."""

    context: TrackContext
    read_transcript: Transcript
    slices: dict[PassageRange, Transcript] = field(default_factory=dict)
    """Those that were read last: the next hit is often in the same passages."""

    def passage_texts(self, passages: Sequence[int]) -> dict[int, str]:
        tokens = self.read_transcript.tokens
        starts = {id_: split_passage_id(id_)[1] * STRIDE for id_ in passages}
        size = STRIDE + _LOOKAHEAD_TOKENS
        return {id_: " ".join(tokens[at : at + size]) for id_, at in starts.items() if 0 <= at < len(tokens)}

    @property
    def batch_size(self) -> int:
        return 1

    def transcript_slices(self, spans: Sequence[PassageRange]) -> list[Transcript]:
        return [self._read_slice(span) for span in spans]

    def _read_slice(self, span: PassageRange) -> Transcript:
        if span not in self.slices:
            if len(self.slices) >= _MAX_KEPT_SLICES:
                self.slices.clear()
            self.slices[span] = self._slice_passages(span.first, span.last)
        return self.slices[span]

    def _slice_passages(self, first: int, last: int) -> Transcript:
        transcript = self.read_transcript
        start, end = max(first, 0) * STRIDE, min((last + 1) * STRIDE, len(transcript.tokens))
        left = transcript.word_index[start] if start else 0
        right = transcript.word_index[end] if end < len(transcript.tokens) else len(transcript.words)
        right = max(right, transcript.word_index[end - 1] + 1) if end > start else right
        return _slice_transcript(transcript, slice(left, right), slice(start, end))

    def track_contexts(self, tracks: Iterable[int]) -> Mapping[int, TrackContext]:
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
    """Return the speakers of a slice, starting with the one who speaks at its beginning."""
    at = bisect_right(whole.speakers, left, key=lambda pair: pair[0])
    current = ((0, whole.speakers[at - 1][1]),) if at else ()
    return (*current, *((word - left, name) for word, name in whole.speakers[at:] if word < right))
