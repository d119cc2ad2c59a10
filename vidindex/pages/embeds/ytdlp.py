"""Use yt-dlp's extractors to recognize URLs and to find embeds in markup.

Only URLs that the provider table does not match come here, with small pieces of markup, because some patterns of yt-dlp
take quadratic time on hostile markup.  A request handler that refuses every request replaces those of yt-dlp.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from yt_dlp import YoutubeDL
from yt_dlp.networking.common import RequestDirector, RequestHandler
from yt_dlp.networking.exceptions import TransportError
from yt_dlp.utils import YoutubeDLError

from ..providers import RecognizedVideo
from ..ytdlp_plugins import load_plugins

if TYPE_CHECKING:
    from yt_dlp.extractor.common import InfoExtractor

MAX_MARKUP_CHARS = 4_000
_MAX_EXTRACTORS_PER_URL = 20
_NON_VIDEO_EXTRACTOR = re.compile(
    r"(?i)generic|soundcloud|bandcamp|bandlab|spotify|mixcloud|audioboom|acast|libsyn|megaphone|simplecast|art19|omny|anchor|iheart|tunein|podomatic|podbay|"
    r"spreaker|vocaroo|audiomack|hearthis|applepodcasts|podcast|radio|slideshare|slideslive|search|playlistspotify|deezer|clyp|audius|freesound|jamendo|"
    r"commonprotocols|mms|rtmp|unsupported|knowndrm|knownpiracy|alphaporno|html5media|:tab|user$|channel$|favou?rites"
)


class _RefusingRH(RequestHandler):  # type: ignore[misc] # yt-dlp ships no types
    """A request handler that refuses every request."""

    _SUPPORTED_URL_SCHEMES = ("http", "https")
    _SUPPORTED_PROXY_SCHEMES = None
    _SUPPORTED_FEATURES = None

    def _check_extensions(self, extensions: dict[str, Any]) -> None:
        super()._check_extensions(extensions)
        extensions.clear()

    def _send(self, request: Any) -> Any:
        raise TransportError(f"cannot request {request.url}: discovery does not use the network")


class _OfflineYDL(YoutubeDL):  # type: ignore[misc] # yt-dlp ships no types
    """A `YoutubeDL` without network access."""

    def build_request_director(self, handlers: object, preferences: object = None) -> RequestDirector:
        return super().build_request_director([_RefusingRH])


class _SilentLogger:
    """A logger that discards every message."""

    def debug(self, _message: str) -> None:
        """Discard the message."""

    warning = error = info = debug


@cache
def _offline_ydl() -> YoutubeDL:
    options = {
        "quiet": True,
        "no_warnings": True,
        "logger": _SilentLogger(),
        "cachedir": False,
        "color": "never",
        "skip_download": True,
    }
    load_plugins()
    return _OfflineYDL(options)


@cache
def _video_extractors() -> tuple[tuple[str, InfoExtractor], ...]:
    return tuple((key, ie) for key, ie in list(_offline_ydl()._ies.items()) if not _NON_VIDEO_EXTRACTOR.search(key))


@cache
def _extractor_patterns() -> tuple[tuple[str, str], ...]:
    """Return each extractor's key with its URL pattern as lower-case text, to be searched for the name of a host."""
    return tuple((key, str(ie._VALID_URL).lower().replace("\\", "")) for key, ie in _video_extractors())


def _extractors_for_host(host: str) -> list[str]:
    """Return the keys of the extractors whose patterns mention *host*: trying all 1,700 for each URL is slow."""
    labels = host.removeprefix("www.").split(".")
    name = labels[-2] if len(labels) > 1 and (len(labels[-2]) > 3 or len(labels) < 3) else labels[-3:][0]
    domain = ".".join(labels[-2:])
    return [key for key, text in _extractor_patterns() if name in text or domain in text] if name else []


@lru_cache(maxsize=1000)
def match_extractor(url: str) -> RecognizedVideo | None:
    """Return the video with the yt-dlp extractor that matches *url* as its provider, or None."""
    for key in _extractors_for_host(urlsplit(url).hostname or ""):
        ie = _offline_ydl().get_info_extractor(key)
        if ie.suitable(url):
            return RecognizedVideo(key.lower(), _extract_id(ie, url), url, False)
    return None


def _extract_id(ie: InfoExtractor, url: str) -> str:
    try:
        return str(ie.get_temp_id(url) or url)
    except (YoutubeDLError, IndexError, AttributeError):
        return url


def find_markup_embeds(markup: str, url: str, page_url: str) -> Iterator[str]:
    """Yield the URLs that yt-dlp's extractors find in *markup*, a small piece of HTML that loads *url*."""
    for key in _extractors_for_host(urlsplit(url).hostname or "")[:_MAX_EXTRACTORS_PER_URL]:
        yield from _extract_urls(_offline_ydl().get_info_extractor(key), page_url, markup[:MAX_MARKUP_CHARS])


def _extract_urls(ie: InfoExtractor, page_url: str, markup: str) -> Iterator[str]:
    try:
        for entry in ie.extract_from_webpage(_offline_ydl(), page_url, markup) or ():
            url = str(entry.get("url") or entry.get("webpage_url") or "")
            if url.startswith(("http:", "https:", "//")):
                # Some patterns match beyond the end of the attribute.
                yield re.split(r"[\"'<> ]", url, maxsplit=1)[0]
    except Exception:
        return


def find_all_with_ytdlp(html: str, page_url: str) -> Iterator[str]:
    """Yield the URLs that yt-dlp alone finds in a whole page, with all its extractors: the baseline of a benchmark."""
    for key in list(_offline_ydl()._ies):
        yield from _extract_urls(_offline_ydl().get_info_extractor(key), page_url, html)
    try:
        for entry in _offline_ydl().get_info_extractor("Generic")._extract_embeds(page_url, html):
            for info in [entry, *entry.get("formats", ()), *entry.get("entries", ())]:
                yield str(info.get("url") or "")
    except Exception:
        return
