"""`vidindex trend`: print how often something was said over time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from .columns import Column, format_rows
from .context import CommandContext
from .search import filter_options, match_kind, words_argument
from .terminal import escape_cell, json_line, one_line, pluralize

if TYPE_CHECKING:
    from ..search.trend import Trend, TrendRow

_COLUMNS = (
    Column(),
    Column(right=True, fixed=True, bold=True),
    Column(right=True, fixed=True),
    Column(right=True, fixed=True, dim=True),
    Column(fixed=True),
)
_BAR_CHARS = 30
_EIGHTHS = " ▏▎▍▌▋▊▉"
_UNKNOWN_NAMES = {"month": "no month", "year": "no date", "channel": "no channel", "speaker": "no speaker"}


@click.command(no_args_is_help=True)
@words_argument
@click.option(
    "--by",
    type=click.Choice(["month", "year", "channel", "speaker"]),
    default="month",
    show_default=True,
    help="What to count hits by.",
)
@click.option("--exact", is_flag=True, help="Only hits that match word for word.")
@click.option("--near", is_flag=True, help="Only hits that do not.")
@filter_options
@click.option("--json", "form", flag_value="json", help="Print one JSON object.")
@click.option("--csv", "form", flag_value="csv", help="Print CSV with a header.")
@click.pass_obj
def trend(
    session: CommandContext, /, text: str, by: Any, form: str | None, exact: bool, near: bool, **filters: Any
) -> int:
    """Show how often WORDS were said, by month, per million words.

    Every month has a line, so that gaps show: where no words are indexed, there is no rate. WORDS is a quote or a query
    as for `vidindex search`.

    \b
      vidindex trend night train
      vidindex trend 'title:news (flood OR drought)' --by year --csv
    """
    from ..search.options import SearchOptions

    options = SearchOptions(match=match_kind(exact=exact, near=near), **filters)
    with session.open() as index:
        found = index.trend(text, by=by, options=options)
    if form == "json":
        from ..server.serialize import serialize_trend

        click.echo(json_line(serialize_trend(found)))
    elif form == "csv":
        _print_csv(found)
    else:
        _print_table(found)
    if found.is_more and form != "json":
        click.echo("more than 10,000 passages match: only the hits in a sample of them are counted", err=True)
    return 0 if found.total else 1


def _print_csv(found: Trend) -> None:
    click.echo(f"{found.by},hits,words,rate")
    for row in found.rows:
        name = escape_cell(row.value).replace('"', '""')
        rate = "" if row.rate is None else f"{row.rate:.3f}"
        click.echo(f'"{name}",{row.hits},{row.words},{rate}')


def _print_table(found: Trend) -> None:
    if found.rows:
        for line in format_rows(_table_rows(found), _COLUMNS):
            click.echo(line.rstrip())
        click.echo()
    at_least = "at least " * found.is_more
    click.echo(f"{at_least}{pluralize(found.total, 'hit')} in {pluralize(found.words, 'indexed word')}")


def _table_rows(found: Trend) -> Iterator[Sequence[str]]:
    highest = max((row.rate or 0.0 for row in found.rows), default=0.0)
    at_least = "≥" * found.is_more
    yield found.by, "hits", "per million", "words", ""
    for row in found.rows:
        name = one_line(row.value) or _UNKNOWN_NAMES[found.by]
        bar = _draw_bar(row.rate or 0.0, highest)
        yield name, f"{at_least}{row.hits:,}", _format_rate(row, at_least), f"{row.words:,}", bar


def _format_rate(row: TrendRow, at_least: str) -> str:
    return "-" if row.rate is None else f"{at_least}{row.rate:,.1f}"


def _draw_bar(rate: float, highest: float) -> str:
    eighths = round(8 * _BAR_CHARS * rate / highest) if highest else 0
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8]).rstrip()
