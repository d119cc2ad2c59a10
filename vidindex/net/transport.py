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
from typing import TYPE_CHECKING, Any, BinaryIO, cast
from urllib.parse import urlsplit, urlunsplit

from ..errors import (
    ContentCodingError,
    LocalFileError,
    OutsideFolderError,
    ProxyError,
    TooLargeError,
    UnsupportedSchemeError,
)
from .content_coding import ACCEPTED_CODINGS, accepts_only_supported, check_transfer_coding, parse_content_codings
from .context import LimitedBody, RequestContext
from .files import open_file_inside
from .saved_responses import SavedResponse
from .ssrf import ANY_HOST, address_of, check_host_name, connect_to_host, extract_host
from .throttle import HostThrottle, parse_retry_after
from .traffic import is_refusal, server_of

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_PERSONAL_HEADERS = ("Authorization", "Cookie", "Proxy-authorization", "Referer")
_SOCKS_HEADER = "Ytdl-socks-proxy"
"""The internal header by which yt-dlp names the SOCKS proxy of a request."""

ConnectSocks = Callable[[str, tuple[str, int], float], socket.socket]
"""Connects through a SOCKS proxy: its URL, the host and port of the server, and the timeout in seconds."""

LOCAL_FILES_HOST = "files.vidindex.invalid"
"""A host name that cannot exist; the files of a local page have URLs on it."""

_FIRST_ERROR_STATUS = 400
_REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})
_FREE_WIRE_BYTES = 1 << 20
"""How much of a response may be heads, trailers, and the sizes of short chunks."""


class GuardedHandler(urllib.request.AbstractHTTPHandler):
    """An urllib handler that runs before the standard ones.

    *current_context* returns the limits of the operation that sends the request.  *connect_socks* is called for
    requests that yt-dlp sends through a SOCKS proxy.  Connections come from *source_address*, if it is not empty.
    """

    handler_order = 400

    def __init__(
        self,
        throttle: HostThrottle,
        current_context: Callable[[], RequestContext],
        *,
        tls_context: ssl.SSLContext | None = None,
        connect_socks: ConnectSocks | None = None,
        source_address: str = "",
    ) -> None:
        super().__init__()
        self._source_address = source_address
        self._connect_socks = connect_socks
        self._throttle = throttle
        self._current_context = current_context
        self._tls_context = tls_context

    def http_request(self, request: urllib.request.Request) -> urllib.request.Request:
        """Remove credentials and the referer from a request that a redirect sends to another site.

        Also replace an `Accept-Encoding` that an extractor or the user stated, if it allows other codings than ours.
        """
        context = self._current_context()
        if not accepts_only_supported(request.get_header("Accept-encoding", "identity")):
            request.remove_header("Accept-encoding")
            request.add_header("Accept-encoding", ACCEPTED_CODINGS)
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
        if saved := _find_saved_response(request, context):
            return _open_saved_response(request, saved)
        if proxied:
            # The proxy resolves the name, so that only its spelling can be checked here.
            check_host_name(host, _port_of(request), context.allowed_private_hosts)
        context.seconds_left()
        if self._throttle.observer is not None:
            self._throttle.observer.before_request(request.full_url)
        connection: Any = functools.partial(
            _GuardedConnection,
            request_context=context,
            tls_context=tls_context,
            proxied=proxied,
            connect=self._take_socks_connect(request),
            source_address=self._source_address,
        )
        try:
            with self._throttle.slot(server_of(request.full_url)):
                return self.do_open(connection, request)
        except Exception as exc:
            if self._throttle.observer is not None:
                self._throttle.observer.after_failure(request.full_url, exc)
            raise

    def _take_socks_connect(self, request: urllib.request.Request) -> Callable[..., socket.socket] | None:
        """Return a function that connects through the SOCKS proxy of *request*, and remove the internal header."""
        proxy = request.get_header(_SOCKS_HEADER, "")
        request.remove_header(_SOCKS_HEADER)
        return functools.partial(self._connect_socks, proxy) if proxy and self._connect_socks else None

    def http_response(self, request: urllib.request.Request, response: Any) -> urllib.response.addinfourl:
        """Wrap *response* so that its decompressed bytes are limited; pause the host if it asks for that."""
        status, headers = response.status, response.headers
        pause_s = parse_retry_after(headers.get("Retry-After")) if status >= _FIRST_ERROR_STATUS else 0.0
        if self._throttle.observer is not None and not isinstance(response, _LocalResponse):
            self._throttle.observer.after_response(request.full_url, status, pause_s)
        if is_refusal(status, pause_s):
            self._throttle.pause_host(server_of(request.full_url), pause_s)
        body = io.BufferedReader(_limit_body(response, self._current_context()), 1 << 16)
        bounded = urllib.response.addinfourl(cast("io.BytesIO", body), headers, response.url, status)
        bounded.msg = response.msg  # type: ignore[attr-defined] # HTTPErrorProcessor reads the reason from it
        return bounded

    https_response = http_response


