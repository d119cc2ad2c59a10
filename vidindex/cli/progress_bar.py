"""A bar with rate and remaining time that stays in its line on a terminal; elsewhere, a plain line now and then."""

from __future__ import annotations

import sys
import time
from collections import deque
from types import TracebackType
from typing import TYPE_CHECKING, Self

import click

from ..config import is_dumb_terminal
from .context import is_color_enabled
from .terminal import one_line

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from ..model import Progress

_REPORT_INTERVAL_S = 15.0
"""Interval of the plain lines."""

_RATE_WINDOW = 200
"""Number of recent updates from which the rate is computed."""


class ProgressBar:
    """Shows how much of a command's work is done; prints nothing if *quiet*.

    After an interrupt, it prints what `describe_done` returns.
    """

    def __init__(self, label: str, *, quiet: bool = False) -> None:
        self.is_live = not quiet and sys.stderr.isatty() and not is_dumb_terminal()
        self._label = label
        self._quiet = quiet
        self._bar: Bar | None = None
        self._updates: deque[tuple[float, int]] = deque(maxlen=_RATE_WINDOW)
        self._printed_at = time.monotonic()

    def __enter__(self) -> Self:
        if self.is_live:
            self._bar = _make_bar()
            self._bar.start()
            self._bar.add_task(self._label, total=None, count="", rate="", status="")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
        if isinstance(exc, KeyboardInterrupt) and (done := self.describe_done()):
            self.print_line(f"{done} before the interrupt")

    def describe_done(self) -> str:
        """Return what the command has done so far, or "" to say nothing."""
        return ""

    def set_label(self, label: str) -> None:
        """Show *label* before the bar, and measure the rate from now on."""
        if label != self._label:
            self._label = label
            self._updates.clear()
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], description=label)

    def print_line(self, line: str) -> None:
        """Print *line* above the bar."""
        if self._quiet:
            return
        if self._bar is None:
            click.echo(line, err=True)
            return
        from rich.text import Text

        shown = Text.from_ansi(line) if is_color_enabled(err=True) else Text(click.unstyle(line))
        self._bar.console.print(shown, soft_wrap=True)

    def show_status(self, status: str) -> None:
        """Show the current step beside the bar."""
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], status=one_line(status))

    def update(self, done: int, total: int, *, left: int | None = None, counts: str = "") -> None:
        """Show that *done* of *total* parts are complete; *total* is 0 if it is not known.

        *left* is the number of parts to do, if it is not the difference.  *counts* are shown beside these numbers.
        """
        if self._quiet:
            return
        left = max(total - done, 0) if left is None else left
        now = time.monotonic()
        is_first = not self._updates
        if is_first or self._updates[-1][1] != done:
            self._updates.append((now, done))
        if self._bar is not None:
            count, rate = _format_count(done, total), self._format_rate(left)
            self.show_status(counts)
            self._bar.update(self._bar.task_ids[0], completed=done, total=total or None, count=count, rate=rate)
            if is_first:  # a short stage may end before the next refresh
                self._bar.refresh()
        elif now - self._printed_at > _REPORT_INTERVAL_S:
            self._printed_at = now
            of_total = f" of {total:,}" if total else ""
            says = (f"{done:,}{of_total} done", counts, self._format_rate(left))
            click.echo(", ".join(filter(None, says)), err=True)

    def _format_rate(self, left: int) -> str:
        per_second = self._parts_per_second()
        if not per_second:
            return ""
        time_left = f", {format_time_left(left / per_second)} left" if left > 0 else ""
        return f"{format_rate(per_second)}{time_left}"

    def _parts_per_second(self) -> float:
        if len(self._updates) < 2:
            return 0.0
        (since, before), (_, done) = self._updates[0], self._updates[-1]
        return max(done - before, 0) / max(time.monotonic() - since, 0.001)


class StageProgress(ProgressBar):
    """Shows a command that works in stages, each with its own count; *labels* are their names for people."""

    def __init__(self, labels: dict[str, str], *, verbose: bool) -> None:
        super().__init__("starting")
        self._labels = labels
        self._verbose = verbose
        self._last = ""

    def describe_done(self) -> str:
        return self._last

    def show_progress(self, progress: Progress) -> None:
        """Show one step."""
        label = self._labels[progress.stage]
        self.set_label(label)
        self.update(progress.done, progress.total, counts=one_line(progress.name) if self.is_live else "")
        self._last = f"{label}: {_format_count(progress.done, progress.total).replace('/', ' of ')} done"
        if self._verbose:
            self.print_line(f"{label:>11}  {one_line(progress.name)}")


def _make_bar() -> Bar:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn
    from rich.table import Column

    fixed, flexible = Column(no_wrap=True), Column(no_wrap=True, overflow="ellipsis", ratio=1)
    columns = (
        TextColumn("{task.description}", table_column=fixed, markup=False),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[count]}", table_column=fixed, markup=False),
        TextColumn("{task.fields[rate]}", table_column=fixed, markup=False),
        TextColumn("{task.fields[status]}", table_column=flexible, markup=False, style="dim"),
    )
    console = Console(stderr=True, no_color=None if is_color_enabled(err=True) else True, highlight=False)
    return Progress(*columns, console=console, transient=True, refresh_per_second=4, expand=True)


def _format_count(done: int, total: int) -> str:
    return f"{done:,}/{total:,}" if total else f"{done:,}"


def format_rate(per_second: float) -> str:
    """Return `12.3/s`, or a rate by the minute or the hour if it is below 1."""
    for unit, seconds in (("s", 1), ("min", 60)):
        if per_second * seconds >= 1:
            return f"{per_second * seconds:.1f}/{unit}"
    return f"{per_second * 3600:.1f}/h"


def format_time_left(seconds: float) -> str:
    """Return a duration in its two largest units, such as `2 h 5 min`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"
