"""Find where in a passage a query with operators matches, by looking for its leaves among the tokens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ..model import And, DateRange, FieldTerm, Not, Or, PhraseQuery, PrefixQuery, Proximity, QueryNode, WordsQuery

_MAX_SPANS = 200  # spans of one node in one passage
_MAX_COVERED_SPANS = 4 * _MAX_SPANS  # spans of all operands of one `And` together
_MAX_COVERS = 20


class TokenSpan(NamedTuple):
    """The tokens *first* to *last*, both included; *matched* are the positions of those that make the node match."""

    first: int
    last: int
    matched: tuple[int, ...]


def find_spans(node: QueryNode, tokens: Sequence[str]) -> list[TokenSpan] | None:
    """Return where *node* matches; None if words do not decide that (fields, dates, exclusions)."""
    match node:
        case WordsQuery():
            return [_span_of_token(at) for at, token in enumerate(tokens) if token in node.tokens][:_MAX_SPANS]
        case PhraseQuery():
            return _find_phrase(node.tokens, tokens)
        case PrefixQuery():
            return [_span_of_token(at) for at, token in enumerate(tokens) if token.startswith(node.prefix)][:_MAX_SPANS]
        case Proximity():
            return _find_proximity(node, tokens)
        case And():
            return _find_covers([spans for each in node.nodes if (spans := find_spans(each, tokens)) is not None])
        case Or():
            return _join_alternatives([find_spans(each, tokens) for each in node.nodes])
        case FieldTerm() | DateRange() | Not():
            return None


def is_decided_by_words(node: QueryNode | None) -> bool:
    """Return whether the spoken words alone decide if *node* matches."""
    match node:
        case And() | Or():
            return all(map(is_decided_by_words, node.nodes))
        case Not():
            return is_decided_by_words(node.node)
    return not isinstance(node, FieldTerm | DateRange)


def _span_of_token(position: int) -> TokenSpan:
    return TokenSpan(position, position, (position,))


def _find_phrase(phrase: Sequence[str], tokens: Sequence[str]) -> list[TokenSpan]:
    size = len(phrase)
    if not size:
        return []
    candidates = [at for at, token in enumerate(tokens) if token == phrase[0]]
    starts = [at for at in candidates if tuple(tokens[at : at + size]) == tuple(phrase)]
    return [TokenSpan(at, at + size - 1, tuple(range(at, at + size))) for at in starts[:_MAX_SPANS]]


def _find_proximity(node: Proximity, tokens: Sequence[str]) -> list[TokenSpan]:
    """Return the stretches of at most the distance; if there are none, the shortest one."""
    covers = _find_covers([_find_phrase((token,), tokens) for token in dict.fromkeys(node.tokens)]) or []
    close = [span for span in covers if span.last - span.first <= node.distance]
    return close or covers[:1]


def _join_alternatives(alternatives: Sequence[list[TokenSpan] | None]) -> list[TokenSpan] | None:
    """Join the spans of alternatives; None if there are none and words do not decide one of the alternatives."""
    joined = sorted(span for spans in alternatives if spans for span in spans)
    return None if not joined and any(spans is None for spans in alternatives) else joined[:_MAX_SPANS]


def _find_covers(operands: Sequence[list[TokenSpan]]) -> list[TokenSpan] | None:
    """Return the shortest stretches that contain one span of each operand."""
    if not operands:
        return None
    if len(operands) == 1:
        return operands[0]
    if not all(operands):
        return []
    spans_with_operand = sorted((span, operand) for operand, spans in enumerate(operands) for span in spans)
    latest: list[TokenSpan | None] = [None] * len(operands)
    covers: list[TokenSpan] = []
    for span, operand in spans_with_operand[:_MAX_COVERED_SPANS]:
        latest[operand] = span
        present = [each for each in latest if each is not None]
        if len(present) == len(operands):
            covers.append(_cover_spans(present))
    return _shortest_covers(covers)


def _cover_spans(spans: Sequence[TokenSpan]) -> TokenSpan:
    matched = tuple(sorted({position for span in spans for position in span.matched}))
    return TokenSpan(min(span.first for span in spans), max(span.last for span in spans), matched)


def _shortest_covers(covers: Iterable[TokenSpan]) -> list[TokenSpan]:
    """Return the shortest *covers* that do not overlap, shortest first."""
    selected: list[TokenSpan] = []
    for cover in sorted(covers, key=lambda span: (span.last - span.first, span.first)):
        if not any(cover.first <= other.last and other.first <= cover.last for other in selected):
            selected.append(cover)
        if len(selected) >= _MAX_COVERS:
            break
    return selected
