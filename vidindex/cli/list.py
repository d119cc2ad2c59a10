"""`vidindex list`: print the records of the index, one per line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import click

from ..model import status_word
from .batch_progress import task_fields
from .columns import Column, format_rows
from .context import CommandContext
from .terminal import format_clock, json_line, one_line, pluralize
from .tracks import describe_track, track_fields

if TYPE_CHECKING:
    from ..library import Index

_Row = tuple[dict[str, object], tuple[str, ...]]
"""The fields of the JSON of a record, and its cells."""


@click.command("list")
@click.argument(
    "what",
    metavar="articles|videos|speakers|dead|failures",
    type=click.Choice(["articles", "videos", "speakers", "dead", "failures"]),
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines.")
@click.pass_obj
def list_(session: CommandContext, what: str, as_json: bool) -> int:
    """List articles, videos, speakers, unavailable embeds (dead), or failures with their next retry.

    On a terminal, long values are cut to its width. A pipe, a file and --json get them in full.

    \b
      vidindex list videos
      vidindex list dead --json
    """
    table = _TABLES[what]
    shown = 0
    with session.open() as index:
        rows = table.rows(index)
        lines = (
            (json_line(fields) for fields, _ in rows)
            if as_json
            else format_rows((cells for _, cells in rows), table.columns)
        )
        for line in lines:
            shown += 1
            click.echo(line)
    if not shown and not as_json:
        click.echo(f"no {_EMPTY_NAMES.get(what, what)} in this index", err=True)
    return 0 if shown else 1


_EMPTY_NAMES = {"dead": "unavailable embeds"}


def _article_rows(index: Index) -> Iterator[_Row]:
    for article in index.articles():
        embeds = index.embeds(article=article.url)
        fields: dict[str, object] = {
            "url": article.url,
            "title": article.title,
            "site": article.site,
            "date": article.date,
            "author": article.author,
            "captured": article.captured,
            "embeds": len(embeds),
        }
        title = one_line(article.title) or "(no title)"
        yield fields, (article.date[:10], pluralize(len(embeds), "embed"), title, one_line(article.url))


def _video_rows(index: Index) -> Iterator[_Row]:
    for video in index.videos():
        tracks = index.tracks(video.id)
        fields: dict[str, object] = {
            "id": video.id,
            "url": video.url,
            "title": video.title,
            "channel": video.channel,
            "site": video.site,
            "date": video.date,
            "duration_ms": video.duration_ms,
            "kind": video.kind,
            "medium": video.medium,
            "unavailable_since": video.unavailable_since,
            "tracks": [track_fields(track) for track in tracks],
        }
        captions = ", ".join(map(describe_track, tracks))
        captions = captions or "no captions in the index"  # the site may have some that cannot be read
        length = format_clock(video.duration_ms) if video.duration_ms else ""
        status = f"unavailable since {video.unavailable_since}" if video.unavailable_since else ""
        kind = video.kind if video.medium == "video" else f"{video.kind} ({video.medium})"
        cells = (video.id, length, kind, captions, status, video.title)
        yield fields, tuple(map(one_line, cells))


def _speaker_rows(index: Index) -> Iterator[_Row]:
    for speaker in index.speakers():
        fields: dict[str, object] = {"name": speaker.name, "words": speaker.words, "videos": speaker.videos}
        counts = (pluralize(speaker.words, "word"), pluralize(speaker.videos, "video"))
        yield fields, (*counts, one_line(speaker.name))


def _unavailable_rows(index: Index) -> Iterator[_Row]:
    for state in index.embeds(state="dead"):
        embed = state.embed
        fields: dict[str, object] = {
            "url": embed.url,
            "provider": embed.provider,
            "id": embed.id,
            "label": embed.label,
            "medium": embed.medium,
            "article": state.article,
            "state": state.state,
            "reason": state.reason,
        }
        yield fields, _failure_cells("unavailable", embed.label, embed.url, state.reason, state.article)


def _failure_rows(index: Index) -> Iterator[_Row]:
    """Yield the failed tasks of the queue, each with the first article that embeds its video."""
    for task in index.tasks("failed", "gone", "later"):
        if task.verdict == "dead" and task.state == "gone":
            continue
        record = next(iter(index.embeds(url=task.url)), None)
        fields: dict[str, object] = {
            **task_fields(task),
            "provider": record.embed.provider if record else "",
            "id": record.embed.id if record else "",
            "label": record.embed.label if record else "",
            "article": record.article if record else task.article,
        }
        reason = task.reason
        if task.state == "later":
            reason += f" (attempt {task.tries}, next retry {datetime.fromtimestamp(task.next_try):%Y-%m-%d %H:%M})"
        word = status_word(task.state)
        state = f"{word} ({task.verdict})" if task.verdict not in ("", "failed", "later", "gone") else word
        label = record.embed.label if record else ""
        article = record.article if record else ""
        yield fields, _failure_cells(state, label, task.as_listed or task.url, reason, article)


def _failure_cells(state: str, label: str, url: str, reason: str, article: str) -> tuple[str, ...]:
    named = f"“{one_line(label)}”" if label else ""
    where = f"in {one_line(article)}" if article else ""
    return state, one_line(url), one_line(reason), named, where


@dataclass(frozen=True, slots=True)
class _Table:
    """Where the rows of a table come from, and how they are printed."""

    rows: Callable[[Index], Iterator[_Row]]
    columns: tuple[Column, ...]


_FIXED = Column(dim=True, fixed=True)
_LENGTH = Column(dim=True, fixed=True, right=True)
_DIM = Column(dim=True)
_BOLD = Column(bold=True)
_FAILURE_COLUMNS = (Column(color="yellow", fixed=True), Column(cut_last=True), Column(), Column(), _DIM)
_TABLES = {
    "articles": _Table(_article_rows, (_FIXED, _FIXED, Column(), Column(color="blue", cut_last=True))),
    "videos": _Table(_video_rows, (Column(cut_last=True), _LENGTH, _DIM, _DIM, Column(color="yellow"), _BOLD)),
    "speakers": _Table(_speaker_rows, (_LENGTH, _LENGTH, _BOLD)),
    "dead": _Table(_unavailable_rows, _FAILURE_COLUMNS),
    "failures": _Table(_failure_rows, _FAILURE_COLUMNS),
}
