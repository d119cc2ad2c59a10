"""`vidindex clip`: cut moments out of films, each into a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .context import CommandContext
from .moment_options import choose_moments, moment_options
from .progress_bar import ProgressBar
from .shared_options import network_options, pop_resolve_options
from .terminal import format_clock, json_line, one_line, pluralize

if TYPE_CHECKING:
    from ..clips.options import ClipResult


@click.command(no_args_is_help=True)
@moment_options
@click.option(
    "-o", "--out", default="clips", show_default=True, metavar="FOLDER", help="Folder for the files; it is created."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["mp4", "webm", "mp3", "wav", "gif"]),
    default="mp4",
    show_default=True,
    help="Format of the files.",
)
@click.option("--copy", is_flag=True, help="Copy the streams: fast, but each clip starts at the key frame before.")
@click.option(
    "--captions",
    type=click.Choice(["vtt", "srt", "none"]),
    default="vtt",
    show_default=True,
    help="Format of the captions beside each clip.",
)
@click.option("--burn", is_flag=True, help="Write the captions into the pictures.")
@click.option(
    "--max-height",
    type=click.IntRange(16, 8640),
    default=1080,
    show_default=True,
    metavar="LINES",
    help="Maximum height of pictures from a site.",
)
@click.option(
    "--max-fetch",
    "max_fetch_mb",
    type=click.IntRange(1, 100_000),
    default=500,
    show_default=True,
    metavar="MB",
    help="Maximum download for one moment.",
)
@network_options
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines.")
@click.option("-q", "--quiet", is_flag=True, help="Print no progress.")
@click.pass_obj
def clip(session: CommandContext, /, out: str, form: Any, as_json: bool, quiet: bool, **params: Any) -> int:
    """Cut moments out of films, each into a file of its own.

    VIDEO is the id or the URL of an indexed video, a film on this machine, or the URL of a video; - reads the JSON
    Lines of `vidindex search --json`. Of a film on a site, only the section of the moment is fetched. ffmpeg is needed.
    The same command again continues what was interrupted. Respect the rights of those who made the film.

    \b
      vidindex clip vimeo:1084537 --from 12:30 --to 12:41
      vidindex clip --search 'never took the time off' --pad 1 --sentence -o clips
      vidindex search --json hope and change | vidindex clip - --format mp3
    """
    from ..clips.fetch import FilmFetcher
    from ..clips.options import ClipOptions
    from ..clips.run import ClipRunner

    resolve = pop_resolve_options(params)
    options = ClipOptions(
        form,
        copy=params.pop("copy"),
        captions=params.pop("captions"),
        burn=params.pop("burn"),
        max_height=params.pop("max_height"),
        max_fetch_bytes=params.pop("max_fetch_mb") * 1_000_000,
    )
    with choose_moments(session, params) as chosen:
        if not chosen.moments:
            click.echo("no moments found", err=True)
            return 1
        results: list[ClipResult] = []
        with (
            FilmFetcher(chosen.source, options, resolve, given=chosen.given) as fetcher,
            ClipProgress("cutting", len(chosen.moments), quiet=quiet or as_json) as progress,
        ):
            for result in ClipRunner(chosen.source, Path(out), options, fetcher).run(chosen.moments):
                results.append(result)
                progress.show(result)
                if as_json:
                    click.echo(json_line(serialize_clip(result)))
                else:
                    progress.print_result(result)
    return 1 if any(result.state == "failed" for result in results) else 0


class ClipProgress(ProgressBar):
    """Shows how many of *total* moments are cut."""

    def __init__(self, label: str, total: int, *, quiet: bool) -> None:
        super().__init__(label, quiet=quiet)
        self._total = total
        self._done = 0

    def show(self, result: ClipResult) -> None:
        """Show that the moment of *result* is done."""
        self._done += 1
        self.update(self._done, self._total, counts=one_line(result.moment.video.title))

    def describe_done(self) -> str:
        return f"{pluralize(self._done, 'moment')} done"

    def print_result(self, result: ClipResult) -> None:
        """Print the file of a moment, or why it failed."""
        if result.path is None:
            self.print_failure(result)
        elif self.is_live and sys.stdout.isatty():
            self.print_line(format_result(result))  # the bar is on the same terminal
        else:
            click.echo(format_result(result))

    def print_failure(self, result: ClipResult) -> None:
        """Print why a moment failed, on standard error."""
        moment = result.moment
        name = one_line(moment.video.title or moment.video.id)
        line = f"failed: {name} at {format_clock(moment.start_ms)}: {one_line(result.reason)}"
        if self.is_live:
            self.print_line(line)
        else:
            click.echo(line, err=True)


def format_result(result: ClipResult) -> str:
    """Return a line about a clip: its file, its times, and how it differs from what was asked for."""
    times = f"{format_clock(result.start_ms)}–{format_clock(result.end_ms)}"
    early_ms = result.moment.start_ms - result.start_ms
    notes = [f"starts {early_ms / 1000:.1f} s early, at a key frame"] if early_ms >= 100 else []
    notes += ["kept"] if result.state == "kept" else []
    noted = f"  ({', '.join(notes)})" if notes else ""
    return f"{one_line(str(result.path))}  {times}{noted}"


def serialize_clip(result: ClipResult) -> dict[str, object]:
    """Return the fields of a result for `--json`."""
    moment = result.moment
    return {
        "state": result.state,
        "path": str(result.path) if result.path else "",
        "captions": str(result.captions) if result.captions else "",
        "video_id": moment.video.id,
        "title": moment.video.title,
        "start_ms": result.start_ms if result.path else moment.start_ms,
        "end_ms": result.end_ms if result.path else moment.end_ms,
        "asked_start_ms": moment.start_ms,
        "asked_end_ms": moment.end_ms,
        "text": moment.text,
        "url": moment.url,
        "fetched_bytes": result.fetched_bytes,
        "reason": result.reason,
    }
