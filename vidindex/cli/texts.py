"""`vidindex search --in`: print titles, descriptions and other texts about videos that have the words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from ..errors import IndexUnusableError
from ..model import TEXT_KINDS, TextKind
from .hits import clean_fragment
from .terminal import escape_cell, format_clock, json_line, one_line, pluralize

if TYPE_CHECKING:
    from ..library import Index
    from ..search.options import SearchOptions
    from ..search.texts import TextHit, TextHits

_MAX_NOTED_PENDING = 1_000
"""Changed videos and articles whose texts are indexed for a note below other hits; with more, there is none."""


def parse_kinds(ctx: click.Context, param: click.Parameter, value: str) -> tuple[TextKind, ...]:
    """Parse the value of `--in`: kinds of texts with commas between them, or `any`."""
    names = [name.strip().removesuffix("s") for name in value.split(",") if name.strip()]
    if "any" in names:
        return TEXT_KINDS
    unknown = [name for name in names if name not in TEXT_KINDS]
    if unknown:
        raise click.BadParameter(f"give some of {', '.join(TEXT_KINDS)}, or any", ctx, param)
    return tuple(kind for kind in TEXT_KINDS if kind in names)


def print_texts(index: Index, text: str, options: SearchOptions, *, form: str | None, play: bool) -> int:
    """Print the texts that have the words, and return the exit code."""
    if form == "srt":
        raise click.UsageError("texts about videos have no times: use --json or --csv")
    if options.match == "near":
        raise click.UsageError("texts about videos are found word for word: leave out --near")
    if options.speaker or options.origin:
        raise click.UsageError("texts about videos have no speakers and no captions: leave out --speaker and --origin")
    if (pending := index.pending_texts()) > _MAX_NOTED_PENDING:
        click.echo(f"indexing the texts about {pending:,} videos and articles, once …", err=True)
    found = index.search_texts(text, options=replace(options, limit=0) if form == "count" else options)
    if form == "count":
        click.echo(str(found.total))
    elif form == "json":
        _print_json(found.hits)
    elif form == "csv":
        _print_csv(found.hits)
    else:
        _print_page(found, text, options)
    if play and found.hits and found.hits[0].url.startswith(("http://", "https://")):
        click.launch(found.hits[0].url)
    return 0 if found.total else 1


def print_texts_note(index: Index, text: str, options: SearchOptions, *, has_hits: bool) -> None:
    """Print which texts about videos have the words, below what was said; if nothing was said, print the texts."""
    from ..search.texts import has_words

    if options.match == "near" or options.speaker or options.origin or not has_words(text):
        return
    wanted = replace(options, limit=0) if has_hits else replace(options, offset=0)
    try:
        if index.pending_texts() > _MAX_NOTED_PENDING:
            return
        found = index.search_texts(text, options=wanted)
    except IndexUnusableError as exc:  # the search itself did not need the texts
        click.echo(f"titles and other texts were not searched: {exc}", err=True)
        return
    if not found.total:
        return
    if has_hits:
        click.echo(click.style(f"\nalso in {_describe_counts(found)}: add --in any", dim=True))
        return
    click.echo(
        f"no captions have it, but {_describe_counts(found)} {'has' if found.total == 1 else 'have'} these words:\n"
    )
    _print_hits(found.hits, 1)


def _print_page(found: TextHits, text: str, options: SearchOptions) -> None:
    if not found.total:
        click.echo(f"no texts match “{one_line(text)}”", err=True)
    _print_hits(found.hits, options.offset + 1)
    if found.total > options.offset + len(found.hits) and found.hits:
        shown = options.offset + len(found.hits)
        click.echo(f"\n{shown:,} of {found.total:,}: --offset {shown} shows more ({_describe_counts(found)})")
    if found.pending:
        click.echo(f"the texts of {found.pending:,} videos and articles are not searchable yet", err=True)


def _describe_counts(found: TextHits) -> str:
    parts = [pluralize(count, kind) for kind, count in found.counts]
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _print_hits(hits: Sequence[TextHit], first: int) -> None:
    for number, hit in enumerate(hits, first):
        if number > first:
            click.echo()
        for line in _format_hit(hit, number):
            click.echo(line)


def _format_hit(hit: TextHit, number: int) -> list[str]:
    about = hit.video or hit.article
    name = one_line(about.title) if about else ""
    fallback = hit.video.id if hit.video else hit.url
    lines = [
        f"{number:>3}  {click.style(name or one_line(fallback), bold=True)}  {click.style(hit.match, fg='magenta')}"
    ]
    where = [one_line(hit.video.channel), one_line(hit.video.site), hit.video.date] if hit.video else []
    where += [one_line(hit.article.site), hit.article.date] if hit.article else []
    if any(where):
        lines.append(f"     {click.style(' · '.join(dict.fromkeys(filter(None, where))), dim=True)}")
    time = click.style(f"{format_clock(hit.start_ms)}  ", fg="cyan") if hit.match == "chapter" else ""
    lines.append(f"     {time}{_highlight(hit)}")
    if hit.url:
        lines.append(f"     {click.style(one_line(hit.url), fg='blue', underline=True)}")
    return lines


def _highlight(hit: TextHit) -> str:
    parts: list[str] = []
    at = 0
    for start, end in hit.marks:
        marked = click.style(f"«{clean_fragment(hit.text[start:end])}»", bold=True)
        parts += [clean_fragment(hit.text[at:start]), marked]
        at = end
    return "".join((*parts, clean_fragment(hit.text[at:])))


def _print_json(hits: Sequence[TextHit]) -> None:
    from ..server.serialize import serialize_text_hit

    for hit in hits:
        click.echo(json_line(serialize_text_hit(hit)))


def _print_csv(hits: Sequence[TextHit]) -> None:
    import csv
    import io

    from ..server.serialize import serialize_text_hit

    rows = io.StringIO()
    table = csv.writer(rows, lineterminator="\n")
    columns = ["match", "video_id", "article_url", "title", "channel", "site", "date", "start_ms", "text", "url"]
    table.writerow(columns)
    for hit in hits:
        fields: dict[str, object] = {**serialize_text_hit(hit)}
        table.writerow([escape_cell(fields[name]) for name in columns])
    click.echo(rows.getvalue(), nl=False)
