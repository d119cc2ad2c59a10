"""What vidindex asks, in the words of OpenSearch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

from ...model import And, Dated, InField, Near, Node, Not, Or, Phrase, Prefix, Words
from ...store.opensearch.client import Json
from ..terms import FIELDS, MAX_TOKEN, Term, clipped, day, pairs, told
from .commit_log import Commit, Ledger
from .schema import PAIRS, WORDS

_EXPANSIONS = 100_000
"""Words that a stem at the end of a phrase may stand for."""

_TERMS = 50_000
"""Tracks that one clause may name; the cluster takes 65,536."""

NOTHING: Json = {"match_none": {}}
EVERYTHING: Json = {"match_all": {}}

Choice = Callable[[Words], list[Term]]
"""The terms by which to rank."""


def translate(node: Node, choose: Choice) -> Json:
    """Write *node* as a query: `Words` give scores, all else holds or does not."""
    match node:
        case Words():
            return _words(choose(node))
        case And() if node.nodes:
            return {"bool": {"must": [translate(each, choose) for each in node.nodes]}}
        case Or() if node.nodes:
            return any_of([translate(each, choose) for each in node.nodes])
        case Not():
            return _filter({"bool": {"must_not": [translate(node.node, choose)]}})
        case _:
            return _filter(_held(node))


def asked_words(node: Node) -> Iterator[str]:
    """Give all tokens by which passages may be ranked."""
    match node:
        case Words():
            yield from told(node)
        case And() | Or():
            for each in node.nodes:
                yield from asked_words(each)
        case Not():
            yield from asked_words(node.node)


def unseen(ledger: Ledger) -> list[Json]:
    """Name what a search at the moment of *ledger* may not see; where nothing is under way, this costs nothing."""
    later = {"range": {"commit": {"gt": ledger.last}}}
    old = [_replaced_by(commit, tracks) for commit in ledger.published for tracks in _some(commit.tracks)]
    return [later, {"terms": {"commit": ledger.hidden}}, *old]


def replaced(ledger: Ledger, commit: Commit, tracks: Sequence[int]) -> Json:
    """Name what *commit* replaces of *tracks* at the moment of *ledger*: nothing of those that are still writing."""
    later = {"range": {"commit": {"gt": ledger.last}}}
    writing = {"terms": {"commit": ledger.hidden}}
    return {"bool": {"filter": [_replaced_by(commit, tracks)], "must_not": [later, writing]}}


def written_by(commit: Commit) -> Json:
    """Name all that *commit* wrote."""
    return {"term": {"commit": commit.number}}


def some_tracks(commit: Commit) -> Iterator[tuple[int, ...]]:
    """Give its tracks, no more at a time than one query may name."""
    return _some(commit.tracks)


def any_of(queries: Sequence[Json]) -> Json:
    """Let through what one of *queries* does; scores add up."""
    return {"bool": {"should": list(queries), "minimum_should_match": 1}}


def _some(tracks: Sequence[int]) -> Iterator[tuple[int, ...]]:
    return (tuple(tracks[at : at + _TERMS]) for at in range(0, len(tracks), _TERMS))


def _replaced_by(commit: Commit, tracks: Sequence[int]) -> Json:
    return {"bool": {"filter": [{"terms": {"track": list(tracks)}}], "must_not": [written_by(commit)]}}


def _filter(query: Json) -> Json:
    return {"constant_score": {"filter": query, "boost": 0.0}}


def _words(terms: Sequence[Term]) -> Json:
    return any_of([_scored(term) for term in terms]) if terms else NOTHING


def _scored(term: Term) -> Json:
    held = {"term": {PAIRS if term.is_pair else WORDS: term.text}}
    return {"constant_score": {"filter": held, "boost": term.weight}}


def _held(node: Node) -> Json:
    match node:
        case Phrase():
            return _phrase(WORDS, clipped(node.tokens))
        case Prefix():
            return {"prefix": {WORDS: node.stem[:MAX_TOKEN]}}
        case Near():
            return _near(node)
        case InField():
            return _field(node)
        case Dated():
            return _dated(node)
        case And():
            return EVERYTHING
        case _:
            return NOTHING


def _phrase(field: str, tokens: Sequence[str]) -> Json:
    if not tokens:
        return NOTHING
    if len(tokens) == 1:
        return {"term": {field: tokens[0]}}
    if len(tokens) == 2 and field == WORDS:
        return {"term": {PAIRS: pairs(tokens)[0]}}
    return {"match_phrase": {field: " ".join(tokens)}}


def _near(near: Near) -> Json:
    tokens = list(dict.fromkeys(clipped(near.tokens)))
    if len(tokens) < 2:
        return _phrase(WORDS, tokens)
    return {"bool": {"filter": [_close(left, right, near.distance) for left, right in combinations(tokens, 2)]}}


def _close(left: str, right: str, distance: int) -> Json:
    both = [{"span_term": {WORDS: left}}, {"span_term": {WORDS: right}}]
    return {"span_near": {"clauses": both, "slop": max(0, distance - 1), "in_order": False}}


def _field(node: InField) -> Json:
    tokens = clipped(node.tokens)
    if node.name not in FIELDS:
        return NOTHING
    if not node.prefix or not tokens:
        return _phrase(node.name, tokens)
    if len(tokens) == 1:
        return {"prefix": {node.name: tokens[0]}}
    return {"match_phrase_prefix": {node.name: {"query": " ".join(tokens), "max_expansions": _EXPANSIONS}}}


def _dated(dated: Dated) -> Json:
    low = day(dated.after) if dated.after else 1
    high = day(dated.before, pad="9") if dated.before else 99_999_999
    return {"range": {"date": {"gte": max(low, 1), "lte": high}}}
