"""Processes that tests start, wait for, interrupt and kill: on a slow machine as on a fast one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import vidindex

HANG_S = 120.0
"""How long a test waits for anything.  A test that takes this long hangs; the value says nothing about speed."""

ROOT = Path(vidindex.__file__).parents[1]

Process = subprocess.Popen[str]


@contextmanager
def interruptible() -> Iterator[None]:
    """Handle SIGINT as Python does by default, even if this process was started with SIGINT ignored.

    Jobs in the background of a script and those that `nohup` starts may ignore it.  A child process inherits an
    ignored signal, but never a handler: what is started in this block can be interrupted.
    """
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)


def start_process(
    command: Sequence[str | Path], *, environment: Mapping[str, str] | None = None, **options: Any
) -> Process:
    """Start *command* so that it can import vidindex and can be interrupted; its output is piped as text.

    *environment* is added to the variables of this process; *options* are those of `subprocess.Popen`.
    """
    variables = {**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8"}
    with interruptible():
        return subprocess.Popen([str(word) for word in command], env=variables, **{**pipes, **options})


def start_vidindex(*words: str | Path, **options: Any) -> Process:
    """Start the command line with *words* as its arguments; *options* are those of `start_process`."""
    return start_process([sys.executable, "-m", "vidindex", *words], **options)


def wait_until(condition: Callable[[], object], *, process: subprocess.Popen[Any] | None = None) -> None:
    """Wait until *condition* holds.  Raises `AssertionError` if *process* ends before that, or if nothing happens."""
    give_up_at = time.monotonic() + HANG_S
    while True:
        has_ended = process is not None and process.poll() is not None
        if condition():
            return
        if has_ended:
            raise AssertionError("the process ended before the condition held")
        if time.monotonic() > give_up_at:
            raise AssertionError(f"the condition did not hold within {HANG_S:g} s")
        time.sleep(0.01)


def read_until(process: Process, stream: IO[str] | None, text: str) -> list[str]:
    """Read lines of *stream*, a pipe of *process*, up to the first that contains *text*.

    Raises `AssertionError` if the process ends without one.
    """
    assert stream is not None
    lines: list[str] = []
    watchdog = threading.Timer(HANG_S, process.kill)
    watchdog.start()
    try:
        while line := stream.readline():
            lines.append(line)
            if text in line:
                return lines
    finally:
        watchdog.cancel()
    raise AssertionError(f"the process ended without writing {text!r}: {''.join(lines[-5:])}")


def kill(process: Process) -> str:
    """Kill *process*, which must still run, and return what it wrote to stdout since the last read."""
    with process:
        process.kill()
        rest = process.stdout.read() if process.stdout else ""
    assert process.returncode == -signal.SIGKILL, "the process ended before it was killed"
    return rest
