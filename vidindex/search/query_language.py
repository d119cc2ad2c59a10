"""The query language: is there any in a text, is it well-formed, and which tree does whoosh read from it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..engines.terms import FIELDS, field_tokens
from ..errors import QuerySyntaxError
from ..model import PASSAGE_OVERLAP, And, Dated, InField, Near, Node, Not, Or, Phrase, Prefix
from ..transcripts.normalize import fold

_NAMES = (*FIELDS, "after", "before")
_FIELD = re.compile(rf"(?<![^\s(])(?:{'|'.join(_NAMES)}):(?=[\w\"(])")
_BETWEEN = re.compile(r"(?<=\S)\s+(?:AND|OR|NOT)(?=\s+\S)")
_PREFIX = re.compile(r"(?<![^\s(])\w{2,}\*(?=[\s)]|$)")
_QUOTED = re.compile(r"(?<![^\s(:])\"[^\"]*\w[^\"]*\"(?:~\d{1,4})?(?=[\s)]|$)")
_DISTANCE = re.compile(r"\"~\d")
_TOKEN = re.compile(r"\"[^\"]*\"(?:~\d+)?|\(|\)|[^\s()\"]+:?|\"")
_DATED = re.compile(r"(?<![^\s(])(after|before):\"?([^\s()\"]*)")
_DATE = re.compile(r"(\d{4})(?:-?(\d\d)(?:-?(\d\d))?)?", re.ASCII)
_LONGEST = 1000  # characters of a query with operators; a longer text is a quote
_DEEPEST = 20
_MOST_OPERANDS = 50
_MOST_WORDS = 200


@dataclass(frozen=True, slots=True)
class Parsed:
    """A query with operators; *words* is what stands in it beside its fields, where there are no other operators.

    *explicit* where the operators cannot be anything else: more than quotation marks.
    """

    nodes: tuple[Node, ...]
    words: str
    explicit: bool


def has_operators(text: str) -> bool:
    """Tell whether *text* is a query rather than plain words."""
    if len(text) > _LONGEST:
        return False
    return bool(_FIELD.search(text) or _PREFIX.search(text) or _words_between(text)) or _is_quoted(text)


def _words_between(text: str) -> bool:
    """Look for AND, OR, NOT between words; in a text all in capitals they are words."""
    if not _BETWEEN.search(text):
        return False
    others = _BETWEEN.sub(" ", text)
    return not others.isupper() or '"' in text


def _is_quoted(text: str) -> bool:
    return text.count('"') % 2 == 0 and bool(_QUOTED.search(text)) and _QUOTED.sub("", text).count('"') == 0


def read(text: str) -> Parsed:
    """Read a query that has operators.  Raises `QuerySyntaxError`."""
    _check(text)
    parts = list(_top(_whoosh(text)))
    joined = _words_between(text)
    explicit = joined or bool(_FIELD.search(text) or _PREFIX.search(text) or _DISTANCE.search(text))
    bare = [part.text for part in parts if _is_bare(part)]
    nodes = [_node(part) for part in parts]
    if not joined and all(_is_bare(part) or _is_field(node) for part, node in zip(parts, nodes, strict=True)):
        fields = tuple(node for part, node in zip(parts, nodes, strict=True) if node is not None and not _is_bare(part))
        return Parsed(fields, " ".join(bare), explicit)
    return Parsed(tuple(dict.fromkeys(node for node in nodes if node is not None))[:_MOST_OPERANDS], "", explicit)


def _whoosh(text: str) -> Any:
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


def _top(query: Any) -> Iterator[Any]:
    """Give the parts of which every one must hold."""
    if type(query).__name__ == "And":
        for part in query.subqueries:
            yield from _top(part)
    else:
        yield query


def _is_bare(query: Any) -> bool:
    return type(query).__name__ == "Term" and query.fieldname not in _NAMES


def _is_field(node: Node | None) -> bool:
    return isinstance(node, InField | Dated) or (isinstance(node, Not) and _is_field(node.node))


def _node(query: Any) -> Node | None:
    """Translate whoosh's query; None where no word of it is left."""
    match type(query).__name__:
        case "And" | "Or" as kind:
            return _group(kind, [_node(part) for part in query.subqueries])
        case "Not":
            node = _node(query.query)
            return node and Not(node)
        case "Phrase":
            return _phrase(query.fieldname, " ".join(query.words), query.slop)
        case "Prefix":
            return _prefix(query.text)
        case "Term":
            return _term(query.fieldname, str(query.text))
    return None


