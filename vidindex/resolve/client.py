"""yt-dlp with all its requests sent through `vidindex.net.transport`.  Importing this module imports yt-dlp."""

from __future__ import annotations

import io
import re
import urllib.request
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

from yt_dlp import YoutubeDL
from yt_dlp.networking._urllib import UrllibRH
from yt_dlp.networking.common import Response
from yt_dlp.networking.exceptions import RequestError
from yt_dlp.utils.networking import HTTPHeaderDict

from ..errors import HostilePageError
from ..net.context import RequestContext
from ..net.ssrf import extract_host
from ..net.throttle import HostThrottle
from ..net.transport import GuardedHandler
from .options import ResolveOptions, build_ydl_params
from .page_limits import check_page_limits

_MAX_WARNINGS = 50
# Warnings that follow from our own options or from another warning explain nothing.
_IGNORED_WARNING = re.compile(
    r'obtain "title"|Requested format is not available|ffmpeg|Incomplete data received|generic information extractor'
    r"|JavaScript runtime"
)
_CAPTION_PATH = re.compile(r"caption|subtitle|text_?track|timed_?text|transcript", re.IGNORECASE)
_NOT_FOUND_STATUSES = (404, 410)
"""Statuses with which some sites respond if a video has no captions."""

_WARNING_PREFIX = re.compile(r"^(?:WARNING: )?(?:\[[^\]]{1,60}\] )?")


class YtdlpLogger:
    """Collects the warnings of yt-dlp, which explain missing data; prints nothing."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def debug(self, message: str) -> None:
        """Ignore *message*."""

    def warning(self, message: str) -> None:
        """Store *message*, shortened."""
        if len(self.warnings) < _MAX_WARNINGS and not _IGNORED_WARNING.search(message):
            self.warnings.append(_WARNING_PREFIX.sub("", message)[:500])

    def error(self, message: str) -> None:
        """Ignore *message*, because the exception says the same."""


class GuardedRH(UrllibRH):  # type: ignore[misc] # yt-dlp has no types
    """The urllib request handler of yt-dlp, with all connections made by `GuardedHandler`."""

    _SUPPORTED_URL_SCHEMES = ("http", "https", "data")
    throttle: HostThrottle
    current_context: Callable[[], RequestContext]

    def _create_instance(
        self, proxies: object, cookiejar: object, legacy_ssl_support: bool | None = None
    ) -> urllib.request.OpenerDirector:
        opener: urllib.request.OpenerDirector = super()._create_instance(
            proxies=proxies, cookiejar=cookiejar, legacy_ssl_support=legacy_ssl_support
        )
        tls_context = self._make_sslcontext(legacy_ssl_support=legacy_ssl_support)
        opener.add_handler(GuardedHandler(self.throttle, self.current_context, tls_context=tls_context))
        return opener

    def _prepare_headers(self, request: Any, headers: HTTPHeaderDict) -> None:
        headers.setdefault("Accept-Encoding", "gzip, deflate")
        context = self.current_context()
        if context.referer and request.method == "GET" and extract_host(request.url) == context.referer_host:
            headers.setdefault("Referer", context.referer)

    def _send(self, request: Any) -> Any:
        response = super()._send(request)
        # The generic extractor would use the date of the file as the date of the video.
        del response.headers["Last-Modified"]
        return _check_html(response) if "html" in response.headers.get("Content-Type", "") else response


def _check_html(response: Any) -> Any:
    """Read the whole page, and return it if yt-dlp can search it in time.

    Raises `RequestError`, with a `HostilePageError` as its cause, if it cannot.
    """
    content = response.read()
    try:
        check_page_limits(content)
    except HostilePageError as exc:
        raise RequestError(cause=exc) from exc
    return Response(io.BytesIO(content), response.url, response.headers, status=response.status, reason=response.reason)


class YtdlpClient(YoutubeDL):  # type: ignore[misc] # yt-dlp has no types
    """The `YoutubeDL` of one thread; *request_context* holds the limits of the current operation."""

    def __init__(self, options: ResolveOptions, throttle: HostThrottle, *, handlers: Sequence[type] | None) -> None:
        self.request_context = RequestContext()
        self.log = YtdlpLogger()
        self._throttle = throttle
        self._custom_handlers = handlers
        super().__init__(build_ydl_params(options, self.log))

    def urlopen(self, req: Any) -> Any:
        """Send a request; log a warning if captions fail, because extractors that continue without them log none."""
        try:
            return super().urlopen(req)
        except RequestError as exc:
            url = req if isinstance(req, str) else req.url
            if _CAPTION_PATH.search(urlsplit(url).path) and getattr(exc, "status", None) not in _NOT_FOUND_STATUSES:
                self.log.warning(f"the captions could not be requested: {exc}")
            raise

    def save_cookies(self) -> None:
        """Do nothing, so that the user's cookie file stays as it is."""

    def build_request_director(self, handlers: object, preferences: object = None) -> Any:
        """Use one request handler only, because curl_cffi and websockets would bypass `GuardedHandler`."""
        director = super().build_request_director(self._custom_handlers or [GuardedRH])
        for handler in director.handlers.values():
            handler.throttle, handler.current_context = self._throttle, lambda: self.request_context
        return director
