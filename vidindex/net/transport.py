"""The door through which every request leaves: an urllib handler that says whom, how long and how much.

`vidindex.net.fetch` and yt-dlp's requests go through the same one.  Each redirect passes it again.
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

from .context import Body, OutsideFolderError, Visit
from .proxy import ProxyError
from .ssrf import ANY_HOST, check_name, connect, host_of
from .throttle import Gate, retry_after_s

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_PERSONAL = ("Authorization", "Cookie", "Proxy-authorization", "Referer")
_SOCKS = "Ytdl-socks-proxy"
"""What yt-dlp notes on a request that its own handlers send through a SOCKS proxy."""

FILES_HOST = "files.vidindex.invalid"
"""A host that no network has: files of a local page are read under it."""

_BUSY = frozenset({429, 503})


class SchemeError(OSError):
    """An address is of a kind that is not read."""


class NoFileError(OSError):
    """A local page, or its user, names a file that is not there."""


class Door(urllib.request.AbstractHTTPHandler):
    """An urllib handler that comes before the usual ones; *visiting* tells the errand under way."""

    handler_order = 400

    def __init__(self, gate: Gate, visiting: Callable[[], Visit], *, context: ssl.SSLContext | None = None) -> None:
        super().__init__()
        self._gate = gate
        self._visiting = visiting
        self._tls = context

    def http_request(self, request: urllib.request.Request) -> urllib.request.Request:
        """Drop what is for one site from a request that a redirect sends to another."""
        visit = self._visiting()
        if not request.unverifiable:
            visit.asked = request.full_url
        elif not _is_same_site(visit.asked, request.full_url):
            for name in _PERSONAL:
                request.remove_header(name)
        return request

    https_request = http_request

    def http_open(self, request: urllib.request.Request) -> Any:
        """Open a plain connection."""
        return self._open(request, None)

    def https_open(self, request: urllib.request.Request) -> Any:
        """Open a TLS connection."""
        if self._tls is None:
            self._tls = ssl.create_default_context()
        return self._open(request, self._tls)

    def ftp_open(self, request: urllib.request.Request) -> None:
        """Refuse FTP."""
        raise urllib.error.URLError(SchemeError("ftp: is not read: give an http(s) address"))

    def _open(self, request: urllib.request.Request, tls: ssl.SSLContext | None) -> Any:
        host, visit, proxied = host_of(request.full_url), self._visiting(), _is_proxied(request)
        if host == FILES_HOST:
            return _open_file(request, visit)
        if proxied:
            # The proxy looks the name up: only its spelling can be judged here.
            check_name(host, visit.private)
        visit.seconds_left()
        with self._gate.turn(host):
            if request.has_header(_SOCKS):
                return self._next_open(request)
            connection: Any = functools.partial(_Connection, visit=visit, tls=tls, proxied=proxied)
            return self.do_open(connection, request)

    def _next_open(self, request: urllib.request.Request) -> Any:
        """Leave *request* to yt-dlp's own handler, the one that speaks SOCKS, while the turn is held."""
        openers: list[Any] = self.parent.handle_open[request.type]  # type: ignore[attr-defined] # not in its types
        after = next(opener for opener in openers if opener.handler_order > self.handler_order)
        return getattr(after, f"{request.type}_open")(request)

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
    if not path.is_file():
        raise urllib.error.URLError(NoFileError(f"there is no file {path}: check its name"))
    headers = Message()
    headers["Content-Type"] = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    served = urllib.response.addinfourl(cast("io.BytesIO", path.open("rb")), headers, request.full_url, 200)
    served.msg = "OK"  # type: ignore[attr-defined] # as HTTPResponse has it
    return served


def _is_proxied(request: urllib.request.Request) -> bool:
    tunnel = getattr(request, "_tunnel_host", None)
    return request.has_proxy() or bool(tunnel) or request.has_header(_SOCKS)


def _is_same_site(asked: str, now: str) -> bool:
    """Tell whether *now* may know what *asked* was told: the same host and port, nor without TLS what had it."""
    before, after = urlsplit(asked), urlsplit(now)
    if host_of(asked) != host_of(now) or (before.scheme, after.scheme) == ("https", "http"):
        return False
    usual = before.port is None and after.port is None
    return usual or (before.scheme, before.port) == (after.scheme, after.port)


class _Connection(http.client.HTTPConnection):
    """A connection to a judged address, or to the user's proxy; every wait counts against the visit's deadline."""

    def __init__(
        self, host: str, *, timeout: float, visit: Visit, tls: ssl.SSLContext | None = None, proxied: bool = False
    ) -> None:
        self.default_port = http.client.HTTPS_PORT if tls else http.client.HTTP_PORT
        super().__init__(host, timeout=timeout)
        self._visit = visit
        self._tls = tls
        self._patience = timeout
        self._proxied = proxied

    def connect(self) -> None:
        patience = min(self._patience, self._visit.seconds_left())
        if self._proxied:
            self._connect_to_proxy(patience)
        else:
            self.sock = connect(self.host, self.port, private=self._visit.private, timeout=patience)
        if self._tls:
            self._secure(self._tls)

    def _connect_to_proxy(self, patience: float) -> None:
        through: str | None = getattr(self, "_tunnel_host", None)
        try:
            self.sock = connect(self.host, self.port, private=ANY_HOST, timeout=patience)
            if through:
                self._tunnel()  # type: ignore[attr-defined] # what HTTPConnection calls for this, not in its types
        except OSError as exc:
            raise ProxyError(self.host, self.port, exc) from exc

    def _secure(self, tls: ssl.SSLContext) -> None:
        sock = self.sock
        try:
            self.sock = tls.wrap_socket(sock, server_hostname=getattr(self, "_tunnel_host", None) or self.host)
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
