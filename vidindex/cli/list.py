"""`vidindex list`: what the index holds, a line each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import click

from .batch_progress import task_fields
from .context import CommandContext
from .terminal import format_clock, json_line, one_line, pluralize

if TYPE_CHECKING:
    from ..library import Index


@click.command("list")
@click.argument("what", type=click.Choice(["articles", "videos", "dead", "failures"]))
@click.option("--json", "as_json", is_flag=True, help="JSON lines.")
@click.pass_obj
def list_(session: CommandContext, what: str, as_json: bool) -> int:
    """List the articles, the videos, the embeds that are dead, or what failed, with its next try.

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
        click.echo(f"no {what} in this index", err=True)
    return 0 if shown else 1


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
        captions = ", ".join(f"{track.language or '?'} {track.origin}" for track in tracks) or "no captions"
        length = format_clock(video.duration_ms) if video.duration_ms else ""
        gone = f", gone since {video.unavailable_since}" if video.unavailable_since else ""
        about = click.style(f"{length:>8}  {video.kind}, {one_line(captions)}{gone}", dim=True)
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
        yield fields, _format_failure("dead", embed.label, embed.url, state.reason, state.article)


def _failure_rows(index: Index) -> _ListRows:
    """Give what the queue holds of links, embeds and videos that failed, each with the first article it is in."""
    for task in index.tasks("failed", "gone", "later"):
        if task.verdict == "dead" and task.state == "gone":
            continue
        place = next(iter(index.embeds(url=task.url)), None)
        fields: dict[str, object] = {
            **task_fields(task),
            "provider": place.embed.provider if place else "",
            "id": place.embed.id if place else "",
            "label": place.embed.label if place else "",
            "article": place.article if place else task.article,
        }
        reason = task.reason
        if task.state == "later":
            reason += f" (try {task.tries}, again {datetime.fromtimestamp(task.next_try):%Y-%m-%d %H:%M})"
        state = task.verdict if task.verdict not in ("", "failed") else task.state
        label = place.embed.label if place else ""
        yield fields, _format_failure(state, label, task.as_listed or task.url, reason, place.article if place else "")


def _format_failure(state: str, label: str, url: str, reason: str, article: str) -> str:
    named = f"“{one_line(label)}”  " if label else ""
    why = f": {one_line(reason)}" if reason else ""
    where = f"  {click.style('in ' + one_line(article), dim=True)}" if article else ""
    return f"{click.style(state, fg='yellow')}  {named}{one_line(url)}{why}{where}"
