"""The options that say which moments are cut: times of a video, a search, or the JSON Lines of one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import NoIndexError, NotIndexedError
from ..transcripts.timecode import parse_clock_ms
from .search import filter_options, limit_option

if TYPE_CHECKING:
    from ..clips.moments import ClipMoment, MomentMaker, MomentSource
    from ..model import Video
    from .context import CommandContext

_FILTERS = ("site", "channel", "kind", "lang", "after", "before", "speaker", "origin", "article")


def _parse_times(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[int, ...]:
    """Return the times that *values* are, in milliseconds."""
    times = [parse_clock_ms(value) for value in values]
    wrong = next((value for value, time_ms in zip(values, times, strict=True) if time_ms is None), None)
    if wrong is not None:
        raise click.BadParameter(f"{wrong!r} is not a time: write 12:30, 1:02:03 or 12:30.5", ctx, param)
    return tuple(time_ms for time_ms in times if time_ms is not None)


@dataclass(frozen=True, slots=True)
class ChosenMoments:
    """The moments that the options choose; *given* are the URLs that the user typed."""

    source: MomentSource
    moments: list[ClipMoment]
    given: frozenset[str] = frozenset()


order_option = click.option(
    "--order",
    type=click.Choice(["given", "time", "score"]),
    default="given",
    show_default=True,
    help="Order of the moments.",
)


def moment_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the argument and the options that `choose_moments` takes."""
    options: list[Callable[[Callable[..., Any]], Callable[..., Any]]] = [
        click.argument("video", metavar="[VIDEO]", default=""),
        click.option(
            "--from",
            "starts",
            multiple=True,
            callback=_parse_times,
            metavar="TIME",
            help="Start of a moment; repeatable.",
        ),
        click.option(
            "--to", "ends", multiple=True, callback=_parse_times, metavar="TIME", help="End of a moment; repeatable."
        ),
        click.option("--search", "query", default="", metavar="QUERY", help="Cut the hits of a search."),
        limit_option("Maximum number of hits."),
        click.option("--exact", is_flag=True, help="Only hits that match word for word."),
        click.option(
            "--pad",
            "pad_s",
            type=click.FloatRange(0, 600),
            default=0.0,
            metavar="SECONDS",
            help="Time to add before and after each moment.",
        ),
        click.option("--sentence", "sentences", is_flag=True, help="Begin and end with whole sentences."),
    ]
    command = filter_options(command)
    for option in reversed(options):
        command = option(command)
    return command


@contextmanager
def choose_moments(session: CommandContext, params: dict[str, Any], *, joined: bool = False) -> Iterator[ChosenMoments]:
    """Remove the options of `moment_options` from *params*, and return the moments that they choose.

    *joined*: hits whose moments overlap have one moment.
    The index is open until the end of the block; a film or a URL with times needs none.
    """
    video, query, starts, ends = (params.pop(name) for name in ("video", "query", "starts", "ends"))
    pad_ms, sentences = round(params.pop("pad_s") * 1000), params.pop("sentences")
    limit, exact = params.pop("limit"), params.pop("exact")
    filters = {name: params.pop(name) for name in _FILTERS}
    if bool(video) == bool(query):
        raise click.UsageError("name a VIDEO with --from and --to, or give --search QUERY, or - to read JSON Lines")
    if len(starts) != len(ends) or (starts and (query or video == "-")):
        raise click.UsageError("each --from of a VIDEO needs its --to")
    if not query and not starts and video != "-":
        raise click.UsageError("which part of the video: give --from and --to")
    language = filters["lang"] if starts else ""
    if not query and any(value for name, value in filters.items() if name != "lang" or not starts):
        raise click.UsageError("filters such as --channel apply to --search only")
    with _open_source(session, is_optional=bool(starts)) as source:
        from ..clips.moments import MomentMaker, drop_repeated, read_hits

        maker = MomentMaker(source, pad_ms=pad_ms, sentences=sentences, joined=joined)
        if query:
            hits = _search(source, query, filters, limit, exact=exact)
            yield ChosenMoments(source, drop_repeated(maker.make_moments(hits)))
        elif video == "-":
            with click.open_file("-", encoding="utf-8", errors="replace") as lines:
                yield ChosenMoments(source, maker.make_moments(read_hits(lines, source)))
        else:
            yield _choose_times(source, maker, video, list(zip(starts, ends, strict=True)), language)


@contextmanager
def _open_source(session: CommandContext, *, is_optional: bool) -> Iterator[MomentSource]:
    from ..clips.moments import NoIndexSource

    try:
        index = session.open()
    except NoIndexError:
        if not is_optional or session.index:
            raise
        yield NoIndexSource()
        return
    with index:
        yield index


def _search(source: Any, query: str, filters: dict[str, Any], limit: int, *, exact: bool) -> Any:
    from ..search.options import SearchOptions

    options = SearchOptions(limit=limit, match="exact" if exact else None, **filters)
    return source.search(query, options=options)


def _choose_times(
    source: MomentSource, maker: MomentMaker, name: str, times: list[tuple[int, int]], language: str
) -> ChosenMoments:
    video, media = _find_video(source, name)
    moments = [maker.make_range(video, start_ms, end_ms, language=language) for start_ms, end_ms in times]
    if media is not None:
        moments = [replace(moment, media=media) for moment in moments]
    return ChosenMoments(source, moments, frozenset({name}))


def _find_video(source: MomentSource, name: str) -> tuple[Video, Path | None]:
    """Return the indexed video *name*, or the film or the URL that it is."""
    from ..model import Video

    path = Path(name)
    try:
        if not path.is_file():
            return source.video(name), None
    except NotIndexedError:
        if name.startswith(("http://", "https://")):
            return Video(name, name), None
        raise
    try:
        return source.video(path.absolute().as_uri()), path
    except NotIndexedError:
        return Video(f"file:{path.stem}", path.absolute().as_uri(), title=path.stem), path
