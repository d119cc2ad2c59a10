"""Finds the sentences that say something in other words.

The candidates are the windows with the nearest vectors and the passages with the words, their inflections and words of
similar meaning.  Their sentences are compared with the query by their vectors, with and without those around them, and
word for word.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import pairwise
from math import exp, log
from typing import TYPE_CHECKING, Any, NamedTuple

from ..engines.base import PassageIndex
from ..engines.cpu_limit import check_cpu_time
from ..engines.gist.base import GistModel, ReadText, SentenceReader
from ..engines.gist.vectors import VectorSource, pack_key, unpack_key
from ..model import PASSAGE_STRIDE as STRIDE
from ..model import PassageRange, WordsQuery, make_passage_id, split_passage_id
from ..transcripts.gist_windows import TranscriptWords, split_sentences
from ..transcripts.normalize import normalize_words
from .disjoint_ranges import DisjointRanges
from .filters import apply_filters
from .inflections import inflect_tokens
from .options import SearchOptions
from .retrieve import Match
from .source import FacetSource

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..engines.gist.sentence_scores import QueryVectors
    from ..engines.gist.word_vectors import WordVectors

_MAX_QUERY_WORDS = 60
_WINDOWS_BY_MEANING = 150
_PASSAGES_BY_WORDS = 100
_MAX_COMPARED_PASSAGES = 60  # whose sentences are compared
_LIKENESS_PER_NEARNESS = 0.05  # what the nearness of a window is worth in comparison with the similarity of its words
_MAX_WINDOW_TOKENS = 60
_FRAGMENT_TOKENS = 3  # a sentence of fewer is no hit by itself
_MIN_TOPIC_WEIGHT = 3.5  # the greatest weight of words such as "why is it", which are about nothing

_WORD_WEIGHTS = (6.4, 2.0, 3.8, 9.9, 7.1, -0.55, 0.24)
"""The weight of each of `sentence_scores.FEATURES` and of the nearness of a window.

All weights were fitted on the development half of `bench/gist.py`.  `bench/gist_fit.py` fits them again: to twice as
many queries as were there at first, these and the next ones come out somewhat different, and find the same.
"""

_WINDOW_WEIGHTS = (5.2, 2.8, 4.8, 7.9, 5.8, -0.6, 0.7)
"""The same for an index with the vectors of a sentence model, whichever that is."""

_SENTENCE_WEIGHTS = (1.69, 1.63, 4.31, 0.22, 3.91, -0.58, 0.17, 0.05, 1.64)
"""The same for the best sentences, which the model reads; the last two are those of what it finds: see `read_best`.

