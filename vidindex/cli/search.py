"""`vidindex search`: print the moments when something was said."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import click

from ..errors import QuerySyntaxError
from ..model import Hit
from ..server.hit_files import CSV_COLUMNS, hit_lines, srt_lines, table_lines
from .context import CommandContext
from .hits import format_hit, serialize_hit, serialize_video_hits
from .terminal import json_line, one_line, pluralize
from .texts import parse_kinds, print_texts, print_texts_note

if TYPE_CHECKING:
    from ..library import Index
    from ..search.by_video import VideoHits, VideoHitsPage
    from ..search.options import SearchOptions
    from ..search.unknown_values import UnknownValue

_GIST_TITLE = "said in other words:"
_MAX_ECHOED_CELLS = 200  # of a query that finds nothing: a whole text may have been pasted
_CommandFunction = Callable[..., Any]


def limit_option(text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the option `--limit`, whose help is *text*."""
    return click.option(
        "-n", "--limit", type=click.IntRange(1, 1000), default=10, show_default=True, metavar="N", help=text
    )


def _join_words(ctx: click.Context, param: click.Parameter, words: tuple[str, ...]) -> str:
    text = " ".join(words)
    if not text.strip():
        raise click.UsageError("enter the words to search for", ctx)
    return text


words_argument = click.argument("text", metavar="WORDS…", nargs=-1, required=True, callback=_join_words)


def match_kind(*, exact: bool, near: bool) -> Literal["exact", "near"] | None:
    """Return the kind of hits that `--exact` or `--near` chooses, None for both."""
    if exact and near:
        raise click.UsageError("--exact and --near exclude each other: leave out both for all hits")
    return "exact" if exact else "near" if near else None


def _check_date(ctx: click.Context, param: click.Parameter, date: str) -> str:
    if not date:
        return date
    from ..search.query_language import parse_date_range  # most searches have no dates, and start-up counts

    try:
        parse_date_range(date, "")
    except QuerySyntaxError as exc:
        raise click.BadParameter(exc.reason, ctx, param) from exc
    return date


