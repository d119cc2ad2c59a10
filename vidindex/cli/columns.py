"""Print records as columns that line up, and that fit a terminal of any width."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, product

import click

from .wrapping import cell_width, terminal_columns

_MEASURED_ROWS = 10_000
"""Rows from which the widths are computed, so that a large index needs little memory."""

_GAP = "  "
_MIN_WIDTHS = (8, 4)
"""Widths to which columns are cut: the second one only if the row does not fit otherwise."""


@dataclass(frozen=True, slots=True)
class Column:
    """How the cells of a column are printed; a *fixed* one is never cut, and one that people copy is *cut_last*."""

    fixed: bool = False
    cut_last: bool = False
    right: bool = False
    dim: bool = False
    bold: bool = False
    color: str | None = None


def format_rows(rows: Iterable[Sequence[str]], columns: Sequence[Column]) -> Iterator[str]:
    """Yield each row as a line.  On a terminal, long cells are cut so that the row fits; elsewhere, all are whole."""
    rows = iter(rows)
    measured = list(islice(rows, _MEASURED_ROWS))
    if not measured:
        return
    widths = [max(cell_width(row[at]) for row in measured) for at in range(len(columns))]
    if sys.stdout.isatty():
        widths = _shrink_widths(widths, columns, terminal_columns())
    shown = [at for at, width in enumerate(widths) if width]
    for row in chain(measured, rows):
        cells = [_format_cell(row[at], widths[at], columns[at], is_last=at == shown[-1]) for at in shown]
        yield _GAP.join(cells)


def _shrink_widths(widths: Sequence[int], columns: Sequence[Column], room: int) -> list[int]:
    """Return *widths*, of which the widest were reduced until all columns fit into *room*."""
    widths = list(widths)
    room -= len(_GAP) * (sum(map(bool, widths)) - 1)
    for minimum, cut_last in product(_MIN_WIDTHS, (False, True)):
        cut = [at for at, column in enumerate(columns) if not column.fixed and column.cut_last == cut_last]
        while sum(widths) > room and any(widths[at] > minimum for at in cut):
            widths[max(cut, key=widths.__getitem__)] -= 1
    return widths


def _format_cell(text: str, width: int, column: Column, *, is_last: bool) -> str:
    if sys.stdout.isatty() and not column.fixed:
        text = cut_text(text, width)
    padding = " " * (width - cell_width(text))
    styled = click.style(text, dim=column.dim or None, bold=column.bold or None, fg=column.color)
    if column.right:
        return padding + styled
    return styled if is_last else styled + padding


def cut_text(text: str, width: int) -> str:
    """Return *text*, or as much of it as fits into *width* cells of a terminal, with "…" at the end."""
    if cell_width(text) <= width:
        return text
    if text.isascii():
        return text[: width - 1] + "…"
    from rich.cells import set_cell_size

    return set_cell_size(text, width - 1).rstrip() + "…"
