"""Finds the filter values of a search that no video has, and similar ones that some have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..engines.base import PassageIndex
from ..engines.terms import tokenize_field
from ..errors import QuerySyntaxError
from ..model import And, FieldTerm, QueryNode
from .filters import filter_values
from .options import SearchOptions
from .query import parse_query

_MAX_SIMILAR = 3
_MIN_SIMILARITY = 60.0
_MIN_PARTIAL_CHARS = 5  # a shorter value resembles a part of almost anything


@dataclass(frozen=True, slots=True)
class UnknownValue:
    """A *value* of the filter *name* that no video has, with similar values that some have."""

    name: str
    value: str
    similar: tuple[str, ...] = ()


def find_unknown_values(engine: PassageIndex, text: str, options: SearchOptions) -> Iterator[UnknownValue]:
    """Yield the values of the filters of *options* and of the fields in *text* that no passage has."""
    given = [(name, value) for name, value in filter_values(options) if value]
    values = list(dict.fromkeys((*given, *_query_fields(text))))
    terms = [FieldTerm(name, tuple(tokenize_field(value))) for name, value in values]
    for (name, value), term, is_matched in zip(values, terms, engine.find_matched(terms), strict=True):
        if not term.tokens or not is_matched:
            yield UnknownValue(name, value)


def _query_fields(text: str) -> list[tuple[str, str]]:
    """Return the fields that must match in the query *text*."""
    try:
        query = parse_query(text)
    except QuerySyntaxError:
        return []
    return [(term.field_name, " ".join(term.tokens)) for term in _required_terms(query.node) if not term.is_prefix]


def _required_terms(node: QueryNode | None) -> Iterator[FieldTerm]:
    match node:
        case FieldTerm():
            yield node
        case And(nodes):
            for each in nodes:
                yield from _required_terms(each)


def find_similar_values(value: str, known: Mapping[str, int]) -> tuple[str, ...]:
    """Return the *known* values (with their frequencies) that resemble *value*, else the most frequent ones."""
    from rapidfuzz import fuzz, process

    folded = {text: " ".join(tokenize_field(text)) for text in known}
    wanted = " ".join(tokenize_field(value))
    scorer = fuzz.WRatio if len(wanted) >= _MIN_PARTIAL_CHARS else fuzz.ratio
    found = process.extract(wanted, folded, scorer=scorer, score_cutoff=_MIN_SIMILARITY, limit=_MAX_SIMILAR)
    similar = [text for _, _, text in found]
    return tuple(similar or sorted(known, key=lambda text: (-known[text], text))[:_MAX_SIMILAR])


def count_values(values: Iterable[str]) -> Mapping[str, int]:
    """Count *values*, without empty ones."""
    return Counter(filter(None, values))
