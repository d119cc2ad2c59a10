"""Fetch one page within limits of time and size, or raise a `FetchError` that states the next step."""

from __future__ import annotations

import base64
import functools
import http.client
import re
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import Message
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from ..errors import CookieFileError, FetchError, NotHtmlError, OptionError, TooLargeError
from .bot_checks import MAX_BOT_CHECK_BYTES, is_bot_check
from .context import RequestContext
from .cookies import CookieHandler
from .error_messages import classify_network_error, describe_error
from .proxy import is_socks_proxy, normalize_proxy_url
from .saved_responses import ResponseArchive
from .ssrf import infer_private_hosts
from .throttle import HostThrottle
from .transport import GuardedHandler

HTML_CONTENT_TYPES = ("text/html", "application/xhtml+xml")
USER_AGENT = "Mozilla/5.0 (compatible; vidindex; +https://pypi.org/project/vidindex/)"
MAX_REDIRECTS = 20
"""How many redirects of one page are followed, as in browsers; and at most five requests for one address."""

_VAGUE_CONTENT_TYPES = ("text/plain", "application/octet-stream", "application/unknown", "unknown/unknown")
"""Content types that servers state for files whose type they do not know: the content decides."""

_HTML_START = re.compile(
    r"(?i)<!--|(?:<\?xml[^<]{0,500})?(?:<!doctype html|<(?:html|head|script|iframe|h1|div|font|table|a|style|title|b"
    r"|body|br|p|meta|link|article|main|section|header)[\s/>])"
)
"""The signatures of https://mimesniff.spec.whatwg.org/, and elements that pages start with since then."""

_SNIFFED_BYTES = 4096
_BINARY_SIGNATURES = (b"%PDF", b"\x1f\x8b", b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"ID3", b"RIFF")
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_READ_AHEAD_BYTES = 1 << 18
_DEFAULT_THROTTLE = HostThrottle()


@dataclass(frozen=True, slots=True)
class FetchOptions:
    """How pages are fetched.

    *timeout_s* limits each wait, *total_s* the whole operation.  A page larger than *max_bytes* is refused, or
    truncated if *truncate* is true.  *accept* lists the accepted content types, `*/*` for any.
    *allowed_private_hosts* are the hosts that may be private; None means that the user named the URL, whose host may
    then be private itself.  *allowed_addresses* are `HOST:PORT` entries that may be private in addition.  *proxy* is an
    `http://` URL; if it is empty, the proxy settings of the system apply.
    *cookies* is a file in Netscape format; each cookie is sent to its own host only.  Cookies that a response sets are
    sent to the later requests of its chain of redirects, and then forgotten.  *on_redirect* is called with the target
    of each redirect and the hosts that may be private; it raises `FetchError` to refuse the target.
    """

    timeout_s: float = 15.0
    total_s: float = 60.0
    max_bytes: int = 20_000_000
    truncate: bool = False
    accept: tuple[str, ...] = HTML_CONTENT_TYPES
    allowed_private_hosts: frozenset[str] | None = None
    allowed_addresses: frozenset[str] = frozenset()
    user_agent: str = USER_AGENT
    proxy: str = ""
    cookies: str = ""
    throttle: HostThrottle = field(default=_DEFAULT_THROTTLE, compare=False)
    on_redirect: Callable[[str, frozenset[str]], None] | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """A page and its metadata.

    *url* is the final address after redirects.  *charset* is the one that the header states, otherwise empty.
    """

    url: str
    content: bytes
    content_type: str = ""
    charset: str = ""
    status: int = 200


_DEFAULT_OPTIONS = FetchOptions()


def fetch_page(
    url: str, *, options: FetchOptions = _DEFAULT_OPTIONS, archive: ResponseArchive | None = None
) -> FetchedPage:
    """Fetch the page at *url*; what *archive* has is not requested.

    Raises `FetchError` if the page cannot be fetched.
    Raises `NotHtmlError` if the content type is not in `options.accept`, or the content is binary.
    """
    request = _build_request(url, options)
    hosts = infer_private_hosts(url) if options.allowed_private_hosts is None else options.allowed_private_hosts
    deadline = time.monotonic() + options.total_s
    context = RequestContext(
        hosts | options.allowed_addresses,
        deadline=deadline,
        bytes_left=_byte_budget(options),
        archive=archive,
    )
    handler = GuardedHandler(options.throttle, lambda: context, tls_context=_default_tls_context())
    try:
        with _build_opener(handler, url, options, context).open(request, timeout=options.timeout_s) as response:
            return _read_page(url, response, options)
    except urllib.error.HTTPError as exc:
        raise _make_status_error(url, exc, options) from exc
    except (OSError, http.client.HTTPException, ValueError) as exc:
        raise FetchError(url, describe_error(exc), verdict=classify_network_error(exc)) from exc
    finally:
        context.close()


def _make_status_error(url: str, exc: urllib.error.HTTPError, options: FetchOptions) -> FetchError:
    """Return the error for a response with an error status, and close it."""
    body = b""
    with exc, suppress(OSError, http.client.HTTPException, ValueError):
        body = exc.read(MAX_BOT_CHECK_BYTES)
    if not is_bot_check(exc.code, exc.headers or Message(), body):
        return FetchError(url, describe_error(exc), status=exc.code)
    options.throttle.note_refusal(exc.url or url, "bot check")
    reason = f"HTTP {exc.code}, the site shows a bot check instead of the page: wait, or save the page in a browser"
    return FetchError(url, reason, status=exc.code, verdict="blocked")


