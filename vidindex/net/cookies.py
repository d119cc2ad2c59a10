"""A file of cookies in Netscape format → what pages of their own hosts are asked with; nothing is ever kept."""

from __future__ import annotations

import functools
import urllib.request
from http.cookiejar import CookieJar, MozillaCookieJar
from pathlib import Path

from ..errors import CookieFileError


class CookieHandler(urllib.request.BaseHandler):
    """An urllib handler that sends the cookies in the file *path*, each to its own host, and takes none."""

    def __init__(self, path: str) -> None:
        self._jar = load_cookies(path)

    def http_request(self, request: urllib.request.Request) -> urllib.request.Request:
        """Add the cookies for the host of *request*; a redirect passes here again."""
        self._jar.add_cookie_header(request)
        return request

    https_request = http_request


def load_cookies(path: str) -> CookieJar:
    """Read the cookies in the file *path*, once for as long as it does not change.  Raises: CookieFileError."""
    try:
        return _load_cookie_jar(path, Path(path).stat().st_mtime_ns)
    except (OSError, ValueError) as exc:
        raise CookieFileError(f"the cookie file {path} cannot be read: check --cookies") from exc


@functools.lru_cache(maxsize=4)
def _load_cookie_jar(path: str, modified_ns: int) -> CookieJar:
    del modified_ns  # makes a changed file another one
    jar = MozillaCookieJar()
    jar.load(path, ignore_discard=True, ignore_expires=True)
    for cookie in jar:
        if cookie.expires == 0:
            cookie.expires = None  # until the browser was closed
    return jar
