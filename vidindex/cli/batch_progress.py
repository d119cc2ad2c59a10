"""How a run goes, on a terminal, in a log file, or as plain lines."""

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

from ..store.tasks import Status, Task
from .context import colours
from .terminal import json_line, plain

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from ..ingest.batch import Step

_LINE_S = 15.0
"""How often a run that nobody watches says how far it is."""

_COUNT_S = 1.0
_RATE_OVER = 200
"""Tasks over which the rate is taken."""

_COLOURS = {"done": "green", "later": "yellow", "gone": "yellow", "failed": "red"}


class Board:
    """Shows how far a run is: a bar with rate and time left on a terminal, plain lines elsewhere."""

    def __init__(self, status: Callable[[], Status], *, verbose: bool, quiet: bool) -> None:
        self._status = status
        self._verbose = verbose
        self._quiet = quiet
        self._bar: Bar | None = None
        self._ended: deque[float] = deque(maxlen=_RATE_OVER)
        self._counted = self._said = time.monotonic()

    def __enter__(self) -> Self:
        if not self._quiet and sys.stderr.isatty() and colours(err=True):
            self._bar = _bar()
            self._bar.start()
            self._bar.add_task("reading", total=None, says="")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def tell(self, step: Step) -> None:
        """Show one step."""
        if self._quiet:
            return
        if step.what == "waiting":
            self._say(f"waiting until {_hour(step.due)} to try again; Ctrl-C stops, the same command goes on")
        elif step.what == "stopping":
            self._say("finishing what is in hand; Ctrl-C again leaves it for the next time")
        elif step.what == "ended" and step.task is not None:
            self._ended.append(time.monotonic())
            if self._verbose or step.task.state != "done":
                self._say(_line(step.task))
        self._count()

    def _say(self, line: str) -> None:
        if self._bar is not None:
            self._bar.console.print(line if colours(err=True) else click.unstyle(line), markup=False, highlight=False)
        else:
            click.echo(line, err=True)

    def _count(self) -> None:
        now = time.monotonic()
        if now - self._counted < _COUNT_S:
            return
        self._counted = now
        status = self._status()
        ended, left = _far(status)
        says = f"{self._rate():.1f}/s, {_left(left, self._rate())}"
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=ended, total=ended + left, says=says, description="batch")
        elif now - self._said > _LINE_S:
            self._said = now
            click.echo(f"{ended:,} of {ended + left:,} done, {says}", err=True)

    def _rate(self) -> float:
        if len(self._ended) < 2:
            return 0.0
        return (len(self._ended) - 1) / max(time.monotonic() - self._ended[0], 0.001)


def _bar() -> Bar:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[says]}"))
    return Progress(*columns, console=Console(stderr=True), transient=True, refresh_per_second=4)


def _far(status: Status) -> tuple[int, int]:
    """Tell how many have ended, and about how many are left: a link leads to embeds that nobody has counted yet."""
    ended = status.count("done") + status.count("gone") + status.count("failed")
    links = status.count("done", kind="link")
    found = sum(each.count for each in status.counts if each.kind != "link")
    unread = status.count("waiting", kind="link") + status.count("working", kind="link")
    left = status.count("waiting") + status.count("working")
    return ended, left + round(unread * found / max(links, 1))


def _left(count: int, rate: float) -> str:
    if not rate or not count:
        return "nearly done" if not count else "…"
    minutes, seconds = divmod(round(count / rate), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min left" if hours else f"{minutes} min left" if minutes else f"{seconds} s left"


def _line(task: Task) -> str:
    reason = f": {plain(task.reason)}" if task.reason else ""
    when = f" (again at {_hour(task.next_try)})" if task.state == "later" else ""
    name = task.listed or task.url
    return f"{click.style(f'{task.state:>7}', fg=_COLOURS.get(task.state))}  {plain(name)}{reason}{when}"


def _hour(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).astimezone().strftime("%H:%M:%S")


class Log:
    """Appends each step to a file, a JSON object a line; nothing where there is no file."""

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

    def tell(self, step: Step) -> None:
        """Write one step."""
        if self._file is None:
            return
        values: dict[str, object] = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": step.what}
        if step.due:
            values["until"] = datetime.fromtimestamp(step.due, UTC).isoformat(timespec="seconds")
        if step.task is not None:
            values |= task_fields(step.task)
        if step.what == "ended":
            values |= {"change": step.change, "took_s": round(step.took_s, 3)}
        self._file.write(json_line(values) + "\n")


def task_fields(task: Task) -> dict[str, object]:
    """Give a task as JSON has it."""
    due = datetime.fromtimestamp(task.next_try, UTC).isoformat(timespec="seconds") if task.next_try else ""
    return {
        "url": task.url,
        "kind": task.kind,
        "listed": task.listed,
        "state": task.state,
        "tries": task.tries,
        "next_try": due,
        "verdict": task.verdict,
        "reason": task.reason,
        "video": task.video,
        "article": task.article,
    }


@contextmanager
def interrupting() -> Iterator[None]:
    """Let a request to end (SIGTERM), as a service manager sends it, be taken like Ctrl-C."""

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
