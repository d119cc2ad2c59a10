"""A real HTTP server on loopback, and answers for yt-dlp's extractors in place of the internet."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

import vidindex
from vidindex.adding import Adder, AddOptions
from vidindex.resolve import ResolveOptions, Resolver

Find = Callable[..., vidindex.Hit]


@dataclass(frozen=True)
class Answer:
    """What a server says; *steps* are blocks sent apart, with *pause_s* between them."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    steps: tuple[bytes, ...] = ()
    pause_s: float = 0.0


@dataclass
class Site:
    """A server whose pages are told by the test; *asked* lists the requests it had."""

    base: str
    pages: dict[str, Answer | Callable[[Any], Answer]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str) -> str:
        return self.base + path

    def put(self, path: str, body: str | bytes, content_type: str = "text/html", **headers: str) -> str:
        """Serve *body* under *path*, and give its URL."""
        content = body.encode() if isinstance(body, str) else body
        stated = {"Content-Type": content_type, **{k.replace("_", "-"): v for k, v in headers.items()}}
        self.pages[path] = Answer(content, headers=stated)
        return self.url(path)

    def say(self, path: str, status: int, headers: dict[str, str]) -> None:
        self.pages[path] = Answer(status=status, headers=headers)

    def redirect(self, path: str, target: str, status: int = 302) -> str:
        self.pages[path] = Answer(status=status, headers={"Location": target})
        return self.url(path)

    def drip(self, path: str, body: bytes, *, pause_s: float) -> str:
        """Serve *body* a byte at a time."""
        steps = tuple(body[at : at + 1] for at in range(len(body)))
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


@pytest.fixture(scope="module")
def resolver() -> Iterator[Resolver]:
    """A resolver on the real network stack, without retries; yt-dlp's first second is paid once a module."""
    with Resolver(ResolveOptions(retries=0, timeout_s=3)) as made:
        yield made


@dataclass
class Internet:
    """Answers by URL without query, or by a function of the request; *asked* lists the requests."""

    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[Any] = field(default_factory=list)

    def urls(self) -> list[str]:
        return [request.url.partition("?")[0] for request in self.asked]

    def put(self, url: str, answer: object) -> None:
        """Answer *url* with JSON (a dict), text, bytes, a status (an int) or an exception to raise."""
        self.answers[url] = answer

    def handler(self) -> type:
        """Make a yt-dlp request handler that gives these answers."""
        from yt_dlp.networking.common import RequestHandler, Response
        from yt_dlp.networking.exceptions import HTTPError, TransportError

        internet = self

        class AnswersRH(RequestHandler):  # type: ignore[misc] # yt-dlp has no types
            _SUPPORTED_URL_SCHEMES = ("http", "https")
            _SUPPORTED_PROXY_SCHEMES = None
            _SUPPORTED_FEATURES = None

            def _check_extensions(self, extensions: dict[str, Any]) -> None:
                super()._check_extensions(extensions)
                extensions.clear()

            def _send(self, request: Any) -> Any:
                internet.asked.append(request)
                url = request.url
                answer = internet.answers.get(url, internet.answers.get(url.partition("?")[0]))
                if callable(answer) and not isinstance(answer, type):
                    answer = answer(request)
                if answer is None:
                    raise TransportError(f"no answer for {url}")
                if isinstance(answer, BaseException):
                    raise answer
                status = answer if isinstance(answer, int) else 200
                response = Response(BytesIO(_body(answer)), url, {"Content-Type": _kind(answer)}, status=status)
                if status >= 400:
                    raise HTTPError(response)
                return response

        return AnswersRH


def _body(answer: object) -> bytes:
    if isinstance(answer, bytes):
        return answer
    if isinstance(answer, int):
        return b""
    return answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()


def _kind(answer: object) -> str:
    return "application/json" if isinstance(answer, dict) else "text/html; charset=utf-8"


@pytest.fixture(scope="module")
def _connected() -> Iterator[tuple[Internet, Resolver]]:
    internet = Internet()
    with Resolver(ResolveOptions(retries=0), handlers=[internet.handler()]) as made:
        yield internet, made


@pytest.fixture
def internet(_connected: tuple[Internet, Resolver]) -> Internet:
    """An internet without any page yet."""
    internet = _connected[0]
    internet.answers.clear()
    internet.asked.clear()
    return internet


@pytest.fixture
def offline(internet: Internet, _connected: tuple[Internet, Resolver]) -> Resolver:
    """A resolver whose extractors get the answers of `internet`."""
    return _connected[1]


@pytest.fixture
def find(tmp_path: Path) -> Find:
    """Add the video at a URL to an index, and find words in it."""

    def find_quote(resolver: Resolver, url: str, words: str, *, referer: str = "") -> vidindex.Hit:
        with vidindex.open(tmp_path / "index") as index:
            options = AddOptions(languages=("all",))
            store = index._store
            adder = Adder(store, options=options, notify=lambda _: None, stored=lambda: None, resolver=resolver)
            assert adder.video(url, referer=referer).state == "done"
            index.flush()
            (hit, *_) = index.search(words)
            return hit

    return find_quote
