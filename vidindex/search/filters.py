"""The filters of `SearchOptions`, as query nodes."""

from __future__ import annotations

from ..engines.terms import tokenize_field
from ..model import And, FieldTerm, QueryNode
from .options import SearchOptions
from .query_language import parse_date_range


def apply_filters(node: QueryNode, options: SearchOptions) -> QueryNode:
    """Return *node* combined with the filters of *options*.  Raises `QuerySyntaxError` if a date is invalid."""
    values = [("site", options.site), ("channel", options.channel), ("kind", options.kind)]
    values += [("lang", options.lang), ("article", options.article)]
    terms = [FieldTerm(name, tuple(tokenize_field(value))) for name, value in values if value]
    dates = parse_date_range(options.after, options.before)
    nodes = (node, *terms, *([dates] if dates else []))
    return And(nodes) if len(nodes) > 1 else node
