"""What was typed → the tree that engines rank by, and the quote to align.

Plain words are a quote.  Only text that has operators in it is given to whoosh's parser.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..model import PASSAGE_OVERLAP, And, FieldTerm, PhraseQuery, QueryNode, WordsQuery
from ..transcripts.normalize import normalize_words
from .query_language import has_operators, parse_operators

_ELLIPSIS_PATTERN = re.compile(r"\s*(?:…|\.\.\.|\[…\]|\[\.\.\.\])+\s*")
_INSERTION_PATTERN = re.compile(r"\[[^\[\]]{0,200}\]")
MAX_QUOTE_TOKENS = 600
"""Tokens of a quote that are searched; what follows is left out."""

Tokens = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """What was asked.

    *node* is None where nothing is left to search for.  *parts* are the tokens of a quote, cut where words were
    left out; empty where *node* alone decides.  *exact*: near hits are not wanted.  *speaker* is part of the name
    of who must speak.  *otherwise* is how to read the text where this reading finds nothing.  *text* is the quote as
    it was written.
    """

    node: QueryNode | None
    parts: tuple[Tokens, ...] = ()
    exact_only: bool = False
    speaker: Tokens = ()
    fallback: Query | None = None
    text: str = ""


def parse_query(text: str) -> Query:
    """Read what was typed.  Raises `QuerySyntaxError`."""
    whole = _quoted_phrase(text)
    if whole is not None:
        return _build_phrase_query(whole)
    return _parse_operator_query(text) if has_operators(text) else parse_quote(text)


def _parse_operator_query(text: str) -> Query:
    parsed = parse_operators(text)
    words = parse_quote(parsed.words)
    nodes = parsed.nodes if words.node is None else (words.node, *parsed.nodes)
    if not nodes:
        return parse_quote(text)
    node = nodes[0] if len(nodes) == 1 else And(nodes)
    otherwise = None if parsed.explicit else parse_quote(text)
    return Query(node, words.parts, speaker=_speaker_tokens(nodes), fallback=otherwise, text=words.text)


def _speaker_tokens(nodes: Sequence[QueryNode]) -> Tokens:
    """Give the name of whom the words must be said by."""
    return next((node.tokens for node in nodes if isinstance(node, FieldTerm) and node.field_name == "speaker"), ())


def parse_quote(text: str) -> Query:
    """Read *text* as words of a quote, whatever is in it."""
    plain = _INSERTION_PATTERN.sub(_remove_insertion, text)
    parts = tuple(filter(None, (tokenize_text(part) for part in _ELLIPSIS_PATTERN.split(plain))))
    parts = _limit_tokens(parts) or tuple(filter(None, (tokenize_text(text),)))
    if not parts:
        return Query(None)
    return Query(WordsQuery(tuple(token for part in parts for token in part)), parts, text=plain)


def tokenize_text(text: str) -> Tokens:
    """Fold *text* to tokens."""
    return tuple(normalize_words(text.split())[0])


def _remove_insertion(match: re.Match[str]) -> str:
    """Leave out what an editor put in brackets; `[t]he` only changes a letter."""
    before = match.string[match.start() - 1 : match.start()]
    after = match.string[match.end() : match.end() + 1]
    inside = match[0][1:-1]
    if inside.strip(" .…") == "":
        return " … "
    return inside if before.isalnum() or after.isalnum() else " "


def _limit_tokens(parts: tuple[Tokens, ...]) -> tuple[Tokens, ...]:
    room = MAX_QUOTE_TOKENS
    kept = []
    for part in parts[:12]:
        if room > 0:
            kept.append(part[:room])
        room -= len(part)
    return tuple(kept)


def _quoted_phrase(text: str) -> str | None:
    bare = text.strip()
    if len(bare) > 2 and bare[0] == bare[-1] == '"' and '"' not in bare[1:-1]:
        return bare[1:-1]
    return None


def _build_phrase_query(text: str) -> Query:
    tokens = tokenize_text(text)[:MAX_QUOTE_TOKENS]
    if not tokens:
        return Query(None)
    node = PhraseQuery(tokens) if len(tokens) <= PASSAGE_OVERLAP else WordsQuery(tokens)
    return Query(node, (tokens,), exact_only=True, text=text)
