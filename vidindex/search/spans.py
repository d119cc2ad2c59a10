"""Find where in a passage a query with operators matches, by looking for its leaves among the tokens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import NamedTuple

from ..model import And, DateRange, FieldTerm, Not, Or, PhraseQuery, PrefixQuery, Proximity, QueryNode, WordsQuery
from .disjoint_ranges import DisjointRanges

_MAX_SPANS = 200  # spans of one node in one passage
_MAX_COVERED_SPANS = 4 * _MAX_SPANS  # spans of all operands of one `And` together
_MAX_COVERS = 20
_MAX_SCANS = 4  # tokens of a query that are searched in a passage one by one


class TokenSpan(NamedTuple):
    """The tokens *first* to *last*, both included; *matched* are the positions of those that make the node match."""

    first: int
    last: int
    matched: tuple[int, ...]


_Cover = tuple[int, int, tuple[TokenSpan, ...]]
"""The first token, the last token (included), and the spans of a stretch."""


class _PassageTokens:
    """The tokens of a passage, and where each of them is."""

    __slots__ = ("_positions", "_scan_count", "tokens")

    def __init__(self, tokens: Sequence[str]) -> None:
        self.tokens = tokens
        self._positions: dict[str, list[int]] | None = None
        self._scan_count = 0

    def positions(self, token: str) -> Sequence[int]:
        """Return the positions of *token*, in order: by a scan at first, which is faster for few tokens."""
        if self._scan_count < _MAX_SCANS:
            self._scan_count += 1
            return [at for at, each in enumerate(self.tokens) if each == token] if token in self.tokens else ()
        if self._positions is None:
            self._positions = {}
            for at, each in enumerate(self.tokens):
                self._positions.setdefault(each, []).append(at)
        return self._positions.get(token, ())


def find_spans(node: QueryNode, tokens: Sequence[str]) -> list[TokenSpan] | None:
    """Return where *node* matches; None if words do not decide that (fields, dates, exclusions)."""
    return _find_spans(node, _PassageTokens(tokens))


def _find_spans(node: QueryNode, passage: _PassageTokens) -> list[TokenSpan] | None:
    match node:
        case PhraseQuery():
            return _find_phrase(node.tokens, passage)
        case And():
            return _find_covers([spans for each in node.nodes if (spans := _find_spans(each, passage)) is not None])
        case Or():
            return _join_alternatives([_find_spans(each, passage) for each in node.nodes])
        case FieldTerm() | DateRange() | Not():
            return None
        case Proximity():
            return _find_proximity(node, passage)
        case PrefixQuery():
            found = (at for at, token in enumerate(passage.tokens) if token.startswith(node.prefix))
            return [_span_of_token(at) for at in islice(found, _MAX_SPANS)]
        case WordsQuery():
            wanted = frozenset(node.tokens)
            found = (at for at, token in enumerate(passage.tokens) if token in wanted)
            return [_span_of_token(at) for at in islice(found, _MAX_SPANS)]


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


def _find_phrase(phrase: Sequence[str], passage: _PassageTokens) -> list[TokenSpan]:
    size, tokens = len(phrase), passage.tokens
    if not size:
        return []
    starts = passage.positions(phrase[0])
    if size > 1:
        wanted = list(phrase)
        starts = [at for at in starts if list(tokens[at : at + size]) == wanted]
    return [TokenSpan(at, at + size - 1, tuple(range(at, at + size))) for at in starts[:_MAX_SPANS]]


def _find_proximity(node: Proximity, passage: _PassageTokens) -> list[TokenSpan]:
    """Return the stretches of at most the distance; if there are none, the shortest one."""
    covers = _find_covers([_find_phrase((token,), passage) for token in dict.fromkeys(node.tokens)]) or []
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
    latest: dict[int, TokenSpan] = {}  # by operand, in the order of the first tokens
    last = -1
    covers: list[_Cover] = []
    for span, operand in spans_with_operand[:_MAX_COVERED_SPANS]:
        is_first = len(latest) < len(operands) or next(iter(latest)) == operand
        replaced = latest.pop(operand, None)
        latest[operand] = span
        is_last_gone = replaced is not None and replaced.last == last
        last = max(each.last for each in latest.values()) if is_last_gone and span.last < last else max(last, span.last)
        if len(latest) < len(operands):
            continue
        # If neither end moves inward, the stretch contains the previous one.
        if is_first or replaced is None or span.last < replaced.last:
            spans = tuple(latest.values())
            covers.append((spans[0].first, last, spans))
    return [_cover_spans(first, last, spans) for first, last, spans in _shortest_covers(covers)]


def _cover_spans(first: int, last: int, spans: Iterable[TokenSpan]) -> TokenSpan:
    return TokenSpan(first, last, tuple(sorted({position for span in spans for position in span.matched})))


def _shortest_covers(covers: Iterable[_Cover]) -> list[_Cover]:
    """Return the shortest *covers* that do not overlap, shortest first."""
    selected: list[_Cover] = []
    ranges = DisjointRanges()
    for cover in sorted(covers, key=lambda cover: (cover[1] - cover[0], cover[0])):
        if ranges.add_if_free(cover[0], cover[1] + 1):
            selected.append(cover)
        if len(selected) >= _MAX_COVERS:
            break
    return selected
