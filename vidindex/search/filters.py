"""The filters of `SearchOptions`, as query nodes."""

from __future__ import annotations

from ..engines.terms import tokenize_field
from ..model import And, DateRange, FieldTerm, QueryNode
from .options import SearchOptions


def apply_filters(node: QueryNode, options: SearchOptions) -> QueryNode:
    """Return *node* combined with the filters of *options*.  Raises `QuerySyntaxError` if a date is invalid."""
    values = [("site", options.site), ("channel", options.channel), ("kind", options.kind)]
    values += [("lang", options.lang), ("article", options.article)]
    terms = [FieldTerm(name, tuple(tokenize_field(value))) for name, value in values if value]
    dates = _parse_dates(options) if options.after or options.before else None
    nodes = (node, *terms, *([dates] if dates else []))
    return And(nodes) if len(nodes) > 1 else node


def _parse_dates(options: SearchOptions) -> DateRange | None:
    from .query_language import parse_date_range  # most searches have no dates, and start-up counts

    return parse_date_range(options.after, options.before)
