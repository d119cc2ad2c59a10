"""Verdicts for a terminal of any width, grouped: what is printed beside what was said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from ..verify.reports.wording import (
    ReportHead,
    change_kind,
    count_verdicts,
    describe_all_searched,
    describe_change,
    describe_confidence,
    describe_context,
    describe_notes,
    describe_piece,
    describe_place,
    describe_speaker,
    group_verdicts,
    play_url,
    verdict_label,
    verdict_meaning,
)
from .context import is_color_enabled
from .terminal import one_line

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

    from ..verify.verdicts import Verdict, VerdictKind

_COLORS = {
    "altered": "red",
    "spliced": "red",
    "partial": "yellow",
    "not_found": "yellow",
    "faithful": "green",
    "verbatim": "green",
}
_MIN_TABLE_WIDTH = 72
"""On narrower terminals, what was said stands below what is printed."""


def print_verdicts(verdicts: Sequence[Verdict], head: ReportHead) -> None:
    """Print the verdicts, their counts, and how much was searched."""
    from rich.console import Console

    console = Console(no_color=not is_color_enabled(), highlight=False, soft_wrap=False, emoji=False, markup=False)
    with console.capture() as printed:  # rich would exit with 1 if nobody reads on
        _print_report(console, verdicts, head)
    click.echo(printed.get(), nl=False, color=True)


def _print_report(console: Console, verdicts: Sequence[Verdict], head: ReportHead) -> None:
    from rich.text import Text

    if head.title:
        console.print(Text(one_line(head.title), style="bold"))
    for kind, group in group_verdicts(verdicts):
        heading = Text.assemble((verdict_label(kind).upper(), f"bold {_COLORS[kind]}"), f" ({len(group)})  ")
        console.print(Text.assemble("\n", heading, (verdict_meaning(kind), "dim")))
        _print_group(console, kind, group)
    console.print()
    console.print(Text(count_verdicts(verdicts)))
    for line in describe_all_searched(verdicts):
        console.print(Text(one_line(line), style="dim"))


def _print_group(console: Console, kind: VerdictKind, group: Sequence[tuple[int, Verdict]]) -> None:
    from rich.table import Table

    is_wide = console.width >= _MIN_TABLE_WIDTH
    table = Table(show_lines=is_wide, header_style="dim", show_header=is_wide, border_style="dim")
    table.add_column("", no_wrap=True, style="dim")
    if is_wide:
        table.add_column("printed", ratio=1, overflow="fold")
        table.add_column("said", ratio=1, overflow="fold")
    else:
        table = Table.grid(padding=(0, 1))
        table.add_column("", no_wrap=True, style="dim")
        table.add_column("", overflow="fold")
    for number, verdict in group:
        table.add_row(str(number), *_make_cells(verdict, is_wide=is_wide))
    console.print(table)
    for number, verdict in group:
        for line in _link_lines(verdict):
            console.print(f"{number:>3}  {line}", overflow="ignore", no_wrap=True, crop=False, soft_wrap=True)


def _make_cells(verdict: Verdict, *, is_wide: bool) -> list[RenderableType]:
    from rich.console import Group

    printed, said = _printed_text(verdict), Group(*_said_lines(verdict))
    return [printed, said] if is_wide else [Group(printed, said)]


def _printed_text(verdict: Verdict) -> Text:
    from rich.text import Text

    who = f"\n— {one_line(verdict.claim.who)}" if verdict.claim.who else ""
    return Text.assemble(f"“{one_line(verdict.claim.quote)}”", (who, "dim"))


def _said_lines(verdict: Verdict) -> Iterator[Text]:
    """Yield what was said, where, and what is to be known about it."""
    from rich.text import Text

    if verdict.hit is not None:
        yield Text("word for word", style="dim") if verdict.verdict == "verbatim" else _diff_text(verdict)
        place = Text(one_line(describe_place(verdict)), style="bold")
        yield Text.assemble(place, (f"  {describe_confidence(verdict)}", "dim"))
    for change in verdict.changes:
        yield Text(one_line(describe_change(change)), style="yellow" if change.undecided else "red")
    for piece in verdict.pieces if verdict.verdict in ("spliced", "partial") else ():
        yield Text(one_line(describe_piece(piece)))
    for name, text in describe_context(verdict):
        if name != "before" and name != "after":
            yield Text(one_line(f"{name}: {text}"), style="dim")
    if speaker := describe_speaker(verdict):
        yield Text(one_line(speaker), style="bold red" if verdict.speaker_check == "contradicted" else "dim")
    for note in describe_notes(verdict):
        yield Text(one_line(note), style="dim")


def _diff_text(verdict: Verdict) -> Text:
    from rich.text import Text

    text = Text()
    for words in verdict.diff:
        if words.same:
            text.append(f"{one_line(words.spoken)} ")
            continue
        if words.printed:
            text.append(f"[-{one_line(words.printed)}-] ", style="red")
        if words.spoken:
            text.append(f"{{+{one_line(words.spoken)}+}} ", style="green")
        if kind := change_kind(words, verdict.changes):
            text.append(f"({kind}) ", style="bold")
    text.rstrip()
    return text


def _link_lines(verdict: Verdict) -> Iterator[str]:
    """Yield links that play the hit and the pieces; a link that a table wraps cannot be clicked."""
    from ..transcripts.timecode import format_clock

    if verdict.hit is None:
        return
    yield one_line(verdict.hit.url)
    for piece in verdict.pieces if verdict.verdict == "spliced" else ():
        yield f"{format_clock(piece.start_ms)}  {one_line(play_url(verdict, piece.start_ms))}"
