"""`vidindex edit-list`: list moments for an editor to cut."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .context import CommandContext
from .moment_options import choose_moments, moment_options, order_option
from .shared_options import output_option
from .terminal import pluralize, write_output

if TYPE_CHECKING:
    from ..clips.edit_lists import EditListFormat


@click.command("edit-list", no_args_is_help=True)
@moment_options
@click.option(
    "--format",
    "form",
    type=click.Choice(["fcpxml", "xml", "otio", "edl", "m3u", "resolve-markers", "premiere-markers"]),
    required=True,
    help="Format of the list: xml is for Premiere Pro.",
)
@click.option(
    "--rate",
    type=click.Choice(["23.976", "24", "25", "29.97", "29.97df", "30", "50", "59.94", "59.94df", "60"]),
    help="Frames a second; df: drop-frame time code.  [default: those of the films on this machine]",
)
@click.option(
    "--start-timecode",
    default="01:00:00:00",
    show_default=True,
    metavar="TIMECODE",
    help="Time code of the first frame of the timeline.",
)
@click.option("--title", default="vidindex", show_default=True, metavar="TEXT", help="Name of the timeline.")
@order_option
@output_option
@click.pass_obj
def edit_list(
    session: CommandContext,
    /,
    form: EditListFormat,
    rate: str | None,
    start_timecode: str,
    title: str,
    order: str,
    output: Path | None,
    **params: Any,
) -> int:
    """List moments for an editor to cut, one after the other, without any media.

    VIDEO is the id or the URL of an indexed video, a film on this machine, or the URL of a video; - reads the JSON
    Lines of `vidindex search --json`. Markers are for the moments of one film.

    \b
      vidindex edit-list --search 'hope and change' --format fcpxml -o hope.fcpxml
      vidindex edit-list talk.mp4 --from 12:30 --to 12:41 --format edl --rate 25
      vidindex search --json hope and change | vidindex edit-list - --format m3u -o hope.m3u8
    """
    from ..clips.edit_lists import write_edit_list
    from ..clips.moments import order_moments

    with choose_moments(session, params, joined=True) as chosen:
        moments = order_moments(chosen.moments, order)
    if not moments:
        click.echo("no moments found", err=True)
        return 1
    text = write_edit_list(moments, form, rate=rate or "", title=title, start_timecode=start_timecode)
    write_output(text, output)
    if output is not None:
        click.echo(f"wrote {pluralize(len(moments), 'moment')} to {output}", err=True)
    return 0
