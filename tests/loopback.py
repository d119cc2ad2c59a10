"""A real HTTP server on loopback."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest


@dataclass(frozen=True)
class Answer:
    """A response; *steps* are blocks that are sent one by one, with *pause_s* between them."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    steps: tuple[bytes, ...] = ()
    pause_s: float = 0.0


@dataclass
class Site:
    """A server whose pages a test sets; *asked* lists the requests that it got, *asked_at* the time of each.

    As a proxy, it serves pages whose path is a whole URL.
    """

    base: str
    pages: dict[str, Answer | Callable[[Any], Answer]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    asked_at: list[float] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str) -> str:
        return self.base + path

    def put(self, path: str, body: str | bytes, content_type: str = "text/html", **headers: str) -> str:
        """Serve *body* under *path*, and return its URL."""
        content = body.encode() if isinstance(body, str) else body
        all_headers = {"Content-Type": content_type, **{k.replace("_", "-"): v for k, v in headers.items()}}
        self.pages[path] = Answer(content, headers=all_headers)
        return self.url(path)

    def say(self, path: str, status: int, headers: Mapping[str, str] | None = None, **more: str) -> str:
        """Respond to *path* with a status and no body, and return its URL."""
        all_headers = {**(headers or {}), **{name.replace("_", "-"): value for name, value in more.items()}}
        self.pages[path] = Answer(status=status, headers=all_headers)
        return self.url(path)

    def redirect(self, path: str, target: str, status: int = 302) -> str:
        return self.say(path, status, Location=target)

    def drip(self, path: str, body: bytes, *, pause_s: float) -> str:
        """Serve *body* byte by byte, without its length."""
        return self._steps(path, tuple(body[at : at + 1] for at in range(len(body))), pause_s)

    def stream(self, path: str, block: bytes, *, times: int, pause_s: float = 0.0) -> str:
        """Serve *block* as often as *times* says, without a length."""
        return self._steps(path, (block,) * times, pause_s)

    def _steps(self, path: str, steps: tuple[bytes, ...], pause_s: float) -> str:
        self.pages[path] = Answer(headers={"Content-Type": "text/html"}, steps=steps, pause_s=pause_s)
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
        site.asked_at.append(time.monotonic())
        site.asked.append((self.path, {name.title(): value for name, value in self.headers.items()}))
        page = site.pages.get(self.path) or site.pages.get(urlsplit(self.path).path) or Answer(status=404)
        answer = page if isinstance(page, Answer) else page(self)
        self.send_response(answer.status)
        headers = {"Content-Length": str(len(answer.body))} if not answer.steps else {}
        for name, value in {**headers, **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self._send(site, answer)

    def _send(self, site: Site, answer: Answer) -> None:
        try:
            self.wfile.write(answer.body)
            for step in answer.steps:
                self.wfile.write(step)
                site.closing.wait(answer.pause_s)
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Log nothing."""


@contextmanager
def serving(host: str = "127.0.0.1") -> Iterator[Site]:
    """Run a server on the loopback address *host*."""
    server = _Server((host, 0), _Pages)
    server.site = Site(f"http://{host}:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.site
    finally:
        server.site.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def site() -> Iterator[Site]:
    """A running server on loopback."""
    with serving() as running:
        yield running
