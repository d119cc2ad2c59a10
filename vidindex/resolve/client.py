"""yt-dlp behind the door of `vidindex.net`: importing this imports yt-dlp."""

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
# What follows from what we ask of it, or from another warning, explains nothing.
_IGNORED_WARNING = re.compile(
    r'obtain "title"|Requested format is not available|ffmpeg|Incomplete data received|generic information extractor'
    r"|JavaScript runtime"
)
_CAPTION_PATH = re.compile(r"caption|subtitle|text_?track|timed_?text|transcript", re.IGNORECASE)
_NOT_FOUND_STATUSES = (404, 410)
"""How some sites answer where there are none."""

_WARNING_PREFIX = re.compile(r"^(?:WARNING: )?(?:\[[^\]]{1,60}\] )?")


class YtdlpLogger:
    """Keeps yt-dlp's warnings, which say why a video came back half empty; nothing is printed."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def debug(self, message: str) -> None:
        """Drop it."""

    def warning(self, message: str) -> None:
        """Keep it, shortened."""
        if len(self.warnings) < _MAX_WARNINGS and not _IGNORED_WARNING.search(message):
            self.warnings.append(_WARNING_PREFIX.sub("", message)[:500])

    def error(self, message: str) -> None:
        """Drop it: the exception says the same."""


class GuardedRH(UrllibRH):  # type: ignore[misc] # yt-dlp has no types
    """yt-dlp's urllib handler, whose connections all pass a `Door`."""

    _SUPPORTED_URL_SCHEMES = ("http", "https", "data")
    throttle: HostThrottle
    current_context: Callable[[], RequestContext]

    def _create_instance(
        self, proxies: object, cookiejar: object, legacy_ssl_support: bool | None = None
    ) -> urllib.request.OpenerDirector:
        opener: urllib.request.OpenerDirector = super()._create_instance(
            proxies=proxies, cookiejar=cookiejar, legacy_ssl_support=legacy_ssl_support
        )
        tls = self._make_sslcontext(legacy_ssl_support=legacy_ssl_support)
        opener.add_handler(GuardedHandler(self.throttle, self.current_context, tls_context=tls))
        return opener

    def _prepare_headers(self, request: Any, headers: HTTPHeaderDict) -> None:
        headers.setdefault("Accept-Encoding", "gzip, deflate")
        visit = self.current_context()
        if visit.referer and request.method == "GET" and extract_host(request.url) == visit.referer_host:
            headers.setdefault("Referer", visit.referer)

    def _send(self, request: Any) -> Any:
        response = super()._send(request)
        # The date of a file is no date of a video, but the generic extractor takes it for one.
        del response.headers["Last-Modified"]
        return _check_html(response) if "html" in response.headers.get("Content-Type", "") else response


def _check_html(response: Any) -> Any:
    """Read a page whole, and pass it on if yt-dlp can look through it in time."""
    content = response.read()
    try:
        check_page_limits(content)
    except HostilePageError as exc:
        raise RequestError(cause=exc) from exc
    return Response(io.BytesIO(content), response.url, response.headers, status=response.status, reason=response.reason)


class YtdlpClient(YoutubeDL):  # type: ignore[misc] # yt-dlp has no types
    """One thread's YoutubeDL; *visit* is what the errand under way may do."""

    def __init__(self, options: ResolveOptions, throttle: HostThrottle, *, handlers: Sequence[type] | None) -> None:
        self.request_context = RequestContext()
        self.log = YtdlpLogger()
        self._throttle = throttle
        self._custom_handlers = handlers
        super().__init__(build_ydl_params(options, self.log))

    def urlopen(self, req: Any) -> Any:
        """Note where captions could not be asked for: extractors that go on without them do not say so."""
        try:
            return super().urlopen(req)
        except RequestError as exc:
            url = req if isinstance(req, str) else req.url
            if _CAPTION_PATH.search(urlsplit(url).path) and getattr(exc, "status", None) not in _NOT_FOUND_STATUSES:
                self.log.warning(f"its captions could not be asked for: {exc}")
            raise

    def save_cookies(self) -> None:
        """Leave the user's cookie file as it is."""

    def build_request_director(self, handlers: object, preferences: object = None) -> Any:
        """Send everything through one handler: curl_cffi and websockets would go past the door."""
        director = super().build_request_director(self._custom_handlers or [GuardedRH])
        for handler in director.handlers.values():
            handler.throttle, handler.current_context = self._throttle, lambda: self.request_context
        return director
