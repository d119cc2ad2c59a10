"""Tables of timed texts in CSV or TSV, as Whisper, whisper.cpp, Premiere and scripts write them; labels of Audacity."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator

from ...model import Cue
from ..limits import collect_cues
from .parse_result import ParseWarnings
from .speech_json import iter_item_cues
from .text_chunks import iter_lines
from .timed_items import TimedItem, names_timed_text, read_item

AUDACITY_LABEL = re.compile(r"\d{1,6}\.\d{3,9}\t\d{1,6}\.\d{3,9}\t")
"""The start of a file of labels, which has no header."""
_AUDACITY_COLUMNS = ["start", "end", "text"]
_DELIMITERS = "\t,;|"
_MAX_HEADER_CHARS, _MAX_COLUMNS = 2000, 60
_NOT_IN_NAMES = re.compile(r"[\W_]+|\((?:s|sec|secs|seconds|ms|hh:mm:ss\S{0,5})\)", re.IGNORECASE)
_MILLISECONDS = re.compile(r"\(ms\)|_ms$", re.IGNORECASE)
_OTHER_NAMES = {
    "timecode": "start", "timecodein": "start", "tcin": "start", "in": "start", "inpoint": "start", "intime": "start",
    "starttimecode": "start", "timecodeout": "end", "tcout": "end", "out": "end", "outpoint": "end", "outtime": "end",
    "endtimecode": "end", "dialogue": "text", "transcription": "text", "content": "text", "name": "speaker",
}  # fmt: skip
"""Names of columns in the exports of editing programs, as the data of speech services call these fields."""
_FRAME_TIME = re.compile(r"(\d{1,3})[:;](\d\d)[:;](\d\d)[:;](\d\d)")
_SAMPLE_CHARS = 1 << 16


def is_timed_table(head: str) -> bool:
    """Return whether *head*, the start of a text, is that of a table whose columns are a start and a text."""
    return AUDACITY_LABEL.match(head) is not None or _read_header(head) is not None


def parse_cues(text: str, warnings: ParseWarnings) -> list[Cue]:
    """Parse the rows below the header.

    Raises `ValueError` if *text* is no table of timed texts.
    """
    header = _read_header(text)
    rows = _iter_rows(text, header[0] if header else "\t")
    columns = header[1] if header else _AUDACITY_COLUMNS
    if header:
        next(rows, None)
    frame_ms = _guess_frame_ms(text[:_SAMPLE_CHARS], warnings)
    return collect_cues(iter_item_cues(_iter_items(rows, columns, frame_ms), warnings))


def _read_header(text: str) -> tuple[str, list[str]] | None:
    """Return the delimiter of a table and the names of its columns; None if *text* is no table of timed texts."""
    line = text[:_MAX_HEADER_CHARS].lstrip("\ufeff \r\n").partition("\n")[0].rstrip("\r")
    for delimiter in _DELIMITERS:
        if delimiter not in line:
            continue
        names = [_normalize_name(cell) for cell in next(_iter_rows(line, delimiter), [])[:_MAX_COLUMNS]]
        if names_timed_text(names):
            return delimiter, names
    return None


def _normalize_name(cell: str) -> str:
    name = _NOT_IN_NAMES.sub("", cell.lower())
    name = _OTHER_NAMES.get(name, name)
    return f"{name}ms" if _MILLISECONDS.search(cell) and not name.endswith("ms") else name


def _iter_rows(text: str, delimiter: str) -> Iterator[list[str]]:
    """Yield the cells of each row.  Cells of TSV have no line breaks, and quotation marks in them are text."""
    lines = (f"{line}\n" for line in iter_lines(text.lstrip("\ufeff \r\n")))
    if delimiter == "\t":
        yield from ([_unquote(cell.strip()) for cell in line.split("\t")] for line in lines if line.strip())
        return
    try:
        yield from (row for row in csv.reader(lines, delimiter=delimiter, skipinitialspace=True) if row)
    except csv.Error as error:
        raise ValueError(f"its rows cannot be read ({error})") from error


def _unquote(cell: str) -> str:
    """Return *cell* without the quotation marks that some programs put around each cell."""
    is_quoted = len(cell) > 1 and cell[0] == cell[-1] == '"'
    return cell[1:-1].replace('""', '"') if is_quoted else cell


def _iter_items(rows: Iterable[list[str]], columns: list[str], frame_ms: float) -> Iterator[TimedItem]:
    last = len(columns) - 1
    for row in rows:
        # A text in the last column may have delimiters.
        cells = dict(zip(columns, [*row[:last], ", ".join(row[last:])], strict=False))
        values: dict[str, object] = {
            name: _read_frames(match, frame_ms) if (match := _FRAME_TIME.fullmatch(cell.strip())) else cell
            for name, cell in cells.items()
        }
        if item := read_item(values):
            yield item


def _guess_frame_ms(sample: str, warnings: ParseWarnings) -> float:
    """Return the length of the frames that the times in *sample* end with, by the largest number of one."""
    largest = max((int(match[4]) for match in _FRAME_TIME.finditer(sample)), default=-1)
    rate = 25 if largest < 25 else 30 if largest < 30 else 60 if largest < 60 else 100
    if largest >= 0:
        warnings[f"frame rate not stated, {rate} assumed"] += 1
    return 1000 / rate


def _read_frames(match: re.Match[str], frame_ms: float) -> str:
    hours, minutes, seconds, frame = map(int, match.groups())
    return f"{(hours * 60 + minutes) * 60 + seconds + frame * frame_ms / 1000:.3f}s"
