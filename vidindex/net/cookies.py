"""Send the cookies of a file in Netscape format with page requests.  Cookies that servers set are ignored."""

from __future__ import annotations

import functools
import urllib.request
from http.cookiejar import CookieJar, MozillaCookieJar
from pathlib import Path

from ..errors import CookieFileError


class CookieHandler(urllib.request.BaseHandler):
    """An urllib handler that sends each cookie of the file *path* to its own host and stores none.

    Raises `CookieFileError` if the file cannot be read.
    """

    def __init__(self, path: str) -> None:
        self._jar = load_cookies(path)

    def http_request(self, request: urllib.request.Request) -> urllib.request.Request:
        """Add the cookies for the host of *request*, which may be the target of a redirect."""
        self._jar.add_cookie_header(request)
        return request

    https_request = http_request


def load_cookies(path: str) -> CookieJar:
    """Read the cookies of the file *path*.  The result is cached until the file changes.

    Raises `CookieFileError` if the file cannot be read.
    """
    try:
        return _load_cookie_jar(path, Path(path).stat().st_mtime_ns)
    except (OSError, ValueError) as exc:
        raise CookieFileError(f"cannot read the cookie file {path}: check --cookies") from exc


@functools.lru_cache(maxsize=4)
def _load_cookie_jar(path: str, modified_ns: int) -> CookieJar:
    del modified_ns  # part of the cache key, so that a changed file is read again
    jar = MozillaCookieJar()
    jar.load(path, ignore_discard=True, ignore_expires=True)
    for cookie in jar:
        if cookie.expires == 0:
            cookie.expires = None  # a session cookie
    return jar
