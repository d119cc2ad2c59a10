"""Routes of mentions over time: the page, and its numbers and drawing as files."""

from __future__ import annotations

import csv
import io
import re
import time
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ..errors import BadRequestError, QuerySyntaxError, TooBusyError
from ..library import Index
from ..search.trend import Trend, TrendGroup
from .pages import get_index, render_page
from .params import FILTERS, SearchParams
from .plain_text import escape_cell
from .preferences import read_preferences
from .responses import file_response
from .search import run_trend
from .templating import render_template
from .views.trend import MAX_PHRASES, PhraseTrend, list_csv_rows, make_trend_page, span_is_long

_MAX_CPU_S = 10.0
"""Processor time after which no further phrase is counted."""

_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _show_trend(request: Request) -> Response:
    found, by = _count_trends(request)
    return render_page(request, "trend.html", make_trend_page(found, by))


def _send_csv(request: Request) -> Response:
    found, by = _count_trends(request)
    table = io.StringIO()
    csv.writer(table).writerows([escape_cell(cell) for cell in row] for row in list_csv_rows(found, by))
    return file_response(table.getvalue(), "text/csv; charset=utf-8", "mentions.csv")


def _send_svg(request: Request) -> Response:
    found, by = _count_trends(request)
    page = make_trend_page(found, by)
    svg = render_template("trend.svg", preferences=read_preferences({}), page=page)
    return file_response(_NOT_XML.sub("", svg), "image/svg+xml", "mentions.svg")


def _count_trends(request: Request) -> tuple[list[PhraseTrend], TrendGroup]:
    """Return the trends of the phrases of *request*: by month, or by year if the span is long, unless it says so."""
    params = request.query_params
    given = params.get("by", "")
    if given not in ("", "month", "year"):
        raise BadRequestError("by", "must be month or year")
    phrases = list(dict.fromkeys(filter(None, (each.strip() for each in params.getlist("q")))))
    if len(phrases) > MAX_PHRASES:
        raise BadRequestError("q", f"at most {MAX_PHRASES} phrases can be compared")
    filters = {name: params[name] for name in FILTERS if name in params}
    searches = [SearchParams.from_params({**filters, "q": phrase}) for phrase in phrases]
    index = get_index(request)
    if given:
        return _count_each(index, searches, "year" if given == "year" else "month")
    by_month = _count_each(index, searches[:1], "month")[0]
    if any(span_is_long(each.trend) for each in by_month):
        return _count_each(index, searches, "year")
    return by_month + _count_each(index, searches[1:], "month")[0], "month"


def _count_each(index: Index, searches: Sequence[SearchParams], by: TrendGroup) -> tuple[list[PhraseTrend], TrendGroup]:
    """Return the trend of each of *searches*.

    Raises `TooBusyError` if there is no processor time left for the next one.
    """
    end_s = time.thread_time() + _MAX_CPU_S
    found = []
    for each in searches:
        if time.thread_time() > end_s:
            raise TooBusyError("the phrases take too much processor time: compare fewer of them")
        found.append(_count_trend(index, each, by))
    return found, by


def _count_trend(index: Index, params: SearchParams, by: TrendGroup) -> PhraseTrend:
    try:
        return PhraseTrend(params, run_trend(index, params, by))
    except QuerySyntaxError as error:
        return PhraseTrend(params, Trend(by), error.reason)


routes: list[BaseRoute] = [
    Route("/trend", _show_trend),
    Route("/trend.csv", _send_csv),
    Route("/trend.svg", _send_svg),
]
"""Routes of mentions over time."""
