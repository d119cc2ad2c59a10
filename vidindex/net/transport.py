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

from ..errors import LocalFileError, OutsideFolderError, ProxyError, UnsupportedSchemeError
from .context import LimitedBody, RequestContext
from .ssrf import ANY_HOST, check_host_name, connect_to_host, extract_host
from .throttle import HostThrottle, parse_retry_after

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_PERSONAL_HEADERS = ("Authorization", "Cookie", "Proxy-authorization", "Referer")
_SOCKS_HEADER = "Ytdl-socks-proxy"
"""What yt-dlp notes on a request that its own handlers send through a SOCKS proxy."""

LOCAL_FILES_HOST = "files.vidindex.invalid"
"""A host that no network has: files of a local page are read under it."""

_BUSY_STATUSES = frozenset({429, 503})


class GuardedHandler(urllib.request.AbstractHTTPHandler):
    """An urllib handler that comes before the usual ones; *visiting* tells the errand under way."""

    handler_order = 400

    def __init__(
        self,
        throttle: HostThrottle,
        current_context: Callable[[], RequestContext],
        *,
        tls_context: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__()
        self._throttle = throttle
        self._current_context = current_context
        self._tls_context = tls_context

    def http_request(self, request: urllib.request.Request) -> urllib.request.Request:
        """Drop what is for one site from a request that a redirect sends to another."""
        visit = self._current_context()
        if not request.unverifiable:
            visit.original_url = request.full_url
        elif not _is_same_site(visit.original_url, request.full_url):
            for name in _PERSONAL_HEADERS:
                request.remove_header(name)
        return request

    https_request = http_request

    def http_open(self, request: urllib.request.Request) -> Any:
        """Open a plain connection."""
        return self._open_request(request, None)

    def https_open(self, request: urllib.request.Request) -> Any:
        """Open a TLS connection."""
        if self._tls_context is None:
            self._tls_context = ssl.create_default_context()
        return self._open_request(request, self._tls_context)

    def ftp_open(self, request: urllib.request.Request) -> None:
        """Refuse FTP."""
        raise urllib.error.URLError(UnsupportedSchemeError("ftp: is not read: give an http(s) address"))

    def _open_request(self, request: urllib.request.Request, tls_context: ssl.SSLContext | None) -> Any:
        host, visit, proxied = extract_host(request.full_url), self._current_context(), _is_proxied(request)
        if host == LOCAL_FILES_HOST:
            return _open_local_file(request, visit)
        if proxied:
            # The proxy looks the name up: only its spelling can be judged here.
            check_host_name(host, visit.allowed_private_hosts)
        visit.seconds_left()
        with self._throttle.slot(host):
            if request.has_header(_SOCKS_HEADER):
                return self._open_with_next_handler(request)
            connection: Any = functools.partial(
                _GuardedConnection, request_context=visit, tls_context=tls_context, proxied=proxied
            )
            return self.do_open(connection, request)

    def _open_with_next_handler(self, request: urllib.request.Request) -> Any:
        """Leave *request* to yt-dlp's own handler, the one that speaks SOCKS, while the turn is held."""
        openers: list[Any] = self.parent.handle_open[request.type]  # type: ignore[attr-defined] # not in its types
        after = next(opener for opener in openers if opener.handler_order > self.handler_order)
        return getattr(after, f"{request.type}_open")(request)

    def http_response(self, request: urllib.request.Request, response: Any) -> urllib.response.addinfourl:
        """Bound what can be read of *response*, inflated, and hear whether the host wants a pause."""
        status, headers = response.status, response.headers
        if status in _BUSY_STATUSES:
            self._throttle.pause_host(extract_host(request.full_url), parse_retry_after(headers.get("Retry-After")))
        coding = headers.get("Content-Encoding", "").strip().lower()
        if coding in ("gzip", "x-gzip", "deflate"):
            del headers["Content-Encoding"]
        body = io.BufferedReader(LimitedBody(response, self._current_context(), coding), 1 << 16)
        bounded = urllib.response.addinfourl(cast("io.BytesIO", body), headers, response.url, status)
        bounded.msg = response.msg  # type: ignore[attr-defined] # what HTTPErrorProcessor reads as the reason
        return bounded

    https_response = http_response


def file_to_http_url(url: str) -> str:
    """Spell a `file:` URL as an address that the door opens: page parsers join no links to `file:`."""
    parts = urlsplit(url)
    return urlunsplit(("http", LOCAL_FILES_HOST, parts.path, parts.query, "")) if parts.scheme == "file" else url


def restore_file_urls(url: str) -> str:
    """Undo `as_http`, anywhere in a text."""
    return url.replace(f"http://{LOCAL_FILES_HOST}/", "file:///")


def _open_local_file(request: urllib.request.Request, context: RequestContext) -> urllib.response.addinfourl:
    """Open a file as if it were served, but only inside the folder of the page that asks."""
    path = Path(urllib.request.url2pathname(urlsplit(request.full_url).path)).resolve()
    if context.allowed_folder is None or not path.is_relative_to(context.allowed_folder.resolve()):
        raise urllib.error.URLError(OutsideFolderError(f"{path} is outside the folder of the page"))
    if not path.is_file():
        raise urllib.error.URLError(LocalFileError(f"there is no file {path}: check its name"))
    headers = Message()
    headers["Content-Type"] = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    served = urllib.response.addinfourl(cast("io.BytesIO", path.open("rb")), headers, request.full_url, 200)
    served.msg = "OK"  # type: ignore[attr-defined] # as HTTPResponse has it
    return served


def _is_proxied(request: urllib.request.Request) -> bool:
    tunnel = getattr(request, "_tunnel_host", None)
    return request.has_proxy() or bool(tunnel) or request.has_header(_SOCKS_HEADER)


def _is_same_site(original_url: str, redirect_url: str) -> bool:
    """Tell whether *now* may know what *asked* was told: the same host and port, nor without TLS what had it."""
    before, after = urlsplit(original_url), urlsplit(redirect_url)
    if extract_host(original_url) != extract_host(redirect_url) or (before.scheme, after.scheme) == ("https", "http"):
        return False
    usual = before.port is None and after.port is None
    return usual or (before.scheme, before.port) == (after.scheme, after.port)


class _GuardedConnection(http.client.HTTPConnection):
    """A connection to a judged address, or to the user's proxy; every wait counts against the visit's deadline."""

    def __init__(
        self,
        host: str,
        *,
        timeout: float,
        request_context: RequestContext,
        tls_context: ssl.SSLContext | None = None,
        proxied: bool = False,
    ) -> None:
        self.default_port = http.client.HTTPS_PORT if tls_context else http.client.HTTP_PORT
        super().__init__(host, timeout=timeout)
        self._request_context = request_context
        self._tls_context = tls_context
        self._wait_timeout_s = timeout
        self._proxied = proxied

    def connect(self) -> None:
        patience = min(self._wait_timeout_s, self._request_context.seconds_left())
        if self._proxied:
            self._connect_to_proxy(patience)
        else:
            self.sock = connect_to_host(
                self.host,
                self.port,
                allowed_private_hosts=self._request_context.allowed_private_hosts,
                timeout=patience,
            )
        if self._tls_context:
            self._wrap_tls(self._tls_context)

    def _connect_to_proxy(self, wait_timeout_s: float) -> None:
        through: str | None = getattr(self, "_tunnel_host", None)
        try:
            self.sock = connect_to_host(self.host, self.port, allowed_private_hosts=ANY_HOST, timeout=wait_timeout_s)
            if through:
                self._tunnel()  # type: ignore[attr-defined] # what HTTPConnection calls for this, not in its types
        except OSError as exc:
            raise ProxyError(self.host, self.port, exc) from exc

    def _wrap_tls(self, tls_context: ssl.SSLContext) -> None:
        sock = self.sock
        try:
            self.sock = tls_context.wrap_socket(sock, server_hostname=getattr(self, "_tunnel_host", None) or self.host)
        except BaseException:
            sock.close()
            raise

    def response_class(self, sock: socket.socket, **rest: Any) -> http.client.HTTPResponse:  # type: ignore[override] # a class there, only ever called
        response = http.client.HTTPResponse(sock, **rest)
        raw = cast("socket.SocketIO", response.fp.detach())
        response.fp = io.BufferedReader(_DeadlineReader(raw, sock, self._request_context, self._wait_timeout_s))
        return response


class _DeadlineReader(io.RawIOBase):
    """Bytes from *sock*, each wait no longer than *patience* and none beyond the visit's deadline."""

    def __init__(
        self, raw: socket.SocketIO, sock: socket.socket, request_context: RequestContext, wait_timeout_s: float
    ) -> None:
        self._raw = raw
        self._sock = sock
        self._request_context = request_context
        self._wait_timeout_s = wait_timeout_s

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int | None:
        try:
            self._sock.settimeout(min(self._wait_timeout_s, self._request_context.seconds_left()))
            return self._raw.readinto(cast("Any", buffer))
        except OSError:
            self._raw.close()
            raise

    def close(self) -> None:
        self._raw.close()
        super().close()
