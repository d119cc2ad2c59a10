"""yt-dlp with all its requests sent through `vidindex.net.transport`.  Importing this module imports yt-dlp."""

from __future__ import annotations

import functools
import re
import socket
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast
from urllib.parse import urlsplit

from yt_dlp import YoutubeDL
from yt_dlp.extractor.common import InfoExtractor
from yt_dlp.networking._helper import create_connection, create_socks_proxy_socket, make_socks_proxy_opts
from yt_dlp.networking._urllib import UrllibRH
from yt_dlp.networking.common import Response
from yt_dlp.networking.exceptions import HTTPError, RequestError
from yt_dlp.utils import parse_duration
from yt_dlp.utils.networking import HTTPHeaderDict, normalize_url

from ..errors import HostilePageError, PrivateAddressError
from ..net.content_coding import ACCEPTED_CODINGS
from ..net.context import RequestContext
from ..net.referer import limit_referer
from ..net.ssrf import address_of, extract_host
from ..net.throttle import HostThrottle, parse_retry_after
from ..net.traffic import is_refusal
from ..net.transport import GuardedHandler
from ..pages.ytdlp_plugins import load_plugins
from .classify_errors import cause_chain
from .js_runtimes import usable_js_runtimes
from .manifest_limits import (
    check_format_counts,
    estimate_dash_memory,
    estimate_formats_memory,
    estimate_hls_memory,
    estimate_smooth_memory,
)
from .options import YOUTUBE_ARGS, YOUTUBE_TOKEN_ARGS, ResolveOptions, build_ydl_params
from .page_limits import check_document, is_safe_encoding
from .po_tokens import has_token_provider, is_youtube

_MAX_WARNINGS = 50
_MAX_WARNING_CHARS = 2000
_MAX_START_BYTES = 1 << 16
_MAX_PATH_LENGTH = 4096
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
            self.warnings.append(_WARNING_PREFIX.sub("", message)[:_MAX_WARNING_CHARS])

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
        source_address = self.source_address or ""
        handler = GuardedHandler(
            self.throttle,
            self.current_context,
            tls_context=tls_context,
            connect_socks=functools.partial(_connect_through_socks, source_address),
            source_address=source_address,
        )
        opener.add_handler(handler)
        return opener

    def _prepare_headers(self, request: Any, headers: HTTPHeaderDict) -> None:
        headers.setdefault("Accept-Encoding", ACCEPTED_CODINGS)
        context = self.current_context()
        if context.referer and request.method == "GET" and extract_host(request.url) == context.referer_host:
            headers.setdefault("Referer", context.referer)
        self._limit_referer(request.url, headers)

    def _limit_referer(self, url: str, headers: HTTPHeaderDict) -> None:
        """Limit the Referer, which extractors set, too; one that the user gave as an option of yt-dlp stays."""
        page = headers.get("Referer")
        if page is None or page == self.headers.get("Referer"):
            return
        del headers["Referer"]
        if limited := limit_referer(page, url):
            headers["Referer"] = normalize_url(limited)

    def _send(self, request: Any) -> Any:
        try:
            return BoundedResponse(super()._send(request), self.current_context())
        except HTTPError as exc:
            # Extractors read the bodies of error pages, too.
            exc.response = BoundedResponse(exc.response, self.current_context())
            raise


def _is_refused(exc: RequestError) -> bool:
    return any(isinstance(cause, PrivateAddressError) for cause in cause_chain(exc))


def _connect_through_socks(source_address: str, proxy: str, server: tuple[str, int], timeout_s: float) -> socket.socket:
    options = make_socks_proxy_opts(proxy)
    connect = functools.partial(create_socks_proxy_socket, server, options)
    address = (options["addr"], options["port"])
    source = (source_address, 0) if source_address else None
    return cast("socket.socket", create_connection(address, timeout_s, source, _create_socket_func=connect))


class BoundedResponse(Response):  # type: ignore[misc] # yt-dlp has no types
    """A response that yt-dlp cannot read whole if parsing it would take too long, or exceed the memory of *context*.

    Media, which are read in blocks, are not checked.
    """

    def __init__(self, response: Any, context: RequestContext) -> None:
        super().__init__(
            response, response.url, response.headers, response.status, response.reason, response.extensions
        )
        self._context = context
        self._start = b""
        # The generic extractor would use the date of the file as the date of the video.
        del self.headers["Last-Modified"]

    def read(self, amt: int | None = None) -> bytes:
        """Read at most *amt* bytes, or all.

        Raises `RequestError`, with a `HostilePageError` as its cause, if the whole is not safe to parse.
        """
        content = cast("bytes", self.fp.read(amt))
        if amt is None:
            try:
                self._check(self._start + content)
            except HostilePageError as exc:
                raise RequestError(cause=exc) from exc
        elif len(self._start) < _MAX_START_BYTES:
            self._start += content  # the generic extractor reads the start first
        if self.fp.closed:
            self.close()
        return content

    def _check(self, content: bytes) -> None:
        if len(urlsplit(self.url).path) > _MAX_PATH_LENGTH:
            raise HostilePageError  # it is a part of the URL of each format and fragment
        content_type = self.headers.get("Content-Type", "")
        encoding = InfoExtractor._guess_encoding_from_content(content_type, content)
        if not is_safe_encoding(encoding):
            encoding = "utf-8"
            del self.headers["Content-Type"]
            self.headers["Content-Type"] = f"{content_type.partition(';')[0].strip() or 'text/html'}; charset=utf-8"
        self._context.count_parsing(check_document(content, encoding))