def _group(kind: str, nodes: list[Node | None]) -> Node | None:
    kept = tuple(dict.fromkeys(node for node in nodes if node is not None))[:_MOST_OPERANDS]
    if len(kept) < 2:
        return kept[0] if kept else None
    return And(kept) if kind == "And" else Or(kept)


def _term(field: str, text: str) -> Node | None:
    if field in ("after", "before"):
        return Dated(**{field: text})
    if field in FIELDS:
        tokens = tuple(field_tokens(text))
        return InField(field, tokens) if tokens else None
    return _side_by_side(text if field == "words" else f"{field} {text}")


def _side_by_side(text: str) -> Node | None:
    """Want the words of *text* side by side; more than fit into a passage in runs that do."""
    tokens = tuple(fold(text.split())[0])[:_MOST_WORDS]
    runs = [Phrase(tokens[at : at + PASSAGE_OVERLAP]) for at in range(0, len(tokens), PASSAGE_OVERLAP)]
    return _group("And", [*runs])


def _phrase(field: str, text: str, slop: int) -> Node | None:
    if field != "words":
        return _term(field, text)
    tokens = tuple(fold(text.split())[0])
    if slop > 1 and len(tokens) > 1:
        return Near(tokens[:20], min(slop, 100))
    return _side_by_side(text)


def _prefix(text: str) -> Node | None:
    name, colon, stem = text.partition(":")
    if colon and name in FIELDS:
        tokens = tuple(field_tokens(stem))
        return InField(name, tokens, prefix=True) if tokens else None
    *first, last = field_tokens(text) or [""]
    if not last:
        return None
    return _group("And", [Phrase((*first,)) if first else None, Prefix(last)])


# Well-formedness: whoosh reads anything somehow, so what it would misread is told before.


def _check(text: str) -> None:
    if text.count('"') % 2:
        raise QuerySyntaxError(text, text.rindex('"'), "this quotation mark has no partner")
    _check_order(text)
    for match in _DATED.finditer(text):
        _check_date(text, match.start(2), match[2])


def dated(after: str, before: str) -> Dated | None:
    """Bound by dates that were given beside a query; None for no bounds.  Raises `QuerySyntaxError`."""
    for name, text in (("after", after), ("before", before)):
        if text:
            _check_date(f"{name}:{text}", len(name) + 1, text)
    return Dated(after, before) if after or before else None


def _check_date(query: str, at: int, text: str) -> None:
    """Check that *text*, at the character *at* of *query*, is a day, a month or a year that can be."""
    from datetime import date  # costs what most searches need not pay

    match = _DATE.fullmatch(text)
    if match is None:
        raise QuerySyntaxError(query, at, "a date is written 2009-09-14, 2009-09 or 2009")
    try:
        date(int(match[1]), int(match[2] or 1), int(match[3] or 1))
    except ValueError as exc:
        raise QuerySyntaxError(query, at, "there is no such day") from exc


def _check_order(text: str) -> None:
    """Check that parentheses match, and that operators stand between what they join."""
    opened: list[int] = []
    before, at = "(", 0
    for match in _TOKEN.finditer(text):
        piece, at = match[0], match.start()
        if piece in ("AND", "OR") and before in ("(", "AND", "OR", "NOT"):
            raise QuerySyntaxError(text, at, f"{piece} needs a word before it")
        if piece == ")":
            _check_closing(text, at, before, opened)
            opened.pop()
        elif piece == "(":
            opened.append(at)
        if len(opened) > _DEEPEST:
            raise QuerySyntaxError(text, at, "parentheses are nested too deep")
        before = piece
    if before in ("AND", "OR", "NOT"):
        raise QuerySyntaxError(text, at, f"{before} needs a word after it")
    if opened:
        raise QuerySyntaxError(text, opened[-1], "this parenthesis is never closed")


def _check_closing(text: str, at: int, before: str, opened: list[int]) -> None:
    if not opened:
        raise QuerySyntaxError(text, at, "no parenthesis is open here")
    if before == "(":
        raise QuerySyntaxError(text, at, "nothing stands between these parentheses")
    if before in ("AND", "OR", "NOT"):
        raise QuerySyntaxError(text, at, f"{before} needs a word after it")
