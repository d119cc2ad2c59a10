"""The hits of a search as the lines of a file: CSV, JSON Lines, SRT or Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Literal

from ..model import Hit, probability_word
from ..transcripts.lazy_pattern import lazy_pattern
from ..transcripts.timecode import format_clock, format_timestamp
from .plain_text import escape_cell, json_line, one_line
from .serialize import serialize_hit

HitFormat = Literal["csv", "jsonl", "srt", "md"]

CSV_COLUMNS = ("video_id", "title", "channel", "date", "label", "kind", "start_ms", "end_ms", "match", "score", "text",
               "url")  # fmt: skip

_MARKDOWN_CHARS = lazy_pattern(r"([\\`*_\[\]<>#|~&!])")
_WEB_URL = lazy_pattern(r"https?://[^\s<>\\]+")


def hit_lines(hits: Sequence[Hit], form: HitFormat, *, title: str = "") -> Iterator[str]:
    """Yield the lines of a file of *hits* in the format *form*; Markdown has *title* as its heading."""
    if form == "csv":
        yield from table_lines(CSV_COLUMNS, map(serialize_hit, hits))
    elif form == "jsonl":
        yield from (f"{json_line(serialize_hit(hit))}\n" for hit in hits)
    elif form == "srt":
        yield from srt_lines(hits)
    else:
        yield from _markdown_lines(hits, title)


def table_lines(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> Iterator[str]:
    """Yield a line of CSV with the names of *columns*, and one for each of *rows*."""
    import csv
    import io

    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    for cells in (columns, *([escape_cell(fields[name]) for name in columns] for fields in rows)):
        table.writerow(cells)
        yield text.getvalue()
        text.seek(0)
        text.truncate()


def srt_lines(hits: Iterable[Hit], *, first: int = 1) -> Iterator[str]:
    """Yield each of *hits* as a numbered caption with the title and the link of its video."""
    for number, hit in enumerate(hits, first):
        times = f"{format_timestamp(hit.start_ms, ',')} --> {format_timestamp(hit.end_ms, ',')}"
        yield f"{number}\n{times}\n{one_line(hit.text)}\n{one_line(hit.video.title)} {one_line(hit.url)}\n\n"


def _markdown_lines(hits: Iterable[Hit], title: str) -> Iterator[str]:
    """Yield a list of hits for each video; those of one video that do not follow each other are in several lists."""
    yield f"# {_escape_markdown(title)}\n"
    for _, found in groupby(hits, key=lambda hit: hit.video.id):
        group = list(found)
        video = group[0].video
        about = ", ".join(filter(None, (_escape_markdown(video.channel or video.site), video.date)))
        name = video.title or group[0].label or "Untitled video"
        yield f"\n## {_link(name, video.url)}\n\n{f'{about}{chr(10)}{chr(10)}' if about else ''}"
        yield from map(_markdown_item, group)


def _markdown_item(hit: Hit) -> str:
    speaker = f"{_escape_markdown(hit.speaker)}: " if hit.speaker else ""
    kind = "similar words" if hit.match == "near" else f"other words, {probability_word(hit.score)}"
    near = "" if hit.match == "exact" else f" ({kind}, {min(hit.score, 0.99):.0%})"
    before = f"{_escape_markdown(hit.before)} " if hit.before else ""
    after = f" {_escape_markdown(hit.after)}" if hit.after else ""
    clock = _link(format_clock(hit.start_ms), hit.url)
    return f"- {clock} {speaker}{before}**{_escape_markdown(hit.text)}**{after}{near}\n"


def _link(text: str, url: str) -> str:
    return f"[{_escape_markdown(text)}](<{url}>)" if _WEB_URL.fullmatch(url) else _escape_markdown(text)


def _escape_markdown(text: str) -> str:
    return _MARKDOWN_CHARS.sub(r"\\\1", one_line(text))
