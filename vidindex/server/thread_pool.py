"""A bounded pool for whatever reads the index, so that one request never blocks another."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from .problems import TooBusyError

_Result = TypeVar("_Result")

THREADS = 12
"""Requests that are worked on at once; the threads live as long as the server, as each holds a connection."""

WAITING = 500
"""Requests that may wait for a thread."""

ALONE_S = 0.1
"""How long a request is worked on alone: quick ones are sooner done one by one, and wait for no slow one."""

LIMIT_S = 15.0
"""How long the one who asked waits at most."""


class Pool:
    """Threads that do what takes time, within a limit."""

    def __init__(
        self, *, threads: int = THREADS, waiting: int = WAITING, limit_s: float = LIMIT_S, alone_s: float = ALONE_S
    ) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="vidindex")
        self._room = threads + waiting
        self._limit_s = limit_s
        self._alone_s = alone_s
        self._taken = 0
        self._turn = asyncio.Semaphore()

    async def run(self, work: Callable[[], _Result]) -> _Result:
        """Do *work* in a thread.  Raises `TooBusyError` where it takes too long or too much waits already.

        A thread cannot be stopped: work that is given up is finished for nobody, or not begun at all.
        """
        if self._taken >= self._room:
            raise TooBusyError("too many requests wait already: try again in a moment")
        self._taken += 1
        doing = asyncio.ensure_future(self._in_turn(work))
        doing.add_done_callback(self._done)
        try:
            return await asyncio.wait_for(asyncio.shield(doing), self._limit_s)
        except TimeoutError:
            doing.cancel()
            raise TooBusyError(f"no answer was found within {self._limit_s:g} s: ask for less, or later") from None

    async def _in_turn(self, work: Callable[[], _Result]) -> _Result:
        """Do *work* in a thread, alone for a moment: then the next may begin beside it."""
        await self._turn.acquire()
        try:
            doing = asyncio.get_running_loop().run_in_executor(self._threads, contextvars.copy_context().run, work)
            doing.add_done_callback(_looked_at)
            await asyncio.wait([doing], timeout=self._alone_s)
        finally:
            self._turn.release()
        return await doing

    def _done(self, doing: asyncio.Future[_Result]) -> None:
        self._taken -= 1
        _looked_at(doing)

    def close(self) -> None:
        """Let go of the threads; what has not begun is dropped."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _looked_at(doing: asyncio.Future[_Result]) -> None:
    """Look at how it ended: nobody else may be there any more to do so."""
    if not doing.cancelled():
        doing.exception()
