"""The query language: is there any in a text, is it well-formed, and which tree does whoosh read from it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..engines.terms import FIELD_NAMES, tokenize_field
from ..errors import QuerySyntaxError
from ..model import PASSAGE_OVERLAP, And, DateRange, FieldTerm, Not, Or, PhraseQuery, PrefixQuery, Proximity, QueryNode
from ..transcripts.normalize import normalize_words

_FIELD_NAMES = (*FIELD_NAMES, "after", "before")
_FIELD_PATTERN = re.compile(rf"(?<![^\s(])(?:{'|'.join(_FIELD_NAMES)}):(?=[\w\"(])")
_OPERATOR_PATTERN = re.compile(r"(?<=\S)\s+(?:AND|OR|NOT)(?=\s+\S)")
_PREFIX_PATTERN = re.compile(r"(?<![^\s(])\w{2,}\*(?=[\s)]|$)")
_QUOTED_PATTERN = re.compile(r"(?<![^\s(:])\"[^\"]*\w[^\"]*\"(?:~\d{1,4})?(?=[\s)]|$)")
_DISTANCE_PATTERN = re.compile(r"\"~\d")
_TOKEN_PATTERN = re.compile(r"\"[^\"]*\"(?:~\d+)?|\(|\)|[^\s()\"]+:?|\"")
_DATE_FILTER_PATTERN = re.compile(r"(?<![^\s(])(after|before):\"?([^\s()\"]*)")
_DATE_PATTERN = re.compile(r"(\d{4})(?:-?(\d\d)(?:-?(\d\d))?)?", re.ASCII)
_MAX_QUERY_CHARS = 1000  # characters of a query with operators; a longer text is a quote
_MAX_NESTING_DEPTH = 20
_MAX_OPERANDS = 50
_MAX_PHRASE_TOKENS = 200


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A query with operators; *words* is what stands in it beside its fields, where there are no other operators.

    *explicit* where the operators cannot be anything else: more than quotation marks.
    """

    nodes: tuple[QueryNode, ...]
    words: str
    explicit: bool


def has_operators(text: str) -> bool:
    """Tell whether *text* is a query rather than plain words."""
    if len(text) > _MAX_QUERY_CHARS:
        return False
    return bool(
        _FIELD_PATTERN.search(text) or _PREFIX_PATTERN.search(text) or _has_boolean_operators(text)
    ) or _has_quoted_phrase(text)


def _has_boolean_operators(text: str) -> bool:
    """Look for AND, OR, NOT between words; in a text all in capitals they are words."""
    if not _OPERATOR_PATTERN.search(text):
        return False
    others = _OPERATOR_PATTERN.sub(" ", text)
    return not others.isupper() or '"' in text


def _has_quoted_phrase(text: str) -> bool:
    return (
        text.count('"') % 2 == 0
        and bool(_QUOTED_PATTERN.search(text))
        and _QUOTED_PATTERN.sub("", text).count('"') == 0
    )


def parse_operators(text: str) -> ParsedQuery:
    """Read a query that has operators.  Raises `QuerySyntaxError`."""
    _check_syntax(text)
    parts = list(_required_parts(_parse_with_whoosh(text)))
    joined = _has_boolean_operators(text)
    explicit = joined or bool(
        _FIELD_PATTERN.search(text) or _PREFIX_PATTERN.search(text) or _DISTANCE_PATTERN.search(text)
    )
    bare = [part.text for part in parts if _is_plain_term(part)]
    nodes = [_build_node(part) for part in parts]
    if not joined and all(
        _is_plain_term(part) or _is_field_filter(node) for part, node in zip(parts, nodes, strict=True)
    ):
        fields = tuple(
            node for part, node in zip(parts, nodes, strict=True) if node is not None and not _is_plain_term(part)
        )
        return ParsedQuery(fields, " ".join(bare), explicit)
    return ParsedQuery(tuple(dict.fromkeys(node for node in nodes if node is not None))[:_MAX_OPERANDS], "", explicit)


def _parse_with_whoosh(text: str) -> Any:
    from whoosh import qparser

    whoosh: Any = qparser  # its types are partial
    plugins = ("WhitespacePlugin", "PhrasePlugin", "GroupPlugin", "PrefixPlugin")
    parser = whoosh.QueryParser(
        "words",
        None,
        plugins=[
            *(getattr(whoosh.plugins, name)() for name in plugins),
            whoosh.plugins.FieldsPlugin(remove_unknown=False),
            whoosh.plugins.OperatorsPlugin(AndNot=None, AndMaybe=None, Require=None),
        ],
    )
    return parser.parse(text, normalize=False)


def _required_parts(query: Any) -> Iterator[Any]:
    """Give the parts of which every one must hold."""
    if type(query).__name__ == "And":
        for part in query.subqueries:
            yield from _required_parts(part)
    else:
        yield query


def _is_plain_term(query: Any) -> bool:
    return type(query).__name__ == "Term" and query.fieldname not in _FIELD_NAMES


def _is_field_filter(node: QueryNode | None) -> bool:
    return isinstance(node, FieldTerm | DateRange) or (isinstance(node, Not) and _is_field_filter(node.node))


