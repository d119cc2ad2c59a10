"""A bounded pool for whatever reads the index, so that one request never blocks another."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from ..errors import TooBusyError

_Result = TypeVar("_Result")

MAX_THREADS = 12
"""Requests that are worked on at once; the threads live as long as the server, as each holds a connection."""

MAX_WAITING_REQUESTS = 500
"""Requests that may wait for a thread."""

EXCLUSIVE_S = 0.1
"""How long a request is worked on alone: quick ones are sooner done one by one, and wait for no slow one."""

REQUEST_TIMEOUT_S = 15.0
"""How long the one who asked waits at most."""


class ThreadPool:
    """Threads that do what takes time, within a limit."""

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
        """Do *work* in a thread.  Raises `TooBusyError` where it takes too long or too much waits already.

        A thread cannot be stopped: work that is given up is finished for nobody, or not begun at all.
        """
        if self._active_requests >= self._max_requests:
            raise TooBusyError("too many requests wait already: try again in a moment")
        self._active_requests += 1
        doing = asyncio.ensure_future(self._run_in_turn(work))
        doing.add_done_callback(self._on_done)
        try:
            return await asyncio.wait_for(asyncio.shield(doing), self._timeout_s)
        except TimeoutError:
            doing.cancel()
            raise TooBusyError(f"no answer was found within {self._timeout_s:g} s: ask for less, or later") from None

    async def _run_in_turn(self, work: Callable[[], _Result]) -> _Result:
        """Do *work* in a thread, alone for a moment: then the next may begin beside it."""
        await self._start_lock.acquire()
        try:
            doing = asyncio.get_running_loop().run_in_executor(self._executor, contextvars.copy_context().run, work)
            doing.add_done_callback(_consume_exception)
            await asyncio.wait([doing], timeout=self._exclusive_s)
        finally:
            self._start_lock.release()
        return await doing

    def _on_done(self, doing: asyncio.Future[_Result]) -> None:
        self._active_requests -= 1
        _consume_exception(doing)

    def close(self) -> None:
        """Let go of the threads; what has not begun is dropped."""
        self._executor.shutdown(wait=False, cancel_futures=True)


def _consume_exception(doing: asyncio.Future[_Result]) -> None:
    """Look at how it ended: nobody else may be there any more to do so."""
    if not doing.cancelled():
        doing.exception()
