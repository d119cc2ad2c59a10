"""Where in a passage a query with operators holds: its leaves, found again among the tokens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ..model import And, DateRange, FieldTerm, Not, Or, PhraseQuery, PrefixQuery, Proximity, QueryNode, WordsQuery

_MAX_SPANS = 200  # spans of one node in one passage


class TokenSpan(NamedTuple):
    """Tokens *first* to *last* (included); *matched* are those that make the node hold."""

    first: int
    last: int
    matched: tuple[int, ...]


def find_spans(node: QueryNode, tokens: Sequence[str]) -> list[TokenSpan] | None:
    """Find where *node* holds; None where words do not decide it (fields, dates, exclusions)."""
    match node:
        case WordsQuery():
            return [_span_of_token(place) for place, token in enumerate(tokens) if token in node.tokens][:_MAX_SPANS]
        case PhraseQuery():
            return _find_phrase(node.tokens, tokens)
        case PrefixQuery():
            return [_span_of_token(place) for place, token in enumerate(tokens) if token.startswith(node.prefix)][
                :_MAX_SPANS
            ]
        case Proximity():
            return _find_proximity(node, tokens)
        case And():
            return _find_covers([found for each in node.nodes if (found := find_spans(each, tokens)) is not None])
        case Or():
            return _join_alternatives([find_spans(each, tokens) for each in node.nodes])
        case FieldTerm() | DateRange() | Not():
            return None


def is_decided_by_words(node: QueryNode | None) -> bool:
    """Tell whether what was said decides alone whether *node* holds."""
    match node:
        case And() | Or():
            return all(map(is_decided_by_words, node.nodes))
        case Not():
            return is_decided_by_words(node.node)
    return not isinstance(node, FieldTerm | DateRange)


def _span_of_token(position: int) -> TokenSpan:
    return TokenSpan(position, position, (position,))


def _find_phrase(wanted: Sequence[str], tokens: Sequence[str]) -> list[TokenSpan]:
    size = len(wanted)
    if not size:
        return []
    starts = [place for place, token in enumerate(tokens) if token == wanted[0]]
    found = [place for place in starts if tuple(tokens[place : place + size]) == tuple(wanted)]
    return [TokenSpan(place, place + size - 1, tuple(range(place, place + size))) for place in found[:_MAX_SPANS]]


def _find_proximity(node: Proximity, tokens: Sequence[str]) -> list[TokenSpan]:
    wanted = list(dict.fromkeys(node.tokens))
    found = _find_covers([_find_phrase((token,), tokens) for token in wanted])
    close = [span for span in found if span.last - span.first <= node.distance] if found else []
    return close or (found or [])[:1]


def _join_alternatives(found: Sequence[list[TokenSpan] | None]) -> list[TokenSpan] | None:
    """Join the places of alternatives; None where one holds that words do not decide and no other does."""
    spans_ = sorted(span for each in found if each for span in each)
    return None if not spans_ and any(each is None for each in found) else spans_[:_MAX_SPANS]


def _find_covers(found: Sequence[list[TokenSpan]]) -> list[TokenSpan] | None:
    """Find the shortest stretches that hold one span of each."""
    if not found:
        return None
    if len(found) == 1:
        return found[0]
    if not all(found):
        return []
    marked = sorted((span, group) for group, each in enumerate(found) for span in each)
    latest: list[TokenSpan | None] = [None] * len(found)
    covers: list[TokenSpan] = []
    for span, group in marked[: _MAX_SPANS * 4]:
        latest[group] = span
        held = [each for each in latest if each is not None]
        if len(held) == len(found):
            covers.append(_cover_spans(held))
    return _shortest_covers(covers)


def _cover_spans(spans: Sequence[TokenSpan]) -> TokenSpan:
    matched = tuple(sorted({place for span in spans for place in span.matched}))
    return TokenSpan(min(span.first for span in spans), max(span.last for span in spans), matched)


def _shortest_covers(covers: Iterable[TokenSpan]) -> list[TokenSpan]:
    kept: list[TokenSpan] = []
    for cover in sorted(covers, key=lambda span: (span.last - span.first, span.first)):
        if not any(cover.first <= other.last and other.first <= cover.last for other in kept):
            kept.append(cover)
        if len(kept) >= 20:
            break
    return kept
