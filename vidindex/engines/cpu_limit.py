"""Limit the processor time of one request: a thread cannot be stopped, so the loops of a search look at the clock."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from ..errors import TooBusyError

_end_s: ContextVar[float | None] = ContextVar("cpu_limit_end_s", default=None)


@contextmanager
def limit_cpu_time(seconds: float) -> Iterator[None]:
    """Allow the code inside *seconds* of the processor time of this thread; it is `check_cpu_time` that enforces it."""
    token = _end_s.set(time.thread_time() + seconds)
    try:
        yield
    finally:
        _end_s.reset(token)


def check_cpu_time() -> None:
    """Do nothing if the current request has processor time left, or has no limit.

    Raises `TooBusyError` if its time is used up.
    """
    end_s = _end_s.get()
    if end_s is not None and time.thread_time() > end_s:
        raise TooBusyError("the request takes too much processor time: shorten the query, or use fewer operators")
