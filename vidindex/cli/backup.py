"""`vidindex backup` and `restore`: write an index to one file, and read it back."""

from __future__ import annotations

import click

from .context import CommandContext
from .progress_bar import StageProgress
from .shared_options import folder_engine_option
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

    with StageProgress({"copied": "copying MB"}, verbose=session.verbose) as progress:
        size = write_backup(source, file, notify=progress.show_progress)
    click.echo(f"wrote {one_line(file)} ({format_bytes(size)})")


@click.command()
@click.argument("file", metavar="FILE")
@click.argument("target", metavar="INDEX")
@folder_engine_option("Search engine to build; auto takes that of the index.")
@click.option("--no-gist", is_flag=True, help="Restore without vectors, whose model is not needed then.")
@click.pass_obj
def restore(session: CommandContext, file: str, target: str, engine: str, no_gist: bool) -> None:
    """Restore the backup FILE as INDEX, a new or empty folder, and build its search engine, and its vectors if any.

    FILE is verified first. INDEX appears when it is complete: if anything fails, nothing is changed.
    """
    from ..library import open as open_index
    from ..library import restore as read_backup

    with StageProgress({"copied": "reading MB", "engine": "indexing"}, verbose=session.verbose) as progress:
        read_backup(file, target, engine=engine, gist=False if no_gist else None, notify=progress.show_progress)
    with open_index(target, create=False) as index:
        counts = index.stats()
    click.echo(f"restored with {counts.engine}: {pluralize(counts.tracks, 'track')}, {counts.words:,} words")
