"""A proxy on this machine through which a browser requests everything: each address is checked, and all is limited."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from ..errors import OptionError, PrivateAddressError
from .proxy import is_socks_proxy, normalize_proxy_url
from .ssrf import ANY_HOST, address_of, check_host_name, connect_to_host

_MAX_HEAD_BYTES = 1 << 16
_BLOCK_BYTES = 1 << 16
_MAX_CONNECTIONS_AT_ONCE = 48
_REQUEST_LINE = re.compile(rb"([A-Z]{3,10}) (\S{1,8000}) HTTP/1\.[01]")
_HOP_HEADERS = (b"proxy-connection:", b"proxy-authorization:", b"connection:", b"keep-alive:")


@dataclass(slots=True)
class TrafficBudget:
    """What a browser may still do: connections, bytes in both directions, and time."""

    connections: int
    bytes: int
    deadline: float

    def seconds_left(self) -> float:
        """Return the time until the deadline; at least 1 ms, because 0 would mean no limit."""
        return max(self.deadline - time.monotonic(), 0.001)

    @property
    def is_spent(self) -> bool:
        """Whether one of the limits is reached."""
        return self.connections < 0 or self.bytes < 0 or time.monotonic() >= self.deadline


class GuardProxy:
    """Listens on loopback while the block runs; private hosts are refused unless they are in *allowed_private_hosts*.

    *refused* are the hosts that were refused, and *proxy* is the user's own proxy, through which all connections go.

    Raises `OptionError` if *proxy* is not valid or a SOCKS proxy.
    """

    def __init__(self, budget: TrafficBudget, allowed_private_hosts: frozenset[str], *, proxy: str = "") -> None:
        self.budget = budget
        self.refused: list[str] = []
        self._allowed_private_hosts = allowed_private_hosts
        self._proxy = normalize_proxy_url(proxy)
        if is_socks_proxy(self._proxy):
            raise OptionError("pages cannot be rendered through a SOCKS proxy: use an http:// address with --proxy")
        self._lock = threading.Lock()
        self._slots = threading.Semaphore(_MAX_CONNECTIONS_AT_ONCE)
        self._sockets: set[socket.socket] = set()
        self._listener = socket.socket()
        self._closing = False

    def __enter__(self) -> Self:
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._closing = True
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for sock in self._sockets:
                with suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)

    @property
    def port(self) -> int:
        """The port on which the proxy listens."""
        return int(self._listener.getsockname()[1])

    def _accept(self) -> None:
        while not self._closing:
            self._slots.acquire()
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            with self._track(client), suppress(OSError, ValueError):
                client.settimeout(self.budget.seconds_left())
                self._answer(client)
        finally:
            self._slots.release()

    @contextmanager
    def _track(self, sock: socket.socket) -> Iterator[socket.socket]:
        """Close *sock* at the end of the block; until then, closing the proxy interrupts it."""
        with self._lock:
            self._sockets.add(sock)
        try:
            yield sock
        finally:
            with self._lock:
                self._sockets.discard(sock)
            sock.close()

    def _answer(self, client: socket.socket) -> None:
        head, rest = _read_head(client)
        match = _REQUEST_LINE.match(head)
        if match is None:
            client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            return
        is_tunnel = match[1] == b"CONNECT"
        target = match[2].decode("ascii", "replace")
        host, port, path = _split_target(target, is_tunnel=is_tunnel)
        with self._lock:
            self.budget.connections -= 1
        if not host or self._closing or self.budget.is_spent:
            client.sendall(b"HTTP/1.1 429 Too Many Requests\r\n\r\n")
            return
        try:
            upstream = self._connect(host, port, secure=is_tunnel)
        except PrivateAddressError:
            self.refused.append(f"{host}:{port}")
            client.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            return
        except OSError:
            client.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
            return
        with self._track(upstream):
            if is_tunnel:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                upstream.sendall(rest)  # what a client sends at once, without waiting for the response
            else:
                upstream.sendall(_origin_head(head, match[1], path) + rest)
            self._relay(client, upstream)

    def _connect(self, host: str, port: int, *, secure: bool) -> socket.socket:
        timeout = self.budget.seconds_left()
        proxy = self._proxy or _system_proxy(host, secure=secure)
        if not proxy:
            return connect_to_host(host, port, allowed_private_hosts=self._allowed_private_hosts, timeout=timeout)
        check_host_name(host, port, self._allowed_private_hosts)
        own = address_of(proxy)
        upstream = connect_to_host(
            own.rpartition(":")[0].strip("[]"),
            int(own.rpartition(":")[2] or 0),
            allowed_private_hosts=ANY_HOST,
            timeout=timeout,
        )
        try:
            name = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
            upstream.sendall(f"CONNECT {name} HTTP/1.1\r\nHost: {name}\r\n\r\n".encode())
            answer, _ = _read_head(upstream)
            if b" 200" not in answer[:16]:
                raise OSError("the proxy refuses the connection")
        except BaseException:
            upstream.close()
            raise
        return upstream

    def _relay(self, client: socket.socket, upstream: socket.socket) -> None:
        back = threading.Thread(target=self._copy, args=(upstream, client), daemon=True)
        back.start()
        self._copy(client, upstream)
        back.join()

    def _copy(self, source: socket.socket, sink: socket.socket) -> None:
        """Copy bytes until one side closes, or the budget is spent; then both sides are closed."""
        try:
            source.settimeout(self.budget.seconds_left())
            while block := source.recv(_BLOCK_BYTES):
                with self._lock:
                    self.budget.bytes -= len(block)
                if self.budget.is_spent:
                    break
                sink.sendall(block)
        except OSError:
            pass
        finally:
            for sock in (source, sink):
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)


def _read_head(sock: socket.socket) -> tuple[bytes, bytes]:
    """Return the head of a message, and what follows it so far."""
    data = b""
    while b"\r\n\r\n" not in data:
        block = sock.recv(_BLOCK_BYTES)
        data += block
        if not block or len(data) > _MAX_HEAD_BYTES:
            raise OSError("the head of the message is incomplete or too long")
    head, _, rest = data.partition(b"\r\n\r\n")
    return head, rest


def _split_target(target: str, *, is_tunnel: bool) -> tuple[str, int, str]:
    """Return host, port and path of a request; an empty host if it is not one."""
    try:
        parts = urlsplit(f"//{target}" if is_tunnel else target)
        if not is_tunnel and parts.scheme != "http":
            return "", 0, ""
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return parts.hostname or "", parts.port or (443 if is_tunnel else 80), path
    except ValueError:
        return "", 0, ""


def _origin_head(head: bytes, method: bytes, path: str) -> bytes:
    """Return the head of a request for its own server, after which the connection closes."""
    lines = [line for line in head.split(b"\r\n")[1:] if not line.lower().startswith(_HOP_HEADERS)]
    upgrade = any(line.lower().startswith(b"upgrade:") for line in lines)
    start = b"%s %s HTTP/1.1" % (method, path.encode("ascii", "replace"))
    return b"\r\n".join((start, *lines, b"Connection: Upgrade" if upgrade else b"Connection: close", b"", b""))


def _system_proxy(host: str, *, secure: bool) -> str:
    """Return the proxy that the system names for *host*, or ""."""
    if urllib.request.proxy_bypass(host):
        return ""
    proxy = urllib.request.getproxies().get("https" if secure else "http", "")
    try:
        return "" if is_socks_proxy(proxy := normalize_proxy_url(proxy)) else proxy
    except OptionError:
        return ""
