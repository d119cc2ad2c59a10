"""What was typed → the tree that engines rank by, and the quote to align.

Plain words are a quote.  Only text that has operators in it is given to whoosh's parser.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..model import PASSAGE_OVERLAP, And, InField, Node, Phrase, Words
from ..transcripts.normalize import fold
from .query_language import has_operators, read

_ELLIPSIS = re.compile(r"\s*(?:…|\.\.\.|\[…\]|\[\.\.\.\])+\s*")
_INSERTED = re.compile(r"\[[^\[\]]{0,200}\]")
MAX_TOKENS = 600
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

    node: Node | None
    parts: tuple[Tokens, ...] = ()
    exact: bool = False
    speaker: Tokens = ()
    otherwise: Query | None = None
    text: str = ""


def parse(text: str) -> Query:
    """Read what was typed.  Raises `QuerySyntaxError`."""
    whole = _whole_phrase(text)
    if whole is not None:
        return _phrase(whole)
    return _with_operators(text) if has_operators(text) else quote(text)


def _with_operators(text: str) -> Query:
    parsed = read(text)
    words = quote(parsed.words)
    nodes = parsed.nodes if words.node is None else (words.node, *parsed.nodes)
    if not nodes:
        return quote(text)
    node = nodes[0] if len(nodes) == 1 else And(nodes)
    otherwise = None if parsed.explicit else quote(text)
    return Query(node, words.parts, speaker=_speaker(nodes), otherwise=otherwise, text=words.text)


def _speaker(nodes: Sequence[Node]) -> Tokens:
    """Give the name of whom the words must be said by."""
    return next((node.tokens for node in nodes if isinstance(node, InField) and node.name == "speaker"), ())


def quote(text: str) -> Query:
    """Read *text* as words of a quote, whatever is in it."""
    plain = _INSERTED.sub(_without_insertion, text)
    parts = tuple(filter(None, (tokens_of(part) for part in _ELLIPSIS.split(plain))))
    parts = _limited(parts) or tuple(filter(None, (tokens_of(text),)))
    if not parts:
        return Query(None)
    return Query(Words(tuple(token for part in parts for token in part)), parts, text=plain)


def tokens_of(text: str) -> Tokens:
    """Fold *text* to tokens."""
    return tuple(fold(text.split())[0])


def _without_insertion(match: re.Match[str]) -> str:
    """Leave out what an editor put in brackets; `[t]he` only changes a letter."""
    before = match.string[match.start() - 1 : match.start()]
    after = match.string[match.end() : match.end() + 1]
    inside = match[0][1:-1]
    if inside.strip(" .…") == "":
        return " … "
    return inside if before.isalnum() or after.isalnum() else " "


def _limited(parts: tuple[Tokens, ...]) -> tuple[Tokens, ...]:
    room = MAX_TOKENS
    kept = []
    for part in parts[:12]:
        if room > 0:
            kept.append(part[:room])
        room -= len(part)
    return tuple(kept)


def _whole_phrase(text: str) -> str | None:
    bare = text.strip()
    if len(bare) > 2 and bare[0] == bare[-1] == '"' and '"' not in bare[1:-1]:
        return bare[1:-1]
    return None


def _phrase(text: str) -> Query:
    tokens = tokens_of(text)[:MAX_TOKENS]
    if not tokens:
        return Query(None)
    node = Phrase(tokens) if len(tokens) <= PASSAGE_OVERLAP else Words(tokens)
    return Query(node, (tokens,), exact=True, text=text)
