"""`vidindex list`: print the records of the index, one per line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import click

from ..model import origin_label, status_word
from .batch_progress import task_fields
from .context import CommandContext
from .terminal import format_clock, json_line, one_line, pluralize

if TYPE_CHECKING:
    from ..library import Index


@click.command("list")
@click.argument(
    "what", metavar="articles|videos|dead|failures", type=click.Choice(["articles", "videos", "dead", "failures"])
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines.")
@click.pass_obj
def list_(session: CommandContext, what: str, as_json: bool) -> int:
    """List articles, videos, unavailable embeds (dead), or failures with their next retry.

    \b
      vidindex list videos
      vidindex list dead --json
    """
    rows = {"articles": _article_rows, "videos": _video_rows, "dead": _unavailable_rows, "failures": _failure_rows}[
        what
    ]
    shown = 0
    with session.open() as index:
        for fields, line in rows(index):
            shown += 1
            click.echo(json_line(fields) if as_json else line)
    if not shown and not as_json:
        click.echo(f"no {_EMPTY_NAMES.get(what, what)} in this index", err=True)
    return 0 if shown else 1


_EMPTY_NAMES = {"dead": "unavailable embeds"}
_ListRows = Iterator[tuple[dict[str, object], str]]


def _article_rows(index: Index) -> _ListRows:
    for article in index.articles():
        embeds = index.embeds(article=article.url)
        fields: dict[str, object] = {
            "url": article.url,
            "title": article.title,
            "site": article.site,
            "date": article.date,
            "author": article.author,
            "embeds": len(embeds),
        }
        about = click.style(f"{article.date:10}  {pluralize(len(embeds), 'embed')}", dim=True)
        yield (
            fields,
            f"{about}  {one_line(article.title) or '(no title)'}  {click.style(one_line(article.url), fg='blue')}",
        )


def _video_rows(index: Index) -> _ListRows:
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
            "unavailable_since": video.unavailable_since,
            "tracks": [{"language": track.language, "origin": track.origin} for track in tracks],
        }
        captions = (
            ", ".join(f"{track.language or '?'} ({origin_label(track.origin)})" for track in tracks) or "no captions"
        )
        length = format_clock(video.duration_ms) if video.duration_ms else ""
        status = f", unavailable since {video.unavailable_since}" if video.unavailable_since else ""
        about = click.style(f"{length:>8}  {video.kind}, {one_line(captions)}{status}", dim=True)
        yield fields, f"{one_line(video.id)}  {click.style(one_line(video.title), bold=True)}  {about}"


def _unavailable_rows(index: Index) -> _ListRows:
    for state in index.embeds(state="dead"):
        embed = state.embed
        fields: dict[str, object] = {
            "url": embed.url,
            "provider": embed.provider,
            "id": embed.id,
            "label": embed.label,
            "article": state.article,
            "state": state.state,
            "reason": state.reason,
        }
        yield fields, _format_failure("unavailable", embed.label, embed.url, state.reason, state.article)


def _failure_rows(index: Index) -> _ListRows:
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
        yield (
            fields,
            _format_failure(state, label, task.as_listed or task.url, reason, record.article if record else ""),
        )


def _format_failure(state: str, label: str, url: str, reason: str, article: str) -> str:
    named = f"“{one_line(label)}”  " if label else ""
    why = f": {one_line(reason)}" if reason else ""
    where = f"  {click.style('in ' + one_line(article), dim=True)}" if article else ""
    return f"{click.style(state, fg='yellow')}  {named}{one_line(url)}{why}{where}"
