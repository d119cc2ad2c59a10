"""The progress of a batch run: on a terminal, as plain lines, or in a log file."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Self

import click

from ..model import status_word
from ..store.tasks import QueueStatus, Task, describe_queue
from .progress_bar import ProgressBar
from .terminal import format_due, json_line, one_line

if TYPE_CHECKING:
    from ..ingest.batch import BatchEvent

_REFRESH_INTERVAL_S = 1.0
_COUNTING_PAUSE_FACTOR = 20
"""The counts are refreshed after so many times as long as counting took."""

_STATE_COLORS = {"done": "green", "later": "yellow", "gone": "yellow", "failed": "red"}


class BatchProgress(ProgressBar):
    """Shows a bar with rate and remaining time on a terminal, and plain lines elsewhere.

    The numbers are those of the queue; without *read_status*, they are those that the run states for its own tasks.
    """

    def __init__(self, read_status: Callable[[], QueueStatus] | None, *, verbose: bool, quiet: bool) -> None:
        super().__init__("batch" if read_status else "refresh", quiet=quiet)
        self._read_status = read_status
        self._verbose = verbose
        self._is_offline = False
        self._next_count_at = time.monotonic() + _REFRESH_INTERVAL_S

    def show_event(self, event: BatchEvent) -> None:
        """Print one event."""
        if self._quiet:
            return
        if event.kind == "begun" and event.task is not None:
            self.show_status(event.task.as_listed or event.task.url)
        elif event.kind == "ended" and event.task is not None:
            is_expected = event.task.state == "done" or (self._is_offline and event.task.state == "later")
            if self._verbose or not is_expected:
                self.print_line(_format_task(event.task))
        elif line := _describe_event(event):
            self.print_line(line)
            self._is_offline = event.kind == "offline" or (self._is_offline and event.kind != "online")
        self._update_counts(event)

    def _update_counts(self, event: BatchEvent) -> None:
        now = time.monotonic()
        if self._read_status is None:
            if event.total:
                self.update(event.done, event.total)
        elif now >= self._next_count_at:
            status = self._read_status()
            # Counting a long queue takes a while, and tasks wait for it.
            self._next_count_at = now + max(_REFRESH_INTERVAL_S, _COUNTING_PAUSE_FACTOR * (time.monotonic() - now))
            counts = describe_queue(status).partition(": ")[2]
            self.update(status.ended, status.tasks, left=_estimate_left(status), counts=counts)


def _describe_event(event: BatchEvent) -> str:
    """Return the line for what happened to the whole run, or to a site; "" for anything else."""
    reason = one_line(event.reason)
    match event.kind:
        case "waiting":
            return f"waiting until {_format_time(event.due)} for the next retry; press Ctrl-C to stop"
        case "stopping":
            return "finishing the current tasks; press Ctrl-C again to leave them for the next run"
        case "paused":
            return f"{event.site} refuses requests ({reason}): its links wait until {format_due(event.due)}"
        case "resumed":
            return f"{event.site} serves requests again"
        case "offline":
            waits = ": waiting until it is back; press Ctrl-C to stop" if event.due else ""
            return f"the network is down ({reason}){waits}"
        case "online":
            return "the network is back"
    return ""


def _estimate_left(status: QueueStatus) -> int:
    """Return the number of tasks that have not been tried, and an estimate of the embeds still to be found."""
    links = status.count("done", kind="link")
    found = sum(each.count for each in status.counts if each.kind != "link")
    unread = status.count("waiting", kind="link") + status.count("working", kind="link")
    return status.count("waiting") + status.count("working") + round(unread * found / max(links, 1))


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
