"""An urllib handler that every request passes: it checks addresses, and enforces limits and throttling.

The requests of `vidindex.net.fetch` and of yt-dlp pass it, and so does each redirect.
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
"""The internal header by which yt-dlp marks a request that its own handlers send through a SOCKS proxy."""

LOCAL_FILES_HOST = "files.vidindex.invalid"
"""A host name that cannot exist; the files of a local page have URLs on it."""

_BUSY_STATUSES = frozenset({429, 503})


class GuardedHandler(urllib.request.AbstractHTTPHandler):
    """An urllib handler that runs before the standard ones.

    *current_context* returns the limits of the operation that sends the request.
    """

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
        """Remove credentials and the referer from a request that a redirect sends to another site."""
        context = self._current_context()
        if not request.unverifiable:
            context.original_url = request.full_url
        elif not _is_same_site(context.original_url, request.full_url):
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
        """Refuse FTP: raise an `URLError` with an `UnsupportedSchemeError` as its reason."""
        raise urllib.error.URLError(UnsupportedSchemeError("ftp: addresses are not supported: use an http(s) address"))

    def _open_request(self, request: urllib.request.Request, tls_context: ssl.SSLContext | None) -> Any:
        host, context, proxied = extract_host(request.full_url), self._current_context(), _is_proxied(request)
        if host == LOCAL_FILES_HOST:
            return _open_local_file(request, context)
        if proxied:
            # The proxy resolves the name, so that only its spelling can be checked here.
            check_host_name(host, context.allowed_private_hosts)
        context.seconds_left()
        with self._throttle.slot(host):
            if request.has_header(_SOCKS_HEADER):
                return self._open_with_next_handler(request)
            connection: Any = functools.partial(
                _GuardedConnection, request_context=context, tls_context=tls_context, proxied=proxied
            )
            return self.do_open(connection, request)

    def _open_with_next_handler(self, request: urllib.request.Request) -> Any:
        """Pass *request* to yt-dlp's own handler, which supports SOCKS."""
        handlers: list[Any] = self.parent.handle_open[request.type]  # type: ignore[attr-defined] # not in its types
        next_handler = next(handler for handler in handlers if handler.handler_order > self.handler_order)
        return getattr(next_handler, f"{request.type}_open")(request)

    def http_response(self, request: urllib.request.Request, response: Any) -> urllib.response.addinfourl:
        """Wrap *response* so that its decompressed bytes are limited; pause the host if it asks for that."""
        status, headers = response.status, response.headers
        if status in _BUSY_STATUSES:
            self._throttle.pause_host(extract_host(request.full_url), parse_retry_after(headers.get("Retry-After")))
        coding = headers.get("Content-Encoding", "").strip().lower()
        if coding in ("gzip", "x-gzip", "deflate"):
            del headers["Content-Encoding"]
        body = io.BufferedReader(LimitedBody(response, self._current_context(), coding), 1 << 16)
        bounded = urllib.response.addinfourl(cast("io.BytesIO", body), headers, response.url, status)
        bounded.msg = response.msg  # type: ignore[attr-defined] # HTTPErrorProcessor reads the reason from it
        return bounded

    https_response = http_response


def file_to_http_url(url: str) -> str:
    """Return the http URL under which `GuardedHandler` serves a `file:` URL; other URLs stay as they are.

    Page parsers do not resolve relative links against `file:` URLs.
    """
    parts = urlsplit(url)
    return urlunsplit(("http", LOCAL_FILES_HOST, parts.path, parts.query, "")) if parts.scheme == "file" else url


def restore_file_urls(text: str) -> str:
    """Replace the results of `file_to_http_url` in *text* by the `file:` URLs they stand for."""
    return text.replace(f"http://{LOCAL_FILES_HOST}/", "file:///")


def _open_local_file(request: urllib.request.Request, context: RequestContext) -> urllib.response.addinfourl:
    """Return a file as a response, if it is inside the folder of the page that the operation reads.

    Raises `URLError`, with an `OutsideFolderError` or a `LocalFileError` as its reason.
    """
    path = Path(urllib.request.url2pathname(urlsplit(request.full_url).path)).resolve()
    if context.allowed_folder is None or not path.is_relative_to(context.allowed_folder.resolve()):
        raise urllib.error.URLError(OutsideFolderError(f"{path} is outside the folder of the page"))
    if not path.is_file():
        raise urllib.error.URLError(LocalFileError(f"the file {path} does not exist: check its name"))
    headers = Message()
    headers["Content-Type"] = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    response = urllib.response.addinfourl(cast("io.BytesIO", path.open("rb")), headers, request.full_url, 200)
    response.msg = "OK"  # type: ignore[attr-defined] # HTTPErrorProcessor reads the reason from it
    return response


def _is_proxied(request: urllib.request.Request) -> bool:
    tunnel = getattr(request, "_tunnel_host", None)
    return request.has_proxy() or bool(tunnel) or request.has_header(_SOCKS_HEADER)


def _is_same_site(original_url: str, redirect_url: str) -> bool:
    """Return whether *redirect_url* may get the credentials for *original_url*: same host and port, and TLS is kept."""
    before, after = urlsplit(original_url), urlsplit(redirect_url)
    if extract_host(original_url) != extract_host(redirect_url) or (before.scheme, after.scheme) == ("https", "http"):
        return False
    has_default_ports = before.port is None and after.port is None
    return has_default_ports or (before.scheme, before.port) == (after.scheme, after.port)


class _GuardedConnection(http.client.HTTPConnection):
    """A connection to a checked address or to the user's proxy; no wait exceeds the deadline of the operation."""

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
        timeout_s = min(self._wait_timeout_s, self._request_context.seconds_left())
        if self._proxied:
            self._connect_to_proxy(timeout_s)
        else:
            self.sock = connect_to_host(
                self.host,
                self.port,
                allowed_private_hosts=self._request_context.allowed_private_hosts,
                timeout=timeout_s,
            )
        if self._tls_context:
            self._wrap_tls(self._tls_context)

    def _connect_to_proxy(self, timeout_s: float) -> None:
        tunnel_host: str | None = getattr(self, "_tunnel_host", None)
        try:
            self.sock = connect_to_host(self.host, self.port, allowed_private_hosts=ANY_HOST, timeout=timeout_s)
            if tunnel_host:
                self._tunnel()  # type: ignore[attr-defined] # HTTPConnection.connect calls it; not in its types
        except OSError as exc:
            raise ProxyError(self.host, self.port, exc) from exc

    def _wrap_tls(self, tls_context: ssl.SSLContext) -> None:
        sock = self.sock
        try:
            self.sock = tls_context.wrap_socket(sock, server_hostname=getattr(self, "_tunnel_host", None) or self.host)
        except BaseException:
            sock.close()
            raise

    def response_class(self, sock: socket.socket, **rest: Any) -> http.client.HTTPResponse:  # type: ignore[override] # a class in the base class, which is only called
        response = http.client.HTTPResponse(sock, **rest)
        raw = cast("socket.SocketIO", response.fp.detach())
        response.fp = io.BufferedReader(_DeadlineReader(raw, sock, self._request_context, self._wait_timeout_s))
        return response


class _DeadlineReader(io.RawIOBase):
    """Reads from *sock*; each wait is at most *wait_timeout_s* and ends at the deadline of the operation."""

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
