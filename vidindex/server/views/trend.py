"""Mentions over time: how often phrases were said by month or year, relative to the words that are indexed."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from ...search.trend import Trend, TrendGroup, TrendRow
from ..params import FILTERS, SearchParams

MAX_PHRASES = 4
MAX_MONTHS = 60
"""Longest span that is shown by month unless the visitor asks for months."""

FEW_WORDS = 10_000
"""With fewer indexed words, a single hit is a rate of a hundred per million: it says little."""

_MAX_COLUMNS = 240
_MAX_TABLE_ROWS = 1_200
_CHART_WIDTH = 960
_CHART_HEIGHT = 100
_GAP_SHARE = 0.15

_MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class PhraseTrend:
    """The trend of one phrase, or what is wrong with it."""

    params: SearchParams
    trend: Trend
    error: str = ""


@dataclass(frozen=True, slots=True)
class TrendBar:
    """The bar of a phrase for a month or a year, in units of the chart; *href* searches there if there are hits."""

    x: float
    width: float
    y: float
    height: float
    column_x: float
    column_width: float
    title: str
    href: str
    kind: str


@dataclass(frozen=True, slots=True)
class TrendPanel:
    """The bars of a phrase, and what they say in words; *number* tells its color."""

    number: int
    phrase: str
    href: str
    total: str
    highest: str
    note: str
    error: str
    bars: tuple[TrendBar, ...]


@dataclass(frozen=True, slots=True)
class TrendCell:
    """The numbers of a phrase in a row of the table."""

    hits: str
    rate: str
    words: str
    href: str


@dataclass(frozen=True, slots=True)
class TrendTableRow:
    """A row of the table: a month or a year."""

    name: str
    cells: tuple[TrendCell, ...]


@dataclass(frozen=True, slots=True)
class TrendOption:
    """A link that groups by month or year."""

    text: str
    href: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class TrendPage:
    """The page of trends, or its form alone if no phrase is given."""

    title: str
    phrases: tuple[str, ...]
    by: TrendGroup
    panels: tuple[TrendPanel, ...] = ()
    table: tuple[TrendTableRow, ...] = ()
    first: str = ""
    middle: str = ""
    last: str = ""
    top: str = ""
    notes: tuple[str, ...] = ()
    filters: tuple[tuple[str, str], ...] = ()
    unfiltered_href: str = ""
    options: tuple[TrendOption, ...] = ()
    csv_href: str = ""
    svg_href: str = ""
    width: int = _CHART_WIDTH
    height: int = _CHART_HEIGHT


def make_trend_page(found: Sequence[PhraseTrend], by: TrendGroup) -> TrendPage:
    """Return the page that compares the trends *found*, all counted by *by*."""
    phrases = tuple(each.params.q for each in found)
    if not found:
        return TrendPage("Mentions over time", (), by)
    params = found[0].params
    values = _list_values(found)
    shown = values[-_MAX_COLUMNS:]
    top = max((row.rate or 0.0 for row in _list_rows(found, shown)), default=0.0)
    filters = tuple((name, getattr(params, name)) for name in FILTERS if getattr(params, name))
    return TrendPage(
        title=", ".join(phrases),
        phrases=phrases,
        by=by,
        panels=tuple(_make_panel(at, each, by, shown, top) for at, each in enumerate(found, 1)),
        table=tuple(_make_table(found, by, values[-_MAX_TABLE_ROWS:])),
        first=_name_value(shown[0]) if shown else "",
        middle=_name_value(shown[len(shown) // 2]) if len(shown) > 4 else "",
        last=_name_value(shown[-1]) if len(shown) > 1 else "",
        top=_format_rate(top) if top else "",
        notes=tuple(_list_notes(found, by, values, shown)),
        filters=filters,
        unfiltered_href=trend_path([replace(SearchParams(), q=phrase) for phrase in phrases], by),
        options=tuple(
            TrendOption(name, trend_path([each.params for each in found], group), group == by)
            for group, name in (("month", "By month"), ("year", "By year"))
        ),
        csv_href=trend_path([each.params for each in found], by, form="csv"),
        svg_href=trend_path([each.params for each in found], by, form="svg"),
    )


def trend_path(phrases: Sequence[SearchParams], by: str = "", *, form: str = "") -> str:
    """Return the path of the page that compares *phrases*, which have the same filters, or of its file."""
    pairs = [("q", each.q) for each in phrases]
    pairs += [(name, getattr(phrases[0], name)) for name in FILTERS if getattr(phrases[0], name)]
    return f"/trend{f'.{form}' if form else ''}?{urlencode(pairs + ([('by', by)] if by else []))}"


def span_is_long(trend: Trend) -> bool:
    """Check whether *trend*, which is by month, has too many months to tell them apart."""
    return sum(1 for row in trend.rows if row.value) > MAX_MONTHS


def list_csv_rows(found: Sequence[PhraseTrend], by: TrendGroup) -> Iterator[list[str]]:
    """Yield the rows of the CSV file, the header first; *lower_bound* is 1 if the hits were counted in a sample."""
    yield ["phrase", by, "hits", "words", "per_million", "lower_bound"]
    for each in found:
        for row in each.trend.rows:
            rate = "" if row.rate is None else f"{row.rate:.3f}"
            yield [each.params.q, row.value, str(row.hits), str(row.words), rate, str(int(each.trend.is_more))]


def _list_values(found: Iterable[PhraseTrend]) -> list[str]:
    return sorted({row.value for each in found for row in each.trend.rows if row.value})


def _list_rows(found: Iterable[PhraseTrend], values: Iterable[str]) -> list[TrendRow]:
    """Return the rows of *values*."""
    wanted = set(values)
    return [row for each in found for row in each.trend.rows if row.value in wanted]


def _make_panel(number: int, found: PhraseTrend, by: TrendGroup, values: Sequence[str], top: float) -> TrendPanel:
    rows = {row.value: row for row in found.trend.rows}
    best = max((row for row in found.trend.rows if row.value and row.hits), key=lambda row: row.rate or 0, default=None)
    return TrendPanel(
        number=number,
        phrase=found.params.q,
        href=f"/?{found.params.to_query_string(by='moment')}",
        total=_describe_total(found.trend),
        highest=f"Highest: {_describe_row(best, found.trend, by)}" if best else "",
        note=_describe_bounds(found.trend),
        error=found.error,
        bars=tuple(_make_bars(found, by, [rows.get(value, TrendRow(value, 0, 0)) for value in values], top)),
    )


def _make_bars(found: PhraseTrend, by: TrendGroup, rows: Sequence[TrendRow], top: float) -> Iterator[TrendBar]:
    column = _CHART_WIDTH / max(len(rows), 1)
    for at, row in enumerate(rows):
        height = _CHART_HEIGHT * (row.rate or 0.0) / top if top else 0.0
        height = max(height, 1.5) if row.hits else height
        yield TrendBar(
            x=round(at * column + column * _GAP_SHARE / 2, 2),
            width=round(column * (1 - _GAP_SHARE), 2),
            y=round(_CHART_HEIGHT - height, 2),
            height=round(height, 2),
            column_x=round(at * column, 2),
            column_width=round(column, 2),
            title=_describe_row(row, found.trend, by),
            href=_search_href(found.params, row, by) if row.hits else "",
            kind="gap" if not row.words else "few" if row.words < FEW_WORDS else "",
        )


def _make_table(found: Sequence[PhraseTrend], by: TrendGroup, values: Sequence[str]) -> Iterator[TrendTableRow]:
    rows = [{row.value: row for row in each.trend.rows} for each in found]
    names = [*values, ""] if any("" in each for each in rows) else values
    for value in names:
        cells = (
            _make_cell(each, by, by_value.get(value, TrendRow(value, 0, 0)))
            for each, by_value in zip(found, rows, strict=True)
        )
        yield TrendTableRow(_name_value(value) if value else f"No {by} known", tuple(cells))


def _make_cell(found: PhraseTrend, by: TrendGroup, row: TrendRow) -> TrendCell:
    at_least = "≥ " if found.trend.is_more and row.hits else ""
    return TrendCell(
        hits=f"{at_least}{row.hits:,}",
        rate="–" if row.rate is None else f"{at_least}{_format_rate(row.rate)}",
        words=f"{row.words:,}",
        href=_search_href(found.params, row, by) if row.hits and row.value else "",
    )


def _search_href(params: SearchParams, row: TrendRow, by: TrendGroup) -> str:
    """Return the search for the hits of *row*, within the filters of *params*."""
    if by == "year":
        return f"/?{params.to_query_string(year=row.value)}"
    last = calendar.monthrange(int(row.value[:4]), int(row.value[5:]))[1]
    before = params.before + "-12-31"[len(params.before) - 4 :] if params.before else ""  # `2009` is the whole year
    first_day = max(params.after, f"{row.value}-01")
    last_day = min(filter(None, (before, f"{row.value}-{last:02}")))
    return f"/?{params.to_query_string(after=first_day, before=last_day)}"


def _describe_total(trend: Trend) -> str:
    if not trend.words:
        return "No words are indexed"
    at_least = "at least " if trend.is_more else ""
    hits = f"{at_least}{trend.total:,} mention{'s' * (trend.total != 1)}" if trend.total else "no mentions"
    rate = trend.total * 1_000_000 / trend.words
    per_million = f", {at_least}{_format_rate(rate)} per million" if trend.total else ""
    text = f"{hits} in {trend.words:,} indexed words{per_million}"
    return text[:1].upper() + text[1:]


def _describe_row(row: TrendRow, trend: Trend, by: TrendGroup) -> str:
    name = _name_value(row.value) if row.value else f"no {by} known"
    if row.rate is None:
        return f"{name}: no words are indexed"
    at_least = "at least " if trend.is_more and row.hits else ""
    return f"{name}: {at_least}{row.hits:,} in {row.words:,} words, {at_least}{_format_rate(row.rate)} per million"


def _describe_bounds(trend: Trend) -> str:
    if not trend.is_more:
        return ""
    return "More than 10,000 passages match. A sample of them was counted: all numbers are lower bounds."


def _list_notes(
    found: Sequence[PhraseTrend], by: TrendGroup, values: Sequence[str], shown: Sequence[str]
) -> Iterator[str]:
    rows = [row for each in found for row in each.trend.rows]
    undated = max((row.words for row in rows if not row.value), default=0)
    if undated:
        hits = sum(row.hits for row in rows if not row.value)
        yield (
            f"Videos without a known {by} are not drawn: they have {undated:,} words and "
            f"{hits:,} mention{'s' * (hits != 1)}{' of all phrases' * (len(found) > 1)}."
        )
    dated = _list_rows(found, shown)
    if any(0 < row.words < FEW_WORDS for row in dated):
        yield f"Pale bars: fewer than {FEW_WORDS:,} words are indexed in that {by}, so that its rate may be chance."
    if any(not row.words for row in dated):
        yield f"Dashes at the base: no words are indexed in that {by}. That is a gap, and not a zero."
    if len(shown) < len(values):
        yield f"The last {len(shown)} of {len(values):,} {by}s are drawn. The CSV file has all."


def _name_value(value: str) -> str:
    """Return a month or a year as people read it: `Sep 2009`."""
    return f"{_MONTH_NAMES[int(value[5:]) - 1]} {value[:4]}" if "-" in value else value


def _format_rate(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= 100 else f"{rate:,.1f}"
