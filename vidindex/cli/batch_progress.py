"""The progress of a batch run: on a terminal, as plain lines, or in a log file."""

from __future__ import annotations

import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Self

import click

from ..model import status_word
from ..store.tasks import QueueStatus, Task, describe_queue
from .context import is_color_enabled
from .terminal import format_due, json_line, one_line

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from ..ingest.batch import BatchEvent

_REPORT_INTERVAL_S = 15.0
"""Interval of progress lines if the output is not a terminal."""

_REFRESH_INTERVAL_S = 1.0
_COUNTING_PAUSE_FACTOR = 20
"""The counts are refreshed after so many times as long as counting took."""

_RATE_WINDOW_TASKS = 200
"""Number of recent tasks from which the rate is computed."""

_STATE_COLORS = {"done": "green", "later": "yellow", "gone": "yellow", "failed": "red"}


class BatchProgress:
    """Shows a bar with rate and remaining time on a terminal, and plain lines elsewhere."""

    def __init__(self, read_status: Callable[[], QueueStatus] | None, *, verbose: bool, quiet: bool) -> None:
        self._read_status = read_status
        self._verbose = verbose
        self._quiet = quiet
        self._bar: Bar | None = None
        self._end_times: deque[float] = deque(maxlen=_RATE_WINDOW_TASKS)
        self._printed_at = time.monotonic()
        self._next_count_at = self._printed_at + _REFRESH_INTERVAL_S

    def __enter__(self) -> Self:
        if not self._quiet and sys.stderr.isatty() and is_color_enabled(err=True):
            self._bar = _make_progress_bar()
            self._bar.start()
            self._bar.add_task("reading", total=None, says="")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show_event(self, event: BatchEvent) -> None:
        """Print one event."""
        if self._quiet:
            return
        if event.kind == "waiting":
            self._print_line(f"waiting until {_format_time(event.due)} for the next retry; press Ctrl-C to stop")
        elif event.kind == "stopping":
            self._print_line("finishing the current tasks; press Ctrl-C again to leave them for the next run")
        elif event.kind == "paused":
            reason = one_line(event.reason)
            self._print_line(f"{event.site} refuses requests ({reason}): its links wait until {format_due(event.due)}")
        elif event.kind == "resumed":
            self._print_line(f"{event.site} serves requests again")
        elif event.kind == "offline":
            self._print_line(
                f"the network is down ({one_line(event.reason)}): waiting until it is back; press Ctrl-C to stop"
            )
        elif event.kind == "online":
            self._print_line("the network is back")
        elif event.kind == "ended" and event.task is not None:
            self._end_times.append(time.monotonic())
            if self._verbose or event.task.state != "done":
                self._print_line(_format_task(event.task))
        self._update_counts()

    def _print_line(self, line: str) -> None:
        if self._bar is not None:
            self._bar.console.print(
                line if is_color_enabled(err=True) else click.unstyle(line), markup=False, highlight=False
            )
        else:
            click.echo(line, err=True)

    def _update_counts(self) -> None:
        now = time.monotonic()
        if now < self._next_count_at:
            return
        if self._read_status is None:  # the queue has other tasks, too
            return
        status = self._read_status()
        # Counting a long queue takes a while, and tasks wait for it.
        self._next_count_at = now + max(_REFRESH_INTERVAL_S, _COUNTING_PAUSE_FACTOR * (time.monotonic() - now))
        says = (
            f"{self._tasks_per_second():.1f}/s, {_format_time_left(_estimate_left(status), self._tasks_per_second())}"
        )
        if self._bar is not None:
            counts = describe_queue(status).partition(": ")[2]
            self._bar.update(
                self._bar.task_ids[0],
                completed=status.ended,
                total=status.tasks,
                says=f"{counts}, {says}",
                description="batch",
            )
        elif now - self._printed_at > _REPORT_INTERVAL_S:
            self._printed_at = now
            click.echo(f"{status.ended:,} of {describe_queue(status)}; {says}", err=True)

    def _tasks_per_second(self) -> float:
        if len(self._end_times) < 2:
            return 0.0
        return (len(self._end_times) - 1) / max(time.monotonic() - self._end_times[0], 0.001)


def _make_progress_bar() -> Bar:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[says]}"))
    return Progress(*columns, console=Console(stderr=True), transient=True, refresh_per_second=4)


def _estimate_left(status: QueueStatus) -> int:
    """Return the number of tasks that have not been tried, and an estimate of the embeds still to be found."""
    links = status.count("done", kind="link")
    found = sum(each.count for each in status.counts if each.kind != "link")
    unread = status.count("waiting", kind="link") + status.count("working", kind="link")
    return status.count("waiting") + status.count("working") + round(unread * found / max(links, 1))


def _format_time_left(count: int, rate: float) -> str:
    if not rate or not count:
        return "nearly done" if not count else "…"
    minutes, seconds = divmod(round(count / rate), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min left" if hours else f"{minutes} min left" if minutes else f"{seconds} s left"


def _format_task(task: Task) -> str:
    reason = f": {one_line(task.reason)}" if task.reason else ""
    when = f" (next retry at {_format_time(task.next_try)})" if task.state == "later" else ""
    name = task.as_listed or task.url
    status = click.style(f"{status_word(task.state):>11}", fg=_STATE_COLORS.get(task.state))
    return f"{status}  {one_line(name)}{reason}{when}"


def _format_time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).astimezone().strftime("%H:%M:%S")


class BatchLog:
    """Appends each event to a file as JSON Lines; does nothing without a file."""

    def __init__(self, path: str | None) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def __enter__(self) -> Self:
        if self._path:
            self._file = Path(self._path).open("a", encoding="utf-8", buffering=1)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def write_event(self, event: BatchEvent) -> None:
        """Write one event."""
        if self._file is None:
            return
        values: dict[str, object] = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event.kind}
        if event.due:
            values["until"] = datetime.fromtimestamp(event.due, UTC).isoformat(timespec="seconds")
        if event.task is not None:
            values |= task_fields(event.task)
        if event.site:
            values["site"] = event.site
        if event.reason:
            values["reason"] = event.reason
        if event.kind == "ended":
            values |= {"change": event.change, "took_s": round(event.took_s, 3)}
        self._file.write(json_line(values) + "\n")


def task_fields(task: Task) -> dict[str, object]:
    """Return a task as the fields of its JSON."""
    due = datetime.fromtimestamp(task.next_try, UTC).isoformat(timespec="seconds") if task.next_try else ""
    return {
        "url": task.url,
        "kind": task.kind,
        "listed": task.as_listed,
        "state": task.state,
        "tries": task.tries,
        "next_try": due,
        "verdict": task.verdict,
        "reason": task.reason,
        "video": task.video,
        "article": task.article,
    }


@contextmanager
def sigterm_as_interrupt() -> Iterator[None]:
    """Treat SIGTERM, which service managers send, like Ctrl-C."""

    def raise_interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, raise_interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
