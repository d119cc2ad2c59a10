"""The processes of a server: given connections in turn, replaced where one dies, ended within a time."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count as counting
from itertools import islice
from multiprocessing import connection, get_context, parent_process, resource_tracker
from multiprocessing.context import SpawnProcess
from types import FrameType, TracebackType
from typing import Any, Self

from ..errors import VidindexError

_STOPS = (signal.SIGINT, signal.SIGTERM)
_YOUNG_S = 5.0  # a process that fails sooner would fail again
_AT_ONCE = 100  # connections that are taken before something else is looked at
_PAUSE_S = 0.1  # where the system has no more of what a connection takes
_spawn = get_context("spawn")


class WorkerError(VidindexError):
    """A process of the server cannot do its work."""

    def __init__(self, code: int) -> None:
        super().__init__(f"a process of the server failed as soon as it was started (exit code {code})")
        self.code = code


@dataclass(frozen=True, slots=True)
class _Worker:
    """A process, the socket over which it is given connections, and when it was started."""

    process: SpawnProcess
    channel: socket.socket
    since: float


class Workers:
    """Some processes that do the same work, until this one is told to stop: use it in a `with` statement.

    This process takes the connections and hands them to its workers in turn: where each takes its own, the one that
    looks first takes all that wait, and the others have nothing to do.

    Ctrl-C in a terminal tells all processes at once.  A worker never hears of it: this process ends it, by SIGTERM,
    which one that is still starting dies of, and one that answers ends by in its own way.
    """

    def __init__(
        self, work: Callable[[socket.socket], None], *, listening: socket.socket, count: int, grace_s: float
    ) -> None:
        """Have *work* done on the connections that come over the socket that it is given."""
        self._work = work
        self._listening = listening
        self._count = count
        self._grace_s = grace_s
        self._workers: list[_Worker] = []
        self._turns: Iterator[int] = counting()
        self._former: dict[int, Any] = {}

    def __enter__(self) -> Self:
        """Listen to what tells this process to stop."""
        self._listening.setblocking(False)
        self._told, self._telling = socket.socketpair()
        self._telling.setblocking(False)
        self._wakeup = signal.set_wakeup_fd(self._telling.fileno(), warn_on_full_buffer=False)
        self._former = {stop: signal.signal(stop, _noted) for stop in _STOPS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the workers; those that take longer than they may, or are waited for impatiently, are killed."""
        self._end()
        for stop, former in self._former.items():
            signal.signal(stop, former)
        signal.set_wakeup_fd(self._wakeup)
        self._told.close()
        self._telling.close()

    def run(self) -> None:
        """Keep the workers at work.  Raises `WorkerError` where they cannot do it."""
        self._workers = [self._started() for _ in range(self._count)]
        # Those that have ended are waited for too: one may end after it was looked at.
        while not self._is_told((worker.process for worker in self._workers), self._listening):
            self._workers = [self._replaced(worker) for worker in self._workers]
            self._hand_out()

    def _end(self) -> None:
        for worker in self._workers:
            worker.process.terminate()
        until = time.monotonic() + self._grace_s
        while (left := self._alive()) and (wait_s := until - time.monotonic()) > 0:
            if self._is_told(left, wait_s=wait_s):
                break
        for process in self._alive():
            process.kill()
        for worker in self._workers:
            worker.process.join()
            worker.channel.close()

    def _is_told(self, workers: Iterable[SpawnProcess], *others: socket.socket, wait_s: float | None = None) -> bool:
        """Wait until this process is told to stop, one of *workers* ends, or of *others* is ready; tell which."""
        ready = connection.wait([self._told, *others, *(worker.sentinel for worker in workers)], wait_s)
        return self._told in ready and bool(self._told.recv(1))

    def _alive(self) -> list[SpawnProcess]:
        return [worker.process for worker in self._workers if worker.process.is_alive()]

    def _hand_out(self) -> None:
        for _ in range(_AT_ONCE):
            try:
                taken, _ = self._listening.accept()
            except (BlockingIOError, ConnectionError):
                return
            except OSError:
                time.sleep(_PAUSE_S)
                return
            with taken:
                self._hand_over(taken)

    def _hand_over(self, taken: socket.socket) -> None:
        """Give a connection to the worker whose turn it is; to the next where that one takes none."""
        for turn in islice(self._turns, len(self._workers)):
            try:
                socket.send_fds(self._workers[turn % len(self._workers)].channel, [b"+"], [taken.fileno()])
            except OSError:
                continue
            return

    def _replaced(self, worker: _Worker) -> _Worker:
        if worker.process.is_alive():
            return worker
        worker.channel.close()
        code = worker.process.exitcode or 0
        if code > 0 and time.monotonic() - worker.since < _YOUNG_S:
            raise WorkerError(code)
        return self._started()

    def _started(self) -> _Worker:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        process = _spawn.Process(target=_serve, args=(self._work, theirs), daemon=True)
        resource_tracker.ensure_running()  # else starting it would let the signal through again
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])  # a process hands on what it holds back
        try:
            process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            theirs.close()
        return _Worker(process, ours, time.monotonic())


def handed_over(channel: socket.socket) -> Sequence[socket.socket]:
    """Take the connections that a worker was given meanwhile; none where nobody gives any more."""
    _, numbers, _, _ = socket.recv_fds(channel, _AT_ONCE, _AT_ONCE)
    return [socket.socket(fileno=number) for number in numbers]


def _noted(number: int, frame: FrameType | None) -> None:
    """Leave it to the wakeup socket, which holds the signal until somebody looks."""


def _serve(work: Callable[[socket.socket], None], channel: socket.socket) -> None:
    """Work, as a process that ends when the one that started it is gone."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    work(channel)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)
