"""Send the cookies of a file in Netscape format with page requests.  Cookies that servers set are ignored."""

from __future__ import annotations

import functools
import os
import urllib.request
from http.cookiejar import CookieJar, MozillaCookieJar
from pathlib import Path

from ..errors import CookieFileError
from .files import open_regular_file

MAX_COOKIE_FILE_BYTES = 4_000_000


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
