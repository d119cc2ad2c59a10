"""`vidindex migrate`: copy an index to another location."""

from __future__ import annotations

import click

from .context import CommandContext
from .progress_bar import StageProgress
from .shared_options import folder_engine_option, jobs_option


@click.command()
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@folder_engine_option("Search engine of a new folder; auto takes that of FROM, if FROM is a folder.")
@jobs_option
@click.pass_obj
def migrate(session: CommandContext, source: str, target: str, engine: str, jobs: int | None) -> int:
    """Copy the index FROM to TO, each a folder or the URL of a cluster, then compare both.

    \b
      vidindex migrate ./index opensearch+https://anna@search.example.org/clips
      vidindex migrate opensearch+https://anna@search.example.org/clips ./copy

    FROM is not changed. Run the same command again to continue an interrupted copy. At the end, the records of both
    sides are counted and their checksums compared; the exit code is 1 if they differ.
    """
    from ..library import migrate as copy_index

    stages = {"copied": "copying", "engine": "indexing", "compared": "comparing"}
    with StageProgress(stages, verbose=session.verbose) as progress:
        migration = copy_index(source, target, engine=engine, jobs=jobs, notify=progress.show_progress)
    for kind in migration.kinds:
        result = "equal" if kind.same else click.style("different", fg="red")
        click.echo(f"{kind.kind:>9}  {kind.source:>12,} → {kind.target:>12,}  {result}")
    if not migration.verified:
        click.echo(
            "the copy differs: FROM changed during the copy, or TO was not empty; run the command again", err=True
        )
    return 0 if migration.verified else 1
