"""Translate queries for texts to SQL on `texts.sqlite3`; all values are parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ...model import (
    TEXT_KINDS,
    And,
    DateRange,
    FieldTerm,
    Not,
    Or,
    PhraseQuery,
    PrefixQuery,
    Proximity,
    QueryNode,
    TextQuery,
    WordsQuery,
)
from ...transcripts.field_tokens import date_number
from ..texts import FILTER_FIELDS, MAX_QUERY_WORDS, find_words

_MAX_NAMES = 10_000


class SqlCondition(NamedTuple):
    """A condition on `text` and `item` with its parameters."""

    sql: str
    values: tuple[object, ...] = ()


_NEVER = SqlCondition("0")


def translate_text_query(query: TextQuery) -> SqlCondition:
    """Return the condition of a text that matches *query*."""
    kinds = tuple(TEXT_KINDS.index(kind) for kind in query.kinds)
    conditions = [SqlCondition(f"text.kind IN ({_holes(kinds)})", kinds), _translate_node(query.node)]
    if query.videos:
        names = tuple(sorted(query.videos))[:_MAX_NAMES]
        conditions.append(SqlCondition(f"item.part = 'video' AND item.name IN ({_holes(names)})", names))
    return _join("AND", conditions)


def order_by(query: TextQuery) -> SqlCondition:
    """Return the order of texts: side by side before scattered words, and the newest first among equal ones."""
    newest = "item.date DESC, item.id, text.kind"
    if query.newest_first:
        return SqlCondition(newest)
    words = find_words(query.node)
    if words is None or len(words.tokens) < 2:
        return SqlCondition(f"text.kind, {newest}")
    phrase = _translate_node(PhraseQuery(words.tokens[:MAX_QUERY_WORDS]))
    return SqlCondition(f"text.kind, {phrase.sql} DESC, {newest}", phrase.values)


def _translate_node(node: QueryNode) -> SqlCondition:
    match node:
        case WordsQuery():
            return _match_words(" AND ".join(map(_quote, dict.fromkeys(node.tokens[:MAX_QUERY_WORDS]))))
        case PhraseQuery():
            return _match_words(_quote(" ".join(node.tokens)))
        case PrefixQuery():
            return _match_words(f"{_quote(node.prefix)} *")
        case Proximity():
            return _match_words(_near(list(dict.fromkeys(node.tokens)), node.distance))
        case FieldTerm():
            return _match_field(node)
        case DateRange():
            return _match_date(node)
        case And():
            return _join("AND", list(map(_translate_node, node.nodes)))
        case Or():
            return _join("OR", list(map(_translate_node, node.nodes)))
        case Not():
            inner = _translate_node(node.node)
            return SqlCondition(f"NOT {inner.sql}", inner.values)


def _join(operator: str, conditions: Sequence[SqlCondition]) -> SqlCondition:
    if not conditions:
        return SqlCondition("1")
    joined = f" {operator} ".join(each.sql for each in conditions)
    return SqlCondition(f"({joined})", tuple(value for each in conditions for value in each.values))


def _match_words(expression: str) -> SqlCondition:
    if not expression.strip('" *'):
        return _NEVER
    return SqlCondition("text.id IN (SELECT rowid FROM words WHERE words MATCH ?)", (expression,))


def _match_field(node: FieldTerm) -> SqlCondition:
    if node.field_name not in FILTER_FIELDS or not node.tokens:
        return _NEVER
    expression = f"{node.field_name} : {_quote(' '.join(node.tokens))}{' *' * node.is_prefix}"
    return SqlCondition("item.id IN (SELECT rowid FROM fields WHERE fields MATCH ?)", (expression,))


def _match_date(dated: DateRange) -> SqlCondition:
    low = date_number(dated.after) if dated.after else 1
    high = date_number(dated.before, pad="9") if dated.before else 99_999_999
    return SqlCondition("item.date BETWEEN ? AND ?", (max(low, 1), high))


def _near(tokens: Sequence[str], distance: int) -> str:
    if len(tokens) < 2:
        return _quote(" ".join(tokens))
    return f"NEAR({' '.join(map(_quote, tokens))}, {max(0, distance - 1)})"


def _quote(text: str) -> str:
    return '"' + text.replace('"', '""').replace("\0", "") + '"'


def _holes(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))
