"""A bad network between us and a cluster: a server that hands requests on, or does not."""

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
    """What becomes of requests on their way; *sums* counts it."""

    def __init__(self, port: int, shares: dict[Fate, float], *, seed: int = 5) -> None:
        self.port = port
        self.sums: Counter[Fate] = Counter()
        self.logins: set[str] = set()
        """Who asked, as it was sent."""
        self._fates, self._weights = list(shares), list(shares.values())
        self._chance = random.Random(seed)

    def fate(self) -> Fate:
        """Draw what becomes of the next request."""
        (drawn,) = self._chance.choices(self._fates, self._weights)
        self.sums[drawn] += 1
        return drawn


class _Way(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    network: ClassVar[Network]
    node: ClassVar[tuple[str, int]]

    def _carry(self) -> None:
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
                self._asked(body)
                self.close_connection = True
                return
            case "slow":
                time.sleep(0.5)
        self._answer(*self._asked(body))

    def _asked(self, body: bytes) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(*self.node, timeout=120)
        try:
            headers = {"Content-Type": self.headers["Content-Type"]} if "Content-Type" in self.headers else {}
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _carry  # noqa: N815 - as the server calls them

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def network(node: str, shares: dict[Fate, float], *, tls: ssl.SSLContext | None = None) -> Iterator[Network]:
    """Stand before *node*, `host:port`, on a port of our own; with *tls* as one that speaks it."""
    host, _, port = node.partition(":")
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Way)
    made = Network(server.server_address[1], shares)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.RequestHandlerClass = type("Way", (_Way,), {"network": made, "node": (host, int(port))})
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
