"""`vidindex add` and `vidindex attach`: print progress, then a summary."""

from __future__ import annotations

import sys
from typing import Any

import click

from ..model import AddReport, Progress
from .asr_options import pop_asr_options
from .context import CommandContext, is_color_enabled
from .shared_options import content_options, engine_option, network_options, pop_resolve_options
from .terminal import json_line, one_line, pluralize

_STAGE_STYLES = {
    "read": ("reading", "cyan"),
    "found": ("article", "cyan"),
    "resolve": ("resolving", "cyan"),
    "model": ("model", "cyan"),
    "sound": ("fetching", "cyan"),
    "hearing": ("recognizing", "cyan"),
    "indexed": ("indexed", "green"),
    "unchanged": ("unchanged", "white"),
    "mended": ("repaired", "yellow"),
    "no captions": ("no captions", "yellow"),
    "dead": ("unavailable", "yellow"),
    "failed": ("failed", "red"),
    "engine": ("engine", "cyan"),
}

_TRANSIENT_STAGES = frozenset({"read", "resolve", "sound", "hearing", "engine"})
"""Stages whose line is replaced by the next one."""


@click.command(no_args_is_help=True)
@click.argument("targets", metavar="TARGET…", nargs=-1, required=True)
@click.option(
    "--max", "limit", type=click.IntRange(1), metavar="N", help="Maximum number of videos of a playlist or channel."
)
@content_options
@engine_option
@network_options
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
@click.option("-q", "--quiet", is_flag=True, help="Print only the summary.")
@click.pass_obj
def add(
    session: CommandContext,
    /,
    targets: tuple[str, ...],
    engine: str,
    as_json: bool,
    quiet: bool,
    recognize: bool,
    **params: Any,
) -> int:
    """Add the words spoken in videos to the index.

    A TARGET is the URL of an article or a video, a saved HTML page, a caption file, or a folder of caption files such
    as yt-dlp writes. Adding the same target twice changes nothing.

    \b
      vidindex add https://example.org/2009/09/late-night.html
      vidindex add https://www.youtube.com/watch?v=dQw4w9WgXcQ
      vidindex add saved-pages/*.html talk.en.vtt downloads/
    """
    resolve = pop_resolve_options(params)
    asr = pop_asr_options(params, enabled=recognize)
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
    """Prints progress as lines; on a terminal, the current step is a line that the next one replaces."""

    def __init__(self, *, verbose: bool, quiet: bool) -> None:
        self._verbose = verbose
        self._quiet = quiet
        self._is_interactive = sys.stderr.isatty() and is_color_enabled(err=True)
        self._has_transient_line = False

    def show_progress(self, progress: Progress) -> None:
        """Print one step."""
        if self._quiet:
            return
        is_transient = progress.stage in _TRANSIENT_STAGES
        if is_transient and not self._is_interactive and not self._verbose:
            return
        self.clear_line()
        word, color = _STAGE_STYLES[progress.stage]
        text = f"{click.style(f'{word:>11}', fg=color)}  {_progress_text(progress)}"
        if is_transient and self._is_interactive and not self._verbose:
            click.echo(_truncate_line(text), nl=False, err=True)
            self._has_transient_line = True
        else:
            click.echo(text, err=True)

    def clear_line(self) -> None:
        """Erase the transient line."""
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
                else f"{name}: no embedded video"
            )
        case "failed":
            return f"{name}: {one_line(progress.detail)}"
        case "dead":
            return f"{name}: the player of {one_line(progress.detail)} no longer works"
        case _:
            return f"{name}  {click.style(one_line(progress.detail), dim=True)}" if progress.detail else name


def print_summary(report: AddReport) -> None:
    """Print one line of counts, then each failure."""
    parts = []
    if report.articles:
        parts += [pluralize(report.articles, "article"), f"{pluralize(report.embeds, 'embed')} found"]
    if report.dead:
        parts.append(f"{report.dead:,} unavailable")
    if report.videos or not report.unchanged:
        parts.append(f"{pluralize(len(report.videos), 'video')} added")
    if report.unchanged:
        parts.append(f"{pluralize(len(report.unchanged), 'video')} unchanged")
    if report.without_captions:
        parts.append(f"{len(report.without_captions):,} without captions")
    if report.failures:
        parts.append(pluralize(len(report.failures), "failure"))
    click.echo(", ".join(parts))
    for failure in report.failures:
        click.echo(
            f"  {click.style(failure.verdict, fg='red')}  {one_line(failure.target)}: {one_line(failure.reason)}"
        )


def report_fields(report: AddReport) -> dict[str, object]:
    """Return a report as the fields of `--json`."""
    from dataclasses import asdict

    return asdict(report)


def exit_code(report: AddReport) -> int:
    """Return 0 if nothing failed, 1 if a part failed, 2 if everything failed."""
    if not report.failures:
        return 0
    return 1 if report.videos or report.unchanged or report.without_captions or report.articles else 2


@click.command(no_args_is_help=True)
@click.argument("embed")
@click.argument("target")
@click.option("--article", default="", metavar="URL", help="Only in this article, if several embed the same video.")
@click.pass_obj
def attach(session: CommandContext, embed: str, target: str, article: str) -> int:
    """Replace EMBED, whose video is unavailable, by TARGET: the URL of a video, or a caption file.

    `vidindex list dead` lists such embeds.

    \b
      vidindex attach http://media.mtvnservices.com/mgid:uma:video:mtv.com:1 https://youtu.be/dQw4w9WgXcQ
      vidindex attach mtv:mgid:uma:video:mtv.com:1 late-night.en.vtt
    """
    with session.open() as index:
        report = index.attach(embed, target, article=article)
    print_summary(report)
    return exit_code(report)
