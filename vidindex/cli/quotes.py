"""`vidindex quotes`: compare the quotations of an article with the captions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import NotIndexedError
from ..server.serialize import serialize_quote
from .context import CommandContext, is_color_enabled
from .terminal import format_clock, json_line, one_line

if TYPE_CHECKING:
    from rich.text import Text

    from ..library import Index
    from ..model import Article
    from ..verify.check import CheckedQuote

_VERDICT_COLORS = {"verbatim": "green", "near": "yellow", "not found": "red"}


@click.command(no_args_is_help=True)
@click.argument("article")
@click.option("--json", "form", flag_value="json", help="Print JSON Lines.")
@click.option("--markdown", "form", flag_value="markdown", help="Print Markdown.")
@click.option(
    "--html", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write a report with links to FILE."
)
@click.pass_obj
def quotes(session: CommandContext, article: str, form: str | None, html: Path | None) -> int:
    """Check the quotations printed in ARTICLE, a URL or a saved page, against the captions.

    Each quotation is searched in the videos that the article embeds, then in the whole index. Its verdict is
    `verbatim`, `near` (with the words that differ) or `not found`. Add the article first, so that its videos are
    known.

    \b
      vidindex quotes https://example.org/2009/09/late-night.html
      vidindex quotes saved.html --html report.html
    """
    from ..verify import report

    with session.open() as index:
        checked = index.quotes(article)
        about = _find_article(index, article)
    title, url = (about.title, about.url) if about else ("", article)
    if html is not None:
        _write_report(html, report.render_html(checked, title=title, url=url))
    if form == "json":
        for each in checked:
            click.echo(json_line(serialize_quote(each)))
    elif form == "markdown":
        click.echo(report.render_markdown(checked, title=title, url=url), nl=False)
    elif html is None:
        _print_table(checked, title or article, is_indexed=about is not None)
    return 0 if any(each.hit for each in checked) else 1


def _find_article(index: Index, article: str) -> Article | None:
    try:
        return index.article(article)
    except NotIndexedError:
        return None


def _write_report(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as exc:
        raise click.ClickException(f"cannot write {path}: {exc.strerror}") from exc
    click.echo(f"wrote {path}", err=True)


def _print_table(checked: Sequence[CheckedQuote], title: str, *, is_indexed: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(no_color=not is_color_enabled(), highlight=False, soft_wrap=False)
    if not is_indexed:
        click.echo("this article is not in the index; its quotations are searched in all videos", err=True)
    if not checked:
        click.echo("no quotations in this article", err=True)
        return
    table = Table(title=one_line(title), title_justify="left", show_lines=True, header_style="dim")
    for name, ratio in (("", None), ("", None), ("printed", 5), ("said", 5), ("where", 3)):
        table.add_column(name, ratio=ratio, overflow="fold", no_wrap=ratio is None)
    for number, each in enumerate(checked, 1):
        table.add_row(*_table_row(each, number))
    console.print(table)
    for number, each in enumerate(checked, 1):
        if each.hit is not None:  # a link that the table wraps cannot be clicked
            click.echo(f"{number:>3}  {click.style(one_line(each.hit.url), fg='blue', underline=True)}")
    counts = (f"{sum(each.verdict == name for each in checked)} {name}" for name in _VERDICT_COLORS)
    click.echo(", ".join(counts))


def _table_row(each: CheckedQuote, number: int) -> tuple[Text, ...]:
    from rich.text import Text

    who = f"\n— {one_line(each.quotation.attribution)}" if each.quotation.attribution else ""
    printed = Text.assemble(f"“{one_line(each.quotation.text)}”", (who, "dim"))
    verdict = Text(each.verdict, style=_VERDICT_COLORS[each.verdict])
    return (Text(str(number), style="dim"), verdict, printed, _diff_text(each), _location_text(each))


def _diff_text(each: CheckedQuote) -> Text:
    from rich.text import Text

    text = Text()
    if each.verdict == "verbatim":
        return Text("word for word", style="dim")
    for change in each.changes:
        if change.same:
            text.append(f"{one_line(change.spoken)} ")
            continue
        if change.printed:
            text.append(f"[-{one_line(change.printed)}-] ", style="red")
        if change.spoken:
            text.append(f"{{+{one_line(change.spoken)}+}} ", style="green")
    return text


def _location_text(each: CheckedQuote) -> Text:
    from rich.text import Text

    if each.hit is None:
        return Text("")
    hit = each.hit
    times = f"{format_clock(hit.start_ms)}–{format_clock(hit.end_ms)}"
    name = one_line(hit.video.title) or hit.video.id
    note = "\nin a video that this article does not embed" if each.elsewhere else ""
    return Text.assemble((name, "bold"), f"\n{times}", (note, "dim"))
