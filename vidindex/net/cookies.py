"""The cookies of page requests: those of the user's file, and those that servers set on the way of redirects."""

from __future__ import annotations

import copy
import functools
import os
import urllib.request
from email.message import Message
from http.cookiejar import Cookie, CookieJar, DefaultCookiePolicy, MozillaCookieJar
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ..errors import CookieFileError
from .files import open_regular_file
from .sites import normalize_host, registrable_domain
from .ssrf import extract_host

if TYPE_CHECKING:
    from http.client import HTTPResponse

MAX_COOKIE_FILE_BYTES = 4_000_000
MAX_SET_COOKIE_CHARS = 8192
"""A longer `Set-Cookie` header is ignored; browsers stop at 4096 characters for the value and 1024 an attribute."""

MAX_SET_COOKIES = 180
"""How many cookies the responses of one chain may set; browsers keep as many for a domain."""


class CookieHandler(urllib.request.BaseHandler):
    """An urllib handler for one chain of redirects, which ends with the page.

    It sends each cookie of the file *path*, if there is one, to its own host, and each cookie that a response of the
    chain sets to the later requests of the chain.  Nothing is kept after that, and the file does not change.

    Raises `CookieFileError` if the file cannot be read.
    """

    def __init__(self, path: str = "") -> None:
        self._jar = CookieJar(_ChainPolicy())
        self._cookies_left = MAX_SET_COOKIES
        for cookie in load_cookies(path) if path else ():
            self._jar.set_cookie(_include_subdomains(cookie))

    def http_request(self, request: urllib.request.Request) -> urllib.request.Request:
        """Add the cookies for the host of *request*, which may be the target of a redirect."""
        self._jar.add_cookie_header(request)
        return request

    https_request = http_request

    def http_response(self, request: urllib.request.Request, response: Any) -> Any:
        """Keep the cookies that *response* sets, within limits."""
        stated = response.headers.get_all("Set-Cookie", [])
        short = [each for each in stated if len(each) <= MAX_SET_COOKIE_CHARS][: self._cookies_left]
        self._cookies_left -= len(short)
        for each in short:  # of several at once, one could not delete another
            self._jar.extract_cookies(cast("HTTPResponse", _CookieHeader(each)), request)
        return response

    https_response = http_response


class _CookieHeader:
    """The part of a response that `CookieJar.extract_cookies` reads: one `Set-Cookie` header."""

    def __init__(self, set_cookie: str) -> None:
        self._headers = Message()
        self._headers["Set-Cookie"] = set_cookie

    def info(self) -> Message:
        return self._headers


class _ChainPolicy(DefaultCookiePolicy):
    """The rules of browsers: a cookie without `Domain` belongs to its host, and no cookie to a public suffix."""

    def __init__(self) -> None:
        super().__init__(strict_ns_domain=DefaultCookiePolicy.DomainStrictNonDomain)

    def set_ok(self, cookie: Cookie, request: urllib.request.Request) -> bool:
        if cookie.domain_specified:
            domain, host = cookie.domain.lstrip("."), normalize_host(extract_host(request.full_url))
            if not registrable_domain(domain):
                if domain != host:
                    return False
                # An address, or a name without a dot, has no subdomains.  `http.cookiejar` calls `wiki` `wiki.local`.
                cookie.domain = host if "." in host else f"{host}.local"
                cookie.domain_specified = cookie.domain_initial_dot = False
        return super().set_ok(cookie, request)


def _include_subdomains(cookie: Cookie) -> Cookie:
    """Return a copy of a cookie of the user's file that is sent to the subdomains of its host, too.

    Files often leave out the mark that says so.
    """
    copied = copy.copy(cookie)
    copied.domain_specified = True
    return copied


def load_cookies(path: str) -> CookieJar:
    """Read the cookies of the file *path*.  The result is cached until the file changes.

    Raises `CookieFileError` if the file cannot be read.
    """
    check_cookie_file(path)
    try:
        return _load_cookie_jar(path, Path(path).stat().st_mtime_ns)
    except (OSError, ValueError) as exc:
        raise CookieFileError(f"cannot read the cookie file {path}: check --cookies") from exc


def check_cookie_file(path: str) -> None:
    """Raise `CookieFileError` if *path* is not a regular file, cannot be read or is too large."""
    try:
        with open_regular_file(Path(path)) as file:
            size = os.fstat(file.fileno()).st_size
    except FileNotFoundError as exc:
        raise CookieFileError(f"the cookie file {path} does not exist: check --cookies") from exc
    except (OSError, ValueError) as exc:  # ValueError: a null byte in the path
        reason = getattr(exc, "strerror", None) or str(exc)
        raise CookieFileError(f"cannot read the cookie file {path} ({reason}): check --cookies") from exc
    if size > MAX_COOKIE_FILE_BYTES:
        limit = f"larger than {MAX_COOKIE_FILE_BYTES // 1_000_000} MB"
        raise CookieFileError(f"the cookie file {path} is {limit}: check --cookies")


@functools.lru_cache(maxsize=4)
def _load_cookie_jar(path: str, modified_ns: int) -> CookieJar:
    del modified_ns  # part of the cache key, so that a changed file is read again
    jar = MozillaCookieJar()
    jar.load(path, ignore_discard=True, ignore_expires=True)
    for cookie in jar:
        if cookie.expires == 0:
            cookie.expires = None  # a session cookie
    return jar