def _build_node(query: Any) -> QueryNode | None:
    """Translate whoosh's query; None where no word of it is left."""
    match type(query).__name__:
        case "And" | "Or" as kind:
            return _join_nodes(kind, [_build_node(part) for part in query.subqueries])
        case "Not":
            node = _build_node(query.query)
            return node and Not(node)
        case "Phrase":
            return _build_phrase(query.fieldname, " ".join(query.words), query.slop)
        case "Prefix":
            return _build_prefix(query.text)
        case "Term":
            return _build_term(query.fieldname, str(query.text))
    return None


def _join_nodes(kind: str, nodes: list[QueryNode | None]) -> QueryNode | None:
    kept = tuple(dict.fromkeys(node for node in nodes if node is not None))[:_MAX_OPERANDS]
    if len(kept) < 2:
        return kept[0] if kept else None
    return And(kept) if kind == "And" else Or(kept)


def _build_term(field: str, text: str) -> QueryNode | None:
    if field in ("after", "before"):
        return DateRange(**{field: text})
    if field in FIELD_NAMES:
        tokens = tuple(tokenize_field(text))
        return FieldTerm(field, tokens) if tokens else None
    return _split_into_phrases(text if field == "words" else f"{field} {text}")


def _split_into_phrases(text: str) -> QueryNode | None:
    """Want the words of *text* side by side; more than fit into a passage in runs that do."""
    tokens = tuple(normalize_words(text.split())[0])[:_MAX_PHRASE_TOKENS]
    runs = [PhraseQuery(tokens[at : at + PASSAGE_OVERLAP]) for at in range(0, len(tokens), PASSAGE_OVERLAP)]
    return _join_nodes("And", [*runs])


def _build_phrase(field: str, text: str, slop: int) -> QueryNode | None:
    if field != "words":
        return _build_term(field, text)
    tokens = tuple(normalize_words(text.split())[0])
    if slop > 1 and len(tokens) > 1:
        return Proximity(tokens[:20], min(slop, 100))
    return _split_into_phrases(text)


def _build_prefix(text: str) -> QueryNode | None:
    name, colon, stem = text.partition(":")
    if colon and name in FIELD_NAMES:
        tokens = tuple(tokenize_field(stem))
        return FieldTerm(name, tokens, is_prefix=True) if tokens else None
    *first, last = tokenize_field(text) or [""]
    if not last:
        return None
    return _join_nodes("And", [PhraseQuery((*first,)) if first else None, PrefixQuery(last)])


# Well-formedness: whoosh reads anything somehow, so what it would misread is told before.


def _check_syntax(text: str) -> None:
    if text.count('"') % 2:
        raise QuerySyntaxError(text, text.rindex('"'), "this quotation mark has no partner")
    _check_structure(text)
    for match in _DATE_FILTER_PATTERN.finditer(text):
        _check_date(text, match.start(2), match[2])


def parse_date_range(after: str, before: str) -> DateRange | None:
    """Bound by dates that were given beside a query; None for no bounds.  Raises `QuerySyntaxError`."""
    for name, text in (("after", after), ("before", before)):
        if text:
            _check_date(f"{name}:{text}", len(name) + 1, text)
    return DateRange(after, before) if after or before else None


def _check_date(query: str, at: int, text: str) -> None:
    """Check that *text*, at the character *at* of *query*, is a day, a month or a year that can be."""
    from datetime import date  # costs what most searches need not pay

    match = _DATE_PATTERN.fullmatch(text)
    if match is None:
        raise QuerySyntaxError(query, at, "a date is written 2009-09-14, 2009-09 or 2009")
    try:
        date(int(match[1]), int(match[2] or 1), int(match[3] or 1))
    except ValueError as exc:
        raise QuerySyntaxError(query, at, "there is no such day") from exc


def _check_structure(text: str) -> None:
    """Check that parentheses match, and that operators stand between what they join."""
    opened: list[int] = []
    before, at = "(", 0
    for match in _TOKEN_PATTERN.finditer(text):
        piece, at = match[0], match.start()
        if piece in ("AND", "OR") and before in ("(", "AND", "OR", "NOT"):
            raise QuerySyntaxError(text, at, f"{piece} needs a word before it")
        if piece == ")":
            _check_closing_parenthesis(text, at, before, opened)
            opened.pop()
        elif piece == "(":
            opened.append(at)
        if len(opened) > _MAX_NESTING_DEPTH:
            raise QuerySyntaxError(text, at, "parentheses are nested too deep")
        before = piece
    if before in ("AND", "OR", "NOT"):
        raise QuerySyntaxError(text, at, f"{before} needs a word after it")
    if opened:
        raise QuerySyntaxError(text, opened[-1], "this parenthesis is never closed")


def _check_closing_parenthesis(text: str, at: int, before: str, opened: list[int]) -> None:
    if not opened:
        raise QuerySyntaxError(text, at, "no parenthesis is open here")
    if before == "(":
        raise QuerySyntaxError(text, at, "nothing stands between these parentheses")
    if before in ("AND", "OR", "NOT"):
        raise QuerySyntaxError(text, at, f"{before} needs a word after it")