def _limit_body(response: Any, context: RequestContext) -> LimitedBody:
    """Return the decoded body of *response*, and remove the header of its coding, so that nothing decodes it again."""
    headers: Message = response.headers
    if response.status in _REDIRECT_STATUSES and ("Location" in headers or "URI" in headers):
        # urllib reads the body of a redirect, which nobody needs, whatever its size and coding.
        del headers["Content-Encoding"]
        response.close()
        return LimitedBody(io.BytesIO(), context)
    try:
        check_transfer_coding(headers)
        return LimitedBody(response, context, parse_content_codings(headers))
    except ContentCodingError as exc:
        # Only reading the body raises the error: the status may be all that matters.
        return LimitedBody(response, context, refusal=exc)
    finally:
        del headers["Content-Encoding"]


def file_to_http_url(url: str) -> str:
    """Return the http URL under which `GuardedHandler` serves a `file:` URL; other URLs stay as they are.

    Page parsers do not resolve relative links against `file:` URLs.
    """
    parts = urlsplit(url)
    return urlunsplit(("http", LOCAL_FILES_HOST, parts.path, parts.query, "")) if parts.scheme == "file" else url


def restore_file_urls(text: str) -> str:
    """Replace the results of `file_to_http_url` in *text* by the `file:` URLs they stand for."""
    return text.replace(f"http://{LOCAL_FILES_HOST}/", "file:///")


class _LocalResponse(urllib.response.addinfourl):
    """A response that no server sent."""


def _open_local_file(request: urllib.request.Request, context: RequestContext) -> urllib.response.addinfourl:
    """Return a file as a response, if it is inside the folder of the page that the operation reads.

    Raises `URLError`, with an `OutsideFolderError` or a `LocalFileError` as its reason.
    """
    path = Path(urllib.request.url2pathname(urlsplit(request.full_url).path))
    file = _open_file_of_page(path, context.allowed_folder)
    headers = Message()
    headers["Content-Type"] = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    response = _LocalResponse(cast("io.BytesIO", file), headers, request.full_url, 200)
    response.msg = "OK"  # type: ignore[attr-defined] # HTTPErrorProcessor reads the reason from it
    return response


def _find_saved_response(request: urllib.request.Request, context: RequestContext) -> SavedResponse | None:
    """Return the response of the archive that the operation reads, if it has one; the addresses need not exist now."""
    if context.archive is None or request.get_method() not in ("GET", "HEAD"):
        return None
    context.seconds_left()
    try:
        return context.archive.find(request.full_url)
    except (OSError, ValueError) as exc:
        raise urllib.error.URLError(LocalFileError(f"the archive cannot be read ({exc})")) from exc


def _open_saved_response(request: urllib.request.Request, saved: SavedResponse) -> urllib.response.addinfourl:
    body = saved.open_body() if request.get_method() == "GET" else io.BytesIO()
    response = _LocalResponse(cast("io.BytesIO", body), saved.message, request.full_url, saved.status)
    response.msg = "OK"  # type: ignore[attr-defined] # HTTPErrorProcessor reads the reason from it
    return response


