"""Translate queries for texts to queries on the documents of videos and articles."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from ...model import And, DateRange, FieldTerm, Not, Or, PhraseQuery, PrefixQuery, Proximity, QueryNode, WordsQuery
from ...transcripts.field_tokens import date_number
from ..texts import MAX_QUERY_WORDS
from .client import JsonObject

MATCH_NONE: JsonObject = {"match_none": {}}

FieldTranslator = Callable[[FieldTerm], JsonObject]
"""Returns the query of a field that filters videos or articles."""


def translate_text_node(node: QueryNode, field: str, translate_field: FieldTranslator) -> JsonObject:
    """Return the query of the documents whose text in *field* matches *node*."""
    match node:
        case WordsQuery():
            words = dict.fromkeys(node.tokens[:MAX_QUERY_WORDS])
            return match_every([{"term": {field: word}} for word in words]) if words else MATCH_NONE
        case PhraseQuery():
            return match_phrase(field, node.tokens)
        case PrefixQuery():
            return {"prefix": {field: node.prefix}} if node.prefix else MATCH_NONE
        case Proximity():
            return _match_near(field, list(dict.fromkeys(node.tokens)), node.distance)
        case FieldTerm():
            return translate_field(node)
        case DateRange():
            return _match_date(node)
        case And():
            return match_every([translate_text_node(each, field, translate_field) for each in node.nodes])
        case Or():
            alternatives = [translate_text_node(each, field, translate_field) for each in node.nodes]
            return {"bool": {"should": alternatives, "minimum_should_match": 1}}
        case Not():
            return {"bool": {"must_not": [translate_text_node(node.node, field, translate_field)]}}


def match_every(queries: Sequence[JsonObject]) -> JsonObject:
    """Return a query that matches what all of *queries* match, without a score."""
    return {"bool": {"filter": list(queries)}}


def match_phrase(field: str, tokens: Sequence[str]) -> JsonObject:
    """Return a query for *tokens* side by side."""
    if not tokens:
        return MATCH_NONE
    return {"term": {field: tokens[0]}} if len(tokens) == 1 else {"match_phrase": {field: " ".join(tokens)}}


def match_field(field: str, node: FieldTerm) -> JsonObject:
    """Return a query for the tokens of *node* in a field that filters."""
    if not node.is_prefix or not node.tokens:
        return match_phrase(field, node.tokens)
    if len(node.tokens) == 1:
        return {"prefix": {field: node.tokens[0]}}
    return {"match_phrase_prefix": {field: {"query": " ".join(node.tokens), "max_expansions": 10_000}}}


def list_field_terms(node: QueryNode) -> Iterator[FieldTerm]:
    """Yield the fields in a query."""
    match node:
        case FieldTerm():
            yield node
        case And() | Or():
            for each in node.nodes:
                yield from list_field_terms(each)
        case Not():
            yield from list_field_terms(node.node)


def _match_near(field: str, tokens: Sequence[str], distance: int) -> JsonObject:
    if len(tokens) < 2:
        return match_phrase(field, tokens)
    clauses = [{"span_term": {field: token}} for token in tokens]
    return {"span_near": {"clauses": clauses, "slop": max(0, distance + 1 - len(tokens)), "in_order": False}}


def _match_date(dated: DateRange) -> JsonObject:
    low = date_number(dated.after) if dated.after else 1
    high = date_number(dated.before, pad="9") if dated.before else 99_999_999
    return {"range": {"text_date": {"gte": max(low, 1), "lte": high}}}
