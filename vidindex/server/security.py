"""Security of every request and response: accepted hosts and methods, and security headers."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .problems import ProblemDetails, problem_response

LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "[::1]")

_CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        "img-src 'self' data: https:",
        "media-src 'self' https: http:",
        "frame-src https:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
SECURITY_HEADERS = {
    "Content-Security-Policy": _CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Embedded players need the origin of the page, not its path.
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""Headers of every response, including errors."""

_STATIC_PATH = "/static/"
_ERROR_STATUS = 400  # the lowest one of errors, which are pages
_STATIC_POLICY = "default-src 'none'; frame-ancestors 'none'"
"""The policy of scripts, styles, fonts and icons, which load nothing; each page has many of them."""

_PROXY_HEADERS = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")

FRAME_PATH = "/embed/"
"""Start of the paths of the pages that other sites may show in frames if the server is embeddable."""

_FRAME_HEADERS = {
    "Content-Security-Policy": _CONTENT_SECURITY_POLICY.replace("frame-ancestors 'none'", "frame-ancestors *"),
    "Cross-Origin-Resource-Policy": "cross-origin",
}

_HTTPS = "https://"
_WILDCARD_ADDRESSES = {"0.0.0.0", "::"}  # noqa: S104 - compared with, never bound to


def explain_read_only(request: Request) -> str:
    """Return why this visitor may not change anything; empty for one on the machine of the server, without a proxy.

    There are no passwords, so that whoever reaches a server on a network could otherwise change what others wrote.
    """
    if not request.app.state.is_local:
        return "nobody can change them here, because other machines may reach this server: serve without --host"
    if any(name in request.headers for name in _PROXY_HEADERS) or not is_loopback_host(request.url.hostname or ""):
        return (
            "nobody can change them through a proxy or another name: open it as localhost on the machine of the server"
        )
    return ""


def is_loopback_host(name: str) -> bool:
    """Return whether *name* is an address of this machine that no other machine can reach."""
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return name.lower() == "localhost"


class SecurityMiddleware:
    """Middleware that accepts only GET and HEAD requests for one of *hosts*, and JSON that is posted to *post_paths*.

    Any other host name may be an attacker's that resolves to this server (DNS rebinding). `0.0.0.0` or `[::]` among
    *hosts* accepts every numeric address: those cannot be rebound. A page of another site cannot post: browsers state
    its origin.  If the server *is_embeddable*, other sites may show the pages below `FRAME_PATH` in frames.
    """

    def __init__(
        self, app: ASGIApp, *, hosts: Iterable[str], post_paths: Iterable[str] = (), is_embeddable: bool = False
    ) -> None:
        self._app = app
        self._is_embeddable = is_embeddable
        self._post_paths = frozenset(post_paths)
        names = {_strip_port(host.removeprefix(_HTTPS)) for host in hosts}
        self._allows_any_address = bool(names & _WILDCARD_ADDRESSES)
        self._host_names = names - _WILDCARD_ADDRESSES

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request, or pass it on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            refusal = self._find_refusal(scope)
            responder = problem_response(refusal) if refusal else self._app
            allowed = "POST" if scope["path"] in self._post_paths else "GET, HEAD"
            if self._is_embeddable and refusal is None and scope["path"].startswith(FRAME_PATH):
                send = _allow_frames(send)
            await responder(
                scope, receive, _add_headers(send, scope["path"], allowed=allowed, is_refused=refusal is not None)
            )

    def _find_refusal(self, scope: Scope) -> ProblemDetails | None:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._is_own_host(hosts[0]):
            return ProblemDetails(400, "unknown host name: allow it with the option --name")
        if scope["path"] in self._post_paths:
            return self._find_post_refusal(scope["method"], headers)
        if scope["method"] not in ("GET", "HEAD"):
            return ProblemDetails(405, "this address is read-only: use GET or HEAD")
        return None

    def _find_post_refusal(self, method: str, headers: Headers) -> ProblemDetails | None:
        if method != "POST":
            return ProblemDetails(405, "use POST")
        if any(not self._is_own_origin(origin) for origin in headers.getlist("origin")):
            return ProblemDetails(403, "pages of other sites may not send requests to this server")
        if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return ProblemDetails(415, "send JSON, with the header `Content-Type: application/json`")
        return None

    def _is_own_origin(self, origin: str) -> bool:
        scheme, _, host = origin.partition("://")
        return scheme in ("http", "https") and self._is_own_host(host)

    def _is_own_host(self, host: str) -> bool:
        name = _strip_port(host)
        return name in self._host_names or (self._allows_any_address and _is_ip_address(name))


def find_https_hosts(hosts: Iterable[str]) -> frozenset[str]:
    """Return the names of those of *hosts* that are given with `https://`, as a proxy makes them reachable."""
    return frozenset(_strip_port(host.removeprefix(_HTTPS)) for host in hosts if host.startswith(_HTTPS))


def _strip_port(host: str) -> str:
    """Return the host name without port and brackets; empty if *host* is invalid."""
    if host.startswith("["):
        name, bracket, port = host[1:].partition("]")
        return name.lower() if bracket and (not port or _is_port(port[1:], port[0])) else ""
    name, colon, port = host.partition(":")
    if ":" in port:  # an IPv6 address without brackets, from the command line
        return host.lower() if _is_ip_address(host) else ""
    return name.lower() if not colon or _is_port(port, colon) else ""


def _is_port(digits: str, colon: str) -> bool:
    return colon == ":" and digits.isascii() and (digits.isdecimal() or not digits) and len(digits) <= 5


def _is_ip_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _allow_frames(send: Send) -> Send:
    """Return *send* with headers that let other sites show a successful response in a frame; errors have no video."""

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 200:
            headers = MutableHeaders(scope=message)
            headers.update(_FRAME_HEADERS)
            del headers["X-Frame-Options"]
        await send(message)

    return send_with_headers


def _add_headers(send: Send, path: str, *, allowed: str, is_refused: bool) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update(SECURITY_HEADERS)
            if path.startswith(_STATIC_PATH) and message["status"] < _ERROR_STATUS:
                headers["Content-Security-Policy"] = _STATIC_POLICY
            if message["status"] == 405:
                headers["Allow"] = allowed
            if is_refused:
                headers["Connection"] = "close"  # the request may have a body, which is not read
        await send(message)

    return send_with_headers
