"""Finds the sentences that say something in other words: by the vectors of windows and by the words, fused by rank."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise

from ..engines.base import PassageIndex
from ..engines.gist.base import GistModel
from ..engines.gist.vectors import VectorSource, unpack_key
from ..model import PASSAGE_STRIDE as STRIDE
from ..model import PassageRange, Transcript, WordsQuery, make_passage_id, split_passage_id
from ..transcripts.gist_windows import split_sentences
from ..transcripts.normalize import normalize_words
from .filters import apply_filters
from .inflections import inflect_tokens
from .options import SearchOptions
from .retrieve import Match
from .source import PassageSource

_MAX_QUERY_WORDS = 60
_CANDIDATES = 200  # of each ranking
_RANK_OFFSET = 60  # of reciprocal rank fusion: how little the first ranks differ

_DEFAULT_OPTIONS = SearchOptions()


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
    vector = model.embed([" ".join(words)])[0]
    by_meaning = vectors.nearest(vector, limit=_CANDIDATES, tracks=tracks)
    node = apply_filters(WordsQuery(tokens, inflect_tokens(tokens)), options)
    by_words = [passage for passage, _ in engine.find_candidates(node, limit=_CANDIDATES)]
    passages = _fuse([_passage_of(key) for key, _ in by_meaning], by_words)
    best = sorted(passages, key=lambda passage: (-passages[passage], passage))[: 2 * limit]
    return _choose_sentences(source, model, vector, best, limit=limit)


def _passage_of(key: int) -> int:
    track, first_token = unpack_key(key)
    return make_passage_id(track, first_token // STRIDE)


def _fuse(*rankings: Iterable[int]) -> Mapping[int, float]:
    """Return the score of each passage by its ranks in *rankings*."""
    scores: dict[int, float] = defaultdict(float)
    for ranking in rankings:
        for rank, passage in enumerate(dict.fromkeys(ranking)):
            scores[passage] += 1 / (_RANK_OFFSET + rank)
    return scores


def _choose_sentences(
    source: PassageSource, model: GistModel, vector: Sequence[float], passages: Sequence[int], *, limit: int
) -> list[Match]:
    """Return the best sentence of each of *passages*, of which each has one at most."""
    ranges = [PassageRange(*(track, number, number)) for track, number in map(split_passage_id, passages)]
    found: list[Match] = []
    taken: set[tuple[int, int]] = set()
    for each, transcript in zip(ranges, source.transcript_slices(ranges), strict=True):
        if not transcript.tokens:
            continue
        spans = _sentence_spans(transcript)
        texts = [" ".join(transcript.tokens[first:last]) for first, last in spans]
        cosines = model.embed(texts) @ vector
        at = int(cosines.argmax())
        first, last = (each.first * STRIDE + token for token in spans[at])
        if (each.track, first) not in taken:
            taken.add((each.track, first))
            found.append(Match(each.track, first, last - 1, max(0.0, min(1.0, float(cosines[at]))), False))
    return sorted(found, key=lambda match: -match.score)[:limit]


def _sentence_spans(transcript: Transcript) -> list[tuple[int, int]]:
    """Return the first token of each sentence, and the one after its last."""
    from bisect import bisect_left

    starts = [bisect_left(transcript.word_index, word) for word in (0, *split_sentences(transcript))]
    return [(first, last) for first, last in pairwise(starts) if last > first]