class YtdlpClient(YoutubeDL):  # type: ignore[misc] # yt-dlp has no types
    """The `YoutubeDL` of one thread; *request_context* holds the limits of the current operation."""

    def __init__(self, options: ResolveOptions, throttle: HostThrottle, *, handlers: Sequence[type] | None) -> None:
        self.request_context = RequestContext()
        self.log = YtdlpLogger()
        # Token providers remember that their server cannot be reached, and so must we.
        self.refused_servers: list[str] = []
        self._reported_once: set[str] = set()
        self._throttle = throttle
        self._custom_handlers = handlers
        load_plugins()
        super().__init__(build_ydl_params(options, self.log))
        runtimes = usable_js_runtimes()
        if self.params["js_runtimes"].keys() == runtimes.keys():
            self._js_runtimes = runtimes  # yt-dlp would run the programs again, for each thread

    def forget_warnings(self) -> None:
        """Forget the warnings so far, also those that yt-dlp would not repeat for the same video."""
        self.log.warnings.clear()
        self._reported_once.clear()

    @property
    def has_token_clients(self) -> bool:
        """Whether `token_clients` may help: a token provider is loaded, and the clients are the default ones."""
        return self.params["extractor_args"].get("youtube") == YOUTUBE_ARGS and has_token_provider()

    @contextmanager
    def token_clients(self) -> Iterator[None]:
        """Let yt-dlp also ask as a browser, for whose captions token providers have tokens."""
        arguments = self.params["extractor_args"]
        arguments["youtube"] = YOUTUBE_TOKEN_ARGS
        try:
            yield
        finally:
            arguments["youtube"] = YOUTUBE_ARGS

    def find_rejection(self, info: dict[str, Any]) -> str:
        """Return which filter of the user's options excludes the video, or an empty string if none does."""
        return self._match_entry(info, silent=True) or ""

    def urlopen(self, req: Any) -> Any:
        """Send a request; log a warning if captions fail, because extractors that continue without them log none."""
        try:
            return super().urlopen(req)
        except RequestError as exc:
            url = req if isinstance(req, str) else req.url
            if is_youtube(self.request_context.referer_host) and _is_refused(exc):
                self.refused_servers.append(address_of(url))
            if isinstance(exc, HTTPError):
                self._note_refusal(exc.response)
            if _CAPTION_PATH.search(urlsplit(url).path) and getattr(exc, "status", None) not in _NOT_FOUND_STATUSES:
                self.log.warning(f"the captions could not be requested: {exc}")
            raise

    def _note_refusal(self, response: Any) -> None:
        """Tell the throttle of a site that refuses requests; extractors often go on without the response."""
        pause_s = parse_retry_after(response.headers.get("Retry-After"))
        if is_refusal(response.status, pause_s):
            self._throttle.note_refusal(response.url, f"HTTP {response.status}", pause_s)

    def add_info_extractor(self, ie: Any) -> None:
        """Add an extractor, whose parsers of manifests then keep to the memory of the operation."""
        super().add_info_extractor(ie)
        if not isinstance(ie, type):
            ie._printed_messages = self._reported_once
            self._limit_parser(ie, "_parse_m3u8_formats_and_subtitles", lambda text, *_: estimate_hls_memory(text))
            self._limit_parser(
                ie, "_parse_mpd_periods", lambda manifest, *_: estimate_dash_memory(manifest, parse_duration)
            )
            self._limit_parser(ie, "_parse_ism_formats_and_subtitles", estimate_smooth_memory)
            self._limit_parser(ie, "_parse_jwplayer_formats", lambda sources, *_: estimate_formats_memory(sources))

    def _limit_parser(self, extractor: Any, name: str, estimate: Callable[..., int]) -> None:
        parse = getattr(extractor, name)

        @functools.wraps(parse)
        def parse_within_limits(*args: Any, **kwargs: Any) -> Any:
            self.request_context.count_parsing(estimate(*args[:2]))
            return parse(*args, **kwargs)

        setattr(extractor, name, parse_within_limits)

    def process_video_result(self, info_dict: dict[str, Any], download: bool = True) -> Any:
        """Complete the info dict of a video, unless it has too many formats."""
        check_format_counts(info_dict)
        return super().process_video_result(info_dict, download)

    def save_cookies(self) -> None:
        """Do nothing, so that the user's cookie file stays as it is."""

    def build_request_director(self, handlers: object, preferences: object = None) -> Any:
        """Use one request handler only, because curl_cffi and websockets would bypass `GuardedHandler`."""
        director = super().build_request_director(self._custom_handlers or [GuardedRH])
        for handler in director.handlers.values():
            handler.throttle, handler.current_context = self._throttle, lambda: self.request_context
        return director