def _open_file_of_page(path: Path, folder: Path | None) -> BinaryIO:
    try:
        if folder is None:
            raise OutsideFolderError(f"{path} is outside the folder of the page")
        return open_file_inside(path, folder)
    except OutsideFolderError as exc:
        raise urllib.error.URLError(OutsideFolderError(f"{path} is outside the folder of the page")) from exc
    except FileNotFoundError as exc:
        raise urllib.error.URLError(LocalFileError(f"the file {path} does not exist: check its name")) from exc
    except (OSError, ValueError) as exc:  # ValueError: a null byte in the path
        reason = getattr(exc, "strerror", None) or str(exc)
        raise urllib.error.URLError(LocalFileError(f"the file {path} cannot be read ({reason})")) from exc


def _port_of(request: urllib.request.Request) -> int:
    return int(address_of(request.full_url).rpartition(":")[2] or 0)


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
        connect: Callable[[tuple[str, int], float], socket.socket] | None = None,
        source_address: str = "",
    ) -> None:
        self.default_port = http.client.HTTPS_PORT if tls_context else http.client.HTTP_PORT
        super().__init__(host, timeout=timeout)
        self._request_context = request_context
        self._tls_context = tls_context
        self._wait_timeout_s = timeout
        self._proxied = proxied
        self._connect = connect
        self._source_address = source_address

    def connect(self) -> None:
        timeout_s = min(self._wait_timeout_s, self._request_context.seconds_left())
        if self._connect is not None:
            self.sock = self._connect((self.host, self.port), timeout_s)
        elif self._proxied:
            self._connect_to_proxy(timeout_s)
        else:
            self.sock = connect_to_host(
                self.host,
                self.port,
                allowed_private_hosts=self._request_context.allowed_private_hosts,
                timeout=timeout_s,
                source_address=self._source_address,
            )
        if self._tls_context:
            self._wrap_tls(self._tls_context)

    def _connect_to_proxy(self, timeout_s: float) -> None:
        tunnel_host: str | None = getattr(self, "_tunnel_host", None)
        try:
            self.sock = connect_to_host(
                self.host,
                self.port,
                allowed_private_hosts=ANY_HOST,
                timeout=timeout_s,
                source_address=self._source_address,
            )
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
        return _GuardedResponse(sock, self._request_context, self._wait_timeout_s, **rest)


class _GuardedResponse(http.client.HTTPResponse):
    """A response whose reads end at the deadline of the operation, and whose overhead is limited."""

    def __init__(
        self, sock: socket.socket, request_context: RequestContext, wait_timeout_s: float, **rest: Any
    ) -> None:
        super().__init__(sock, **rest)
        raw = cast("socket.SocketIO", self.fp.detach())
        self._wire = _DeadlineReader(raw, sock, request_context, wait_timeout_s)
        self.fp = io.BufferedReader(self._wire)

    def read(self, amt: int | None = None) -> bytes:
        content = super().read(amt)
        self._wire.allowed_bytes += len(content) + len(content) // 2  # chunks of 12 bytes take half as much again
        return content


class _DeadlineReader(io.RawIOBase):
    """Reads from *sock*; each wait is at most *wait_timeout_s* and ends at the deadline of the operation.

    *allowed_bytes* is how much may be read.
    """

    def __init__(
        self, raw: socket.SocketIO, sock: socket.socket, request_context: RequestContext, wait_timeout_s: float
    ) -> None:
        self._raw = raw
        self._sock = sock
        self._request_context = request_context
        self._wait_timeout_s = wait_timeout_s
        self.allowed_bytes = _FREE_WIRE_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int | None:
        try:
            self._sock.settimeout(min(self._wait_timeout_s, self._request_context.seconds_left()))
            count = self._raw.readinto(cast("Any", buffer))
            self.allowed_bytes -= count or 0
            if self.allowed_bytes < 0:
                raise TooLargeError("the response has endless headers or chunks without content")
        except OSError:
            self._raw.close()
            raise
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()
