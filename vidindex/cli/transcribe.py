"""`vidindex transcribe`: recognize the speech of videos."""

from __future__ import annotations

from typing import Any

import click

from .add import AddProgress, exit_code, print_summary, report_fields
from .asr_options import asr_options, pop_asr_options
from .context import CommandContext
from .shared_options import engine_option, network_options, pop_resolve_options
from .terminal import json_line


@click.command(no_args_is_help=True)
@click.argument("videos", metavar="VIDEO…", nargs=-1, required=True)
@asr_options
@click.option(
    "--force", is_flag=True, help="Also transcribe videos with manual captions, and repeat earlier transcriptions."
)
@engine_option
@network_options
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
@click.option("-q", "--quiet", is_flag=True, help="Print only the summary.")
@click.pass_obj
def transcribe(
    session: CommandContext,
    /,
    videos: tuple[str, ...],
    force: bool,
    engine: str,
    as_json: bool,
    quiet: bool,
    **params: Any,
) -> int:
    """Recognize the speech of videos on this machine, and index it.

    A VIDEO is the id or URL of an indexed video, or a target that is added first: a video, a media file or an article.
    Videos with manual captions are skipped. A model is downloaded once; a folder with a model needs no network.

    \b
      vidindex transcribe vimeo:1084537
      vidindex transcribe --model small --spoken de https://example.org/talk.mp4
      vidindex transcribe --model models/base recordings/*.wav
    """
    resolve = pop_resolve_options(params)
    asr = pop_asr_options(params, enabled=True)
    progress = AddProgress("transcribing", verbose=session.verbose, quiet=quiet or as_json)
    with session.open(engine=engine, create=True) as index, progress:
        report = index.transcribe(*videos, asr=asr, force=force, resolve=resolve, notify=progress.show_progress)
    if as_json:
        click.echo(json_line(report_fields(report)))
    else:
        print_summary(report, with_failures=quiet)
    return exit_code(report)
