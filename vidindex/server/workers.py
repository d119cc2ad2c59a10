"""The processes of a server: started together, replaced where one dies, ended within a time."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterable
from multiprocessing import connection, get_context, parent_process, resource_tracker
from multiprocessing.context import SpawnProcess
from types import FrameType, TracebackType
from typing import Any, Self

from ..errors import VidindexError

_STOPS = (signal.SIGINT, signal.SIGTERM)
_YOUNG_S = 5.0  # a process that fails sooner would fail again
_spawn = get_context("spawn")


class WorkerError(VidindexError):
    """A process of the server cannot do its work."""

    def __init__(self, code: int) -> None:
        super().__init__(f"a process of the server failed as soon as it was started (exit code {code})")
        self.code = code


class Workers:
    """Some processes that do the same work, until this one is told to stop: use it in a `with` statement.

    Ctrl-C in a terminal tells all processes at once.  A worker never hears of it: this process ends it, by SIGTERM,
    which one that is still starting dies of, and one that answers ends by in its own way.
    """

    def __init__(self, work: Callable[[], None], *, count: int, grace_s: float) -> None:
        self._work = work
        self._count = count
        self._grace_s = grace_s
        self._running: list[tuple[float, SpawnProcess]] = []
        self._former: dict[int, Any] = {}

    def __enter__(self) -> Self:
        """Listen to what tells this process to stop."""
        self._told, telling = socket.socketpair()
        self._telling = telling
        telling.setblocking(False)
        self._wakeup = signal.set_wakeup_fd(telling.fileno(), warn_on_full_buffer=False)
        self._former = {stop: signal.signal(stop, _noted) for stop in _STOPS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the workers; those that take longer than they may, or are waited for impatiently, are killed."""
        for _, worker in self._running:
            worker.terminate()
        until = time.monotonic() + self._grace_s
        while (left := self._alive()) and (wait_s := until - time.monotonic()) > 0:
            if self._is_told(left, wait_s):
                break
        for worker in self._alive():
            worker.kill()
        for _, worker in self._running:
            worker.join()
        for stop, former in self._former.items():
            signal.signal(stop, former)
        signal.set_wakeup_fd(self._wakeup)
        self._told.close()
        self._telling.close()

    def run(self) -> None:
        """Keep the workers at work.  Raises `WorkerError` where they cannot do it."""
        self._running = [self._started() for _ in range(self._count)]
        # Those that have ended are waited for too: one may end after it was looked at.
        while not self._is_told(worker for _, worker in self._running):
            self._running = [self._replaced(*each) for each in self._running]

    def _is_told(self, workers: Iterable[SpawnProcess], wait_s: float | None = None) -> bool:
        """Wait until this process is told to stop, or one of *workers* has ended; tell which."""
        ready = connection.wait([self._told, *(worker.sentinel for worker in workers)], wait_s)
        return self._told in ready and bool(self._told.recv(1))

    def _alive(self) -> list[SpawnProcess]:
        return [worker for _, worker in self._running if worker.is_alive()]

    def _replaced(self, since: float, worker: SpawnProcess) -> tuple[float, SpawnProcess]:
        if worker.is_alive():
            return since, worker
        if (worker.exitcode or 0) > 0 and time.monotonic() - since < _YOUNG_S:
            raise WorkerError(worker.exitcode or 0)
        return self._started()

    def _started(self) -> tuple[float, SpawnProcess]:
        worker = _spawn.Process(target=_serve, args=(self._work,), daemon=True)
        resource_tracker.ensure_running()  # else starting it would let the signal through again
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])  # a process hands on what it holds back
        try:
            worker.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        return time.monotonic(), worker


def _noted(number: int, frame: FrameType | None) -> None:
    """Leave it to the wakeup socket, which holds the signal until somebody looks."""


def _serve(work: Callable[[], None]) -> None:
    """Work, as a process that ends when the one that started it is gone."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    work()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)
