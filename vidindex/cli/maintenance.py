"""`vidindex stats`, `remove`, `rebuild` and `doctor`: maintain an index."""

from __future__ import annotations

import click

from ..errors import VidindexError
from .context import CommandContext
from .progress_bar import StageProgress
from .shared_options import folder_engine_option, jobs_option
from .terminal import format_bytes, json_line, one_line, pluralize


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def stats(session: CommandContext, as_json: bool) -> None:
    """Show the size of the index."""
    from dataclasses import asdict

    with session.open() as index:
        counts = index.stats()
    if as_json:
        click.echo(json_line(asdict(counts)))
        return
    rows = [
        ("articles", f"{counts.articles:,}"),
        ("embeds", f"{counts.embeds:,}" + (f", {counts.dead:,} of them unavailable" if counts.dead else "")),
        (
            "videos",
            f"{counts.videos:,}" + (f", {counts.without_captions:,} without captions" * bool(counts.without_captions)),
        ),
        ("captions", pluralize(counts.tracks, "track")),
        ("words", f"{counts.words:,}"),
        ("length", _format_length(counts.duration_ms)),
        (
            "on disk",
            format_bytes(counts.bytes) + (f", {counts.bytes / counts.words:.1f} bytes a word" if counts.words else ""),
        ),
        ("engine", counts.engine),
    ]
    if counts.gist_model:
        rows.append(("vectors", f"{counts.vectors:,}, of {one_line(counts.gist_model)}"))
    if counts.pending:
        rows.append(
            ("pending", f"{counts.pending:,} tracks are not searchable yet; the next `vidindex add` indexes them")
        )
    for name, value in rows:
        click.echo(f"{click.style(f'{name:>9}', dim=True)}  {value}")


def _format_length(duration_ms: int) -> str:
    if not duration_ms:
        return "unknown"
    minutes = duration_ms / 60_000
    return f"{minutes / 60:,.1f} hours" if minutes >= 60 else f"{minutes:.1f} minutes"


@click.command()
@click.argument("targets", metavar="TARGET…", nargs=-1, required=True)
@click.pass_obj
def remove(session: CommandContext, targets: tuple[str, ...]) -> int:
    """Remove videos (by id or URL), or articles (by URL or file) together with the videos that only they embed.

    The file of a web archive stands for all articles that were read from it.

    \b
      vidindex remove youtube:dQw4w9WgXcQ
      vidindex remove https://example.org/2009/09/late-night.html
      vidindex remove crawl.wacz
    """
    missing = 0
    with session.open() as index:
        for target in targets:
            try:
                removed = index.remove(target)
            except VidindexError as exc:
                missing += 1
                click.echo(f"error: {one_line(str(exc))}", err=True)
                continue
            name = removed[0] if len(removed) == 1 and "://" not in target else target
            click.echo(
                f"removed {one_line(name)}" + (f" ({pluralize(len(removed), 'video')})" if removed != [name] else "")
            )
    return 2 if missing == len(targets) else 1 if missing else 0


@click.command()
@folder_engine_option("Search engine to build; auto keeps the current one.")
@click.option(
    "--gist",
    is_flag=False,
    flag_value="",
    default=None,
    metavar="[MODEL]",
    help="Add vectors, so that searches find what was said in other words: those of the extra `gist`, or of a "
    "sentence model, given as a folder or a name.",
)
@click.option("--no-gist", is_flag=True, help="Remove the vectors.")
@jobs_option
@click.pass_obj
def rebuild(session: CommandContext, engine: str, gist: str | None, no_gist: bool, jobs: int | None) -> int:
    """Parse the stored captions again and rebuild the search engine. The network is not used.

    Run this after an upgrade, to change the engine, or when `vidindex doctor` says so. An interrupted rebuild leaves
    the index unchanged.

    With --gist, the index has vectors from then on: `vidindex add` writes them, too.
    """
    from ..library import rebuild_index

    if no_gist and gist is not None:
        raise click.UsageError("--gist and --no-gist exclude each other")
    vectors = False if no_gist else True if gist == "" else gist

    with StageProgress({"read": "parsing", "engine": "indexing"}, verbose=session.verbose) as progress:
        failed = rebuild_index(session.index, engine=engine, jobs=jobs, gist=vectors, notify=progress.show_progress)
    for line in failed:
        click.echo(f"not rebuilt: {one_line(line)}", err=True)
    with session.open() as index:
        counts = index.stats()
    vectors_text = f", {counts.vectors:,} vectors of {one_line(counts.gist_model)}" if counts.gist_model else ""
    click.echo(
        f"rebuilt with {counts.engine}: {pluralize(counts.tracks, 'track')}, {counts.words:,} words{vectors_text}"
    )
    return 1 if failed else 0


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def doctor(session: CommandContext, as_json: bool) -> int:
    """Check versions, yt-dlp and its plugins, the JavaScript runtime, the engines, and the health of the index."""
    from .doctor import run_checks

    findings = run_checks(session.index)
    if as_json:
        click.echo(json_line({finding.name: {"state": finding.state, "says": finding.message} for finding in findings}))
    else:
        styles = {"ok": ("ok  ", "green"), "note": ("note", "yellow"), "bad": ("BAD ", "red")}
        for finding in findings:
            sign, color = styles[finding.state]
            click.echo(f"{click.style(sign, fg=color)}  {finding.name:<12} {one_line(finding.message)}")
    return 1 if any(finding.state == "bad" for finding in findings) else 0
