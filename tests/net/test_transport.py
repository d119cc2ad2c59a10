"""What a server sends beside the content: heads, trailers, chunk sizes."""

from __future__ import annotations

import itertools
import socketserver
import threading
from collections.abc import Callable, Iterable, Iterator

import pytest

from tests.net.test_fetch import HTML, LIMITED, refused
from vidindex.net.fetch import fetch_page

Serve = Callable[[Iterable[bytes]], str]

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
def serve_raw() -> Iterator[Serve]:
    """A function that serves raw bytes, and returns their URL."""
    blocks: list[Iterable[bytes]] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            while self.rfile.readline().strip():
                pass
            try:
                for block in blocks[-1]:
                    self.wfile.write(block)
            except OSError:
                pass  # the client has seen enough

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()

        def serve(raw: Iterable[bytes]) -> str:
            blocks.append(raw)
            return f"http://127.0.0.1:{server.server_address[1]}/p"

        yield serve
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    "raw",
    [
        itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
        [OK, *(b"X-%d: %s\r\n" % (number, b"x" * 60_000) for number in range(90)), b"\r\n"],
        itertools.chain([CHUNKED, b"0\r\n"], itertools.repeat(b"X: x\r\n" * 1000)),
        itertools.chain([CHUNKED], itertools.repeat(b"1;" + b"x" * 60_000 + b"\r\na\r\n")),
        itertools.chain([CHUNKED], itertools.repeat(b"1\r\na\r\n" * 1000)),
    ],
    ids=["interim responses", "headers", "trailers", "chunk extensions", "tiny chunks"],
)
def test_a_response_without_end_is_abandoned(serve_raw: Serve, raw: Iterable[bytes]) -> None:
    error = str(refused(serve_raw(raw)))
    assert "endless headers or chunks without content" in error or "larger than the limit" in error


def test_a_page_in_small_chunks_is_read(serve_raw: Serve) -> None:
    chunks = (b"1\r\n%c\r\n" % byte for byte in HTML * 1000)
    assert fetch_page(serve_raw([CHUNKED, *chunks, b"0\r\n\r\n"]), options=LIMITED).content == HTML * 1000


def test_a_page_with_long_headers_is_read(serve_raw: Serve) -> None:
    headers = b"".join(b"X-%d: %s\r\n" % (number, b"x" * 8000) for number in range(50))
    raw = [b"HTTP/1.1 100 Continue\r\n\r\n", OK, headers, b"\r\n", HTML]
    assert fetch_page(serve_raw(raw), options=LIMITED).content == HTML