def _read_page(url: str, response: Any, options: FetchOptions) -> FetchedPage:
    headers: Message = response.headers
    content_type = headers.get_content_type() if headers.get("Content-Type") else ""
    start = response.read(_SNIFFED_BYTES) if _is_vague(content_type, options.accept) else b""
    if not _looks_like_html(start):
        _check_content_type(url, content_type, options.accept)
    size = headers.get("Content-Length", "")
    if size.isdigit() and int(size) > options.max_bytes and not options.truncate:
        raise TooLargeError(f"the response is {int(size):,} bytes, larger than the limit of {options.max_bytes:,}")
    content = start + response.read(max(options.max_bytes - len(start), 0) if options.truncate else -1)
    if "*/*" not in options.accept:
        _check_content(url, content, content_type)
    return FetchedPage(response.url, content, content_type, headers.get_content_charset("") or "", response.status)


def _is_vague(content_type: str, accept: tuple[str, ...]) -> bool:
    return content_type in _VAGUE_CONTENT_TYPES and content_type not in accept and HTML_CONTENT_TYPES[0] in accept


def _looks_like_html(start: bytes) -> bool:
    encoding = "utf-16" if start.startswith(_UTF16_MARKS) else "utf-8-sig"
    text = start[: len(start) // 2 * 2].decode(encoding, "replace")
    return "\0" not in text and _HTML_START.match(text.lstrip()) is not None


def _byte_budget(options: FetchOptions) -> int:
    """Return the byte budget; for a truncated page it includes compressed bytes and bytes that are read ahead."""
    return 2 * options.max_bytes + _READ_AHEAD_BYTES if options.truncate else options.max_bytes


def _check_content_type(url: str, content_type: str, accept: tuple[str, ...]) -> None:
    if content_type and "*/*" not in accept and content_type not in accept:
        reason = f"the response is {content_type}, not a web page: use the URL of the page that embeds it"
        raise NotHtmlError(url, reason, content_type=content_type)


def _check_content(url: str, content: bytes, content_type: str) -> None:
    start = content[:2048].lstrip()
    if start.startswith(_BINARY_SIGNATURES) or (b"\0" in start and not start.startswith(_UTF16_MARKS)):
        stated = f", although its content type is {content_type}" if content_type else ""
        reason = f"the response is binary data{stated}: check the address"
        raise NotHtmlError(url, reason, content_type=content_type)


def _build_request(url: str, options: FetchOptions) -> urllib.request.Request:
    address, user = _split_credentials(url)
    headers = {
        "User-Agent": options.user_agent or USER_AGENT,
        "Accept": ", ".join((*options.accept, "*/*;q=0.1")),
        "Accept-Language": "en, *;q=0.5",
        "Accept-Encoding": "gzip, deflate",
    }
    if user:
        headers["Authorization"] = "Basic " + base64.b64encode(unquote(user).encode()).decode()
    return urllib.request.Request(address, headers=headers)  # noqa: S310 - `_split_credentials` checks the scheme


def _split_credentials(url: str) -> tuple[str, str]:
    """Return *url* in ASCII without fragment and credentials, and the `user:password` that it contains, if any."""
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError as exc:
        raise FetchError(url, f"not a valid URL ({exc}): check the spelling") from exc
    if parts.scheme not in ("http", "https") or not host:
        raise FetchError(url, "not an http(s) address: use a full address that starts with https://")
    host = f"[{host}]" if ":" in host else _encode_idna(url, host)
    user = parts.netloc.rpartition("@")[0]
    path = quote(parts.path or "/", safe="/%:=&?~#+!$,;'@()*[]|")
    query = quote(parts.query, safe="/%:=&?~+!$,;'@()*[]|")
    netloc = f"{host}:{port}" if port else host
    return urlunsplit((parts.scheme, netloc, path, query, "")), user


def _encode_idna(url: str, host: str) -> str:
    try:
        return host.encode("idna").decode()
    except UnicodeError as exc:
        raise FetchError(url, "the host name is not valid: check the spelling") from exc


def _http_proxy_url(url: str, options: FetchOptions) -> str:
    try:
        proxy = normalize_proxy_url(options.proxy)
    except OptionError as exc:
        raise FetchError(url, str(exc), verdict="failed") from exc
    if is_socks_proxy(proxy):
        reason = "pages cannot be fetched through a SOCKS proxy: use an http:// address with --proxy"
        raise FetchError(url, reason, verdict="failed")
    return proxy


def _build_opener(
    guarded_handler: GuardedHandler, url: str, options: FetchOptions, context: RequestContext
) -> urllib.request.OpenerDirector:
    proxy = _http_proxy_url(url, options)
    opener = urllib.request.OpenerDirector()
    opener.addheaders = []
    for handler in (
        urllib.request.ProxyHandler({"http": proxy, "https": proxy} if proxy else None),
        guarded_handler,
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(context=_default_tls_context()),
        _RedirectHandler(options, context),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    opener.add_handler(_make_cookie_handler(url, options.cookies))
    return opener


def _make_cookie_handler(url: str, path: str) -> CookieHandler:
    try:
        return CookieHandler(path)
    except CookieFileError as exc:
        raise FetchError(url, str(exc), verdict="failed") from exc


class _RedirectHandler(urllib.request.HTTPRedirectHandler):
    max_redirections = MAX_REDIRECTS

    def __init__(self, options: FetchOptions, context: RequestContext) -> None:
        self._on_redirect = options.on_redirect
        self._context = context
        self._redirects_left = MAX_REDIRECTS

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        if not self._redirects_left:  # the base class counts different addresses, each up to four times
            raise urllib.error.HTTPError(req.full_url, code, f"{self.inf_msg}{msg}", headers, fp)
        self._redirects_left -= 1
        if self._on_redirect is not None:
            self._on_redirect(newurl, self._context.allowed_private_hosts)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


@functools.cache
def _default_tls_context() -> ssl.SSLContext:
    return ssl.create_default_context()
