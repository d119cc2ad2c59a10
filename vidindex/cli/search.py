"""`vidindex search`: print the moments when something was said."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from ..model import Hit
from ..transcripts.timecode import format_timestamp
from .context import CommandContext
from .hits import format_hit, serialize_hit
from .terminal import escape_cell, json_line, one_line
from .texts import parse_kinds, print_texts, print_texts_note

if TYPE_CHECKING:
    from ..library import Index

_CommandFunction = Callable[..., Any]
_MAX_COUNTED_HITS = 1000


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
            help="Only videos from this date or later: 2009-09-14, 2009-09 or 2009.",
        ),
        click.option("--before", default="", metavar="DATE", help="Only videos from this date or earlier."),
        click.option(
            "--article", default="", metavar="WORDS", help="Only videos in articles with these words in title or URL."
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@click.command(no_args_is_help=True)
@click.argument("words", metavar="WORDS…", nargs=-1, required=True)
@click.option(
    "-n",
    "--limit",
    type=click.IntRange(1, 1000),
    default=10,
    show_default=True,
    metavar="N",
    help="Maximum number of hits.",
)
@click.option("--offset", type=click.IntRange(0), default=0, metavar="N", help="Skip the first N hits.")
@click.option(
    "-c",
    "--context",
    default="12",
    metavar="N|Ns",
    show_default=True,
    help="Words, or seconds, of context around a hit.",
)
@click.option("--exact", "match", flag_value="exact", help="Only hits that match word for word.")
@click.option("--near", "match", flag_value="near", help="Only hits that do not.")
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
@click.option("--count", "form", flag_value="count", help="Print only the number of hits.")
@click.option("--open", "play", is_flag=True, help="Play the first hit in the browser.")
@click.pass_obj
def search(
    session: CommandContext, /, words: tuple[str, ...], form: str | None, play: bool, context: str, **options: Any
) -> int:
    """Find the moment when WORDS were said.

    Plain words are a quote. It is found across captions and despite misheard or misremembered words. Operators make
    a query: "exact phrase", AND, OR, NOT, ( ), apolog*, "taylor swift"~8, and the fields title: channel: site: label:
    article: kind: lang: speaker: after: before:. in:title, in:description … find texts about videos, as --in does.

    \b
      vidindex search I never took the time off
      vidindex search '"time off" AND (tour OR album)' --kind interview
      vidindex search 'speaker:leno apolog*' --after 2009-09 --json
    """
    text = " ".join(words)
    seconds = context.endswith("s")
    number = context.removesuffix("s")
    if not number.isdecimal() or len(number) > 6:
        raise click.BadParameter("give a number of words or seconds, such as 12 or 5s", param_hint="--context")
    options |= {"context_ms": int(number) * 1000} if seconds else {"context": int(number)}
    from ..search.options import SearchOptions
    from ..search.scope import split_scope

    if form == "count":
        options |= {"limit": _MAX_COUNTED_HITS + 1, "offset": 0}
    with session.open() as index:
        if options["texts"] or split_scope(text)[0]:
            return print_texts(index, text, SearchOptions(**options), form=form, play=play)
        del options["texts"]
        hits = index.search(text, **options)
        _PRINTERS[form or "text"](hits, int(options["offset"]))
        if not hits:
            _print_no_matches(index, text, quiet=form is not None)
        if form is None:
            print_texts_note(index, text, SearchOptions(**options), has_hits=bool(hits))
    if play and hits:
        _open_hit(hits[0])
    return 0 if hits else 1


def _print_text(hits: Sequence[Hit], offset: int) -> None:
    for number, hit in enumerate(hits, offset + 1):
        if number > offset + 1:
            click.echo()
        for line in format_hit(hit, number):
            click.echo(line)


def _print_json(hits: Sequence[Hit], offset: int) -> None:
    for hit in hits:
        click.echo(json_line(serialize_hit(hit)))


def _print_csv(hits: Sequence[Hit], offset: int) -> None:
    import csv
    import io

    columns = [
        "video_id",
        "title",
        "channel",
        "date",
        "label",
        "kind",
        "start_ms",
        "end_ms",
        "match",
        "score",
        "text",
        "url",
    ]
    rows = io.StringIO()
    table = csv.writer(rows, lineterminator="\n")
    table.writerow(columns)
    for hit in hits:
        fields: Mapping[str, object] = serialize_hit(hit)
        table.writerow([escape_cell(fields[name]) for name in columns])
    click.echo(rows.getvalue(), nl=False)


def _print_srt(hits: Sequence[Hit], offset: int) -> None:
    for number, hit in enumerate(hits, offset + 1):
        times = f"{format_timestamp(hit.start_ms, ',')} --> {format_timestamp(hit.end_ms, ',')}"
        click.echo(f"{number}\n{times}\n{one_line(hit.text)}\n{one_line(hit.video.title)} {one_line(hit.url)}\n")


def _print_count(hits: Sequence[Hit], offset: int) -> None:
    click.echo(str(min(len(hits), _MAX_COUNTED_HITS)))
    if len(hits) > _MAX_COUNTED_HITS:
        click.echo(f"counted only the best {_MAX_COUNTED_HITS:,} hits; there are more", err=True)


def _open_hit(hit: Hit) -> None:
    import webbrowser

    # The URL comes from a page: open only what a browser plays.
    if not hit.url.startswith(("http://", "https://", "file://")) or not webbrowser.open(hit.url):
        click.echo(f"cannot open {one_line(hit.url) or 'this hit'} in a browser", err=True)


_PRINTERS = {"text": _print_text, "json": _print_json, "csv": _print_csv, "srt": _print_srt, "count": _print_count}


def _print_no_matches(index: Index, text: str, *, quiet: bool) -> None:
    if quiet:
        return
    click.echo(f"no matches for “{one_line(text)}”", err=True)
    if pending := index.pending_words():
        click.echo(f"{pending:,} words are not searchable yet; the next `vidindex add` indexes them", err=True)
    if suggestion := index.suggest(text):
        click.echo(f"did you mean: {one_line(suggestion)}", err=True)
