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

from ..errors import WorkerError

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_MIN_LIFETIME_S = 5.0  # a process that fails sooner would fail again
_MAX_BATCH_CONNECTIONS = 100  # connections that are taken before something else is looked at
_ACCEPT_RETRY_S = 0.1  # where the system has no more of what a connection takes
_spawn_context = get_context("spawn")


@dataclass(frozen=True, slots=True)
class _PreforkWorker:
    """A process, the socket over which it is given connections, and when it was started."""

    process: SpawnProcess
    channel: socket.socket
    started_at: float


class WorkerPool:
    """Some processes that do the same work, until this one is told to stop: use it in a `with` statement.

    This process takes the connections and hands them to its workers in turn: where each takes its own, the one that
    looks first takes all that wait, and the others have nothing to do.

    Ctrl-C in a terminal tells all processes at once.  A worker never hears of it: this process ends it, by SIGTERM,
    which one that is still starting dies of, and one that answers ends by in its own way.
    """

    def __init__(
        self, work: Callable[[socket.socket], None], *, listener: socket.socket, count: int, grace_s: float
    ) -> None:
        """Have *work* done on the connections that come over the socket that it is given."""
        self._work = work
        self._listener = listener
        self._count = count
        self._grace_s = grace_s
        self._workers: list[_PreforkWorker] = []
        self._worker_turns: Iterator[int] = counting()
        self._previous_handlers: dict[int, Any] = {}

    def __enter__(self) -> Self:
        """Listen to what tells this process to stop."""
        self._listener.setblocking(False)
        self._stop_reader, self._stop_writer = socket.socketpair()
        self._stop_writer.setblocking(False)
        self._previous_wakeup_fd = signal.set_wakeup_fd(self._stop_writer.fileno(), warn_on_full_buffer=False)
        self._previous_handlers = {stop: signal.signal(stop, _ignore_signal) for stop in _STOP_SIGNALS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the workers; those that take longer than they may, or are waited for impatiently, are killed."""
        self._stop_workers()
        for stop, former in self._previous_handlers.items():
            signal.signal(stop, former)
        signal.set_wakeup_fd(self._previous_wakeup_fd)
        self._stop_reader.close()
        self._stop_writer.close()

    def run(self) -> None:
        """Keep the workers at work.  Raises `WorkerError` where they cannot do it."""
        self._workers = [self._start_worker() for _ in range(self._count)]
        # Those that have ended are waited for too: one may end after it was looked at.
        while not self._wait_for_stop((worker.process for worker in self._workers), self._listener):
            self._workers = [self._replace_if_dead(worker) for worker in self._workers]
            self._accept_connections()

    def _stop_workers(self) -> None:
        for worker in self._workers:
            worker.process.terminate()
        until = time.monotonic() + self._grace_s
        while (left := self._alive_processes()) and (wait_s := until - time.monotonic()) > 0:
            if self._wait_for_stop(left, wait_s=wait_s):
                break
        for process in self._alive_processes():
            process.kill()
        for worker in self._workers:
            worker.process.join()
            worker.channel.close()

    def _wait_for_stop(
        self, workers: Iterable[SpawnProcess], *others: socket.socket, wait_s: float | None = None
    ) -> bool:
        """Wait until this process is told to stop, one of *workers* ends, or of *others* is ready; tell which."""
        ready = connection.wait([self._stop_reader, *others, *(worker.sentinel for worker in workers)], wait_s)
        return self._stop_reader in ready and bool(self._stop_reader.recv(1))

    def _alive_processes(self) -> list[SpawnProcess]:
        return [worker.process for worker in self._workers if worker.process.is_alive()]

    def _accept_connections(self) -> None:
        for _ in range(_MAX_BATCH_CONNECTIONS):
            try:
                taken, _ = self._listener.accept()
            except (BlockingIOError, ConnectionError):
                return
            except OSError:
                time.sleep(_ACCEPT_RETRY_S)
                return
            with taken:
                self._send_connection(taken)

    def _send_connection(self, taken: socket.socket) -> None:
        """Give a connection to the worker whose turn it is; to the next where that one takes none."""
        for turn in islice(self._worker_turns, len(self._workers)):
            try:
                socket.send_fds(self._workers[turn % len(self._workers)].channel, [b"+"], [taken.fileno()])
            except OSError:
                continue
            return

    def _replace_if_dead(self, worker: _PreforkWorker) -> _PreforkWorker:
        if worker.process.is_alive():
            return worker
        worker.channel.close()
        code = worker.process.exitcode or 0
        if code > 0 and time.monotonic() - worker.started_at < _MIN_LIFETIME_S:
            raise WorkerError(code)
        return self._start_worker()

    def _start_worker(self) -> _PreforkWorker:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        process = _spawn_context.Process(target=_run_process, args=(self._work, theirs), daemon=True)
        resource_tracker.ensure_running()  # else starting it would let the signal through again
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])  # a process hands on what it holds back
        try:
            process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            theirs.close()
        return _PreforkWorker(process, ours, time.monotonic())


def receive_sockets(channel: socket.socket) -> Sequence[socket.socket]:
    """Take the connections that a worker was given meanwhile; none where nobody gives any more."""
    _, numbers, _, _ = socket.recv_fds(channel, _MAX_BATCH_CONNECTIONS, _MAX_BATCH_CONNECTIONS)
    return [socket.socket(fileno=number) for number in numbers]


def _ignore_signal(number: int, frame: FrameType | None) -> None:
    """Leave it to the wakeup socket, which holds the signal until somebody looks."""


def _run_process(work: Callable[[socket.socket], None], channel: socket.socket) -> None:
    """Work, as a process that ends when the one that started it is gone."""
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    work(channel)


def _exit_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)
