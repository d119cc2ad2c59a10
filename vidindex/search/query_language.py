"""Parse the query language: phrases, prefixes, proximity, fields, dates, `AND`, `OR`, `NOT` and parentheses.

The grammar, which `_Parser` follows rule by rule:

    sequence     = alternatives*                      every one must match
    alternatives = conjunction ("OR" conjunction)*
    conjunction  = negation ("AND" negation)*
    negation     = ["NOT"] operand
    operand      = [field ":"] ( "(" sequence ")" | phrase ["~" distance] | prefix "*" | word )

`AND` binds tighter than `OR`, and `OR` tighter than words side by side: `a b OR c AND d` means `a (b OR (c AND d))`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal, NamedTuple

from ..engines.terms import tokenize_field
from ..errors import QuerySyntaxError
from ..model import PASSAGE_OVERLAP, And, DateRange, FieldTerm, Not, Or, PhraseQuery, PrefixQuery, Proximity, QueryNode
from ..transcripts.lazy_pattern import lazy_pattern
from ..transcripts.normalize import normalize_words
from .operators import DATE_FIELDS, FIELD_ALTERNATIVES, OPERATORS, has_boolean_operators, has_explicit_operators

_BARE_DATE_FIELDS = ("after:", "before:")
_TokenKind = Literal["operator", "open", "close", "phrase", "prefix", "word"]
_TOKEN_KINDS: tuple[_TokenKind, ...] = ("word", "phrase", "prefix", "open", "close")
_DISTANCE_PATTERN = lazy_pattern(r"\"~\d")
_DATE_PATTERN = lazy_pattern(r"(\d{4})(?:-?(\d\d)(?:-?(\d\d))?)?", re.ASCII)

_MAX_NESTING_DEPTH = 20
_MAX_TERMS = 64
_MAX_PROXIMITY_TOKENS = 20
_MAX_PROXIMITY_DISTANCE = 100
_MAX_COSTLY_OPERANDS = 20  # prefixes, which stand for many words, and proximities, which are checked in the text


@cache  # compiled at the first query that has operators: most searches have none
def _token_pattern() -> re.Pattern[str]:
    """Match one token of a query in which every quotation mark has a partner."""
    return re.compile(
        rf"""
        (?:(?P<field>{FIELD_ALTERNATIVES}):(?=[^\s)])|(?P<label>\w+):(?=["(]))?
        (?:
            (?P<open>\()
            | "(?P<phrase>[^"]*)"(?:~(?P<distance>\d{{1,9}})\d*)?
            | (?P<prefix>[^\s()"]*[^\s()"*])\*(?=[\s)]|$)
            | (?P<word>[^\s()"]+)
        )
        | (?P<close>\))
        """,
        re.VERBOSE,
    )


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A query with operators.

    *nodes* must all match. *words* are the plain words beside field filters; they are empty when the query has other
    operators, because then *nodes* contain the words. *is_explicit* is false when the only operators are quotation
    marks, which a plain quote can contain too.  Both are empty if the text is a quote after all.
    """

    nodes: tuple[QueryNode, ...]
    words: str
    is_explicit: bool


class _Token(NamedTuple):
    """One token, which starts at the character *at*.

    *text* is the part without field, quotation marks and asterisk; it starts at the character *text_at*.  *label* is a
    word with a colon that is not a field and belongs to the phrase or group after it, as in `said:"no"`.
    """

    kind: _TokenKind
    at: int
    text_at: int
    text: str
    field: str = ""
    label: str = ""
    distance: int = 0


@dataclass(frozen=True, slots=True)
class _PlainWord:
    """A word without a field.  Whether it belongs to a quote depends on the rest of the query."""

    text: str


@dataclass(frozen=True, slots=True)
class _Branch:
    """Operands joined by one operator; *operator* `NOT` has exactly one operand."""

    operator: Literal["AND", "OR", "NOT"]
    operands: list[_SyntaxNode]


_SyntaxNode = _Branch | _PlainWord | QueryNode | None
"""A node of the syntax tree.  None stands for an operand that has no letters or digits."""


def parse_operators(text: str) -> ParsedQuery:
    """Parse a query that has operators.

    Raises `QuerySyntaxError` if *text* is not well-formed.
    """
    parser = _Parser(text)
    parts = list(_flatten_conjunction(parser.parse()))
    nodes = [_build_node(part) for part in parts]
    is_explicit = has_explicit_operators(text) or bool(_DISTANCE_PATTERN.search(text))
    words = [part.text for part in parts if isinstance(part, _PlainWord)]
    filters = [node for node in nodes if _is_field_filter(node)]
    if not has_boolean_operators(text) and len(words) + len(filters) == len(parts):
        return ParsedQuery(tuple(node for node in filters if node is not None), " ".join(words), is_explicit)
    if sum(map(_count_terms, operands := _select_operands(nodes))) <= _MAX_TERMS:
        return ParsedQuery(operands, "", is_explicit)
    if is_explicit:
        raise parser.too_many_terms()
    return ParsedQuery((), "", is_explicit)


def parse_date_range(after: str, before: str) -> DateRange | None:
    """Parse the two ends of a date range, each a day, a month, a year or empty.

    Returns None if both are empty.

    Raises `QuerySyntaxError` if one is not a date.
    """
    for name, date in (("after", after), ("before", before)):
        if date:
            _check_date(f"{name}:{date}", len(name) + 1, date)
    return DateRange(after, before) if after or before else None


class _Parser:
    """A recursive descent parser.  Its time is linear in the text, and its depth is bounded."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens: Sequence[_Token] = ()
        self._position = 0

    def parse(self) -> _Branch:
        """Return the syntax tree.

        Raises `QuerySyntaxError`.
        """
        if self._text.count('"') % 2:
            raise self._error(self._text.rindex('"'), "unclosed quotation mark")
        self._tokens = list(_split_into_tokens(self._text))
        self._check_costs()
        tree = self._parse_sequence("", 0)
        if token := self._peek():
            raise self._error(token.at, "unmatched closing parenthesis")
        return tree

    def too_many_terms(self) -> QuerySyntaxError:
        """Return the error of a query that has more terms than are searched."""
        terms = [token for token in self._tokens if token.kind in ("phrase", "prefix", "word")]
        return self._error(terms[:_MAX_TERMS][-1].at, f"a query with operators may have at most {_MAX_TERMS} terms")

    def _check_costs(self) -> None:
        costly = [token for token in self._tokens if token.kind == "prefix" or token.distance > 1]
        if len(costly) > _MAX_COSTLY_OPERANDS:
            reason = f"a query may have at most {_MAX_COSTLY_OPERANDS} prefixes and distances: search for fewer"
            raise self._error(costly[_MAX_COSTLY_OPERANDS].at, reason)
        for token in self._tokens:
            if token.distance > 1:
                self._check_proximity(token)

    def _check_proximity(self, token: _Token) -> None:
        if token.distance > _MAX_PROXIMITY_DISTANCE:
            raise self._error(token.at, f"a distance may be at most {_MAX_PROXIMITY_DISTANCE} words")
        if len(normalize_words(token.text.split())[0]) > _MAX_PROXIMITY_TOKENS:
            raise self._error(token.at, f"a phrase with a distance may have at most {_MAX_PROXIMITY_TOKENS} words")

    def _peek(self) -> _Token | None:
        return self._tokens[self._position] if self._position < len(self._tokens) else None

    def _accept(self, operator: str) -> bool:
        """Move past the next token if it is *operator*."""
        token = self._peek()
        if token is None or token.kind != "operator" or token.text != operator:
            return False
        self._position += 1
        return True

    def _parse_sequence(self, field: str, depth: int) -> _Branch:
        """Parse up to a closing parenthesis or the end; *field* applies to operands that name none."""
        operands: list[_SyntaxNode] = []
        while (token := self._peek()) and token.kind != "close":
            operands.append(self._parse_alternatives(field, depth))
        return _Branch("AND", operands)

    def _parse_alternatives(self, field: str, depth: int) -> _SyntaxNode:
        operands = [self._parse_conjunction(field, depth)]
        while self._accept("OR"):
            operands.append(self._parse_conjunction(field, depth))
        return operands[0] if len(operands) == 1 else _Branch("OR", operands)

    def _parse_conjunction(self, field: str, depth: int) -> _SyntaxNode:
        left = self._parse_negation(field, depth)
        while self._accept("AND"):
            right = self._parse_negation(field, depth)
            if isinstance(left, _Branch) and left.operator == "AND":
                left.operands.append(right)
            else:
                left = _Branch("AND", [left, right])
        return left

    def _parse_negation(self, field: str, depth: int) -> _SyntaxNode:
        if self._accept("NOT"):
            return _Branch("NOT", [self._parse_operand(field, depth)])
        return self._parse_operand(field, depth)

    def _parse_operand(self, field: str, depth: int) -> _SyntaxNode:
        token = self._peek()
        if token is None or token.kind in ("operator", "close"):
            raise self._missing_operand(token)
        self._position += 1
        if token.field in DATE_FIELDS:
            return self._parse_date(token)
        field = token.field or field
        if token.kind == "open":
            group = self._parse_group(field, depth + 1, token)
            return _Branch("AND", [_PlainWord(token.label), group]) if token.label else group
        return _build_field_term(field, token) if field else _build_operand(token)

    def _parse_group(self, field: str, depth: int, opening: _Token) -> _Branch:
        """Parse what follows the parenthesis *opening*, and move past the closing one."""
        if depth > _MAX_NESTING_DEPTH:
            raise self._error(opening.text_at, f"parentheses are nested more than {_MAX_NESTING_DEPTH} levels deep")
        group = self._parse_sequence(field, depth)
        closing = self._peek()
        if closing is None:
            raise self._error(opening.text_at, "unclosed parenthesis")
        if not group.operands:
            raise self._error(closing.at, "empty parentheses")
        self._position += 1
        return group

    def _parse_date(self, token: _Token) -> DateRange:
        date = token.text if token.kind in ("word", "phrase") else ""
        _check_date(self._text, token.text_at, date)
        return DateRange(**{token.field: date})

    def _missing_operand(self, token: _Token | None) -> QuerySyntaxError:
        """Return the error of an operator without an operand, which *token* stands in place of; None is the end."""
        previous = self._tokens[self._position - 1]
        operator = token.text if token and token.kind == "operator" else previous.text
        reason = "NOT needs a word after it" if operator == "NOT" else f"{operator} needs words on both sides"
        return self._error((token or previous).at, reason)

    def _error(self, at: int, reason: str) -> QuerySyntaxError:
        return QuerySyntaxError(self._text, at, reason)


def _split_into_tokens(text: str) -> Iterator[_Token]:
    """Yield the tokens of *text*, in which every quotation mark has a partner."""
    for match in _token_pattern().finditer(text):
        field: str = match["field"] or ""
        word: str | None = match["word"]
        if not field and word in OPERATORS:
            yield _Token("operator", match.start(), match.start(), word)
        elif not field and word in _BARE_DATE_FIELDS:
            yield _Token("word", match.start(), match.end(), "", word[:-1])
        else:
            kind = next(kind for kind in _TOKEN_KINDS if match[kind] is not None)
            distance = int(match["distance"] or 0)
            yield _Token(kind, match.start(), match.start(kind), match[kind], field, match["label"] or "", distance)


def _check_date(query: str, at: int, date: str) -> None:
    """Check that *date*, which stands at the character *at* of *query*, is a day, a month or a year that exists."""
    from datetime import date as calendar_date  # an import that most searches do not need

    match = _DATE_PATTERN.fullmatch(date)
    if match is None:
        raise QuerySyntaxError(query, at, "a date must look like 2009-09-14, 2009-09 or 2009")
    try:
        calendar_date(int(match[1]), int(match[2] or 1), int(match[3] or 1))
    except ValueError as exc:
        raise QuerySyntaxError(query, at, "this date does not exist") from exc


def _flatten_conjunction(syntax: _SyntaxNode) -> Iterator[_SyntaxNode]:
    """Yield the parts of which every one must match."""
    if isinstance(syntax, _Branch) and syntax.operator == "AND":
        for operand in syntax.operands:
            yield from _flatten_conjunction(operand)
    else:
        yield syntax


def _is_field_filter(node: QueryNode | None) -> bool:
    return isinstance(node, FieldTerm | DateRange) or (isinstance(node, Not) and _is_field_filter(node.node))


def _build_node(syntax: _SyntaxNode) -> QueryNode | None:
    """Convert a syntax tree to a query; return None if it has no letters or digits."""
    match syntax:
        case _PlainWord(text):
            return _build_adjacent_words(text)
        case _Branch("NOT", [operand]):
            node = _build_node(operand)
            return node and Not(node)
        case _Branch(operator, operands):
            return _join_nodes(operator, map(_build_node, operands))
        case _:
            return syntax


def _join_nodes(operator: str, nodes: Iterable[QueryNode | None]) -> QueryNode | None:
    operands = _select_operands(nodes)
    if len(operands) < 2:
        return operands[0] if operands else None
    return And(operands) if operator == "AND" else Or(operands)


def _count_terms(node: QueryNode) -> int:
    match node:
        case And(operands) | Or(operands):
            return sum(map(_count_terms, operands))
        case Not(operand):
            return _count_terms(operand)
        case _:
            return 1


def _select_operands(nodes: Iterable[QueryNode | None]) -> tuple[QueryNode, ...]:
    return tuple(dict.fromkeys(node for node in nodes if node is not None))


def _build_field_term(field: str, token: _Token) -> FieldTerm | None:
    tokens = tuple(tokenize_field(f"{token.label} {token.text}"))
    return FieldTerm(field, tokens, is_prefix=token.kind == "prefix") if tokens else None


def _build_operand(token: _Token) -> _PlainWord | QueryNode | None:
    if token.kind == "phrase":
        return _build_phrase(token)
    return _build_prefix(token.text) if token.kind == "prefix" else _PlainWord(token.text)


def _build_phrase(token: _Token) -> QueryNode | None:
    words = tuple(normalize_words(token.text.split())[0])
    if token.distance > 1 and len(words) > 1 and not token.label:
        return Proximity(words, token.distance)
    return _build_adjacent_words(f"{token.label} {token.text}")


def _build_adjacent_words(text: str) -> QueryNode | None:
    """Require the words of *text* side by side, in runs that each fit into the overlap of two passages."""
    tokens = tuple(normalize_words(text.split())[0])
    runs = [PhraseQuery(tokens[at : at + PASSAGE_OVERLAP]) for at in range(0, len(tokens), PASSAGE_OVERLAP)]
    return _join_nodes("AND", runs)


def _build_prefix(text: str) -> QueryNode | None:
    """Require a word that starts with *text*; of several words, such as `self-evid`, the last one is the prefix."""
    *complete, prefix = tokenize_field(text) or [""]
    if not prefix:
        return None
    return _join_nodes("AND", [PhraseQuery((*complete,)) if complete else None, PrefixQuery(prefix)])
