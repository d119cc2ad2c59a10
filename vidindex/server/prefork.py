"""Worker processes of the server: they receive connections in turn and are replaced when they die."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count as counting
from itertools import islice
from multiprocessing import connection, get_context, parent_process, resource_tracker
from multiprocessing.context import SpawnProcess
from types import FrameType, TracebackType
from typing import Any, Self

from ..errors import WorkerError

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_MIN_LIFETIME_S = 5.0  # a process that fails earlier would fail again
_MAX_BATCH_CONNECTIONS = 100  # connections accepted before signals and workers are checked
_ACCEPT_RETRY_S = 0.1  # after the system ran out of file descriptors or memory
_MAX_SEND_ATTEMPTS = 50  # while all workers are busy; more connections wait in the system meanwhile
_SEND_RETRY_S = 0.02
_READY = b"r"
_spawn_context = get_context("spawn")


@dataclass(frozen=True, slots=True)
class _PreforkWorker:
    """A process, the socket that sends connections to it, and when it was started."""

    process: SpawnProcess
    channel: socket.socket
    started_at: float


class WorkerPool:
    """Worker processes that run until this process is stopped; use it in a `with` statement.

    This process accepts connections and sends them to its workers in turn. If the workers accepted connections
    themselves, the first one to wake up would take all that wait, and the others would be idle.

    Ctrl-C in a terminal signals all processes at once. Workers ignore it: this process stops them with SIGTERM, which
    kills a worker that is starting and shuts down one that is serving.
    """

    def __init__(
        self, work: Callable[[socket.socket], None], *, listener: socket.socket, count: int, grace_s: float
    ) -> None:
        """Prepare *count* processes; each calls *work* with the socket that delivers its connections."""
        self._work = work
        self._listener = listener
        self._count = count
        self._grace_s = grace_s
        self._workers: list[_PreforkWorker] = []
        self._starting: list[socket.socket] = []
        self._worker_turns: Iterator[int] = counting()
        self._previous_handlers: dict[int, Any] = {}

    def __enter__(self) -> Self:
        """Install the signal handlers."""
        self._listener.setblocking(False)
        self._stop_reader, self._stop_writer = socket.socketpair()
        self._stop_writer.setblocking(False)
        self._previous_wakeup_fd = signal.set_wakeup_fd(self._stop_writer.fileno(), warn_on_full_buffer=False)
        self._previous_handlers = {stop: signal.signal(stop, _ignore_signal) for stop in _STOP_SIGNALS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the workers; after *grace_s* seconds or a second signal, kill those that are left."""
        self._stop_workers()
        for stop, handler in self._previous_handlers.items():
            signal.signal(stop, handler)
        signal.set_wakeup_fd(self._previous_wakeup_fd)
        self._stop_reader.close()
        self._stop_writer.close()

    def run(self, on_ready: Callable[[], None]) -> None:
        """Start the workers, send them connections and replace those that die, until a signal arrives.

        Call *on_ready* once all workers are ready.  Raises `WorkerError` if a worker fails at start-up.
        """
        self._workers = [self._start_worker() for _ in range(self._count)]
        self._starting = [worker.channel for worker in self._workers]
        # Dead workers are included: one may die between the check and the wait.
        while not self._wait_for_stop((worker.process for worker in self._workers), self._listener, *self._starting):
            was_starting = bool(self._starting)
            self._starting = [channel for channel in self._starting if not _is_ready(channel)]
            self._workers = [self._replace_if_dead(worker) for worker in self._workers]
            if was_starting and not self._starting:
                on_ready()
            self._accept_connections()

    def _stop_workers(self) -> None:
        for worker in self._workers:
            worker.process.terminate()
        deadline = time.monotonic() + self._grace_s
        while (alive := self._alive_processes()) and (wait_s := deadline - time.monotonic()) > 0:
            if self._wait_for_stop(alive, wait_s=wait_s):
                break
        for process in self._alive_processes():
            process.kill()
        for worker in self._workers:
            worker.process.join()
            worker.channel.close()

    def _wait_for_stop(
        self, workers: Iterable[SpawnProcess], *sockets: socket.socket, wait_s: float | None = None
    ) -> bool:
        """Wait for a stop signal, the end of a worker, or input on *sockets*; return whether it was a signal."""
        ready = connection.wait([self._stop_reader, *sockets, *(worker.sentinel for worker in workers)], wait_s)
        return self._stop_reader in ready and bool(self._stop_reader.recv(1))

    def _alive_processes(self) -> list[SpawnProcess]:
        return [worker.process for worker in self._workers if worker.process.is_alive()]

    def _accept_connections(self) -> None:
        for _ in range(_MAX_BATCH_CONNECTIONS):
            try:
                accepted, _ = self._listener.accept()
            except (BlockingIOError, ConnectionError):
                return
            except OSError:
                time.sleep(_ACCEPT_RETRY_S)
                return
            with accepted:
                self._send_connection(accepted)

    def _send_connection(self, accepted: socket.socket) -> None:
        """Send a connection to the next worker in turn that can receive it; close it if none can within a second."""
        for _ in range(_MAX_SEND_ATTEMPTS):
            if self._try_workers(accepted):
                return
            time.sleep(_SEND_RETRY_S)

    def _try_workers(self, accepted: socket.socket) -> bool:
        for turn in islice(self._worker_turns, len(self._workers)):
            try:
                socket.send_fds(self._workers[turn % len(self._workers)].channel, [b"+"], [accepted.fileno()])
            except OSError:
                continue
            return True
        return False

    def _replace_if_dead(self, worker: _PreforkWorker) -> _PreforkWorker:
        if worker.process.is_alive():
            return worker
        was_starting = worker.channel in self._starting
        self._starting = [channel for channel in self._starting if channel is not worker.channel]
        worker.channel.close()
        code = worker.process.exitcode or 0
        if code > 0 and time.monotonic() - worker.started_at < _MIN_LIFETIME_S:
            raise WorkerError(code)
        replacement = self._start_worker()
        if was_starting:
            self._starting.append(replacement.channel)
        return replacement

    def _start_worker(self) -> _PreforkWorker:
        parent_end, child_end = socket.socketpair()
        parent_end.setblocking(False)
        process = _spawn_context.Process(target=_run_process, args=(self._work, child_end), daemon=True)
        resource_tracker.ensure_running()  # starting it later would unblock SIGINT
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])  # children inherit the mask
        try:
            process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            child_end.close()
        return _PreforkWorker(process, parent_end, time.monotonic())


def receive_sockets(channel: socket.socket) -> Sequence[socket.socket]:
    """Return the connections that have been sent over *channel*; empty if the other end is closed."""
    _, descriptors, _, _ = socket.recv_fds(channel, _MAX_BATCH_CONNECTIONS, _MAX_BATCH_CONNECTIONS)
    return [socket.socket(fileno=descriptor) for descriptor in descriptors]


def report_ready(channel: socket.socket) -> None:
    """Tell the process that sends connections over *channel* that they are answered at once."""
    with suppress(OSError):  # it has ended
        channel.send(_READY)


def _is_ready(channel: socket.socket) -> bool:
    """Return whether the worker at the other end of *channel* has reported that it is ready."""
    try:
        return channel.recv(1) == _READY
    except OSError:  # nothing yet, or it has died
        return False


def _ignore_signal(number: int, frame: FrameType | None) -> None:
    """Do nothing: the signal arrives over the wakeup socket."""


def _run_process(work: Callable[[socket.socket], None], channel: socket.socket) -> None:
    """Call *work*; exit when the parent process dies."""
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    work(channel)


def _exit_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)