They were fitted to MiniLM, BGE small and E5 small together.
"""

_READ_SENTENCES = 30
_FARTHEST = -2.0
_MIN_DEVIATION = 0.005

_WORD_CALIBRATION = (0.36, 0.43, -0.27, -3.5)
"""The logarithm of the odds that a sentence is right: the weight of the score of the best one, that of its own score in
comparison with the best ones (the logarithm of its softmax), that of the logarithm of the number of windows in the
index, and a constant.  Fitted on the same half, on indexes of one call to ten million words, with and without the call
that a query is about."""

_SENTENCE_CALIBRATION = (0.81, 0.64, -0.27, -4.24)
"""The same for scores of which a sentence model is a part; the weight of the size is that of the other one, since such
vectors of ten million words were not made."""

_MAX_SCORE = 20.0  # a sentence with the words themselves does not make others improbable
_COMPARED_SCORES = 10

_DEFAULT_OPTIONS = SearchOptions()


class _NearWindows:
    """The windows nearest to a query: their cosines say little, as each model has its own scale, but are comparable."""

    def __init__(self, nearest: Sequence[tuple[int, float]]) -> None:
        import numpy as np

        cosines = [cosine for _, cosine in nearest]
        self._least = min(cosines, default=0.0)
        self._deviation = max(float(np.std(cosines)) if cosines else 0.0, _MIN_DEVIATION)
        self._nearness = {key: self.measure(cosine) for key, cosine in nearest}

    def measure(self, cosine: float) -> float:
        """Return how many deviations *cosine* is above that of the last one of the windows."""
        return max((cosine - self._least) / self._deviation, _FARTHEST)

    def by_passage(self) -> dict[int, float]:
        """Return the nearness of the best window in each passage, in any order."""
        found: dict[int, float] = {}
        for key, nearness in self._nearness.items():
            track, first_token = unpack_key(key)
            passage = make_passage_id(track, first_token // STRIDE)
            found[passage] = max(nearness, found.get(passage, 0.0))
        return found

    def around(self, first: NDArray[Any], end: NDArray[Any]) -> NDArray[Any]:
        """Return the nearness of the best window with tokens of each sentence; 0 if none is near.

        The sentences are in order and do not overlap; *first* and *end* are the keys of windows that start with their
        first token, and with the one after their last.
        """
        import numpy as np

        keys = np.fromiter(self._nearness, np.int64)
        starts, ends = np.searchsorted(end, keys, "right"), np.searchsorted(first, keys + _MAX_WINDOW_TOKENS)
        found = np.zeros(len(first))
        for start, stop, nearness in zip(starts.tolist(), ends.tolist(), self._nearness.values(), strict=True):
            np.maximum(found[start:stop], nearness, out=found[start:stop])
        return found


class _Part(NamedTuple):
    """The words around compared passages and their sentences; the first token is the one *base* of *track*."""

    track: int
    base: int
    said: TranscriptWords
    spans: Sequence[tuple[int, int]]
    whole: range
    """Which of *spans* may be hits: not those that the ends of the transcript cut off."""


class _Sentences(NamedTuple):
    """Sentences as columns: the number of the part of each, its track, its first token and the one after its last."""

    parts: Sequence[_Part]
    owner: NDArray[Any]
    track: NDArray[Any]
    first: NDArray[Any]
    end: NDArray[Any]

    def select(self, places: NDArray[Any]) -> _Sentences:
        """Return those at *places*."""
        return _Sentences(self.parts, self.owner[places], self.track[places], self.first[places], self.end[places])

    def texts(self) -> Iterator[str]:
        """Yield the words of each."""
        for owner, first, end in zip(self.owner.tolist(), self.first.tolist(), self.end.tolist(), strict=True):
            part = self.parts[owner]
            start, last = (part.said.word_index[at - part.base] for at in (first, end - 1))
            yield " ".join(part.said.words[start : last + 1])

    def rank(self, scores: NDArray[Any]) -> Iterator[Match]:
        """Yield each with its score, the best first."""
        import numpy as np

        for at in np.lexsort((self.first, self.track, -scores)).tolist():
            yield Match(int(self.track[at]), int(self.first[at]), int(self.end[at]) - 1, float(scores[at]), False)


class _Candidates(NamedTuple):
    """What is known of the sentences that may say a query: their features as rows, of each with its nearest window.

    Also how well the model knows the language of the query.
    """

    sentences: _Sentences
    features: NDArray[Any]
    query: ReadText
    known: float
    windows: _NearWindows


def find_gist(
    engine: PassageIndex,
    source: FacetSource,
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
    found = find_candidates(engine, source, vectors, model, text, options, tracks) if limit > 0 else None
    if found is None:
        return []
    if isinstance(model, SentenceReader):
        found = read_best(model, found)
        scores, calibration = found.features @ _SENTENCE_WEIGHTS, _SENTENCE_CALIBRATION
    else:
        scores, calibration = found.features @ _WORD_WEIGHTS, _WORD_CALIBRATION
    best = list(_drop_overlapping(found.sentences.rank(scores), max(limit, _COMPARED_SCORES)))
    stated = _state_probabilities(best, calibration, vectors.count_rows())[:limit]
    # Sentences in a language that the model does not know resemble each other.
    return [match._replace(score=match.score * found.known) for match in stated]


def find_candidates(
    engine: PassageIndex,
    source: FacetSource,
    vectors: VectorSource,
    model: GistModel,
    text: str,
    options: SearchOptions = _DEFAULT_OPTIONS,
    tracks: Collection[int] | None = None,
) -> _Candidates | None:
    """Return the sentences that are compared with *text*, with their features; None if there are none."""
    from ..engines.gist.sentence_scores import embed_query_words
    from ..engines.gist.word_vectors import load_word_vectors

    words = text.split()[:_MAX_QUERY_WORDS]
    tokens = tuple(normalize_words(words)[0])
    if not tokens:
        return None
    table = load_word_vectors()
    known = model.measure_known(" ".join(words))
    if not known or not _has_topic(table, tokens):
        return None
    known_words = table.measure_known(" ".join(words))  # not of the tokens, which have lost their marks
    query = embed_query_words(table, tokens, known=known_words)
    read = read_query(model, " ".join(words))
    nearest = vectors.nearest(read.vector, limit=_WINDOWS_BY_MEANING, tracks=tracks)
    node = apply_filters(WordsQuery(tokens, inflect_tokens(tokens)), options)
    by_words = [passage for passage, _ in engine.find_candidates(node, limit=_PASSAGES_BY_WORDS)]
    check_cpu_time()
    windows = _NearWindows(nearest)
    passages = _choose_passages(source, table, query, windows, by_words)
    sentences, features = _compare(source, table, tokens, known_words, passages, windows)
    return _Candidates(sentences, features, read, known, windows) if len(sentences.first) else None


def _has_topic(table: WordVectors, tokens: Sequence[str]) -> bool:
    """Return whether *tokens* are not only function words; those that the table does not know may be others."""
    _, weights = table.look_up(tokens)
    return bool(weights.max() >= _MIN_TOPIC_WEIGHT or not weights.all())


def read_query(model: GistModel, text: str) -> ReadText:
    """Return what *model* has read of the query *text*; without words if it does not read sentences."""
    if isinstance(model, SentenceReader):
        return model.read_query(text)
    vectors = model.embed([text])
    return ReadText(vectors[0], vectors[:0])


def _choose_passages(
    source: FacetSource, table: WordVectors, query: QueryVectors, windows: _NearWindows, by_words: Sequence[int]
) -> list[int]:
    """Return the passages to compare: the best ones by the nearness of a window and the similarity of their words."""
    from ..engines.gist.sentence_scores import score_passages

    nearness = windows.by_passage()
    texts = source.passage_texts(list(dict.fromkeys((*nearness, *by_words))))
    likeness = score_passages(table, query, list(texts.values()))
    scores = {
        passage: float(score) + _LIKENESS_PER_NEARNESS * nearness.get(passage, 0.0)
        for passage, score in zip(texts, likeness, strict=True)
    }
    return sorted(scores, key=lambda passage: (-scores[passage], passage))[:_MAX_COMPARED_PASSAGES]


def _compare(
    source: FacetSource,
    table: WordVectors,
    query: Sequence[str],
    known: float,
    passages: Sequence[int],
    windows: _NearWindows,
) -> tuple[_Sentences, NDArray[Any]]:
    """Return the sentences of *passages*, and their features and the nearness of their windows as rows."""
    import numpy as np

    from ..engines.gist.sentence_scores import SentenceText, compare_sentences

    parts = list(_read_parts(source, passages))
    texts = [SentenceText(part.said.tokens, [end - first for first, end in part.spans]) for part in parts]
    features = compare_sentences(table, query, texts, known=known)
    rows = [
        (owner, part.track, part.base + first, part.base + end, at in part.whole and end - first >= _FRAGMENT_TOKENS)
        for owner, part in enumerate(parts)
        for at, (first, end) in enumerate(part.spans)
    ]
    owner, track, first, end, may_be_hit = np.array(rows, np.int64).reshape(-1, 5).T
    near = windows.around(pack_key(track, first), pack_key(track, end))
    places = np.flatnonzero(may_be_hit)
    return _Sentences(parts, owner, track, first, end).select(places), np.column_stack([features, near])[places]


def read_best(model: SentenceReader, found: _Candidates) -> _Candidates:
    """Return the best of *found*, by their features, with two more, for which *model* reads each sentence.

    One is the nearness of the sentence itself, the other the similarity of its words in their context, in deviations of
    the sentences that are read.
    """
    import numpy as np

    best = np.argsort(-(found.features @ _WINDOW_WEIGHTS), kind="stable")[:_READ_SENTENCES]
    chosen = found.sentences.select(best)
    cosines, likeness = model.compare(found.query, list(chosen.texts())).T
    near = [found.windows.measure(cosine) for cosine in cosines.tolist()]
    alike = (likeness - likeness.mean()) / max(float(likeness.std()), _MIN_DEVIATION)
    return found._replace(sentences=chosen, features=np.column_stack([found.features[best], near, alike]))


def _read_parts(source: FacetSource, passages: Sequence[int]) -> Iterator[_Part]:
    """Yield the words around *passages* that have sentences, in order."""
    ranges = list(_join_passages(passages))
    for each, said in zip(ranges, source.word_slices(ranges), strict=True):
        check_cpu_time()
        spans = _sentence_spans(said) if said.text else []
        if spans:
            first = int(each.first > 0 and len(spans) > 1)
            has_more = len(said.word_index) >= (each.last - each.first + 1) * STRIDE
            last = len(spans) - int(has_more and len(spans) > 1)
            yield _Part(each.track, each.first * STRIDE, said, spans, range(first, last))


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


def _sentence_spans(said: TranscriptWords) -> list[tuple[int, int]]:
    """Return the first token of each sentence, and the one after its last; together they are all tokens."""
    starts = [said.count_tokens(word) for word in (0, *split_sentences(said)[:-1])]
    return [(first, last) for first, last in pairwise((*starts, len(said.word_index))) if last > first]


def _drop_overlapping(found: Iterable[Match], limit: int) -> Iterator[Match]:
    """Yield the first *limit* of *found* that do not overlap a better one."""
    taken: dict[int, DisjointRanges] = {}
    for match in found:
        if not limit:
            return
        if taken.setdefault(match.track, DisjointRanges()).add_if_free(match.first, match.last + 1):
            limit -= 1
            yield match


def _state_probabilities(ranked: Sequence[Match], calibration: Sequence[float], windows: int) -> list[Match]:
    """Return *ranked*, best first, with the probability that each is right instead of its score."""
    terms = describe_scores([match.score for match in ranked], windows)
    odds = [sum(weight * term for weight, term in zip(calibration, each, strict=True)) for each in terms]
    return [match._replace(score=1 / (1 + exp(-odd))) for match, odd in zip(ranked, odds, strict=True)]


def describe_scores(scores: Sequence[float], windows: int) -> list[tuple[float, float, float, float]]:
    """Return of each of *scores*, best first, what its probability depends on: see `_WORD_CALIBRATION`.

    The more *windows* an index has, the more likely is a sentence in it that only resembles the query.
    """
    scores = [min(score, _MAX_SCORE) for score in scores]
    if not scores:
        return []
    best = scores[:_COMPARED_SCORES]
    total = best[0] + log(sum(exp(score - best[0]) for score in best))
    return [(best[0], score - total, log(max(windows, 1)), 1.0) for score in scores]
