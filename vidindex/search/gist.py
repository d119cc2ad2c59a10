"""Finds the sentences that say something in other words.

The candidates are the windows with the nearest vectors and the passages with the words, their inflections and words of
similar meaning.  Their sentences are compared with the query by their vectors, with and without those around them, and
word for word.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice, pairwise
from math import exp, log
from typing import TYPE_CHECKING, Any, NamedTuple

from ..engines.base import PassageIndex
from ..engines.cpu_limit import check_cpu_time
from ..engines.gist.base import GistModel
from ..engines.gist.vectors import VectorSource, unpack_key
from ..model import PASSAGE_STRIDE as STRIDE
from ..model import PassageRange, Transcript, WordsQuery, make_passage_id, split_passage_id
from ..transcripts.gist_windows import split_sentences
from ..transcripts.normalize import normalize_words
from .disjoint_ranges import DisjointRanges
from .filters import apply_filters
from .inflections import inflect_tokens
from .options import SearchOptions
from .retrieve import Match
from .source import PassageSource

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..engines.gist.sentence_scores import QueryVectors
    from ..engines.gist.word_vectors import WordVectors

_MAX_QUERY_WORDS = 60
_WINDOWS_BY_MEANING = 150
_PASSAGES_BY_WORDS = 100
_MAX_COMPARED_PASSAGES = 30  # whose sentences are compared
_LIKENESS_PER_COSINE = 0.6  # what a window's cosine is worth in comparison with the similarity of its words
_MAX_WINDOW_TOKENS = 60
_FRAGMENT_TOKENS = 3  # a sentence of fewer is no hit by itself

_FEATURE_WEIGHTS = (3.1, 5.5, 4.7, 10.6, 5.6, -0.86)
"""The weight of each of `sentence_scores.FEATURES`, fitted on the development half of `bench/gist.py`."""

_MODEL_WEIGHT = 14.0
"""The weight of the cosine of the window of a sentence, if the index has another model than the default one."""

_MODEL_COSINE = 0.45  # of a window that says the query, about: the calibration is that of the default model

_CALIBRATION = (0.216, 0.172, -3.42)
"""The logarithm of the odds that a sentence is right: the weight of its score, that of its score in comparison with
the best ones (the logarithm of its softmax), and a constant.  Fitted on the same half as the weights."""

_COMPARED_SCORES = 10
_LEAST_SHARE = -4.0  # a sentence with the words themselves does not make others improbable

_DEFAULT_OPTIONS = SearchOptions()


class _Candidates(NamedTuple):
    """Passages that may say the query, best first, and the cosines of the windows of their tracks by first token."""

    passages: Sequence[int]
    cosines: Mapping[int, Mapping[int, float]]

    def cosine_of(self, track: int, first: int, last: int) -> float:
        """Return the cosine of the best window with the tokens *first* to *last*, or the least one of all."""
        of_track = self.cosines.get(track, {})
        beside = (cosine for start, cosine in of_track.items() if first - _MAX_WINDOW_TOKENS < start < last)
        return max(beside, default=min((min(each.values()) for each in self.cosines.values()), default=0.0))


def find_gist(
    engine: PassageIndex,
    source: PassageSource,
    vectors: VectorSource,
    model: GistModel,
    text: str,
    *,
    options: SearchOptions = _DEFAULT_OPTIONS,
    tracks: Collection[int] | None = None,
    limit: int = 30,
) -> list[Match]:
    """Return the *limit* best sentences that say *text* in other words, best first, none of which overlap.

    The score of a match is the probability that it is right.  *tracks* are those that the filters of *options* select,
    None if all of them are; the words are filtered by the engine.
    """
    words = text.split()[:_MAX_QUERY_WORDS]
    tokens = tuple(normalize_words(words)[0])
    if not tokens or limit < 1:
        return []
    from ..engines.gist.sentence_scores import embed_query_words
    from ..engines.gist.word_vectors import load_word_vectors

    table = load_word_vectors()
    query = embed_query_words(table, tokens)
    if not query.whole.any():
        return []
    nearest = vectors.nearest(_embed_query(model, words), limit=_WINDOWS_BY_MEANING, tracks=tracks)
    node = apply_filters(WordsQuery(tokens, inflect_tokens(tokens)), options)
    by_words = [passage for passage, _ in engine.find_candidates(node, limit=_PASSAGES_BY_WORDS)]
    check_cpu_time()
    candidates = _choose_passages(source, table, query, nearest, by_words)
    is_default = model.digest == table.digest
    found = list(_compare(source, table, query, candidates, is_default=is_default))
    ranked = sorted(found, key=lambda match: (-match.score, match.track, match.first))
    return _state_probabilities(list(_drop_overlapping(ranked, max(limit, _COMPARED_SCORES))))[:limit]


def _embed_query(model: GistModel, words: Sequence[str]) -> NDArray[Any]:
    text = " ".join(words)
    embed_query = getattr(model, "embed_query", None)
    vector: NDArray[Any] = model.embed([text])[0] if embed_query is None else embed_query(text)
    return vector


def _choose_passages(
    source: PassageSource,
    table: WordVectors,
    query: QueryVectors,
    nearest: Sequence[tuple[int, float]],
    by_words: Sequence[int],
) -> _Candidates:
    """Return the passages to compare: the best ones by the cosine of a window, or by the similarity of their words."""
    from ..engines.gist.sentence_scores import score_passages

    by_meaning: dict[int, float] = {}
    cosines: dict[int, dict[int, float]] = {}
    for key, cosine in nearest:
        track, first_token = unpack_key(key)
        by_meaning.setdefault(make_passage_id(track, first_token // STRIDE), cosine)
        cosines.setdefault(track, {})[first_token] = cosine
    texts = source.passage_texts(list(dict.fromkeys((*by_meaning, *by_words))))
    likeness = score_passages(table, query, [text.split(" ") for text in texts.values()])
    lowest = min(by_meaning.values(), default=0.0)
    scores = {
        passage: float(score) + _LIKENESS_PER_COSINE * by_meaning.get(passage, lowest)
        for passage, score in zip(texts, likeness, strict=True)
    }
    best = sorted(scores, key=lambda passage: (-scores[passage], passage))
    return _Candidates(best[:_MAX_COMPARED_PASSAGES], cosines)


def _compare(
    source: PassageSource, table: WordVectors, query: QueryVectors, candidates: _Candidates, *, is_default: bool
) -> Iterator[Match]:
    """Yield the sentences of the passages of *candidates*, each with its score."""
    from ..engines.gist.sentence_scores import SentenceText, compare_sentences

    parts = list(_read_sentences(source, candidates.passages))
    features = compare_sentences(table, query, [SentenceText(text.tokens, spans) for _, text, spans in parts])
    scores = iter((features @ _FEATURE_WEIGHTS).tolist())
    for each, transcript, spans in parts:
        base = each.first * STRIDE
        of_part = list(islice(scores, len(spans)))
        for at in _whole_sentences(each, transcript, spans):
            first, last = base + spans[at][0], base + spans[at][1]
            cosine = 0.0 if is_default else candidates.cosine_of(each.track, first, last) - _MODEL_COSINE
            yield Match(each.track, first, last - 1, of_part[at] + _MODEL_WEIGHT * cosine, False)


def _read_sentences(
    source: PassageSource, passages: Sequence[int]
) -> Iterator[tuple[PassageRange, Transcript, list[tuple[int, int]]]]:
    """Yield the transcripts around *passages* with their sentences."""
    ranges = list(_join_passages(passages))
    for each, transcript in zip(ranges, source.transcript_slices(ranges), strict=True):
        check_cpu_time()
        spans = _sentence_spans(transcript) if transcript.tokens else []
        if spans:
            yield each, transcript, spans


def _whole_sentences(each: PassageRange, transcript: Transcript, spans: Sequence[tuple[int, int]]) -> Iterator[int]:
    """Yield which of *spans* may be hits: neither fragments nor what the ends of the range cut off."""
    first = int(each.first > 0 and len(spans) > 1)
    has_more = len(transcript.tokens) >= (each.last - each.first + 1) * STRIDE
    last = len(spans) - int(has_more and len(spans) > 1)
    return (at for at in range(first, last) if spans[at][1] - spans[at][0] >= _FRAGMENT_TOKENS)


def _join_passages(passages: Iterable[int]) -> Iterator[PassageRange]:
    """Yield the ranges of *passages* and those beside them, with adjacent ones joined."""
    wanted = sorted({(track, at) for track, number in map(split_passage_id, passages) for at in _beside(number)})
    first = 0
    for at in range(1, len(wanted) + 1):
        if at == len(wanted) or wanted[at] != (wanted[at - 1][0], wanted[at - 1][1] + 1):
            yield PassageRange(wanted[first][0], wanted[first][1], wanted[at - 1][1])
            first = at


def _beside(number: int) -> range:
    return range(max(number - 1, 0), number + 2)


def _sentence_spans(transcript: Transcript) -> list[tuple[int, int]]:
    """Return the first token of each sentence, and the one after its last."""
    starts = [bisect_left(transcript.word_index, word) for word in (0, *split_sentences(transcript))]
    return [(first, last) for first, last in pairwise(starts) if last > first]


def _drop_overlapping(found: Sequence[Match], limit: int) -> Iterator[Match]:
    """Yield the first *limit* of *found* that do not overlap a better one."""
    taken: dict[int, DisjointRanges] = {}
    for match in found:
        if limit and taken.setdefault(match.track, DisjointRanges()).add_if_free(match.first, match.last + 1):
            limit -= 1
            yield match


def _state_probabilities(ranked: Sequence[Match]) -> list[Match]:
    """Return *ranked*, best first, with the probability that each is right instead of its score."""
    of_score, of_share, constant = _CALIBRATION
    best = [match.score for match in ranked[:_COMPARED_SCORES]]
    total = best[0] + log(sum(exp(score - best[0]) for score in best)) if best else 0.0
    shares = [max(match.score - total, _LEAST_SHARE) for match in ranked]
    odds = [of_score * match.score + of_share * share + constant for match, share in zip(ranked, shares, strict=True)]
    return [match._replace(score=1 / (1 + exp(-odd))) for match, odd in zip(ranked, odds, strict=True)]
