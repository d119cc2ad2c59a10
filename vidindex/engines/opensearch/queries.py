"""Translates query nodes into OpenSearch queries."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

from ...model import And, DateRange, FieldTerm, Not, Or, PhraseQuery, PrefixQuery, Proximity, QueryNode, WordsQuery
from ...store.opensearch.client import JsonObject
from ..terms import (
    FIELD_NAMES,
    MAX_TOKEN_CHARS,
    QueryTerm,
    date_number,
    make_pair_terms,
    possible_terms,
    truncate_tokens,
)
from .commit_log import CommitLog, IndexCommit
from .schema import PAIRS_FIELD, WORDS_FIELD

_MAX_PREFIX_EXPANSIONS = 100_000
"""Maximum words that match a prefix at the end of a phrase."""

_MAX_TRACKS_PER_CLAUSE = 50_000
"""Maximum tracks in one clause; the limit of the cluster is 65,536."""

MATCH_NONE: JsonObject = {"match_none": {}}
MATCH_ALL: JsonObject = {"match_all": {}}

TermSelector = Callable[[WordsQuery], list[QueryTerm]]
"""Returns the terms by which to rank passages for a `WordsQuery`."""


def translate_query(node: QueryNode, select_terms: TermSelector) -> JsonObject:
    """Return *node* as an OpenSearch query; `WordsQuery` produces scores, all other nodes match or not."""
    match node:
        case WordsQuery():
            return _words_query(select_terms(node))
        case And() if node.nodes:
            return {"bool": {"must": [translate_query(each, select_terms) for each in node.nodes]}}
        case Or() if node.nodes:
            return match_any([translate_query(each, select_terms) for each in node.nodes])
        case Not():
            return _without_score({"bool": {"must_not": [translate_query(node.node, select_terms)]}})
        case _:
            return _without_score(_unscored_query(node))


def collect_scored_tokens(node: QueryNode) -> Iterator[str]:
    """Yield all tokens by which passages may be ranked."""
    match node:
        case WordsQuery():
            yield from possible_terms(node)
        case And() | Or():
            for each in node.nodes:
                yield from collect_scored_tokens(each)
        case Not():
            yield from collect_scored_tokens(node.node)


def hidden_clauses(log: CommitLog) -> list[JsonObject]:
    """Return the clauses that match hidden passages; they cost nothing while no commit is in progress."""
    later = {"range": {"commit": {"gt": log.last}}}
    old = [
        _match_replaced_by(commit, tracks)
        for commit in log.published_commits
        for tracks in _chunk_tracks(commit.tracks)
    ]
    return [later, {"terms": {"commit": log.hidden_numbers}}, *old]


def match_replaced(log: CommitLog, commit: IndexCommit, tracks: Sequence[int]) -> JsonObject:
    """Return a query for the passages of *tracks* that *commit* replaces, without those of commits in progress."""
    later = {"range": {"commit": {"gt": log.last}}}
    writing = {"terms": {"commit": log.hidden_numbers}}
    return {"bool": {"filter": [_match_replaced_by(commit, tracks)], "must_not": [later, writing]}}


def match_written_by(commit: IndexCommit) -> JsonObject:
    """Return a query for the passages that *commit* wrote."""
    return {"term": {"commit": commit.number}}


def chunk_commit_tracks(commit: IndexCommit) -> Iterator[tuple[int, ...]]:
    """Yield the tracks of *commit* in chunks that fit into one query."""
    return _chunk_tracks(commit.tracks)


def match_any(queries: Sequence[JsonObject]) -> JsonObject:
    """Return a query that matches what any of *queries* matches; scores add up."""
    return {"bool": {"should": list(queries), "minimum_should_match": 1}}


def match_tracks(tracks: Sequence[int]) -> list[JsonObject]:
    """Return queries for the documents of *tracks*, each small enough for the cluster."""
    return [{"terms": {"track": list(chunk)}} for chunk in _chunk_tracks(tracks)]


def _chunk_tracks(tracks: Sequence[int]) -> Iterator[tuple[int, ...]]:
    return (tuple(tracks[at : at + _MAX_TRACKS_PER_CLAUSE]) for at in range(0, len(tracks), _MAX_TRACKS_PER_CLAUSE))


def _match_replaced_by(commit: IndexCommit, tracks: Sequence[int]) -> JsonObject:
    return {"bool": {"filter": [{"terms": {"track": list(tracks)}}], "must_not": [match_written_by(commit)]}}


def _without_score(query: JsonObject) -> JsonObject:
    return {"constant_score": {"filter": query, "boost": 0.0}}


def _words_query(terms: Sequence[QueryTerm]) -> JsonObject:
    return match_any([_scored_term_query(term) for term in terms]) if terms else MATCH_NONE


def _scored_term_query(term: QueryTerm) -> JsonObject:
    held = {"term": {PAIRS_FIELD if term.is_pair else WORDS_FIELD: term.text}}
    return {"constant_score": {"filter": held, "boost": term.weight}}


def _unscored_query(node: QueryNode) -> JsonObject:
    match node:
        case PhraseQuery():
            return _phrase_query(WORDS_FIELD, truncate_tokens(node.tokens))
        case PrefixQuery():
            return {"prefix": {WORDS_FIELD: node.prefix[:MAX_TOKEN_CHARS]}}
        case Proximity():
            return _proximity_query(node)
        case FieldTerm():
            return _field_query(node)
        case DateRange():
            return _date_query(node)
        case And():
            return MATCH_ALL
        case _:
            return MATCH_NONE


def _phrase_query(field: str, tokens: Sequence[str]) -> JsonObject:
    if not tokens:
        return MATCH_NONE
    if len(tokens) == 1:
        return {"term": {field: tokens[0]}}
    if len(tokens) == 2 and field == WORDS_FIELD:
        return {"term": {PAIRS_FIELD: make_pair_terms(tokens)[0]}}
    return {"match_phrase": {field: " ".join(tokens)}}


def _proximity_query(near: Proximity) -> JsonObject:
    tokens = list(dict.fromkeys(truncate_tokens(near.tokens)))
    if len(tokens) < 2:
        return _phrase_query(WORDS_FIELD, tokens)
    return {
        "bool": {
            "filter": [_within_distance_query(left, right, near.distance) for left, right in combinations(tokens, 2)]
        }
    }


def _within_distance_query(left: str, right: str, distance: int) -> JsonObject:
    both = [{"span_term": {WORDS_FIELD: left}}, {"span_term": {WORDS_FIELD: right}}]
    return {"span_near": {"clauses": both, "slop": max(0, distance - 1), "in_order": False}}


def _field_query(node: FieldTerm) -> JsonObject:
    tokens = truncate_tokens(node.tokens)
    if node.field_name not in FIELD_NAMES:
        return MATCH_NONE
    if not node.is_prefix or not tokens:
        return _phrase_query(node.field_name, tokens)
    if len(tokens) == 1:
        return {"prefix": {node.field_name: tokens[0]}}
    return {
        "match_phrase_prefix": {node.field_name: {"query": " ".join(tokens), "max_expansions": _MAX_PREFIX_EXPANSIONS}}
    }


def _date_query(dated: DateRange) -> JsonObject:
    low = date_number(dated.after) if dated.after else 1
    high = date_number(dated.before, pad="9") if dated.before else 99_999_999
    return {"range": {"date": {"gte": max(low, 1), "lte": high}}}
