"""The part of a title, a description or an article where a query matches, with the ranges to mark."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from ..model import And, Or, PhraseQuery, PrefixQuery, Proximity, QueryNode, WordsQuery
from ..transcripts.normalize import normalize_words
from .spans import TokenSpan, find_spans

_SHOWN_WORDS = 40
_LEADING_WORDS = 8
_PIECE_CHARS = 4_000
_PIECE_STEP_CHARS = 3_500
_MAX_PIECES = 50
"""Pieces of a long text that are normalized to find where it matches."""

_WORD_PATTERN = re.compile(r"\S{1,24}")
"""A word; a longer one is an address, or text without spaces, and is shown in part."""


class TextSnippet(NamedTuple):
    """A part of a text; *marks* are character ranges, *is_complete* tells that the whole query matches there."""

    text: str
    marks: tuple[tuple[int, int], ...] = ()
    is_complete: bool = False


def cut_text(text: str, node: QueryNode) -> TextSnippet:
    """Return the first part of *text* where *node* matches; else one where most of its words are."""
    pieces = list(islice(_order_pieces(text, node), _MAX_PIECES))
    for start, piece in pieces:
        words = _WORD_PATTERN.findall(piece)
        tokens, word_index = normalize_words(words)
        spans = find_spans(node, tokens)
        if spans:
            return _mark_words(text, start, piece, _matched_words(spans, word_index), is_complete=True)
    leaves = tuple(list_word_nodes(node))
    start, piece = pieces[0]
    tokens, word_index = normalize_words(_WORD_PATTERN.findall(piece))
    spans = find_spans(Or(leaves), tokens) if leaves else []
    return _mark_words(text, start, piece, _matched_words(spans or [], word_index), is_complete=False)


def _matched_words(spans: Sequence[TokenSpan], word_index: Sequence[int]) -> list[int]:
    """Return the positions of the words that match; those of the best place come first."""
    return list(dict.fromkeys(word_index[token] for span in spans for token in span.matched))


def _mark_words(text: str, start: int, piece: str, matched: Sequence[int], *, is_complete: bool) -> TextSnippet:
    """Return the words of *piece*, which is at *start* of *text*, around the first of *matched*."""
    words = list(_WORD_PATTERN.finditer(piece))
    first = max(0, matched[0] - _LEADING_WORDS) if len(words) > _SHOWN_WORDS and matched else 0
    shown = words[first : first + _SHOWN_WORDS]
    marked = set(matched)
    parts: list[str] = []
    marks: list[tuple[int, int]] = []
    length = 0
    for at, word in enumerate(shown, first):
        gap = " " if parts and word.start() > words[at - 1].end() else ""
        parts.append(gap + word[0])
        if at in marked:
            from_char = length + len(gap)
            marks.append((from_char, from_char + len(word[0])))
        length += len(parts[-1])
    before = "… " if start or first else ""
    is_cut = first + len(shown) < len(words) or start + len(piece) < len(text)
    shifted = tuple((left + len(before), right + len(before)) for left, right in marks)
    return TextSnippet(before + "".join(parts) + " …" * is_cut, shifted, is_complete)


def _order_pieces(text: str, node: QueryNode) -> Iterator[tuple[int, str]]:
    """Yield overlapping pieces of *text* with their places: first those that have most of the words as written."""
    if len(text) <= _PIECE_CHARS:
        yield 0, text
        return
    starts = [_next_word(text, start) for start in range(0, len(text), _PIECE_STEP_CHARS)]
    tokens = [token for leaf in list_word_nodes(node) for token in _leaf_tokens(leaf)]
    counts = []
    for start in starts:
        folded = text[start : start + _PIECE_CHARS].casefold()
        counts.append(sum(token in folded for token in tokens))
    for at in sorted(range(len(starts)), key=lambda at: (-counts[at], at)):
        yield starts[at], text[starts[at] : starts[at] + _PIECE_CHARS]


def _next_word(text: str, start: int) -> int:
    """Return where a word starts at or soon after *start*."""
    space = text.find(" ", start, start + 30) if start else -1
    return space + 1 if space >= 0 else start


def list_word_nodes(node: QueryNode) -> Iterator[QueryNode]:
    """Yield the leaves of a query that are words, without those that must not occur."""
    match node:
        case And() | Or():
            for each in node.nodes:
                yield from list_word_nodes(each)
        case PhraseQuery() | PrefixQuery() | Proximity() | WordsQuery():
            yield node


def _leaf_tokens(leaf: QueryNode) -> Sequence[str]:
    match leaf:
        case PrefixQuery():
            return (leaf.prefix,)
        case PhraseQuery() | Proximity() | WordsQuery():
            return leaf.tokens[:20]
    return ()
