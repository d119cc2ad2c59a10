"""The outcome of each link, as a CSV or JSON Lines file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import astuple, fields
from pathlib import Path

from ..errors import OptionError
from ..store.tasks import LinkReport
from .terminal import escape_cell, json_line

_REPORT_COLUMNS = tuple(field.name for field in fields(LinkReport))


def make_report_writer(file: str | None) -> Callable[[Iterable[LinkReport]], None] | None:
    """Return a function that writes *file*; None without a file.

    Raises `OptionError` before any work is done if *file* cannot be written.
    """
    if file is None:
        return None
    path = Path(file)
    forms = {".csv": _csv_lines, ".jsonl": _json_lines}
    if path.suffix.lower() not in forms:
        raise OptionError(f"cannot write the report {file}: name it .csv or .jsonl")
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise OptionError(f"cannot write the report {file}: its folder does not exist, or it is a folder itself")
    lines = forms[path.suffix.lower()]
    return lambda reports: _write_atomically(path, lines(reports))


def _write_atomically(path: Path, lines: Iterable[str]) -> None:
    """Write the whole file or nothing: an incomplete report would be mistaken for a complete one."""
    unready = path.with_name(path.name + ".part")
    with unready.open("w", encoding="utf-8", newline="") as file:
        file.writelines(lines)
    unready.replace(path)


def _csv_lines(reports: Iterable[LinkReport]) -> Iterator[str]:
    yield _csv_row(_REPORT_COLUMNS)
    for report in reports:
        yield _csv_row([escape_cell(value) for value in astuple(report)])


def _csv_row(values: Iterable[object]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(values)
    return line.getvalue()


def _json_lines(reports: Iterable[LinkReport]) -> Iterator[str]:
    for report in reports:
        yield json_line(dict(zip(_REPORT_COLUMNS, astuple(report), strict=True))) + "\n"
