"""Read CSV and similar tables: separated by comma, semicolon, tab or bar, with or without a header."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from ...errors import ListError
from ...pages.dates import parse_day
from .days import parse_listed_day
from .entry import ListEntry, clean_title
from .links import is_web_link, parse_given_link
from .source import ListSource

_DELIMITERS = "\t;,|"
_LINK_NAMES = (
    "url", "link", "href", "address", "uri", "permalink", "article_url", "page_url", "source_url", "given_url",
    "resolved_url", "original_url", "bookmark_url", "web_url",
)  # fmt: skip
_TITLE_NAMES = (
    "title", "headline", "name", "article_title", "page_title", "resolved_title", "given_title", "titel", "titre",
    "titulo", "título", "titolo",
)  # fmt: skip
_DATE_NAMES = (
    "published", "date", "pubdate", "published_at", "publishedat", "published_date", "publication_date",
    "date_published", "datum", "fecha", "data", "time_added", "added", "added_at", "addedat", "date_added", "dateadded",
    "add_date", "created", "created_at", "createdat", "creation_date", "date_created", "saved", "saved_at", "savedat",
    "saved_date", "date_saved", "timestamp", "time", "bookmarked_at", "starred_at", "last_interaction_date", "updated",
    "updated_at", "modified",
)  # fmt: skip
"""The names of columns in lower case, with `_` between words; the first ones count most."""
_COMMENT_PREFIXES = ("#", "sep=")
"""The start of lines that are not rows: comments, and the line that tells Excel the delimiter."""

_FORMULA = re.compile(r"(?i)=\s?HYPERLINK\(\s?[\"“]([^\"”]{1,8000})[\"”].*\)", re.S)
"""A link of a spreadsheet."""
_MAX_SAMPLE_ROWS = 50
_MIN_EVEN_SHARE = 0.8
_MAX_COLUMNS = 1000
_MAX_ROW_CHARS = 1 << 20

TableRow = list[str]


@dataclass(frozen=True, slots=True)
class _TableColumns:
    """The indexes of the columns, -1 for a missing one."""

    link: int
    title: int = -1
    date: int = -1
    has_header: bool = False


def is_table(source: ListSource, column: str) -> bool:
    """Return whether *source* is a table.  Links contain commas, too, so commas alone do not make a table."""
    if column or source.name.lower().removesuffix(".gz").endswith((".csv", ".tsv")):
        return True
    rows = _sample_rows(source.head, _detect_delimiter(source.head))
    width = Counter(map(len, rows)).most_common(1)
    if not width or width[0][0] < 2:
        return False
    even = [row for row in rows if len(row) == width[0][0]]
    return len(even) >= _MIN_EVEN_SHARE * len(rows) and any(map(_count_links, rows)) and _has_table_features(rows, even)


def read_table(source: ListSource, *, column: str = "") -> Iterator[ListEntry]:
    """Yield the links of one column: *column* (its name or number), else the first column of mostly links."""
    rows = _read_rows(source)
    first = list(islice(rows, _MAX_SAMPLE_ROWS))
    columns = _detect_columns(source, [row for _, row in first if any(row)], column)
    skip = columns.has_header
    for number, row in chain(first, rows):
        if not any(row):
            continue
        if not skip:
            yield _to_list_entry(source, row, columns, number)
        skip = False


def _to_list_entry(source: ListSource, row: TableRow, columns: _TableColumns, number: int) -> ListEntry:
    link = row[columns.link] if columns.link < len(row) else ""
    if not link:
        return ListEntry(" ".join(row)[:200], number, problem="the row has no link")
    title = row[columns.title] if -1 < columns.title < len(row) else ""
    date = row[columns.date] if -1 < columns.date < len(row) else ""
    return parse_given_link(link, source, line=number, title=clean_title(title), date=parse_listed_day(date))


def _read_rows(source: ListSource) -> Iterator[tuple[int, TableRow]]:
    lines = _RowLines(source)
    reader = csv.reader(lines, delimiter=_detect_delimiter(source.head))
    try:
        for row in reader:
            lines.row_chars = 0
            if not (row and row[0].lstrip().startswith(_COMMENT_PREFIXES)):
                yield reader.line_num, [_FORMULA.sub(r"\1", field.strip()) for field in row[:_MAX_COLUMNS]]
    except csv.Error as exc:
        raise ListError(
            source.name, f"line {reader.line_num} is not a row of a table ({exc}): check its quotes"
        ) from exc


class _RowLines:
    """The lines of a table; *row_chars* counts those of one row, because a field in quotes may have many lines."""

    def __init__(self, source: ListSource) -> None:
        self.row_chars = 0
        self._lines = source.read_lines()

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self.row_chars += len(line) + 1
            if self.row_chars > _MAX_ROW_CHARS:
                raise csv.Error("it is too long")
            yield f"{line}\n"


def _detect_columns(source: ListSource, rows: Sequence[TableRow], column: str) -> _TableColumns:
    names = [name.casefold() for name in rows[0]] if rows else []
    keys = [re.sub(r"[\s_-]+", "_", name.strip()) for name in names]
    at = _find_named_column(source, names, column) if column else _guess_link_column(source, rows, keys)
    body = [row[at] for row in rows[1:] if at < len(row)]
    top = keys[at] if at < len(keys) else ""
    header = not is_web_link(top) and (
        top in _LINK_NAMES or names[at : at + 1] == [column.casefold()] or any(map(is_web_link, body))
    )
    if not header or not names:
        return _TableColumns(at)
    return _TableColumns(at, _first_index(keys, _TITLE_NAMES), _first_index(keys, _DATE_NAMES), has_header=True)


def _find_named_column(source: ListSource, names: Sequence[str], column: str) -> int:
    if column.casefold() in names:
        return names.index(column.casefold())
    if column.isascii() and column.isdigit() and 0 < int(column[:9]) <= max(len(names), 1):
        return int(column[:9]) - 1
    shown = ", ".join(name[:40] for name in names[:20])
    raise ListError(source.name, f"it has no column {column}: its first row is {shown}")


def _guess_link_column(source: ListSource, rows: Sequence[TableRow], names: Sequence[str]) -> int:
    """Return the column of links: one with such a name, else the first."""
    width = max(map(len, rows), default=0)
    linked = [at for at in range(width) if _is_mostly_links([row[at] for row in rows if at < len(row) and row[at]])]
    called = [names.index(name) for name in _LINK_NAMES if name in names]
    at = next((at for at in (*called, *linked) if at in linked), _first_index(names, _LINK_NAMES))
    if at < 0 and rows:
        raise ListError(source.name, "no column contains mostly links: name one with --column")
    return max(at, 0)


def _is_mostly_links(values: Sequence[str]) -> bool:
    """Return whether at least half of *values* are links, so that a header and one link suffice."""
    links = sum(map(is_web_link, values))
    return links > 0 and links * 2 >= len(values)


def _first_index(names: Sequence[str], wanted: Sequence[str]) -> int:
    return next((names.index(name) for name in wanted if name in names), -1)


def _detect_delimiter(head: str) -> str:
    """Return the delimiter that splits most of the first rows into the same number of fields, at least two."""
    return max(_DELIMITERS, key=lambda delimiter: _evenness_score(_sample_rows(head, delimiter)))


def _evenness_score(rows: Sequence[TableRow]) -> tuple[float, int]:
    widths = Counter(map(len, rows))
    width, count = widths.most_common(1)[0] if widths else (0, 0)
    links = sum(1 for row in rows if _count_links(row))
    return (count / len(rows) + links / len(rows) if width > 1 else 0.0), width


def _sample_rows(head: str, delimiter: str) -> list[TableRow]:
    """Return the first rows, without comments."""
    lines = [
        line
        for line in head.splitlines()[: 2 * _MAX_SAMPLE_ROWS]
        if line.strip() and not line.lstrip().startswith(_COMMENT_PREFIXES)
    ]
    try:
        return [row for row in csv.reader(lines[:_MAX_SAMPLE_ROWS], delimiter=delimiter) if row]
    except csv.Error:
        return []


def _count_links(row: TableRow) -> int:
    return sum(map(is_web_link, row))


def _has_table_features(rows: Sequence[TableRow], even: Sequence[TableRow]) -> bool:
    """Return whether there is a header, a link after the first field, or a field that cannot be part of a link."""
    if rows[0] is even[0] and len(rows) > 1 and not _count_links(rows[0]):
        return True
    telling = [row for row in even if not is_web_link(row[0]) or any(_is_table_field(field) for field in row[1:])]
    return 2 * len(telling) > len(even)


def _is_table_field(field: str) -> bool:
    return " " in field.strip() or is_web_link(field) or (len(field) > 4 and bool(parse_day(field)))
