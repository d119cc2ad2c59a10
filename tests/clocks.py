"""Clocks that a test moves by hand, and signs that a thread waits."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from vidindex.net import HostThrottle


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
