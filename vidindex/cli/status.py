"""`vidindex status`: show the progress of the work queue."""

from __future__ import annotations

from datetime import datetime

import click

from ..model import status_word
from ..store.tasks import TASK_KINDS, TASK_STATES, QueueStatus, status_fields
from .context import CommandContext
from .terminal import format_pause, json_line, one_line, pluralize


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def status(session: CommandContext, as_json: bool) -> None:
    """Show the progress of the links, embeds and videos in the work queue."""
    with session.open() as index:
        found = index.status()
        pending_words = index.pending_words()
    if as_json:
        click.echo(json_line(status_fields(found)))
        return
    if not found.counts:
        click.echo("the queue is empty; `vidindex batch links.txt` fills it")
        return
    words = [status_word(state) for state in TASK_STATES]
    click.echo(click.style(f"{'':8}" + "".join(f"{word:>13}" for word in words), dim=True))
    for kind in TASK_KINDS:
        counts = (f"{found.count(state, kind=kind):,}" for state in TASK_STATES)
        click.echo(f"{kind + 's':8}" + "".join(f"{'·' if count == '0' else count:>13}" for count in counts))
    total = (f"{found.count(state):,}" for state in TASK_STATES)
    click.echo(f"{'total':8}" + "".join(f"{'·' if count == '0' else count:>13}" for count in total))
    for line in _remark_lines(found, pending_words):
        click.echo(line)


def _remark_lines(found: QueueStatus, pending_words: int) -> list[str]:
    lines = []
    if found.reasons:
        lines.append(
            "failures: "
            + ", ".join(f"{one_line(failure_class) or 'unknown'} {count:,}" for failure_class, count in found.reasons)
        )
    lines += map(format_pause, found.paused)
    if found.next_try:
        when = datetime.fromtimestamp(found.next_try).astimezone()
        lines.append(f"next try: {when:%Y-%m-%d %H:%M:%S}")
    if found.runs:
        lines.append(f"{pluralize(found.runs, 'run')} in progress")
    elif found.count("waiting") > sum(pause.waiting for pause in found.paused):
        lines.append("idle: run `vidindex batch` to continue")
    if pending_words:
        lines.append(f"{pending_words:,} words are not searchable yet")
    return lines
