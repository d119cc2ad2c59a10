"""Limit the load on each host: a delay between requests, few requests at a time, and Retry-After."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

from ..errors import CanceledError, HostPausedError
from .pace import VideoPacer
from .ssrf import extract_host
from .traffic import TrafficObserver

MAX_HOST_PAUSE_S = 24 * 3600.0
"""Longer pauses are reduced to this one, because a host that asks for more is probably misconfigured."""

MAX_HOST_DELAY_S = 60.0
"""Longer delays between two requests to a host are reduced to this one."""

SHORT_WAIT_S = 2.0
"""Waits up to this length are not interrupted by `HostThrottle.cancel`."""

_MAX_HOSTS = 10_000


@dataclass(slots=True)
class _HostState:
    free_slots: threading.Semaphore
    delay_s: float = 0.0
    next_start_at: float = 0.0
    paused_until: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)


class HostThrottle:
    """Limits the requests of all threads of a process to each host.

    Two requests to one host start at least *delay_s* seconds apart, and at most *concurrency* of them run at the same
    time.  If a host asked for a pause of up to *max_pause_s* seconds, a request to it waits; otherwise it fails at
    once.  Two attributes may be set later: `pacer` spaces the videos of providers that limit them, `observer` watches
    all requests.
    """

    def __init__(self, *, delay_s: float = 0.0, concurrency: int = 4, max_pause_s: float = 30.0) -> None:
        self.pacer = VideoPacer({})
        self.observer: TrafficObserver | None = None
        self._delay_s = delay_s
        self._concurrency = concurrency
        self._max_pause_s = max_pause_s
        self._hosts: dict[str, _HostState] = {}
        self._lock = threading.Lock()
        self._canceled = threading.Event()

    def note_refusal(self, url: str, reason: str, retry_after_s: float = 0.0) -> None:
        """Tell the observer, if there is one, that the site of *url* refuses requests for now."""
        if self.observer is not None:
            self.observer.note_refusal(url, reason, retry_after_s)

    @contextmanager
    def slot(self, host: str) -> Iterator[None]:
        """Wait until a request to *host* may start, and occupy one of its slots while the block runs.

        Raises `HostPausedError` if the host asked for a longer pause than *max_pause_s*.
        Raises `CanceledError` if `cancel` was called and the wait is not short.
        """
        host_state = self._host_state(host)
        while not host_state.free_slots.acquire(timeout=SHORT_WAIT_S):
            if self._canceled.is_set():
                raise CanceledError(host)
        try:
            self._sleep_unless_canceled(host, self._reserve_start(host, host_state))
            yield
        finally:
            host_state.free_slots.release()

    def wait_for_video(self, url: str) -> None:
        """Wait until the provider of *url* bears another video.

        Raises `CanceledError` as `slot` does.
        """
        self._sleep_unless_canceled(extract_host(url), self.pacer.reserve(url))

    def cancel(self) -> None:
        """End all present and future waits of more than `SHORT_WAIT_S` seconds; requests that run are not affected."""
        self._canceled.set()

    def set_min_delay(self, host: str, delay_s: float) -> None:
        """Set the delay between two requests that *host* itself asks for, at most `MAX_HOST_DELAY_S`."""
        self._host_state(host).delay_s = min(max(delay_s, 0.0), MAX_HOST_DELAY_S)

    def _sleep_unless_canceled(self, host: str, seconds: float) -> None:
        until = time.monotonic() + seconds
        if seconds > SHORT_WAIT_S and self._canceled.wait(seconds - SHORT_WAIT_S):
            raise CanceledError(host)
        time.sleep(max(0.0, until - time.monotonic()))

    def pause_host(self, host: str, seconds: float) -> None:
        """Send no requests to *host* for *seconds* from now, at most `MAX_HOST_PAUSE_S`."""
        host_state = self._host_state(host)
        until = time.monotonic() + min(max(seconds, 0.0), MAX_HOST_PAUSE_S)
        with host_state.lock:
            host_state.paused_until = max(host_state.paused_until, until)

    def _reserve_start(self, host: str, host_state: _HostState) -> float:
        """Reserve the next start of a request to *host*, and return the number of seconds until then."""
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
        # Requests that run keep a reference to the state of their host, so that it can be dropped here.
        self._hosts = {name: host for name, host in self._hosts.items() if host.paused_until > now or host.delay_s}


def parse_retry_after(value: str | None, *, now: float | None = None) -> float:
    """Parse a Retry-After header, a number of seconds or a date; return seconds, 0 if it is missing or not valid."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    try:
        timestamp = parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return 0.0
    return max(0.0, timestamp - (time.time() if now is None else now))
