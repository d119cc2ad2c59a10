"""A server on loopback from which ffmpeg reads a remote file in ranges, so that it never reaches the network itself."""

from __future__ import annotations

import re
import secrets
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from .client import YtdlpClient

_FIRST_BYTES, _MAX_BYTES = 1 << 16, 1 << 22
"""The sizes of the first and of the largest request to the site: ffmpeg asks for everything, and reads a little."""

_BLOCK_BYTES = 1 << 14
_MAX_AT_ONCE = 4
_RANGE = re.compile(r"bytes=(\d{1,15})-(\d{1,15})?")
_CONTENT_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15})")


class RangeServer:
    """Serves the file at *remote*, as *client* reads it, under *url* while the block runs.

    *failure* is why the site did not answer, if it did not; the end of the block raises it, because ffmpeg takes what
    it got until then for the whole film.
    """

    def __init__(self, client: YtdlpClient, remote: str, headers: Mapping[str, str]) -> None:
        self.client = client
        self.remote = remote
        self.headers = headers
        self.failure: Exception | None = None
        self.slots = threading.Semaphore(_MAX_AT_ONCE)
        self.path = f"/{secrets.token_hex(16)}"
        self._server = _RangeListener(("127.0.0.1", 0), _Handler)
        self._server.owner = self

    @property
    def url(self) -> str:
        """The address of the file on this machine; nobody else can guess it."""
        return f"http://127.0.0.1:{self._server.server_address[1]}{self.path}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        if self.failure is not None and (exc is None or isinstance(exc, Exception)):
            raise self.failure from exc

    def request(self, first: int, last: int | None) -> Any:
        """Request the bytes from *first* to *last* from the site."""
        from yt_dlp.networking import Request

        end = "" if last is None else str(last)
        return self.client.urlopen(
            Request(
                self.remote, headers={**self.headers, "Range": f"bytes={first}-{end}", "Accept-Encoding": "identity"}
            )
        )


class _RangeListener(ThreadingHTTPServer):
    daemon_threads = True
    owner: RangeServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: ffmpeg closes connections in the middle."""


class _Handler(BaseHTTPRequestHandler):
    """Answers with a range of the file."""

    server: _RangeListener

    def do_GET(self) -> None:
        """Send the rest of the file from the byte that is asked for, and stop when nobody reads it."""
        owner = self.server.owner
        if self.path != owner.path:
            self.send_error(404)
            return
        # The system would take megabytes that ffmpeg never reads.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _FIRST_BYTES // 2)
        match = _RANGE.fullmatch(self.headers.get("Range", ""))
        with owner.slots:
            self._send_from(owner, int(match[1]) if match else 0)

    def _send_from(self, owner: RangeServer, first: int) -> None:
        blocks = self._read_ranges(owner, first)
        try:
            for block in blocks:
                self.wfile.write(block)
        except (BrokenPipeError, ConnectionError):
            pass
        except Exception as exc:  # yt-dlp raises exceptions of any class, and this is a thread
            owner.failure = owner.failure or exc
            with suppress(OSError):
                self.connection.close()

    def _read_ranges(self, owner: RangeServer, first: int) -> Iterator[bytes]:
        """Yield the file from *first* on, in requests that grow while somebody reads."""
        size, total, at = _FIRST_BYTES, first + 1, first
        while at < total:
            response = owner.request(at, at + size - 1)
            stated = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
            if at == first:
                self._send_head(response, first, int(stated[3]) if stated else None)
            if stated is None or response.status != 206:
                yield from _read_blocks(response)
                return
            total = int(stated[3])
            sent = 0
            for block in _read_blocks(response):
                sent += len(block)
                yield block
            if not sent:
                return
            at += sent
            size = min(2 * size, _MAX_BYTES)

    def _send_head(self, response: Any, first: int, total: int | None) -> None:
        self.send_response(206 if total is not None else 200)
        if total is not None:
            self.send_header("Content-Range", f"bytes {first}-{total - 1}/{total}")
            self.send_header("Content-Length", str(total - first))
            self.send_header("Accept-Ranges", "bytes")
        self.send_header("Connection", "close")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Log nothing."""


def _read_blocks(response: Any) -> Iterator[bytes]:
    try:
        while block := response.read(_BLOCK_BYTES):
            yield block
    finally:
        response.close()
