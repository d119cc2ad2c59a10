"""`vidindex add`: show what is done as it is done, end with a summary."""

from __future__ import annotations

import sys
from typing import Any

import click

from ..model import AddReport, Progress
from .asr_options import pop_asr_options
from .context import CommandContext, is_color_enabled
from .shared_options import content_options, network_options, pop_resolve_options
from .terminal import json_line, one_line, pluralize

_STAGE_STYLES = {
    "read": ("reading", "cyan"),
    "found": ("article", "cyan"),
    "resolve": ("resolving", "cyan"),
    "model": ("model", "cyan"),
    "sound": ("fetching", "cyan"),
    "hearing": ("listening", "cyan"),
    "indexed": ("indexed", "green"),
    "unchanged": ("unchanged", "white"),
    "mended": ("mended", "yellow"),
    "no captions": ("no captions", "yellow"),
    "dead": ("dead", "yellow"),
    "failed": ("failed", "red"),
    "engine": ("engine", "cyan"),
}

_TRANSIENT_STAGES = frozenset({"read", "resolve", "sound", "hearing", "engine"})
"""What is shown while it goes on, and then gives its line to the next."""


@click.command(no_args_is_help=True)
@click.argument("targets", metavar="TARGET…", nargs=-1, required=True)
@click.option("--max", "limit", type=click.IntRange(1), metavar="N", help="How many videos of a playlist or channel.")
@content_options
@click.option(
    "--engine",
    default="auto",
    show_default=True,
    help="The engine of a new index: tantivy, whoosh or auto; on a cluster it is always opensearch.",
)
@network_options
@click.option("--json", "as_json", is_flag=True, help="The report as one JSON object.")
@click.option("-q", "--quiet", is_flag=True, help="Only the summary.")
@click.pass_obj
def add(
    session: CommandContext,
    /,
    targets: tuple[str, ...],
    engine: str,
    as_json: bool,
    quiet: bool,
    hears: bool,
    **params: Any,
) -> int:
    """Add what is said in videos to the index.

    A TARGET is an article's address, a video's address, a saved HTML page, a caption file, or a folder of
    caption files (such as yt-dlp writes).  Adding the same thing twice changes nothing.

    \b
      vidindex add https://example.org/2009/09/late-night.html
      vidindex add https://www.youtube.com/watch?v=dQw4w9WgXcQ
      vidindex add saved-pages/*.html talk.en.vtt downloads/
    """
    resolve = pop_resolve_options(params)
    asr = pop_asr_options(params, enabled=hears)
    lines = AddProgress(verbose=session.verbose, quiet=quiet or as_json)
    with session.open(engine=engine, create=True) as index:
        try:
            report = index.add(*targets, notify=lines.show_progress, resolve=resolve, asr=asr, **params)
        finally:
            lines.clear_line()
    if as_json:
        click.echo(json_line(report_fields(report)))
    else:
        print_summary(report)
    return exit_code(report)


class AddProgress:
    """Progress as lines; on a terminal, what is going on now is shown in a line that the next one replaces."""

    def __init__(self, *, verbose: bool, quiet: bool) -> None:
        self._verbose = verbose
        self._quiet = quiet
        self._is_interactive = sys.stderr.isatty() and is_color_enabled(err=True)
        self._has_transient_line = False

    def show_progress(self, progress: Progress) -> None:
        """Show one step."""
        if self._quiet:
            return
        passing = progress.stage in _TRANSIENT_STAGES
        if passing and not self._is_interactive and not self._verbose:
            return
        self.clear_line()
        word, colour = _STAGE_STYLES[progress.stage]
        text = f"{click.style(f'{word:>11}', fg=colour)}  {_progress_text(progress)}"
        if passing and self._is_interactive and not self._verbose:
            click.echo(_truncate_line(text), nl=False, err=True)
            self._has_transient_line = True
        else:
            click.echo(text, err=True)

    def clear_line(self) -> None:
        """Take back the passing line."""
        if self._has_transient_line:
            click.echo("\r\x1b[2K", nl=False, err=True)
            self._has_transient_line = False


def _truncate_line(text: str) -> str:
    import shutil

    width = shutil.get_terminal_size().columns + len(click.style("", fg="cyan"))
    return text if len(text) < width else text[: width - 1] + "…\x1b[0m"


def _progress_text(progress: Progress) -> str:
    name = one_line(progress.name)
    match progress.stage:
        case "found":
            return (
                f"{name}: {pluralize(int(progress.detail), 'embed')}"
                if progress.detail != "0"
                else f"{name}: no video in it"
            )
        case "failed":
            return f"{name}: {one_line(progress.detail)}"
        case "dead":
            return f"{name}: its player ({one_line(progress.detail)}) plays nothing any more"
        case _:
            return f"{name}  {click.style(one_line(progress.detail), dim=True)}" if progress.detail else name


def print_summary(report: AddReport) -> None:
    """Write what was done in one line, then each thing that failed."""
    parts = [pluralize(report.articles, "article"), f"{pluralize(report.embeds, 'embed')} found"]
    if report.dead:
        parts.append(f"{report.dead:,} dead")
    parts.append(f"{pluralize(len(report.videos), 'video')} indexed")
    if report.unchanged:
        parts.append(f"{len(report.unchanged):,} unchanged")
    parts.append(f"{len(report.without_captions):,} without captions")
    parts.append(pluralize(len(report.failures), "failure"))
    click.echo(", ".join(parts))
    for failure in report.failures:
        click.echo(
            f"  {click.style(failure.verdict, fg='red')}  {one_line(failure.target)}: {one_line(failure.reason)}"
        )


def report_fields(report: AddReport) -> dict[str, object]:
    """Give a report as the fields that `--json` promises."""
    from dataclasses import asdict

    return asdict(report)


def exit_code(report: AddReport) -> int:
    """Tell the exit code; 0: all done; 1: part of it failed; 2: all of it."""
    if not report.failures:
        return 0
    return 1 if report.videos or report.unchanged or report.without_captions or report.articles else 2


@click.command(no_args_is_help=True)
@click.argument("embed")
@click.argument("target")
@click.option("--article", default="", metavar="URL", help="In this article only, where several embed the same.")
@click.pass_obj
def attach(session: CommandContext, embed: str, target: str, article: str) -> int:
    """Give EMBED, whose player is dead, the video at the address TARGET, or in the caption file TARGET, by hand.

    `vidindex list dead` names the embeds.

    \b
      vidindex attach http://media.mtvnservices.com/mgid:uma:video:mtv.com:1 https://youtu.be/dQw4w9WgXcQ
      vidindex attach mtv:mgid:uma:video:mtv.com:1 late-night.en.vtt
    """
    with session.open() as index:
        report = index.attach(embed, target, article=article)
    print_summary(report)
    return exit_code(report)
