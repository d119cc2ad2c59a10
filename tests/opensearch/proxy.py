"""A faulty network: a proxy in front of a cluster that forwards, refuses, loses or delays requests."""

from __future__ import annotations

import http.client
import random
import ssl
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar, Literal

Fate = Literal["well", "busy", "away", "answer lost", "slow"]


class Network:
    """The faults of a network; *sums* counts the requests by fate."""

    def __init__(self, port: int, shares: dict[Fate, float], *, seed: int = 5) -> None:
        self.port = port
        self.sums: Counter[Fate] = Counter()
        self.logins: set[str] = set()
        """The `Authorization` headers that were sent."""
        self._fates, self._weights = list(shares), list(shares.values())
        self._random = random.Random(seed)

    def fate(self) -> Fate:
        """Draw the fate of the next request."""
        (fate,) = self._random.choices(self._fates, self._weights)
        self.sums[fate] += 1
        return fate


class _ProxyHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    network: ClassVar[Network]
    node: ClassVar[tuple[str, int]]

    def _forward(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.network.logins.add(self.headers.get("Authorization", ""))
        match self.network.fate():
            case "busy":
                self._answer(429, b'{"error":{"type":"rejected_execution_exception","reason":"full"},"status":429}')
                return
            case "away":
                self.close_connection = True
                return
            case "answer lost":
                self._request_node(body)
                self.close_connection = True
                return
            case "slow":
                time.sleep(0.5)
        self._answer(*self._request_node(body))

    def _request_node(self, body: bytes) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(*self.node, timeout=120)
        try:
            sent = ("Content-Type", "Content-Encoding")
            headers = {name: self.headers[name] for name in sent if name in self.headers}
            connection.request(self.command, self.path, body, headers)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _forward  # noqa: N815 - the names that the server calls

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@contextmanager
def network(node: str, shares: dict[Fate, float], *, tls: ssl.SSLContext | None = None) -> Iterator[Network]:
    """Run a proxy for *node*, `host:port`, on a free port; with *tls*, it serves TLS."""
    host, _, port = node.partition(":")
    server = ThreadingHTTPServer(("127.0.0.1", 0), _ProxyHandler)
    proxy = Network(server.server_address[1], shares)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.RequestHandlerClass = type("ProxyHandler", (_ProxyHandler,), {"network": proxy, "node": (host, int(port))})
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
