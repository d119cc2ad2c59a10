"""Be a polite guest: a pause between two requests to one host, few at once, and Retry-After honoured."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

from ..errors import CanceledError, HostPausedError

MAX_HOST_PAUSE_S = 24 * 3600.0
"""A host that asks for more is a host that is broken."""

MAX_HOST_DELAY_S = 60.0
"""A host that asks for a longer pause between two requests would not be done in a night."""

SHORT_WAIT_S = 2.0
"""A wait that nobody minds when all is to end."""

_MAX_HOSTS = 10_000


@dataclass(slots=True)
class _HostState:
    free_slots: threading.Semaphore
    delay_s: float = 0.0
    next_start_at: float = 0.0
    paused_until: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)


class HostThrottle:
    """The gate that every request of a process passes, whatever its thread.

    *delay_s* passes between the starts of two requests to one host, *concurrency* of them run at once.  A
    request to a host that asked for a pause of up to *patience_s* waits; beyond that it fails at once.
    """

    def __init__(self, *, delay_s: float = 0.0, concurrency: int = 4, max_pause_s: float = 30.0) -> None:
        self._delay_s = delay_s
        self._concurrency = concurrency
        self._max_pause_s = max_pause_s
        self._hosts: dict[str, _HostState] = {}
        self._lock = threading.Lock()
        self._stopped = threading.Event()

    @contextmanager
    def slot(self, host: str) -> Iterator[None]:
        """Wait for a turn at *host*, and hold it while the block runs.  Raises: HostPausedError, CanceledError."""
        place = self._host_state(host)
        while not place.free_slots.acquire(timeout=SHORT_WAIT_S):
            if self._stopped.is_set():
                raise CanceledError(host)
        try:
            self._sleep_unless_stopped(host, self._reserve_start(host, place))
            yield
        finally:
            place.free_slots.release()

    def cancel(self) -> None:
        """End all waits of more than `SHORT_WAIT_S`, now and from now on: what is nearly done may still end."""
        self._stopped.set()

    def set_min_delay(self, host: str, delay_s: float) -> None:
        """Let at least *delay_s* pass between two requests to *host*, as it asked for."""
        self._host_state(host).delay_s = min(max(delay_s, 0.0), MAX_HOST_DELAY_S)

    def _sleep_unless_stopped(self, host: str, seconds: float) -> None:
        until = time.monotonic() + seconds
        if seconds > SHORT_WAIT_S and self._stopped.wait(seconds - SHORT_WAIT_S):
            raise CanceledError(host)
        time.sleep(max(0.0, until - time.monotonic()))

    def pause_host(self, host: str, seconds: float) -> None:
        """Leave *host* alone for *seconds* from now."""
        place = self._host_state(host)
        until = time.monotonic() + min(max(seconds, 0.0), MAX_HOST_PAUSE_S)
        with place.lock:
            place.paused_until = max(place.paused_until, until)

    def _reserve_start(self, host: str, host_state: _HostState) -> float:
        """Book the next start at *place* and tell how far off it is."""
        with host_state.lock:
            now = time.monotonic()
            if host_state.paused_until - now > self._max_pause_s:
                raise HostPausedError(host, host_state.paused_until - now)
            start = max(now, host_state.next_start_at, host_state.paused_until)
            host_state.next_start_at = start + max(self._delay_s, host_state.delay_s)
            return start - now

    def _host_state(self, host: str) -> _HostState:
        with self._lock:
            if host not in self._hosts and len(self._hosts) >= _MAX_HOSTS:
                self._drop_idle_hosts()
            return self._hosts.setdefault(host, _HostState(threading.Semaphore(self._concurrency)))

    def _drop_idle_hosts(self) -> None:
        now = time.monotonic()
        # A host in use is kept by its users: only the record of its past is dropped here.
        self._hosts = {name: host for name, host in self._hosts.items() if host.paused_until > now or host.delay_s}


def parse_retry_after(value: str | None, *, now: float | None = None) -> float:
    """Read a Retry-After header, seconds or a date; 0 where it is missing or makes no sense."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    try:
        when = parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return 0.0
    return max(0.0, when - (time.time() if now is None else now))
