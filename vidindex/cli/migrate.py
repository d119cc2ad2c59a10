"""`vidindex migrate`: copy an index to another place."""

from __future__ import annotations

import click

from ..model import Progress
from .context import CommandContext
from .terminal import one_line


@click.command()
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@click.option(
    "--engine",
    type=click.Choice(["auto", "tantivy", "whoosh"]),
    default="auto",
    show_default=True,
    help="The engine to make in a new folder.",
)
@click.pass_obj
def migrate(session: CommandContext, source: str, target: str, engine: str) -> int:
    """Copy the index FROM to TO, each a folder or the address of a cluster, then compare the two.

    \b
      vidindex migrate ./index opensearch+https://anna@search.example.org/clips
      vidindex migrate opensearch+https://anna@search.example.org/clips ./copy

    The source stays as it is.  What was stopped half-way goes on when it is run again, and nothing is there twice.  In
    the end all is counted and summed up on both sides; where they differ, the exit code is 1.
    """
    from ..library import migrate as copy_index

    def show_progress(progress: Progress) -> None:
        if session.verbose or progress.stage != "copied":
            click.echo(f"{progress.stage:>11}  {one_line(progress.name)}  {progress.detail}".rstrip(), err=True)

    migration = copy_index(source, target, engine=engine, notify=show_progress)
    for kind in migration.kinds:
        said = "the same" if kind.same else click.style("not the same", fg="red")
        click.echo(f"{kind.kind:>9}  {kind.source:>12,} → {kind.target:>12,}  {said}")
    if not migration.verified:
        click.echo("the copy differs: FROM was changed meanwhile, or TO held something before; run it again", err=True)
    return 0 if migration.verified else 1
