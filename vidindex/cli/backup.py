"""`vidindex backup` and `restore`: write an index to one file, and read it back."""

from __future__ import annotations

import sys
from collections.abc import Callable

import click

from ..model import Progress
from .context import CommandContext
from .terminal import format_bytes, one_line, pluralize


@click.command()
@click.argument("source", metavar="INDEX")
@click.argument("file", metavar="FILE")
@click.pass_obj
def backup(session: CommandContext, source: str, file: str) -> None:
    """Write a backup of the index INDEX, a folder, to FILE. Other commands may write to the index meanwhile.

    \b
      vidindex backup ./index index.backup
      vidindex restore index.backup ./restored

    FILE is compressed and has a checksum. An earlier backup with that name is replaced when the new one is complete;
    any other file is not. The search engine is not part of it: `restore` builds it again.
    """
    from ..library import backup as write_backup

    size = write_backup(source, file, notify=_show_progress())
    click.echo(f"wrote {one_line(file)} ({format_bytes(size)})")


@click.command()
@click.argument("file", metavar="FILE")
@click.argument("target", metavar="INDEX")
@click.option(
    "--engine",
    type=click.Choice(["auto", "tantivy", "whoosh"]),
    default="auto",
    show_default=True,
    help="Search engine to build; auto takes that of the index.",
)
@click.pass_obj
def restore(session: CommandContext, file: str, target: str, engine: str) -> None:
    """Restore the backup FILE as INDEX, a new or empty folder, and build its search engine.

    FILE is verified first. INDEX appears when it is complete: if anything fails, nothing is changed.
    """
    from ..library import open as open_index
    from ..library import restore as read_backup

    read_backup(file, target, engine=engine, notify=_show_progress())
    with open_index(target, create=False) as index:
        counts = index.stats()
    click.echo(f"restored with {counts.engine}: {pluralize(counts.tracks, 'track')}, {counts.words:,} words")


def _show_progress() -> Callable[[Progress], None]:
    """Return a function that shows the progress in one line of a terminal, and each step in a line elsewhere."""
    is_terminal = sys.stderr.isatty()

    def show(progress: Progress) -> None:
        if progress.stage != "copied":
            click.echo(f"{progress.stage:>11}  {one_line(progress.name)}", err=True)
        elif is_terminal:
            end = "\n" if progress.detail == "100 %" else ""
            click.echo(f"\r{progress.stage:>11}  {one_line(progress.name)}  {progress.detail}{end}", err=True, nl=False)

    return show
