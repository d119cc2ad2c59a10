"""`vidindex status`: how far the work is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

import click

from ..store.tasks import QueueStatus, TaskKind, TaskState
from .context import CommandContext
from .terminal import json_line, one_line, pluralize

_TASK_STATES: tuple[TaskState, ...] = get_args(TaskState)
_TASK_KINDS: tuple[TaskKind, ...] = get_args(TaskKind)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def status(session: CommandContext, as_json: bool) -> None:
    """Show how far the links, embeds and videos of the work queue are."""
    with session.open() as index:
        found = index.status()
        waiting_words = index.pending_words()
    if as_json:
        click.echo(json_line(_status_fields(found)))
        return
    if not found.counts:
        click.echo("nothing was ever in the queue; `vidindex batch links.txt` fills it")
        return
    click.echo(click.style(f"{'':8}" + "".join(f"{state:>9}" for state in _TASK_STATES), dim=True))
    for kind in _TASK_KINDS:
        click.echo(f"{kind + 's':8}" + "".join(f"{found.count(state, kind=kind) or '·':>9}" for state in _TASK_STATES))
    for line in _remark_lines(found, waiting_words):
        click.echo(line)


def _remark_lines(found: QueueStatus, waiting_words: int) -> list[str]:
    lines = []
    if found.reasons:
        lines.append(
            "why: " + ", ".join(f"{one_line(verdict) or 'unknown'} {count:,}" for verdict, count in found.reasons)
        )
    if found.next_try:
        when = datetime.fromtimestamp(found.next_try).astimezone()
        lines.append(f"next try: {when:%Y-%m-%d %H:%M:%S}")
    if found.runs:
        lines.append(f"{pluralize(found.runs, 'run')} at work now")
    elif found.count("waiting"):
        lines.append("nobody works on it: `vidindex batch` does")
    if waiting_words:
        lines.append(f"{waiting_words:,} words are stored and not searchable yet")
    return lines


def _status_fields(found: QueueStatus) -> dict[str, object]:
    due = datetime.fromtimestamp(found.next_try, UTC).isoformat(timespec="seconds") if found.next_try else ""
    kinds = {kind + "s": {state: found.count(state, kind=kind) for state in _TASK_STATES} for kind in _TASK_KINDS}
    return {**kinds, "next_try": due, "runs": found.runs, "reasons": dict(found.reasons)}
