"""`vidindex export` and `vidindex transcript`: write the transcript of a video, from the index or without one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .context import CommandContext
from .shared_options import network_options, output_option, pop_resolve_options
from .terminal import one_line, pluralize, write_output

if TYPE_CHECKING:
    from ..transcripts.export import ExportFormat


def _output_options(default: ExportFormat) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that adds the options for the output of a transcript."""
    options = [
        click.option(
            "--format",
            "form",
            type=click.Choice(["vtt", "srt", "txt", "json", "md"]),
            default=default,
            show_default=True,
            help="Format of the output.",
        ),
        click.option(
            "--lang",
            "language",
            default="",
            metavar="CODE",
            help="Caption language to write.  [default: the best track]",
        ),
        click.option("--raw-case", is_flag=True, help="Write captions in capitals as they are."),
        output_option,
    ]

    def add_options(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return add_options


@click.command(no_args_is_help=True)
@click.argument("video")
@_output_options("vtt")
@click.pass_obj
def export(
    session: CommandContext, video: str, form: ExportFormat, language: str, raw_case: bool, output: Path | None
) -> None:
    """Write the transcript of VIDEO to a file, as captions or paragraphs in which every word stands once.

    \b
      vidindex export youtube:dQw4w9WgXcQ --format srt -o talk.srt
    """
    from ..transcripts.export import export_transcript

    with session.open() as index:
        found = index.video(video)
        said = index.transcript(video, language=language, restore_case=not raw_case)
        text = export_transcript(said, form, title=found.title)
    _write_output(text, output)


@click.command(no_args_is_help=True)
@click.argument("target", metavar="FILE-OR-URL")
@_output_options("txt")
@network_options
@click.pass_obj
def transcript(
    session: CommandContext,
    /,
    target: str,
    form: ExportFormat,
    language: str,
    raw_case: bool,
    output: Path | None,
    **params: Any,
) -> None:
    """Print a clean transcript of a caption file, or of the captions of a video, without an index.

    What was repaired, guessed or left out is named on standard error.

    \b
      vidindex transcript talk.en.vtt
      vidindex transcript https://www.youtube.com/watch?v=dQw4w9WgXcQ --format srt -o talk.srt
    """
    from ..ingest.single_transcript import transcript as read_transcript
    from ..transcripts.casing import restore_case
    from ..transcripts.export import export_transcript

    said = read_transcript(target, language=language, resolve=pop_resolve_options(params))
    for warning in said.warnings:
        click.echo(f"warning: {one_line(warning)}", err=True)
    _write_output(export_transcript(said if raw_case else restore_case(said, language=language), form), output)


def _write_output(text: str, output: Path | None) -> None:
    write_output(text, output)
    if output is not None:
        click.echo(f"wrote {pluralize(len(text.splitlines()), 'line')} to {output}", err=True)
