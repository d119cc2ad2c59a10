"""`vidindex add`: show what is done as it is done, end with a summary."""

from __future__ import annotations

import sys
from typing import Any

import click

from ..model import Progress, Report
from .asr_options import asr_options
from .context import Session, colours
from .shared_options import asking, resolve_options, taking
from .terminal import counted, json_line, plain

_STYLES = {
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

_PASSING = frozenset({"read", "resolve", "sound", "hearing", "engine"})
"""What is shown while it goes on, and then gives its line to the next."""


@click.command(no_args_is_help=True)
@click.argument("targets", metavar="TARGET…", nargs=-1, required=True)
@click.option("--max", "limit", type=click.IntRange(1), metavar="N", help="How many videos of a playlist or channel.")
@taking
@click.option(
    "--engine",
    default="auto",
    show_default=True,
    help="The engine of a new index: tantivy, whoosh or auto; on a cluster it is always opensearch.",
)
@asking
@click.option("--json", "as_json", is_flag=True, help="The report as one JSON object.")
@click.option("-q", "--quiet", is_flag=True, help="Only the summary.")
@click.pass_obj
def add(
    session: Session, /, targets: tuple[str, ...], engine: str, as_json: bool, quiet: bool, hears: bool, **taken: Any
) -> int:
    """Add what is said in videos to the index.

    A TARGET is an article's address, a video's address, a saved HTML page, a caption file, or a folder of
    caption files (such as yt-dlp writes).  Adding the same thing twice changes nothing.

    \b
      vidindex add https://example.org/2009/09/late-night.html
      vidindex add https://www.youtube.com/watch?v=dQw4w9WgXcQ
      vidindex add saved-pages/*.html talk.en.vtt downloads/
    """
    resolve = resolve_options(taken)
    asr = asr_options(taken, wanted=hears)
    lines = Lines(verbose=session.verbose, quiet=quiet or as_json)
    with session.open(engine=engine, create=True) as index:
        try:
            report = index.add(*targets, notify=lines.tell, resolve=resolve, asr=asr, **taken)
        finally:
            lines.clear()
    if as_json:
        click.echo(json_line(fields_of(report)))
    else:
        summary(report)
    return status(report)


class Lines:
    """Progress as lines; on a terminal, what is going on now is shown in a line that the next one replaces."""

    def __init__(self, *, verbose: bool, quiet: bool) -> None:
        self._verbose = verbose
        self._quiet = quiet
        self._live = sys.stderr.isatty() and colours(err=True)
        self._shown = False

    def tell(self, progress: Progress) -> None:
        """Show one step."""
        if self._quiet:
            return
        passing = progress.stage in _PASSING
        if passing and not self._live and not self._verbose:
            return
        self.clear()
        word, colour = _STYLES[progress.stage]
        text = f"{click.style(f'{word:>11}', fg=colour)}  {_says(progress)}"
        if passing and self._live and not self._verbose:
            click.echo(_cut(text), nl=False, err=True)
            self._shown = True
        else:
            click.echo(text, err=True)

    def clear(self) -> None:
        """Take back the passing line."""
        if self._shown:
            click.echo("\r\x1b[2K", nl=False, err=True)
            self._shown = False


def _cut(text: str) -> str:
    import shutil

    width = shutil.get_terminal_size().columns + len(click.style("", fg="cyan"))
    return text if len(text) < width else text[: width - 1] + "…\x1b[0m"


def _says(progress: Progress) -> str:
    name = plain(progress.name)
    match progress.stage:
        case "found":
            return (
                f"{name}: {counted(int(progress.detail), 'embed')}"
                if progress.detail != "0"
                else f"{name}: no video in it"
            )
        case "failed":
            return f"{name}: {plain(progress.detail)}"
        case "dead":
            return f"{name}: its player ({plain(progress.detail)}) plays nothing any more"
        case _:
            return f"{name}  {click.style(plain(progress.detail), dim=True)}" if progress.detail else name


def summary(report: Report) -> None:
    """Write what was done in one line, then each thing that failed."""
    parts = [counted(report.articles, "article"), f"{counted(report.embeds, 'embed')} found"]
    if report.dead:
        parts.append(f"{report.dead:,} dead")
    parts.append(f"{counted(len(report.videos), 'video')} indexed")
    if report.unchanged:
        parts.append(f"{len(report.unchanged):,} unchanged")
    parts.append(f"{len(report.without_captions):,} without captions")
    parts.append(counted(len(report.failures), "failure"))
    click.echo(", ".join(parts))
    for failure in report.failures:
        click.echo(f"  {click.style(failure.verdict, fg='red')}  {plain(failure.target)}: {plain(failure.reason)}")


def fields_of(report: Report) -> dict[str, object]:
    """Give a report as the fields that `--json` promises."""
    from dataclasses import asdict

    return asdict(report)


def status(report: Report) -> int:
    """Tell the exit code; 0: all done; 1: part of it failed; 2: all of it."""
    if not report.failures:
        return 0
    return 1 if report.videos or report.unchanged or report.without_captions or report.articles else 2


@click.command(no_args_is_help=True)
@click.argument("embed")
@click.argument("target")
@click.option("--article", default="", metavar="URL", help="In this article only, where several embed the same.")
@click.pass_obj
def attach(session: Session, embed: str, target: str, article: str) -> int:
    """Give EMBED, whose player is dead, the video at the address TARGET, or in the caption file TARGET, by hand.

    `vidindex list dead` names the embeds.

    \b
      vidindex attach http://media.mtvnservices.com/mgid:uma:video:mtv.com:1 https://youtu.be/dQw4w9WgXcQ
      vidindex attach mtv:mgid:uma:video:mtv.com:1 late-night.en.vtt
    """
    with session.open() as index:
        report = index.attach(embed, target, article=article)
    summary(report)
    return status(report)
