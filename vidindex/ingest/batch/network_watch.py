"""Notice that the network is down, which says nothing about the links that fail meanwhile.

Many links of a list are dead, so that failures in a row prove nothing.  The network is down if every site that is asked
fails, neither these nor those that answered before accept a connection, and names that always exist are not resolved.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from urllib.parse import urlsplit

from ...errors import PrivateAddressError
from ...net.retry import growing_pauses_s
from ...net.ssrf import connect_to_host, is_private_name
from ...net.traffic import site_of
from ...store.tasks import Outcome, Task

FIRST_PAUSE_S = 5.0
MAX_PAUSE_S = 300.0

_STABLE_NAMES = ("example.com", "example.org", "iana.org")
"""Names that are resolved, and not asked for anything, to tell a dead host from a dead network."""

_MIN_FAILED_SITES = 3
_MAX_KNOWN_SERVERS = 20
_MAX_TRIED_SERVERS = 3
_CONNECT_TIMEOUT_S = 3.0
_CHECK_LIFETIME_S = 5.0
"""How long the result of a check holds: many links may fail at once."""


class NetworkWatch:
    """Decides whether the network is down, from the requests of all threads.

    *open_sites* returns the sites of the tasks that wait.  With *proxied*, hosts are not reached directly, so that only
    the proxy counts.
    """

    def __init__(self, *, open_sites: Callable[[], Iterable[str]], proxied: bool = False) -> None:
        self._open_sites = open_sites
        self._proxied = proxied
        self._lock = threading.Lock()
        self._check_lock = threading.Lock()
        self._servers: dict[tuple[str, int], str] = {}
        self._failed_sites: dict[str, tuple[str, int] | None] = {}
        self._suspects: dict[str, tuple[Task, Outcome]] = {}
        self._reachable_until = 0.0
        self._pauses: Iterator[float] = iter(())
        self.is_down = False
        self.down_since = 0.0
        self._up_since = 0.0
        self.next_probe_at = 0.0

    def note_answer(self, url: str) -> bool:
        """Record that the site of *url* answered; return whether the network was taken to be down."""
        server = _server_of(url)
        with self._lock:
            if server is not None:
                self._servers.pop(server, None)
                self._servers[server] = site_of(url)
                if len(self._servers) > _MAX_KNOWN_SERVERS:
                    del self._servers[next(iter(self._servers))]
            was_down, self.is_down = self.is_down, False
            if was_down:
                self._up_since = time.monotonic()
            self._failed_sites.clear()
            self._suspects.clear()
        return was_down

    def was_down_after(self, moment: float) -> bool:
        """Return whether the network was still down after *moment*, a time of `time.monotonic`."""
        return self.is_down or self._up_since > moment

    def note_failure(self, url: str) -> None:
        """Record that the site of *url* could not be reached."""
        with self._lock:
            self._failed_sites[site_of(url)] = _server_of(url)

    def confirm_down(self, on_down: Callable[[], None]) -> bool:
        """Return whether the network is down, after a task failed for that reason; plan the next probe if so.

        *on_down* is called if that is new.
        """
        with self._check_lock:
            if not self.is_down and not self._looks_down():
                return False
            with self._lock:
                is_new = not self.is_down
                if is_new:
                    self.is_down, self.down_since = True, time.monotonic()
                    self._pauses = growing_pauses_s(FIRST_PAUSE_S, max_s=MAX_PAUSE_S, jitter=0.2)
                    self.next_probe_at = 0.0
                if self.next_probe_at <= time.monotonic():  # several tasks may fail at once
                    self.next_probe_at = time.monotonic() + next(self._pauses)
            if is_new:
                on_down()
            return True

    def add_suspect(self, task: Task, outcome: Outcome) -> None:
        """Remember that *task* ended with a failure that the network may be to blame for."""
        with self._lock:
            self._suspects[task.url] = (task, outcome)

    def take_suspects(self) -> list[tuple[Task, Outcome]]:
        """Return the tasks that failed since the last answer, and forget them."""
        with self._lock:
            suspects, self._suspects = list(self._suspects.values()), {}
        return suspects

    def _looks_down(self) -> bool:
        with self._lock:
            failed = dict(self._failed_sites)
        # With sites left that may answer, a few failures are no reason to look.
        if not failed or (
            len(failed) < _MIN_FAILED_SITES and not failed.keys() >= set(filter(None, self._open_sites()))
        ):
            return False
        if self._proxied:
            return True
        if time.monotonic() < self._reachable_until:
            return False
        if any(map(_can_connect, self._list_servers(failed))) or any(map(_can_resolve, _STABLE_NAMES)):
            self._reachable_until = time.monotonic() + _CHECK_LIFETIME_S
            return False
        return True

    def _list_servers(self, failed: Mapping[str, tuple[str, int] | None]) -> list[tuple[str, int]]:
        """Return some servers that answered before, the last ones first, and some of those that *failed*."""
        with self._lock:
            answered = [server for server, site in reversed(self._servers.items()) if site not in failed]
        slow = [server for server in failed.values() if server is not None]
        return [*answered[:_MAX_TRIED_SERVERS], *slow[:_MAX_TRIED_SERVERS]]


def _server_of(url: str) -> tuple[str, int] | None:
    with suppress(ValueError):
        parts = urlsplit(url)
        if parts.hostname:
            return parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)
    return None


def _can_connect(server: tuple[str, int]) -> bool:
    """Return whether *server* accepts a connection, on which nothing is sent, or refuses it itself."""
    host, port = server
    allowed = frozenset({host}) if is_private_name(host) else frozenset()  # it was allowed when it was asked
    try:
        connect_to_host(host, port, allowed_private_hosts=allowed, timeout=_CONNECT_TIMEOUT_S).close()
    except (ConnectionRefusedError, PrivateAddressError):
        return True  # the name was resolved, and there is a way
    except (OSError, UnicodeError):
        return False
    return True


def _can_resolve(name: str) -> bool:
    try:
        return bool(socket.getaddrinfo(name, 443, type=socket.SOCK_STREAM))
    except OSError:
        return False
