"""Clocks that a test moves by hand, signs that a thread waits, and the growth of CPU time with the input."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from vidindex.net.throttle import HostThrottle


@dataclass
class FakeClock:
    """Stands in for the module `time`: sleeping takes no time and moves the clock on."""

    now: float = 1000.0
    sleeps: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        if seconds > 0:
            self.sleeps.append(seconds)
            self.now += seconds


class _WatchedEvent(threading.Event):
    """An event that tells when a thread begins to wait for it."""

    def __init__(self) -> None:
        super().__init__()
        self.is_awaited = threading.Event()

    def wait(self, timeout: float | None = None) -> bool:
        self.is_awaited.set()
        return super().wait(timeout)


def watch_waits(throttle: HostThrottle) -> threading.Event:
    """Return an event that is set as soon as a thread waits for its next start at a host of *throttle*."""
    watched = _WatchedEvent()
    throttle._canceled = watched
    return watched.is_awaited


def cpu_seconds(action: Callable[[], object], *, runs: int = 3) -> float:
    """Return the least CPU time of several runs of *action*, which hardly depends on the load of the machine."""
    times = []
    for _ in range(runs):
        start = time.process_time()
        action()
        times.append(time.process_time() - start)
    return min(times)


def check_linear_time(action: Callable[[str], object], text: str) -> None:
    """Check that *action* takes far less than 16 times, which is quadratic, as long for *text* as for a quarter of it.

    Times below 20 ms say nothing, since a pause of the garbage collector is as long.  A long time says no more than
    100 ms do: then only the start of *text* is compared.
    """
    while cpu_seconds(partial(action, text[: len(text) // 16]), runs=1) > 0.1:
        text = text[: len(text) // 4]
    check_growth(partial(action, text[: len(text) // 4]), partial(action, text))


def check_growth(quarter: Callable[[], object], whole: Callable[[], object], *, fast_s: float = 0.02) -> None:
    """Check that *whole* takes less than 10 times as long as *quarter*, or than *fast_s*; one run usually suffices."""
    quarter_s = cpu_seconds(quarter, runs=2)  # the first run may import modules
    if cpu_seconds(whole, runs=1) >= 10 * max(quarter_s, fast_s):
        assert cpu_seconds(whole) < 10 * max(cpu_seconds(quarter), fast_s)
