"""`vidindex add` and `vidindex attach`: print progress, then a summary."""

from __future__ import annotations

from collections import Counter
from typing import Any

import click

from ..model import AddReport, Failure, Progress, status_word
from .asr_options import pop_asr_options
from .context import CommandContext
from .progress_bar import ProgressBar
from .shared_options import content_options, engine_option, jobs_option, network_options, pop_resolve_options
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
    "skipped": ("skipped", "yellow"),
    "no captions": ("no captions", "yellow"),
    "dead": ("unavailable", "yellow"),
    "failed": ("failed", "red"),
    "engine": ("engine", "cyan"),
}

_TRANSIENT_STAGES = frozenset({"read", "resolve", "sound", "hearing", "engine"})
"""Steps before a result: the next one replaces them."""

_RESULT_STAGES = ("indexed", "unchanged", "no captions", "dead", "failed")
_UNEVENTFUL_STAGES = frozenset({"found", "indexed", "unchanged"})
_MAX_UNEVENTFUL_LINES = 20


@click.command(no_args_is_help=True)
@click.argument("targets", metavar="TARGET…", nargs=-1, required=True)
@click.option(
    "--max", "limit", type=click.IntRange(1), metavar="N", help="Maximum number of videos of a playlist or channel."
)
@content_options
@engine_option
@jobs_option
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

    A TARGET is the URL of an article or a video, a saved page, a web archive (WARC, WACZ, MHTML, HAR), a caption file,
    or a folder of these. Adding the same target twice changes nothing.

    \b
      vidindex add https://example.org/2009/09/late-night.html
      vidindex add https://www.youtube.com/watch?v=dQw4w9WgXcQ
      vidindex add saved-pages/*.html crawl.wacz talk.en.vtt downloads/
    """
    resolve = pop_resolve_options(params)
    asr = pop_asr_options(params, enabled=recognize)
    progress = AddProgress("adding", verbose=session.verbose, quiet=quiet or as_json)
    with session.open(engine=engine, create=True) as index, progress:
        report = index.add(*targets, notify=progress.show_progress, resolve=resolve, asr=asr, **params)
    if as_json:
        click.echo(json_line(report_fields(report)))
    else:
        print_summary(report, with_failures=quiet)
    return exit_code(report)


class AddProgress(ProgressBar):
    """Shows progress: a bar with the current step on a terminal, and a line for each result up to a number of them."""

    def __init__(self, label: str, *, verbose: bool, quiet: bool) -> None:
        super().__init__(label, quiet=quiet)
        self._verbose = verbose
        self._counts: Counter[str] = Counter()

    def show_progress(self, progress: Progress) -> None:
        """Show one step."""
        self.update(progress.done, progress.total)
        word, color = _result_word(progress)
        text = _progress_text(progress)
        if progress.stage in _TRANSIENT_STAGES and not self._verbose:
            self.show_status(f"{word} {click.unstyle(text)}")
            return
        self._counts[progress.stage] += 1
        if not self._verbose and progress.stage in _UNEVENTFUL_STAGES:
            printed = sum(self._counts[stage] for stage in _UNEVENTFUL_STAGES)
            if printed > _MAX_UNEVENTFUL_LINES:
                return
            if printed == _MAX_UNEVENTFUL_LINES:
                text += "\n             …  further ones are counted; `vidindex -v` lists them"
        self.print_line(f"{click.style(f'{word:>11}', fg=color)}  {text}")

    def describe_done(self) -> str:
        counted = [f"{self._counts[stage]:,} {_STAGE_STYLES[stage][0]}" for stage in _RESULT_STAGES]
        return ", ".join([each for each in counted if not each.startswith("0 ")]) or "nothing added"


def _result_word(progress: Progress) -> tuple[str, str]:
    """Return the word and the color for a step; whether a failure is final depends on its class."""
    if progress.stage != "failed":
        return _STAGE_STYLES[progress.stage]
    word = status_word(progress.verdict)
    return word, "red" if word == "failed" else "yellow"


def _is_temporary(failure: Failure) -> bool:
    return status_word(failure.verdict) == status_word("later")


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


def print_summary(report: AddReport, *, with_failures: bool) -> None:
    """Print one line of counts, then each failure if *with_failures*, and how to continue."""
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
    if report.tracks_with_warnings:
        parts.append(f"{pluralize(report.tracks_with_warnings, 'track')} with warnings")
    if report.failures:
        parts.append(pluralize(len(report.failures), "failure"))
    click.echo(", ".join(parts))
    for failure in report.failures if with_failures else ():
        word = click.style(status_word(failure.verdict), fg="red")
        click.echo(f"  {word}  {one_line(failure.target)}: {one_line(failure.reason)}", err=True)
    waiting = sum(_is_temporary(failure) and "://" in failure.target for failure in report.failures)
    if waiting:
        verb = "waits" if waiting == 1 else "wait"
        click.echo(f"{pluralize(waiting, 'link')} {verb} for a retry; run `vidindex batch` to continue", err=True)


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
    print_summary(report, with_failures=True)
    return exit_code(report)
