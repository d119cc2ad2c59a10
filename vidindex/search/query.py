"""Turn typed text into a query: the tree that engines rank by, and the quote to align.

Plain words are a quote.  Only text that has operators is parsed by `query_language`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import QuerySyntaxError
from ..model import PASSAGE_OVERLAP, And, FieldTerm, PhraseQuery, QueryNode, WordsQuery
from ..transcripts.normalize import normalize_words
from .operators import has_operators
from .scope import split_scope

_ELLIPSIS_PATTERN = re.compile(r"(?:…|\.\.\.|\[…\]|\[\.\.\.\])+")
_INSERTION_PATTERN = re.compile(r"\[[^\[\]]{0,200}\]|\((?i:sic)[.!]?\)")
_MAX_QUOTE_PARTS = 12
MAX_QUOTE_TOKENS = 600
"""Tokens of a quote that are searched; the rest is ignored."""

MAX_QUOTE_CHARS = 20_000
"""Characters of a quote that are read, which contain that many tokens unless they are not words."""

Tokens = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed search.

    *node* is None if nothing is left to search for.  *parts* are the tokens of a quote, split where words were left
    out; they are empty if *node* alone decides what matches.  *exact_only* excludes near hits.  *speaker* is the name,
    or part of the name, of the person who must say the words.  *fallback* is another reading of the text, for when
    this one finds nothing.  *text* is the quote as it was written.
    """

    node: QueryNode | None
    parts: tuple[Tokens, ...] = ()
    exact_only: bool = False
    speaker: Tokens = ()
    fallback: Query | None = None
    text: str = ""


def parse_query(text: str) -> Query:
    """Parse what a user typed: plain words, a quoted phrase, or a query with operators.

    Raises `QuerySyntaxError` if *text* has operators and is not well-formed.
    """
    kinds, text = split_scope(text)
    if kinds:
        raise QuerySyntaxError(text, 0, "in: finds texts about videos, and no moments")
    phrase = _quoted_phrase(text)
    if phrase is not None:
        return _build_phrase_query(phrase)
    return _parse_operator_query(text) if has_operators(text) else parse_quote(text)


def _parse_operator_query(text: str) -> Query:
    from .query_language import parse_operators  # few searches need the parser

    parsed = parse_operators(text)
    quote = parse_quote(parsed.words)
    nodes = parsed.nodes if quote.node is None else (quote.node, *parsed.nodes)
    if not nodes:
        return parse_quote(text)
    node = nodes[0] if len(nodes) == 1 else And(nodes)
    fallback = None if parsed.is_explicit else parse_quote(text)
    return Query(node, quote.parts, speaker=_speaker_tokens(nodes), fallback=fallback, text=quote.text)


def _speaker_tokens(nodes: Sequence[QueryNode]) -> Tokens:
    """Return the name of the person who must say the words."""
    return next((node.tokens for node in nodes if isinstance(node, FieldTerm) and node.field_name == "speaker"), ())


def parse_quote(text: str) -> Query:
    """Parse *text* as the words of a quote, even if it contains operators."""
    plain = _INSERTION_PATTERN.sub(_replace_insertion, text[:MAX_QUOTE_CHARS])
    parts = tuple(filter(None, (tokenize_text(part) for part in _ELLIPSIS_PATTERN.split(plain))))
    parts = _limit_tokens(parts) or tuple(filter(None, (tokenize_text(text[:MAX_QUOTE_CHARS]),)))
    if not parts:
        return Query(None)
    return Query(WordsQuery(tuple(token for part in parts for token in part)), parts, text=plain)


def tokenize_text(text: str) -> Tokens:
    """Normalize the words of *text* to tokens."""
    return tuple(normalize_words(text.split())[0])


def _replace_insertion(match: re.Match[str]) -> str:
    """Remove an editor's insertion in brackets; keep the letters of one inside a word, such as `[t]he`."""
    before = match.string[match.start() - 1 : match.start()]
    after = match.string[match.end() : match.end() + 1]
    inside = match[0][1:-1]
    if match[0][0] == "(":
        return " "
    if inside.strip(" .…") == "":
        return " … "
    return inside if before.isalnum() or after.isalnum() else " "


def _limit_tokens(parts: tuple[Tokens, ...]) -> tuple[Tokens, ...]:
    """Return the first parts, cut after `MAX_QUOTE_TOKENS` tokens."""
    remaining = MAX_QUOTE_TOKENS
    limited = []
    for part in parts[:_MAX_QUOTE_PARTS]:
        if remaining > 0:
            limited.append(part[:remaining])
        remaining -= len(part)
    return tuple(limited)


def _quoted_phrase(text: str) -> str | None:
    """Return the phrase that *text* is, if one pair of straight quotation marks encloses all of it."""
    stripped = text.strip()
    if len(stripped) > 2 and stripped[0] == stripped[-1] == '"' and '"' not in stripped[1:-1]:
        return stripped[1:-1]
    return None


def _build_phrase_query(text: str) -> Query:
    tokens = tokenize_text(text[:MAX_QUOTE_CHARS])[:MAX_QUOTE_TOKENS]
    if not tokens:
        return Query(None)
    node = PhraseQuery(tokens) if len(tokens) <= PASSAGE_OVERLAP else WordsQuery(tokens)
    return Query(node, (tokens,), exact_only=True, text=text)
