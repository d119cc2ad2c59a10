"""The door through which every request leaves: an urllib handler that says whom, how long and how much.

`vidindex.web.fetch` and yt-dlp's requests go through the same one.  Each redirect passes it again.
"""

from __future__ import annotations

import functools
import http.client
import io
import mimetypes
import socket
import ssl
import urllib.error
import urllib.request
import urllib.response
from collections.abc import Callable
from email.message import Message
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit, urlunsplit

from vidindex.web.address import check_name, connect, host_of
from vidindex.web.polite import Gate, retry_after_s
from vidindex.web.visit import Body, OutsideFolderError, Visit

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_CREDENTIALS = ("Authorization", "Cookie", "Proxy-authorization")
FILES_HOST = "files.vidindex.invalid"
"""A host that no network has: files of a local page are read under it."""

_BUSY = frozenset({429, 503})


class Door(urllib.request.AbstractHTTPHandler):
    """An urllib handler that comes before the usual ones; *visiting* tells the errand under way."""

    handler_order = 400

    def __init__(self, gate: Gate, visiting: Callable[[], Visit], *, context: ssl.SSLContext | None = None) -> None:
        super().__init__()
        self._gate = gate
        self._visiting = visiting
        self._tls = context

    def http_request(self, request: urllib.request.Request) -> urllib.request.Request:
        """Drop credentials from a request that a redirect sends to another host."""
        if request.unverifiable and host_of(request.full_url) != request.origin_req_host.lower():
            for name in _CREDENTIALS:
                request.remove_header(name)
        return request

    https_request = http_request

    def http_open(self, request: urllib.request.Request) -> Any:
        """Open a plain connection, or leave it to the next handler where a proxy is asked."""
        return self._open(request, functools.partial(_Connection, visit=self._visiting()))

    def https_open(self, request: urllib.request.Request) -> Any:
        """Open a TLS connection, or leave it to the next handler where a proxy is asked."""
        if self._tls is None:
            self._tls = ssl.create_default_context()
        return self._open(request, functools.partial(_Connection, visit=self._visiting(), tls=self._tls))

    def ftp_open(self, request: urllib.request.Request) -> None:
        """Refuse FTP."""
        raise urllib.error.URLError(OSError("ftp: is not read: give an http(s) address"))

    def _open(self, request: urllib.request.Request, connection: Any) -> Any:
        host, visit = host_of(request.full_url), self._visiting()
        if host == FILES_HOST:
            return _open_file(request, visit)
        if _is_proxied(request):
            # The proxy looks the name up: only its spelling can be judged here.
            check_name(host, visit.private)
            return None
        visit.seconds_left()
        with self._gate.turn(host):
            return self.do_open(connection, request)

    def http_response(self, request: urllib.request.Request, response: Any) -> urllib.response.addinfourl:
        """Bound what can be read of *response*, inflated, and hear whether the host wants a pause."""
        status, headers = response.status, response.headers
        if status in _BUSY:
            self._gate.hold(host_of(request.full_url), retry_after_s(headers.get("Retry-After")))
        coding = headers.get("Content-Encoding", "").strip().lower()
        if coding in ("gzip", "x-gzip", "deflate"):
            del headers["Content-Encoding"]
        body = io.BufferedReader(Body(response, self._visiting(), coding), 1 << 16)
        bounded = urllib.response.addinfourl(cast("io.BytesIO", body), headers, response.url, status)
        bounded.msg = response.msg  # type: ignore[attr-defined] # what HTTPErrorProcessor reads as the reason
        return bounded

    https_response = http_response


def as_http(url: str) -> str:
    """Spell a `file:` URL as an address that the door opens: page parsers join no links to `file:`."""
    parts = urlsplit(url)
    return urlunsplit(("http", FILES_HOST, parts.path, parts.query, "")) if parts.scheme == "file" else url


def as_file(url: str) -> str:
    """Undo `as_http`, anywhere in a text."""
    return url.replace(f"http://{FILES_HOST}/", "file:///")


def _open_file(request: urllib.request.Request, visit: Visit) -> urllib.response.addinfourl:
    """Open a file as if it were served, but only inside the folder of the page that asks."""
    path = Path(urllib.request.url2pathname(urlsplit(request.full_url).path)).resolve()
    if visit.folder is None or not path.is_relative_to(visit.folder.resolve()):
        raise urllib.error.URLError(OutsideFolderError(f"{path} is outside the folder of the page"))
    headers = Message()
    headers["Content-Type"] = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    found = path.is_file()
    content = path.open("rb") if found else io.BytesIO()
    served = urllib.response.addinfourl(content, headers, request.full_url, 200 if found else 404)
    served.msg = "OK" if found else "no such file"  # type: ignore[attr-defined] # as HTTPResponse has it
    return served


def _is_proxied(request: urllib.request.Request) -> bool:
    tunnel = getattr(request, "_tunnel_host", None)
    return request.has_proxy() or bool(tunnel) or request.has_header("Ytdl-socks-proxy")


class _Connection(http.client.HTTPConnection):
    """A connection to a judged address, every wait on which counts against the visit's deadline."""

    def __init__(self, host: str, *, timeout: float, visit: Visit, tls: ssl.SSLContext | None = None) -> None:
        self.default_port = http.client.HTTPS_PORT if tls else http.client.HTTP_PORT
        super().__init__(host, timeout=timeout)
        self._visit = visit
        self._tls = tls
        self._patience = timeout

    def connect(self) -> None:
        patience = min(self._patience, self._visit.seconds_left())
        sock = connect(self.host, self.port, private=self._visit.private, timeout=patience)
        try:
            self.sock = self._tls.wrap_socket(sock, server_hostname=self.host) if self._tls else sock
        except BaseException:
            sock.close()
            raise

    def response_class(self, sock: socket.socket, **rest: Any) -> http.client.HTTPResponse:  # type: ignore[override] # a class there, only ever called
        response = http.client.HTTPResponse(sock, **rest)
        raw = cast("socket.SocketIO", response.fp.detach())
        response.fp = io.BufferedReader(_Timed(raw, sock, self._visit, self._patience))
        return response


class _Timed(io.RawIOBase):
    """Bytes from *sock*, each wait no longer than *patience* and none beyond the visit's deadline."""

    def __init__(self, raw: socket.SocketIO, sock: socket.socket, visit: Visit, patience: float) -> None:
        self._raw = raw
        self._sock = sock
        self._visit = visit
        self._patience = patience

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int | None:
        try:
            self._sock.settimeout(min(self._patience, self._visit.seconds_left()))
            return self._raw.readinto(cast("Any", buffer))
        except OSError:
            self._raw.close()
            raise

    def close(self) -> None:
        self._raw.close()
        super().close()