def filter_options(command: _CommandFunction) -> _CommandFunction:
    """Add the options that filter the searched videos."""
    options = [
        click.option("--site", default="", metavar="HOST", help="Only videos on this site."),
        click.option("--channel", default="", metavar="NAME", help="Only videos of this channel."),
        click.option(
            "--kind", default="", metavar="KIND", help="Only clips of this kind: interview, performance, speech, …"
        ),
        click.option("--lang", default="", metavar="CODE", help="Only captions in this language."),
        click.option(
            "--after",
            default="",
            metavar="DATE",
            callback=_check_date,
            help="Only videos from this date or later: 2009-09-14, 2009-09 or 2009.",
        ),
        click.option(
            "--before",
            default="",
            metavar="DATE",
            callback=_check_date,
            help="Only videos from this date or earlier.",
        ),
        click.option("--speaker", default="", metavar="NAME", help="Only words of this speaker, if the captions tell."),
        click.option(
            "--origin",
            type=click.Choice(["manual", "automatic", "asr", "supplied"]),
            help="Only captions of this origin.",
        ),
        click.option(
            "--article", default="", metavar="WORDS", help="Only videos in articles with these words in title or URL."
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@click.command(no_args_is_help=True)
@words_argument
@limit_option("Maximum number of videos, or of hits.")
@click.option("--offset", type=click.IntRange(0), default=0, metavar="N", help="Skip the first N videos, or hits.")
@click.option(
    "--by",
    "unit",
    type=click.Choice(["video", "moment"]),
    help="Print videos with their best three hits, or every hit.  [default: video; moment with --json, --csv, --srt "
    "and --count]",
)
@click.option(
    "-c",
    "--context",
    default="12",
    metavar="N|Ns",
    show_default=True,
    help="Words, or seconds, of context around a hit.",
)
@click.option("--exact", is_flag=True, help="Only hits that match word for word.")
@click.option("--near", is_flag=True, help="Only hits that do not.")
@click.option(
    "--gist",
    is_flag=True,
    help="Also hits that say WORDS in other words, below the others; the index needs vectors: `vidindex rebuild "
    "--gist`.",
)
@click.option(
    "--sort",
    type=click.Choice(["score", "date", "length"]),
    default="score",
    show_default=True,
    help="Order of the hits.",
)
@click.option(
    "--in",
    "texts",
    default="",
    metavar="KIND,…",
    callback=parse_kinds,
    help="Search texts about videos, not speech: title, chapter, tag, channel, description, article, or any.",
)
@filter_options
@click.option("--raw-case", is_flag=True, help="Show captions in capitals as they are.")
@click.option("--json", "form", flag_value="json", help="Print JSON Lines.")
@click.option("--csv", "form", flag_value="csv", help="Print CSV with a header.")
@click.option("--srt", "form", flag_value="srt", help="Print the hits as an SRT file.")
@click.option("--count", "form", flag_value="count", help="Print only the number of hits, or of videos.")
@click.option("--open", "play", is_flag=True, help="Play the first hit in the browser.")
@click.pass_obj
def search(
    session: CommandContext, /, text: str, form: str | None, unit: str | None, play: bool, **options: Any
) -> int:
    """Find the moment when WORDS were said.

    Plain words are a quote. It is found across captions and despite misheard or misremembered words. Operators make
    a query: "exact phrase", AND, OR, NOT, (…), apolog*, "taylor swift"~8, and the fields title: channel: site: label:
    article: kind: lang: speaker: after: before:. in:title, in:description … find texts about videos, as --in does.

    \b
      vidindex search I never took the time off
      vidindex search '"time off" AND (tour OR album)' --kind interview
      vidindex search 'speaker:leno apolog*' --after 2009-09 --json
    """
    from ..search.scope import split_scope

    search_options = _read_options(**options)
    with session.open() as index:
        if search_options.texts or split_scope(text)[0]:
            if search_options.gist:
                raise click.UsageError("texts about videos are found word for word: leave out --gist")
            return print_texts(index, text, search_options, form=form, play=play)
        return _search_speech(index, text, search_options, form, unit, play=play)


def _search_speech(
    index: Index, text: str, options: SearchOptions, form: str | None, unit: str | None, *, play: bool
) -> int:
    is_by_video = unit == "video" or (unit is None and form is None)
    if form == "count":
        if options.gist:
            raise click.UsageError("--count counts what was said in these words: leave out --gist")
        return _print_count(index, text, options, is_by_video=is_by_video)
    search_units = _search_videos if is_by_video else _search_moments
    code = search_units(index, text, options, form, play=play)
    if form is None and not (code and options.offset):
        print_texts_note(index, text, options, has_hits=not code)
    return code


def _read_options(context: str, exact: bool, near: bool, **options: Any) -> SearchOptions:
    from ..search.options import SearchOptions

    match = match_kind(exact=exact, near=near)
    seconds = context.endswith("s")
    number = context.removesuffix("s")
    if not number.isdecimal() or len(number) > 6:
        raise click.BadParameter("give a number of words or seconds, such as 12 or 5s", param_hint="--context")
    options |= {"context_ms": int(number) * 1000} if seconds else {"context": int(number)}
    return SearchOptions(match=match, **options)


def _search_moments(index: Index, text: str, options: SearchOptions, form: str | None, *, play: bool) -> int:
    hits = index.search(text, options=options)
    is_found = bool(hits)
    skipped = index.search_page(text, options=replace(options, limit=0)).total if options.offset and not hits else 0
    if skipped and form is None:
        _print_end(pluralize(skipped, "moment"))
    elif not hits and form is None:
        corrected = _print_no_matches(index, text, options)
        hits = index.search(corrected, options=options) if corrected else index.suggest_gist(text, options=options)
    _PRINTERS[form or "text"](hits, options.offset)
    if play and hits:
        _open_hit(hits[0])
    return 0 if is_found else 1


def _search_videos(index: Index, text: str, options: SearchOptions, form: str | None, *, play: bool) -> int:
    page = index.search_videos(text, options=options)
    is_found = bool(page or page.gist)
    if not page.total and not page.gist and form is None:
        corrected = _print_no_matches(index, text, options)
        page = index.search_videos(corrected, options=options) if corrected else _suggest_gist(index, text, options)
    videos = [*page, *page.gist]
    if form is None:
        _print_videos(page, options.offset)
    elif form == "json":
        _print_video_json(videos)
    elif form == "csv":
        _print_video_csv(videos)
    else:
        _print_srt([hit for video in videos for hit in video.hits], 0)
    if play and videos:
        _open_hit(videos[0].hits[0])
    return 0 if is_found else 1


def _suggest_gist(index: Index, text: str, options: SearchOptions) -> VideoHitsPage:
    """Return the videos that say *text* in other words, after its words have found nothing."""
    from ..search.by_video import VideoHitsPage
    from ..search.gist_hits import add_gist_videos

    return add_gist_videos(VideoHitsPage(), index.suggest_gist(text, options=options), options)


def _print_videos(page: VideoHitsPage, offset: int) -> None:
    from .video_hits import format_footer, format_video_hits
    from .wrapping import terminal_width

    width = terminal_width()
    for number, found in enumerate(page, offset + 1):
        for line in format_video_hits(found, number, width=width):
            click.echo(line)
        click.echo()
    if page:
        click.echo(click.style(format_footer(page, offset), dim=True))
    elif page.total_videos:
        _print_end(pluralize(page.total_videos, "video"))
    if page.gist:
        click.echo(f"{'' if not page else chr(10)}{_GIST_TITLE}\n")
    for number, found in enumerate(page.gist, offset + 1):
        for line in format_video_hits(found, number, width=width):
            click.echo(line)
        click.echo()


def _print_end(found: str) -> None:
    click.echo(f"the search finds only {found}; give a smaller --offset", err=True)


def _print_video_json(videos: Iterable[VideoHits]) -> None:
    for found in videos:
        click.echo(json_line(serialize_video_hits(found)))


def _print_video_csv(videos: Iterable[VideoHits]) -> None:
    rows = ({**serialize_hit(found.hits[0]), "total": found.total} for found in videos)
    _print_lines(table_lines([*CSV_COLUMNS, "total"], rows))


def _print_text(hits: Sequence[Hit], offset: int) -> None:
    said = [hit for hit in hits if hit.match != "gist"]
    _print_numbered(said, offset)
    if others := hits[len(said) :]:
        click.echo(f"{chr(10) if said else ''}{_GIST_TITLE}\n")
        _print_numbered(others, offset)


def _print_numbered(hits: Sequence[Hit], offset: int) -> None:
    for number, hit in enumerate(hits, offset + 1):
        if number > offset + 1:
            click.echo()
        for line in format_hit(hit, number):
            click.echo(line)


def _print_json(hits: Sequence[Hit], offset: int) -> None:
    for hit in hits:
        click.echo(json_line(serialize_hit(hit)))


def _print_csv(hits: Sequence[Hit], offset: int) -> None:
    _print_lines(hit_lines(hits, "csv"))


def _print_srt(hits: Sequence[Hit], offset: int) -> None:
    _print_lines(srt_lines(hits, first=offset + 1))


def _print_lines(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line, nl=False)


def _print_count(index: Index, text: str, options: SearchOptions, *, is_by_video: bool) -> int:
    page = index.search_videos(text, options=replace(options, limit=0, offset=0))
    count = page.total_videos if is_by_video else page.total
    click.echo(str(count))
    if page.is_more:
        click.echo(f"counted only the first {page.total:,} hits; there are more", err=True)
    return 0 if count else 1


def _open_hit(hit: Hit) -> None:
    import webbrowser

    # The URL comes from a page: open only what a browser plays.
    if not hit.url.startswith(("http://", "https://", "file://")) or not webbrowser.open(hit.url):
        click.echo(f"cannot open {one_line(hit.url) or 'this hit'} in a browser", err=True)


_PRINTERS = {"text": _print_text, "json": _print_json, "csv": _print_csv, "srt": _print_srt}


def _print_no_matches(index: Index, text: str, options: SearchOptions) -> str:
    """Say that nothing matches *text*, and why; return a corrected text that finds something, or ""."""
    from .columns import cut_text

    corrected = index.suggest(text, options=options) or ""
    found = f"; showing results for “{one_line(corrected)}”" if corrected else ""
    click.echo(f"no matches for “{cut_text(one_line(text), _MAX_ECHOED_CELLS)}”{found}", err=True)
    for unknown in index.find_unknown_values(text, options=options):
        click.echo(_describe_unknown(unknown), err=True)
    if pending := index.pending_words():
        click.echo(f"{pending:,} words are not searchable yet; the next `vidindex add` indexes them", err=True)
    return corrected


def _describe_unknown(unknown: UnknownValue) -> str:
    """Return a line about a filter value that no video has."""
    name = "language" if unknown.name == "lang" else unknown.name
    similar = ", ".join(f"“{one_line(value)}”" for value in unknown.similar)
    known = f"; there is {similar}" if similar else ""
    return f"no {name} in the index matches “{one_line(unknown.value)}”{known}"
