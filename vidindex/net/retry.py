"""Retry an operation after growing pauses: the only retry loop of the package."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def call_with_retries(
    operation: Callable[[], T],
    *,
    pauses_s: Iterable[float],
    should_retry: Callable[[Exception, float], bool],
) -> T:
    """Return the result of *operation*, calling it again after each failure that may be temporary.

    *should_retry* is given the error and the pause that would follow, and returns whether to retry.  The operation is
    called at most once more than there are *pauses_s*.

    Raises the last error of *operation*.
    """
    for pause_s in pauses_s:
        try:
            return operation()
        except Exception as exc:
            if not should_retry(exc, pause_s):
                raise
        time.sleep(pause_s)
    return operation()


def growing_pauses_s(
    first_s: float, *, factor: float = 2.0, max_s: float = math.inf, jitter: float = 0.0
) -> Iterator[float]:
    """Yield pauses without end that grow from *first_s* by *factor*, up to *max_s*.

    Each is shortened at random by up to the fraction *jitter*, so that many machines do not retry at the same moment.
    """
    pause_s = first_s
    while True:
        yield pause_s * random.uniform(1.0 - jitter, 1.0)  # noqa: S311
        pause_s = min(factor * pause_s, max_s)
