"""A bounded thread pool for requests that read the index, so that slow requests do not block others."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from ..errors import TooBusyError

_Result = TypeVar("_Result")

MAX_THREADS = 12
"""Number of threads; they live as long as the server, because each holds a database connection."""

MAX_WAITING_REQUESTS = 500
"""Maximum number of requests that wait for a thread."""

EXCLUSIVE_S = 0.1
"""How long a request runs alone: fast requests finish sooner one by one, and do not wait for slow ones."""

REQUEST_TIMEOUT_S = 15.0
"""Maximum time until a request is answered."""


class ThreadPool:
    """A thread pool that limits concurrent requests, waiting requests and response time."""

    def __init__(
        self,
        *,
        threads: int = MAX_THREADS,
        max_waiting: int = MAX_WAITING_REQUESTS,
        timeout_s: float = REQUEST_TIMEOUT_S,
        exclusive_s: float = EXCLUSIVE_S,
    ) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="vidindex")
        self._max_requests = threads + max_waiting
        self._timeout_s = timeout_s
        self._exclusive_s = exclusive_s
        self._active_requests = 0
        self._start_lock = asyncio.Semaphore()

    async def run(self, work: Callable[[], _Result]) -> _Result:
        """Run *work* in a thread and return its result.

        A thread cannot be stopped: after a timeout, *work* still runs to its end if it has started.

        Raises `TooBusyError` if *work* takes too long or too many requests are waiting.
        """
        if self._active_requests >= self._max_requests:
            raise TooBusyError("too many requests: try again in a moment")
        self._active_requests += 1
        task = asyncio.ensure_future(self._run_in_turn(work))
        task.add_done_callback(self._on_done)
        try:
            return await asyncio.wait_for(asyncio.shield(task), self._timeout_s)
        except TimeoutError:
            task.cancel()
            reason = f"the request took longer than {self._timeout_s:g} s: simplify it, or try again later"
            raise TooBusyError(reason) from None

    async def _run_in_turn(self, work: Callable[[], _Result]) -> _Result:
        """Run *work* in a thread, alone for `EXCLUSIVE_S`, then beside the next request."""
        await self._start_lock.acquire()
        try:
            future = asyncio.get_running_loop().run_in_executor(self._executor, contextvars.copy_context().run, work)
            future.add_done_callback(_consume_exception)
            await asyncio.wait([future], timeout=self._exclusive_s)
        finally:
            self._start_lock.release()
        return await future

    def _on_done(self, task: asyncio.Future[_Result]) -> None:
        self._active_requests -= 1
        _consume_exception(task)

    def close(self) -> None:
        """Shut down the threads without waiting; work that has not started is canceled."""
        self._executor.shutdown(wait=False, cancel_futures=True)


def _consume_exception(future: asyncio.Future[_Result]) -> None:
    """Retrieve the exception so that asyncio does not log it."""
    if not future.cancelled():
        future.exception()
