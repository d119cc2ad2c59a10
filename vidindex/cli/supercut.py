"""`vidindex supercut`: make one film of many moments."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import OptionError
from .clip import ClipProgress, serialize_clip
from .context import CommandContext
from .moment_options import choose_moments, moment_options, order_option
from .shared_options import network_options, pop_resolve_options
from .terminal import format_clock, json_line, one_line, pluralize

if TYPE_CHECKING:
    from ..clips.moments import ClipMoment
    from ..clips.options import ClipResult, MediaFormat, SupercutOptions

_FORMATS: dict[str, MediaFormat] = {".mp4": "mp4", ".webm": "webm", ".mp3": "mp3", ".wav": "wav"}


@click.command(no_args_is_help=True)
@moment_options
@click.option(
    "-o",
    "--out",
    default="supercut.mp4",
    show_default=True,
    metavar="FILE",
    help="The film; its suffix is mp4, webm, mp3 or wav.",
)
@order_option
@click.option("--size", default="1280x720", show_default=True, metavar="WxH", help="Size of the pictures.")
@click.option(
    "--fps",
    "frame_rate",
    type=click.IntRange(1, 120),
    default=30,
    show_default=True,
    metavar="N",
    help="Pictures a second.",
)
@click.option(
    "--loudness",
    type=click.FloatRange(-70, -5),
    default=-23.0,
    show_default=True,
    metavar="LUFS",
    help="Loudness of each moment, as EBU R 128 measures it.",
)
@click.option(
    "--cards",
    "card_s",
    type=click.FloatRange(0, 60),
    default=0.0,
    metavar="SECONDS",
    help="Show a card with title, channel and date before each moment, for this time.",
)
@click.option("--burn", is_flag=True, help="Write the captions into the pictures.")
@click.option("--preview", is_flag=True, help="Cut nothing: play the moments in mpv, or write a list for it.")
@network_options
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines: one for each moment.")
@click.option("-q", "--quiet", is_flag=True, help="Print no progress.")
@click.pass_obj
def supercut(
    session: CommandContext, /, out: str, preview: bool, burn: bool, as_json: bool, quiet: bool, **params: Any
) -> int:
    """Make one film of many moments, all of one size and loudness, with a chapter for each.

    The moments are chosen as for `vidindex clip`. The same command again continues what was interrupted.

    \b
      vidindex supercut --search 'time off' --sentence --cards 2 -o time-off.mp4
      vidindex supercut --search 'time off' --preview
    """
    resolve = pop_resolve_options(params)
    options = _read_options(params)
    path = Path(out)
    form = _FORMATS.get(path.suffix.lower())
    if form is None:
        raise click.BadParameter(f"{path.name} must end with mp4, webm, mp3 or wav", param_hint="--out")
    with choose_moments(session, params, joined=True) as chosen:
        if not chosen.moments:
            click.echo("no moments found", err=True)
            return 1
        if preview:
            return _preview(chosen.moments, options.order, path)
        from ..clips.fetch import FilmFetcher
        from ..clips.options import ClipOptions
        from ..clips.supercut import SupercutMaker

        clips = ClipOptions(form, burn=burn)
        with (
            FilmFetcher(chosen.source, clips, resolve, given=chosen.given) as fetcher,
            ClipProgress("cutting", len(chosen.moments), quiet=quiet or as_json) as progress,
        ):
            maker = SupercutMaker(chosen.source, path, options, clips, fetcher)
            made = maker.make(chosen.moments, lambda result: _show(result, progress, as_json=as_json))
    if not as_json:
        count = sum(result.state != "failed" for result in made.results)
        click.echo(f"{one_line(str(made.path))}  {pluralize(count, 'moment')}, {format_clock(made.duration_ms)}")
    return 1 if any(result.state == "failed" for result in made.results) else 0


def _read_options(params: dict[str, Any]) -> SupercutOptions:
    from ..clips.options import SupercutOptions

    size = params.pop("size")
    match = re.fullmatch(r"(\d{1,5})x(\d{1,5})", size)
    if match is None:
        raise OptionError(f"{size!r} is not a size: write 1280x720")
    return SupercutOptions(
        order=params.pop("order"),
        size=(int(match[1]), int(match[2])),
        frame_rate=params.pop("frame_rate"),
        loudness=params.pop("loudness"),
        card_ms=round(params.pop("card_s") * 1000),
    )


def _show(result: ClipResult, progress: ClipProgress, *, as_json: bool) -> None:
    progress.show(result)
    if as_json:
        click.echo(json_line(serialize_clip(result)))
    elif result.state == "failed":
        progress.print_failure(result)


def _preview(moments: list[ClipMoment], order: str, path: Path) -> int:
    """Play the moments in mpv; if it is not installed, write a list for it."""
    import shutil
    import subprocess

    from ..clips.moments import order_moments
    from ..clips.mpv import make_mpv_list

    local = [moment for moment in order_moments(moments, order) if moment.media is not None]
    if left := len(moments) - len(local):
        click.echo(f"left out: {pluralize(left, 'moment')} whose films are not on this machine", err=True)
    if not local:
        return 1
    text, mpv = make_mpv_list(local), shutil.which("mpv")
    if mpv is not None:
        return subprocess.run([mpv, "--", f"edl://{_inline(text)}"], check=False).returncode and 1  # noqa: S603 - mpv
    listed = path.with_suffix(".mpv.edl")
    listed.write_text(text, encoding="utf-8", errors="surrogateescape")
    click.echo(f"{one_line(str(listed))}  mpv is not installed: play the list with `mpv FILE`")
    return 0


def _inline(text: str) -> str:
    """Return the entries of an mpv EDL in one line."""
    return ";".join(text.splitlines()[1:])
