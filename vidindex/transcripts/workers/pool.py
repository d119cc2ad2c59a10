"""A pool of worker processes, which start when there is enough work for them and end with the pool."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import nullcontext, suppress
from itertools import count
from pathlib import Path
from queue import PriorityQueue
from types import TracebackType
from typing import Protocol, Self, TypeVar

from ...config import make_environment
from ...errors import JobError
from .messages import DONE, FAILED, READY, TOO_LARGE, encode_message, exchange_message

START_AFTER_BYTES = 2_000_000
"""Size of the work from which on it is worth the start of processes: about two seconds of one core."""

_MAX_JOB_S = 600.0
"""A worker that says nothing for as long is killed; its own limit is one of processor time."""

_START_TIMEOUT_S = 60.0
MAX_BYTES_AHEAD = 6_000_000
_JOBS_AHEAD = 50
"""For each worker, the jobs that have begun before the result of the first one is taken, if they are small."""

_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
"""Libraries that would have a thread for each core in each worker, which must not start any."""

T = TypeVar("T")
R_co = TypeVar("R_co", covariant=True)


def count_usable_cores() -> int:
    """Return the number of cores that this process may use."""
    if sys.platform != "linux":
        return os.cpu_count() or 1
    return max(1, min(len(os.sched_getaffinity(0)), _read_cpu_quota()))


def _read_cpu_quota() -> int:
    """Return the cores that the control group of the process may use, rounded up; many if it has no quota."""
    try:
        quota, _, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="ascii").partition(" ")
        return -(-int(quota) // int(period))
    except (OSError, ValueError):
        return 1 << 16


class Job(Protocol[R_co]):
    """Work that has begun."""

    def result(self) -> R_co:
        """Wait for the work and return its result, or raise its error."""


class JobPool:
    """Does work in up to *jobs* processes.  Threads may share it; with one job, it does nothing itself.

    Processes start once `is_worthwhile` was told of enough work.
    """

    def __init__(self, jobs: int | None = None, *, start_after_bytes: int | None = None) -> None:
        self.jobs = count_usable_cores() if jobs is None else jobs
        self._start_after_bytes = START_AFTER_BYTES if start_after_bytes is None else start_after_bytes
        self._seen_bytes = 0
        self._waiting: _WaitingJobs = PriorityQueue()
        self._numbers = count()
        self._workers: list[_Worker] = []
        self._lock = threading.Lock()
        self._large_jobs = threading.Lock()
        self._is_closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def is_worthwhile(self, size: int) -> bool:
        """Count *size* bytes of further work, and return whether to do it in a worker."""
        self._seen_bytes += size
        return self.jobs > 1 and self._seen_bytes >= self._start_after_bytes and not self._is_closed

    def submit(
        self, function: str, parts: Sequence[bytes], *, is_large: bool = False, is_urgent: bool = False
    ) -> Future[list[bytes]]:
        """Have a worker call *function* (`module:function`) with *parts*; its result is a list of parts.

        Jobs that take much memory (*is_large*) are done one at a time, and urgent ones before those that wait.
        The result raises `JobError` if the process was ended or has failed.
        """
        job = _PoolJob(function, parts, is_large=is_large)
        with self._lock:
            if self._is_closed:
                raise JobError("the worker processes have ended")
            self._waiting.put((0 if is_urgent else 1, next(self._numbers), job))
            if len(self._workers) < self.jobs:
                self._workers.append(_Worker(self._waiting, self._large_jobs))
        return job.future

    def close(self) -> None:
        """End the processes; work that has not ended fails."""
        with self._lock:
            self._is_closed = True
            workers, self._workers = self._workers, []
        for worker in workers:
            worker.kill()
            self._waiting.put((-1, next(self._numbers), None))
        for worker in workers:
            worker.thread.join()
        while not self._waiting.empty():
            if (job := self._waiting.get()[2]) is not None:
                job.future.set_exception(JobError("the worker processes have ended"))


class _PoolJob:
    def __init__(self, function: str, parts: Sequence[bytes], *, is_large: bool) -> None:
        self.message = encode_message(DONE, [function.encode(), *parts])
        self.is_large = is_large
        self.future: Future[list[bytes]] = Future()


_WaitingJobs = PriorityQueue[tuple[int, int, _PoolJob | None]]
"""Jobs with their priority, the least first, and their number."""


class _Worker:
    """A process, and the thread that passes jobs to it; a process that ended is replaced for the next job."""

    def __init__(self, waiting: _WaitingJobs, large_jobs: threading.Lock) -> None:
        self._waiting = waiting
        self._large_jobs = large_jobs
        self._child: subprocess.Popen[bytes] | None = None
        self._is_killed = False
        self._lock = threading.Lock()
        self.thread = threading.Thread(target=self._pass_jobs, name="vidindex-worker", daemon=True)
        self.thread.start()

    def kill(self) -> None:
        """End the process, whatever it is doing, and start no other one."""
        with self._lock:
            self._is_killed = True
            if self._child is not None:
                self._child.kill()

    def _pass_jobs(self) -> None:
        try:
            while (job := self._waiting.get()[2]) is not None:
                self._do_job(job)
                del job
        finally:
            self._end_child()

    def _do_job(self, job: _PoolJob) -> None:
        try:
            with self._large_jobs if job.is_large else nullcontext():
                job.future.set_result(self._ask_child(job.message))
        except BaseException as exc:  # of the thread: whoever waits for the result raises it
            job.future.set_exception(exc)

    def _ask_child(self, message: Sequence[bytes]) -> list[bytes]:
        child = self._ensure_child()
        try:
            status, parts = _exchange(child, message, _MAX_JOB_S)
        except TimeoutError:
            self._end_child()
            raise JobError(f"it was not done within {_MAX_JOB_S:.0f} s") from None
        except (EOFError, OSError):
            raise JobError(_describe_end(self._end_child())) from None
        if status == TOO_LARGE:
            self._end_child()  # to free what it has taken
            raise JobError("it takes too much memory")
        if status != DONE:
            failure = parts[0].decode("utf-8", "replace") if status == FAILED and parts else "an invalid answer"
            raise JobError(f"the worker process failed: {failure}", is_defect=True)
        return parts

    def _ensure_child(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self._end_child()
            child = _start_child()
            with self._lock:
                self._child = child
                if self._is_killed:
                    child.kill()
            try:
                if _exchange(child, (), _START_TIMEOUT_S)[0] != READY:
                    raise EOFError
            except (EOFError, OSError):
                self._end_child()
                raise JobError("the worker process did not start", is_defect=True) from None
        return self._child

    def _end_child(self) -> int:
        """End the process and return its exit code."""
        with self._lock:
            child, self._child = self._child, None
        if child is None:
            return 0
        with suppress(subprocess.TimeoutExpired):  # one that ended by itself says why
            child.wait(0.1)
        child.kill()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()
        return child.wait()


def _start_child() -> subprocess.Popen[bytes]:
    root = str(Path(__file__).resolve().parents[3])
    code = (
        f"import sys; sys.path.insert(0, {root!r}); "
        "from vidindex.transcripts.workers.child import serve_jobs; serve_jobs()"
    )
    # Not with `multiprocessing`, which runs the main module of the caller again, or forks a process with threads.
    # -P: import nothing from the working directory.
    child = subprocess.Popen(  # noqa: S603 - this program itself
        [sys.executable, "-P", "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        env=make_environment(**_ONE_THREAD),
    )
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            os.set_blocking(pipe.fileno(), False)
    return child


def _exchange(child: subprocess.Popen[bytes], message: Sequence[bytes], wait_s: float) -> tuple[bytes, list[bytes]]:
    if child.stdin is None or child.stdout is None:
        raise EOFError
    return exchange_message(child.stdin.fileno(), child.stdout.fileno(), message, time.monotonic() + wait_s)


def _describe_end(code: int) -> str:
    if code == -signal.SIGXCPU:
        return "it takes too much processor time"
    if code < 0:
        return f"the process that read it was ended (signal {-code}); add it again"
    return f"the process that read it ended (exit code {code})"


def run_ahead(items: Iterable[T], begin: Callable[[T], tuple[R_co, int]], *, jobs: int) -> Iterator[R_co]:
    """Yield what *begin* returns for each of *items*, in order, after it was called for the next ones, too.

    *begin* returns a value and the size of its work in bytes; the number and the size of those that are ahead is
    limited by *jobs*, so that a slow consumer stops the producers.
    """
    begun: deque[tuple[R_co, int]] = deque()
    ahead_bytes = 0
    for item in items:
        value, size = begin(item)
        begun.append((value, size))
        ahead_bytes += size
        while len(begun) > jobs * _JOBS_AHEAD or (ahead_bytes > MAX_BYTES_AHEAD and len(begun) > 1):
            value, size = begun.popleft()
            ahead_bytes -= size
            yield value
    while begun:
        yield begun.popleft()[0]
