"""Runs queries on the segments of a Whoosh index: sets of documents, and scores for `WordsQuery`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from heapq import nsmallest
from itertools import chain, combinations, islice
from typing import NamedTuple

from ...model import And, DateRange, FieldTerm, Not, Or, PhraseQuery, PrefixQuery, Proximity, QueryNode, WordsQuery
from ..base import PassageCandidate
from ..cpu_limit import check_cpu_time
from ..terms import (
    FIELD_NAMES,
    MAX_TOKEN_CHARS,
    QueryTerm,
    date_number,
    is_scored,
    make_pair_terms,
    padded,
    select_terms,
    truncate_tokens,
)
from .postings import Postings
from .segment_builder import MAX_SUFFIX_TOKENS
from .segment_reader import SegmentReader

_MAX_POSTINGS_READ = 30_000
"""Maximum postings to read for a quote, rarest terms first; the remaining terms are too frequent to select."""

_MIN_RESCORED_DOCUMENTS = 250
"""Minimum number of leading documents whose texts are read to score the remaining terms."""

_MAX_TIED_FACTOR = 4
"""Maximum factor by which that number grows if documents tie for the last place."""

_MAX_CACHED_TEXTS = 5000
"""Maximum texts that one query keeps, about 6 MB."""

SegmentScores = list[dict[int, float]]
"""For each segment, the matching documents with their scores."""

DocumentSets = list[set[int]]
"""For each segment, the matching documents."""


TextCheck = Callable[[int, int], bool]
"""Reads the text of a document of a segment, both by number, and returns whether it matches."""


class CandidateSet(NamedTuple):
    """Documents that may match, and a check that they must still pass, which is slow."""

    sets: DocumentSets
    text_check: TextCheck | None = None


class WhooshQueryRunner:
    """Runs one query on one snapshot of the index."""

    def __init__(self, segments: Sequence[SegmentReader], *, limit: int) -> None:
        self._segments = segments
        self._limit = limit
        self._rescored_count = max(_MIN_RESCORED_DOCUMENTS, 2 * limit)
        self._passage_count = max(1, sum(segment.live_count for segment in segments))
        self._text_cache: dict[tuple[int, int], str] = {}
        self._postings_cache: dict[tuple[str, str], list[Postings | None]] = {}

    def find_best(self, query: QueryNode) -> list[PassageCandidate]:
        """Return the best passages, best first; equal scores are ordered by passage id."""
        if not is_scored(query):
            return self._find_lowest_ids(self._find_candidates(query))
        found: list[PassageCandidate] = []
        for segment, scores in zip(self._segments, self._score_node(query), strict=True):
            ids = segment.passage_ids
            top = nsmallest(self._limit, ((-score, ids[number]) for number, score in scores.items()))
            found += (PassageCandidate(passage, -negative) for negative, passage in top)
        return nsmallest(self._limit, found, key=lambda each: (-each.score, each.passage_id))

    def _find_lowest_ids(self, found: CandidateSet) -> list[PassageCandidate]:
        """Return the passages with the lowest ids; stop reading texts once there are enough."""
        ordered: list[tuple[int, int, int]] = []
        for place, (segment, numbers) in enumerate(zip(self._segments, found.sets, strict=True)):
            each = ((segment.passage_ids[number], place, number) for number in numbers)
            ordered += each if found.text_check else nsmallest(self._limit, each)
        check = found.text_check
        kept = (
            PassageCandidate(passage, 0.0)
            for passage, place, number in sorted(ordered)
            if check is None or check(place, number)
        )
        return list(islice(kept, self._limit))

    # Scored nodes

    def _score_node(self, node: QueryNode) -> SegmentScores:
        match node:
            case WordsQuery():
                return self._score_words(node, None)
            case And() if is_scored(node):
                return self._score_and(node)
            case Or() if is_scored(node):
                return [_sum_scores(found) for found in zip(*map(self._score_node, node.nodes), strict=True)]
            case _:
                return [dict.fromkeys(found, 0.0) for found in self._match_node(node)]

    def _score_and(self, node: And) -> SegmentScores:
        """Score the scored nodes within the documents that match the others."""
        ranked = [each for each in node.nodes if is_scored(each)]
        # With several scored nodes, a document must match each of them, so each is also a set: so is one with filters.
        holding = [
            each for each in node.nodes if len(ranked) > 1 or not (is_scored(each) and isinstance(each, WordsQuery))
        ]
        within = self._match_node(And(tuple(holding))) if holding else None
        return [
            _sum_scores(found) for found in zip(*(self._score_within(each, within) for each in ranked), strict=True)
        ]

    def _score_within(self, node: QueryNode, within: DocumentSets | None) -> SegmentScores:
        if isinstance(node, WordsQuery):
            return self._score_words(node, within)
        found = self._score_node(node)
        if within is None:
            return found
        return [
            {number: scores.get(number, 0.0) for number in kept} for scores, kept in zip(found, within, strict=True)
        ]

    def _score_words(self, node: WordsQuery, within: DocumentSets | None) -> SegmentScores:
        """Add the weights of shared terms, rarest first; score the frequent ones only for the leading documents."""
        terms = select_terms(node, frequency=self._document_frequency, passage_count=self._passage_count)
        scores: SegmentScores = [{} for _ in self._segments]
        read = 0
        for place, term in enumerate(terms):
            read += term.frequency
            if read > _MAX_POSTINGS_READ and sum(map(len, scores)) >= self._limit:
                return self._rescore_leaders(scores, terms[place:])
            self._add_term_scores(term, scores, within)
        return scores

    def _add_term_scores(self, term: QueryTerm, scores: SegmentScores, within: DocumentSets | None) -> None:
        weight = term.weight
        found = self._find_postings("pairs" if term.is_pair else "words", term.text)
        for place, postings in enumerate(found):
            if postings is None:
                continue
            sums = scores[place]
            get = sums.get
            for number in self._not_deleted(place, postings, within):
                sums[number] = get(number, 0.0) + weight

    def _not_deleted(self, place: int, postings: Postings, within: DocumentSets | None) -> Iterable[int]:
        if within is not None:
            return within[place].intersection(postings.read_documents())
        deleted = self._segments[place].deleted
        return [n for n in postings.read_documents() if n not in deleted] if deleted else postings.read_documents()

    def _rescore_leaders(self, scores: SegmentScores, terms: Sequence[QueryTerm]) -> SegmentScores:
        """Return the leading documents with the weights of those of *terms* added that their texts contain."""
        wanted = [(padded(term), term.weight) for term in terms]
        rescored: SegmentScores = [{} for _ in self._segments]
        for score, place, number in self._find_leaders(scores):
            text = f" {self._segments[place].read_text(number)} "
            rescored[place][number] = score + sum(weight for shared, weight in wanted if shared in text)
        return rescored

    def _find_leaders(self, scores: SegmentScores) -> list[tuple[float, int, int]]:
        """Return the leading documents, and a limited number of those that tie with the last of them."""
        ranked = sorted(chain.from_iterable(sums.values() for sums in scores), reverse=True)
        least = ranked[min(self._rescored_count, len(ranked)) - 1]
        ahead, tied = [], []
        for place, sums in enumerate(scores):
            ahead += [(score, place, number) for number, score in sums.items() if score > least]
            tied += [(score, place, number) for number, score in sums.items() if score == least]
        return ahead + tied[: _MAX_TIED_FACTOR * self._rescored_count]

    # Unscored nodes

    def _match_node(self, node: QueryNode) -> DocumentSets:
        found = self._find_candidates(node)
        check = found.text_check
        check_cpu_time()
        if check is None:
            return found.sets
        return [{n for n in numbers if check(place, n)} for place, numbers in enumerate(found.sets)]

    def _find_candidates(self, node: QueryNode) -> CandidateSet:
        match node:
            case PhraseQuery():
                return self._match_phrase(truncate_tokens(node.tokens))
            case Proximity():
                return self._match_proximity(node)
            case And():
                return self._match_all(node.nodes)
            case Or():
                return self._match_either(node.nodes)
            case _:
                return CandidateSet(self._match_exactly(node))

    def _match_exactly(self, node: QueryNode) -> DocumentSets:
        match node:
            case WordsQuery():
                return self._match_any_word(node)
            case PrefixQuery():
                return self._match_prefix("words", node.prefix[:MAX_TOKEN_CHARS])
            case FieldTerm():
                return self._match_field(node)
            case DateRange():
                return self._match_date_range(node)
            case Not():
                return self._match_not(node)
            case _:
                raise TypeError(node)

    def _match_all(self, nodes: Sequence[QueryNode]) -> CandidateSet:
        """Intersect the sets of all nodes first, so that few texts are left to check."""
        found = [self._find_candidates(each) for each in nodes if not isinstance(each, Not)]
        found = found or [CandidateSet(self._live_documents())]
        sets = [set.intersection(*each) for each in zip(*(loose.sets for loose in found), strict=True)]
        checks = [loose.text_check for loose in found if loose.text_check]
        if excluded := [each.node for each in nodes if isinstance(each, Not)]:
            unwanted = self._match_either(excluded)
            if unwanted.text_check is None:
                sets = [kept - removed for kept, removed in zip(sets, unwanted.sets, strict=True)]
            else:
                checks.append(_negate(unwanted.sets, unwanted.text_check))
        return CandidateSet(sets, (lambda *document: all(check(*document) for check in checks)) if checks else None)

    def _match_either(self, nodes: Sequence[QueryNode]) -> CandidateSet:
        """Unite the sets of all nodes; only documents that are in no set without a check need one."""
        found = [self._find_candidates(each) for each in nodes]
        sure = _unite_sets([loose.sets for loose in found if not loose.text_check], len(self._segments))
        checked = [(loose.sets, loose.text_check) for loose in found if loose.text_check]
        if not checked:
            return CandidateSet(sure)

        def is_match(place: int, number: int) -> bool:
            if number in sure[place]:
                return True
            return any(number in sets[place] and check(place, number) for sets, check in checked)

        return CandidateSet(_unite_sets([sure, *(sets for sets, _ in checked)], len(self._segments)), is_match)

    def _live_documents(self) -> DocumentSets:
        return [segment.live_documents() for segment in self._segments]

    def _match_not(self, node: Not) -> DocumentSets:
        pairs_ = zip(self._live_documents(), self._match_node(node.node), strict=True)
        return [everything - found for everything, found in pairs_]

    def _match_any_word(self, node: WordsQuery) -> DocumentSets:
        terms = select_terms(node, frequency=self._document_frequency, passage_count=self._passage_count)
        found = [self._match_term("pairs" if term.is_pair else "words", term.text) for term in terms]
        return _unite_sets(found, len(self._segments))

    def _match_term(self, field: str, text: str) -> DocumentSets:
        found = self._find_postings(field, text)
        return [set(self._not_deleted(place, p, None)) if p else set() for place, p in enumerate(found)]

    def _match_phrase(self, tokens: Sequence[str]) -> CandidateSet:
        """Intersect the pairs of the phrase; phrases of three tokens or more are then verified in the texts."""
        if len(tokens) < 2:
            return CandidateSet(self._match_term("words", tokens[0] if tokens else ""))
        found = self._match_all_terms("pairs", make_pair_terms(tokens))
        if len(tokens) == 2:
            return CandidateSet(found)
        wanted = f" {' '.join(tokens)} "
        return CandidateSet(found, lambda *document: wanted in self._read_padded_text(*document))

    def _match_all_terms(self, field: str, texts: Sequence[str]) -> DocumentSets:
        """Intersect terms, the rarest first, so that the set becomes empty early if nothing matches."""
        distinct = sorted(dict.fromkeys(texts), key=lambda text: self._field_frequency(field, text))
        found = self._match_term(field, distinct[0])
        for text in distinct[1:]:
            for place, postings in enumerate(self._find_postings(field, text)):
                if found[place]:
                    found[place] = found[place].intersection(postings.read_documents()) if postings else set()
        return found

    def _match_proximity(self, near: Proximity) -> CandidateSet:
        tokens = truncate_tokens(near.tokens)
        if not tokens:
            return CandidateSet([set() for _ in self._segments])
        found = self._match_all_terms("words", tokens)

        def is_match(place: int, number: int) -> bool:
            return _is_within_distance(self._read_padded_text(place, number).split(), tokens, near.distance)

        return CandidateSet(found, is_match)

    def _match_field(self, node: FieldTerm) -> DocumentSets:
        if node.field_name not in FIELD_NAMES or not node.tokens:
            return [set() for _ in self._segments]
        stem = " ".join(truncate_tokens(node.tokens[:MAX_SUFFIX_TOKENS]))
        if node.is_prefix:
            return self._match_prefix(node.field_name, stem)
        return _unite_sets(
            [self._match_term(node.field_name, stem), self._match_prefix(node.field_name, stem + " ")],
            len(self._segments),
        )

    def _match_prefix(self, field: str, stem: str) -> DocumentSets:
        found: DocumentSets = []
        for segment in self._segments:
            numbers: set[int] = set()
            check_cpu_time()
            for _, postings in segment.iterate_prefix(field, stem):
                numbers.update(postings.read_documents())
            found.append(numbers - segment.deleted)
        return found

    def _match_date_range(self, dated: DateRange) -> DocumentSets:
        low = date_number(dated.after) if dated.after else 0
        high = date_number(dated.before, pad="9") if dated.before else 99_999_999
        found: DocumentSets = []
        for segment in self._segments:
            numbers: set[int] = set()
            for term, postings in segment.iterate_prefix("date", ""):
                if low <= int(term.rpartition(b"\0")[2]) <= high:
                    numbers.update(postings.read_documents())
            found.append(numbers - segment.deleted)
        return found

    def _read_padded_text(self, place: int, number: int) -> str:
        """Return the tokens of a document with a space on either side of each; several nodes may check it."""
        text = self._text_cache.get((place, number))
        if text is None:
            check_cpu_time()
            if len(self._text_cache) >= _MAX_CACHED_TEXTS:
                self._text_cache.clear()
            text = self._text_cache[place, number] = f" {self._segments[place].read_text(number)} "
        return text

    # Terms

    def _find_postings(self, field: str, text: str) -> list[Postings | None]:
        found = self._postings_cache.get((field, text))
        if found is None:
            found = [segment.find_term(field, text) for segment in self._segments]
            self._postings_cache[field, text] = found
        return found

    def _document_frequency(self, text: str, is_pair: bool) -> int:
        return self._field_frequency("pairs" if is_pair else "words", text)

    def _field_frequency(self, field: str, text: str) -> int:
        return sum(postings.count for postings in self._find_postings(field, text) if postings)


def _negate(sets: DocumentSets, check: TextCheck) -> TextCheck:
    return lambda place, number: number not in sets[place] or not check(place, number)


def _sum_scores(found: Sequence[dict[int, float]]) -> dict[int, float]:
    sums: dict[int, float] = dict(found[0])
    for scores in found[1:]:
        for number, score in scores.items():
            sums[number] = sums.get(number, 0.0) + score
    return sums


def _unite_sets(found: Sequence[DocumentSets], segments: int) -> DocumentSets:
    return [set().union(*(sets[place] for sets in found)) for place in range(segments)]


def _is_within_distance(text: Sequence[str], tokens: Sequence[str], distance: int) -> bool:
    """Return whether all pairs of *tokens* occur within *distance* positions of each other."""
    places: dict[str, list[int]] = {token: [] for token in tokens}
    for place, token in enumerate(text):
        if token in places:
            places[token].append(place)
    return all(
        any(abs(a - b) <= distance for a in left for b in right) for left, right in combinations(places.values(), 2)
    )
