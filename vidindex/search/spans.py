"""Where in a passage a query with operators holds: its leaves, found again among the tokens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ..model import And, Dated, InField, Near, Node, Not, Or, Phrase, Prefix, Words

_MOST = 200  # spans of one node in one passage


class Span(NamedTuple):
    """Tokens *first* to *last* (included); *matched* are those that make the node hold."""

    first: int
    last: int
    matched: tuple[int, ...]


def spans(node: Node, tokens: Sequence[str]) -> list[Span] | None:
    """Find where *node* holds; None where words do not decide it (fields, dates, exclusions)."""
    match node:
        case Words():
            return [_at(place) for place, token in enumerate(tokens) if token in node.tokens][:_MOST]
        case Phrase():
            return _phrase(node.tokens, tokens)
        case Prefix():
            return [_at(place) for place, token in enumerate(tokens) if token.startswith(node.stem)][:_MOST]
        case Near():
            return _near(node, tokens)
        case And():
            return _and([found for each in node.nodes if (found := spans(each, tokens)) is not None])
        case Or():
            return _or([spans(each, tokens) for each in node.nodes])
        case InField() | Dated() | Not():
            return None


def is_said(node: Node | None) -> bool:
    """Tell whether what was said decides alone whether *node* holds."""
    match node:
        case And() | Or():
            return all(map(is_said, node.nodes))
        case Not():
            return is_said(node.node)
    return not isinstance(node, InField | Dated)


def _at(place: int) -> Span:
    return Span(place, place, (place,))


def _phrase(wanted: Sequence[str], tokens: Sequence[str]) -> list[Span]:
    size = len(wanted)
    if not size:
        return []
    starts = [place for place, token in enumerate(tokens) if token == wanted[0]]
    found = [place for place in starts if tuple(tokens[place : place + size]) == tuple(wanted)]
    return [Span(place, place + size - 1, tuple(range(place, place + size))) for place in found[:_MOST]]


def _near(node: Near, tokens: Sequence[str]) -> list[Span]:
    wanted = list(dict.fromkeys(node.tokens))
    found = _and([_phrase((token,), tokens) for token in wanted])
    close = [span for span in found if span.last - span.first <= node.distance] if found else []
    return close or (found or [])[:1]


def _or(found: Sequence[list[Span] | None]) -> list[Span] | None:
    """Join the places of alternatives; None where one holds that words do not decide and no other does."""
    spans_ = sorted(span for each in found if each for span in each)
    return None if not spans_ and any(each is None for each in found) else spans_[:_MOST]


def _and(found: Sequence[list[Span]]) -> list[Span] | None:
    """Find the shortest stretches that hold one span of each."""
    if not found:
        return None
    if len(found) == 1:
        return found[0]
    if not all(found):
        return []
    marked = sorted((span, group) for group, each in enumerate(found) for span in each)
    latest: list[Span | None] = [None] * len(found)
    covers: list[Span] = []
    for span, group in marked[: _MOST * 4]:
        latest[group] = span
        held = [each for each in latest if each is not None]
        if len(held) == len(found):
            covers.append(_cover(held))
    return _shortest(covers)


def _cover(held: Sequence[Span]) -> Span:
    matched = tuple(sorted({place for span in held for place in span.matched}))
    return Span(min(span.first for span in held), max(span.last for span in held), matched)


def _shortest(covers: Iterable[Span]) -> list[Span]:
    kept: list[Span] = []
    for cover in sorted(covers, key=lambda span: (span.last - span.first, span.first)):
        if not any(cover.first <= other.last and other.first <= cover.last for other in kept):
            kept.append(cover)
        if len(kept) >= 20:
            break
    return kept
