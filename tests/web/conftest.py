"""A real HTTP server on loopback."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes = b""
    times: int = 1
    pause_s: float = 0.0


@dataclass
class Site:
    """A server whose pages are told by the test; *asked* lists the requests it had."""

    base: str
    pages: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str) -> str:
        return self.base + path

    def put(self, path: str, body: bytes, content_type: str = "text/html", **headers: str) -> str:
        stated = {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = Answer(200, {"Content-Type": content_type, "Content-Length": str(len(body)), **stated}, body)
        return self.url(path)

    def say(self, path: str, status: int, **headers: str) -> str:
        stated = {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = Answer(status, {"Content-Length": "0", **stated})
        return self.url(path)

    def redirect(self, path: str, target: str, status: int = 302) -> str:
        return self.say(path, status, Location=target)

    def stream(self, path: str, block: bytes, *, times: int, pause_s: float = 0.0) -> str:
        """Serve *block* again and again, without stating a length."""
        self.pages[path] = Answer(200, {"Content-Type": "text/html"}, block, times, pause_s)
        return self.url(path)

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    site: Site


class _Pages(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        site = self.server.site
        site.asked.append((self.path, {name.title(): value for name, value in self.headers.items()}))
        answer = site.pages.get(self.path) or Answer(404, {"Content-Length": "0"})
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            for _ in range(answer.times):
                self.wfile.write(answer.body)
                site.closing.wait(answer.pause_s)
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Keep quiet."""


@pytest.fixture
def site() -> Iterator[Site]:
    """A running server on loopback."""
    server = _Server(("127.0.0.1", 0), _Pages)
    server.site = Site(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server.site
    server.site.closing.set()
    server.shutdown()
    thread.join()
    server.server_close()
