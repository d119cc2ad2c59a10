"""Evaluate a query over the segments of a whoosh index: sets of documents, and scores for `Words`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from heapq import nsmallest
from itertools import chain, combinations, islice
from typing import NamedTuple

from ...model import And, Dated, InField, Near, Node, Not, Or, Phrase, Prefix, Words
from ..base import Candidate
from ..terms import FIELDS, MAX_TOKEN, Term, clipped, day, pairs, ranks, select, spaced
from .postings import Postings
from .segment_reader import Segment
from .segment_writer import SUFFIX_TOKENS

_POSTINGS = 30_000
"""Documents read for a quote, rarest terms first: beyond it a term is too frequent to find anything by."""

_AHEAD = 250
"""Documents whose texts are read to settle their order by the terms not read."""

_TIED = 4
"""How many times as many are read where more tie for the last place."""


Scores = list[dict[int, float]]
"""What was found in each segment: documents with their scores."""

Sets = list[set[int]]
"""The documents of each segment for which something holds."""


class Loose(NamedTuple):
    """Documents for which something may hold, and what their texts, spaces around, must still pass."""

    sets: Sets
    check: Callable[[str], bool] | None = None


class Search:
    """One query over one state of the index."""

    def __init__(self, segments: Sequence[Segment], *, limit: int) -> None:
        self._segments = segments
        self._limit = limit
        self._ahead = max(_AHEAD, 2 * limit)
        self._passages = max(1, sum(segment.size for segment in segments))
        self._looked_up: dict[tuple[str, str], list[Postings | None]] = {}

    def best(self, query: Node) -> list[Candidate]:
        """Give the best passages, best first, equal scores by passage id."""
        if not ranks(query):
            return self._first(self._loose(query))
        found: list[Candidate] = []
        for segment, scores in zip(self._segments, self._scores(query), strict=True):
            ids = segment.ids
            top = nsmallest(self._limit, ((-score, ids[number]) for number, score in scores.items()))
            found += (Candidate(passage, -negative) for negative, passage in top)
        return nsmallest(self._limit, found, key=lambda each: (-each.score, each.passage))

    def _first(self, found: Loose) -> list[Candidate]:
        """Give the passages with the lowest ids; texts are read only until there are enough."""
        ordered: list[tuple[int, int, int]] = []
        for place, (segment, numbers) in enumerate(zip(self._segments, found.sets, strict=True)):
            each = ((segment.ids[number], place, number) for number in numbers)
            ordered += each if found.check else nsmallest(self._limit, each)
        check = found.check
        kept = (
            Candidate(passage, 0.0)
            for passage, place, number in sorted(ordered)
            if check is None or check(f" {self._segments[place].text(number)} ")
        )
        return list(islice(kept, self._limit))

    # What ranks

    def _scores(self, node: Node) -> Scores:
        match node:
            case Words():
                return self._words(node, None)
            case And() if ranks(node):
                return self._and(node)
            case Or() if ranks(node):
                return [_sum(found) for found in zip(*map(self._scores, node.nodes), strict=True)]
            case _:
                return [dict.fromkeys(found, 0.0) for found in self._sets(node)]

    def _and(self, node: And) -> Scores:
        """Rank by what ranks, within what holds."""
        ranked = [each for each in node.nodes if ranks(each)]
        # What holds for one word list need not for another: then each is also taken as a set.
        holding = [each for each in node.nodes if len(ranked) > 1 or not ranks(each)]
        within = self._sets(And(tuple(holding))) if holding else None
        return [_sum(found) for found in zip(*(self._within(each, within) for each in ranked), strict=True)]

    def _within(self, node: Node, within: Sets | None) -> Scores:
        if isinstance(node, Words):
            return self._words(node, within)
        found = self._scores(node)
        if within is None:
            return found
        return [
            {number: scores.get(number, 0.0) for number in kept} for scores, kept in zip(found, within, strict=True)
        ]

    def _words(self, node: Words, within: Sets | None) -> Scores:
        """Add up the weights of shared terms, rarest first; the frequent rest only for those ahead by then."""
        terms = select(node, frequency=self._frequency, passages=self._passages)
        scores: Scores = [{} for _ in self._segments]
        read = 0
        for place, term in enumerate(terms):
            read += term.frequency
            if read > _POSTINGS and sum(map(len, scores)) >= self._limit:
                return self._settled(scores, terms[place:])
            self._add(term, scores, within)
        return scores

    def _add(self, term: Term, scores: Scores, within: Sets | None) -> None:
        weight = term.weight
        found = self._lookup("pairs" if term.is_pair else "words", term.text)
        for place, postings in enumerate(found):
            if postings is None:
                continue
            sums = scores[place]
            get = sums.get
            for number in self._living(place, postings, within):
                sums[number] = get(number, 0.0) + weight

    def _living(self, place: int, postings: Postings, within: Sets | None) -> Iterable[int]:
        if within is not None:
            return within[place].intersection(postings.ids())
        deleted = self._segments[place].deleted
        return [n for n in postings.ids() if n not in deleted] if deleted else postings.ids()

    def _settled(self, scores: Scores, terms: Sequence[Term]) -> Scores:
        """Keep the documents ahead, and add to them what their texts share of *terms*."""
        wanted = [(spaced(term), term.weight) for term in terms]
        settled: Scores = [{} for _ in self._segments]
        for score, place, number in self._leaders(scores):
            text = f" {self._segments[place].text(number)} "
            settled[place][number] = score + sum(weight for shared, weight in wanted if shared in text)
        return settled

    def _leaders(self, scores: Scores) -> list[tuple[float, int, int]]:
        """Give the documents ahead, with those that tie with the last of them, within reason."""
        ranked = sorted(chain.from_iterable(sums.values() for sums in scores), reverse=True)
        least = ranked[min(self._ahead, len(ranked)) - 1]
        ahead, tied = [], []
        for place, sums in enumerate(scores):
            ahead += [(score, place, number) for number, score in sums.items() if score > least]
            tied += [(score, place, number) for number, score in sums.items() if score == least]
        return ahead + tied[: _TIED * self._ahead]

    # What holds or does not

    def _sets(self, node: Node) -> Sets:
        found = self._loose(node)
        check = found.check
        if check is None:
            return found.sets
        each = zip(self._segments, found.sets, strict=True)
        return [{n for n in numbers if check(f" {segment.text(n)} ")} for segment, numbers in each]

    def _loose(self, node: Node) -> Loose:
        match node:
            case Phrase():
                return self._phrase(clipped(node.tokens))
            case Near():
                return self._near(node)
            case And():
                return self._all_of(node.nodes)
            case _:
                return Loose(self._settled_sets(node))

    def _settled_sets(self, node: Node) -> Sets:
        match node:
            case Words():
                return self._any_word(node)
            case Prefix():
                return self._stem("words", node.stem[:MAX_TOKEN])
            case InField():
                return self._field(node)
            case Dated():
                return self._dated(node)
            case Not():
                return self._not(node)
            case Or():
                return _unions([self._sets(each) for each in node.nodes], len(self._segments))
            case _:
                raise TypeError(node)

    def _all_of(self, nodes: Sequence[Node]) -> Loose:
        """Intersect what is cheap to know, so that few texts are left to check."""
        if not nodes:
            return Loose(self._everything())
        found = [self._loose(each) for each in nodes]
        sets = [set.intersection(*each) for each in zip(*(loose.sets for loose in found), strict=True)]
        checks = [loose.check for loose in found if loose.check]
        return Loose(sets, (lambda text: all(check(text) for check in checks)) if checks else None)

    def _everything(self) -> Sets:
        return [segment.all() for segment in self._segments]

    def _not(self, node: Not) -> Sets:
        pairs_ = zip(self._everything(), self._sets(node.node), strict=True)
        return [everything - found for everything, found in pairs_]

    def _any_word(self, node: Words) -> Sets:
        terms = select(node, frequency=self._frequency, passages=self._passages)
        found = [self._term("pairs" if term.is_pair else "words", term.text) for term in terms]
        return _unions(found, len(self._segments))

    def _term(self, field: str, text: str) -> Sets:
        found = self._lookup(field, text)
        return [set(self._living(place, p, None)) if p else set() for place, p in enumerate(found)]

    def _phrase(self, tokens: Sequence[str]) -> Loose:
        """Intersect the phrase's pairs; only a longer phrase must be looked up in the texts."""
        if len(tokens) < 2:
            return Loose(self._term("words", tokens[0] if tokens else ""))
        found = self._all_terms("pairs", pairs(tokens))
        wanted = f" {' '.join(tokens)} "
        return Loose(found, (lambda text: wanted in text) if len(tokens) > 2 else None)

    def _all_terms(self, field: str, texts: Sequence[str]) -> Sets:
        """Intersect terms, the rarest first, so that a phrase nobody said is given up early."""
        distinct = sorted(dict.fromkeys(texts), key=lambda text: self._frequency_in(field, text))
        found = self._term(field, distinct[0])
        for text in distinct[1:]:
            for place, postings in enumerate(self._lookup(field, text)):
                if found[place]:
                    found[place] = found[place].intersection(postings.ids()) if postings else set()
        return found

    def _near(self, near: Near) -> Loose:
        tokens = clipped(near.tokens)
        if not tokens:
            return Loose([set() for _ in self._segments])
        found = self._all_terms("words", tokens)
        return Loose(found, lambda text: _close(text.split(), tokens, near.distance))

    def _field(self, node: InField) -> Sets:
        if node.name not in FIELDS or not node.tokens:
            return [set() for _ in self._segments]
        stem = " ".join(clipped(node.tokens[:SUFFIX_TOKENS]))
        if node.prefix:
            return self._stem(node.name, stem)
        return _unions([self._term(node.name, stem), self._stem(node.name, stem + " ")], len(self._segments))

    def _stem(self, field: str, stem: str) -> Sets:
        found: Sets = []
        for segment in self._segments:
            numbers: set[int] = set()
            for _, postings in segment.starting(field, stem):
                numbers.update(postings.ids())
            found.append(numbers - segment.deleted)
        return found

    def _dated(self, dated: Dated) -> Sets:
        low = day(dated.after) if dated.after else 0
        high = day(dated.before, pad="9") if dated.before else 99_999_999
        found: Sets = []
        for segment in self._segments:
            numbers: set[int] = set()
            for term, postings in segment.starting("date", ""):
                if low <= int(term.rpartition(b"\0")[2]) <= high:
                    numbers.update(postings.ids())
            found.append(numbers - segment.deleted)
        return found

    # Terms

    def _lookup(self, field: str, text: str) -> list[Postings | None]:
        found = self._looked_up.get((field, text))
        if found is None:
            found = [segment.term(field, text) for segment in self._segments]
            self._looked_up[field, text] = found
        return found

    def _frequency(self, text: str, is_pair: bool) -> int:
        return self._frequency_in("pairs" if is_pair else "words", text)

    def _frequency_in(self, field: str, text: str) -> int:
        return sum(postings.count for postings in self._lookup(field, text) if postings)


def _sum(found: Sequence[dict[int, float]]) -> dict[int, float]:
    sums: dict[int, float] = dict(found[0])
    for scores in found[1:]:
        for number, score in scores.items():
            sums[number] = sums.get(number, 0.0) + score
    return sums


def _unions(found: Sequence[Sets], segments: int) -> Sets:
    return [set().union(*(sets[place] for sets in found)) for place in range(segments)]


def _close(text: Sequence[str], tokens: Sequence[str], distance: int) -> bool:
    """Tell whether each two of *tokens* stand somewhere within *distance* positions of each other."""
    places: dict[str, list[int]] = {token: [] for token in tokens}
    for place, token in enumerate(text):
        if token in places:
            places[token].append(place)
    return all(
        any(abs(a - b) <= distance for a in left for b in right) for left, right in combinations(places.values(), 2)
    )
