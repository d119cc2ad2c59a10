"""A real HTTP server on loopback that serves lists."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


@dataclass
class Site:
    """A server whose pages are told by the test; *asked* lists the paths it was asked for."""

    base: str
    pages: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def url(self, path: str) -> str:
        return self.base + path

    def put(self, path: str, body: str | bytes, content_type: str = "text/html", **headers: str) -> str:
        """Serve *body* under *path*, and give its URL."""
        stated = {"Content-Type": content_type, **{name.replace("_", "-"): value for name, value in headers.items()}}
        self.pages[path] = 200, stated, body.encode() if isinstance(body, str) else body
        return self.url(path)

    def redirect(self, path: str, target: str) -> str:
        self.pages[path] = 302, {"Location": target}, b""
        return self.url(path)

    def paths(self) -> list[str]:
        return self.asked


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    site: Site


class _Pages(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        self.server.site.asked.append(self.path)
        status, headers, body = self.server.site.pages.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

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
    server.shutdown()
    thread.join()
    server.server_close()
