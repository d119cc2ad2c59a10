"""`VideoResolver`: resolve the URL of a video to its metadata and caption tracks, and list playlists."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import unquote, urlsplit

from ..errors import PlaylistError, ResolveError, VidindexError
from ..model import CaptionLink, FailureClass, Track, Video
from ..net.context import RequestContext
from ..net.referer import limit_referer
from ..net.saved_responses import ResponseArchive
from ..net.ssrf import (
    ANY_HOST,
    extract_host,
    infer_private_hosts,
    is_allowed_name,
    parse_allowed_addresses,
    sanitize_referer,
)
from ..net.throttle import HostThrottle
from ..net.transport import file_to_http_url, restore_file_urls
from ..pages.ytdlp_plugins import allow_plugin_folders
from ..transcripts.languages import parse_caption_language
from .audio import AudioLimits, OnProgress, download_audio
from .caption_download import MAX_CAPTION_BYTES, download_captions
from .classify_errors import make_resolve_error
from .extractors import find_extractor_address
from .metadata import build_video
from .missing_captions import MissingCaptions, find_missing_captions
from .options import ResolveOptions, check_options
from .refusals import find_refusal, find_refusal_text
from .sections import SectionPart, SectionRequest, open_section
from .tracks import FoundTrack, select_tracks

if TYPE_CHECKING:
    from .client import YtdlpClient

_MAX_HOPS = 8
_MAX_PLAYLIST_DEPTH = 3
_MAX_RESOLVE_BYTES = 32_000_000
_KEEP_INFO_S = 600.0
"""How long the addresses of the formats of a video are used again; sites let them expire after hours."""

_VIMEO_URL = re.compile(r"https?://(?:www\.)?vimeo\.com/(\d+)(?:/([0-9a-f]+))?/?")


@dataclass(frozen=True, slots=True)
class ResolvedVideo:
    """A video and its tracks.

    *missing_reason* says why captions that the site seems to have are not among *tracks*, and *missing_verdict* is its
    failure class; *missing_languages* are the languages of these captions, as far as they are known.  If *tracks* and
    *missing_reason* are empty, the video has no captions.
    """

    video: Video
    tracks: tuple[Track, ...] = ()
    missing_reason: str = ""
    missing_verdict: FailureClass = "later"
    missing_languages: tuple[str, ...] = ()


class VideoResolver:
    """Resolves videos with yt-dlp.  Threads may share a resolver; each uses its own `YoutubeDL`.

    *handlers* are yt-dlp request handlers that replace the network.

    Raises `OptionError` if an option is not valid, or a folder of plugins does not exist.
    Raises `CookieFileError` if the cookie file cannot be read.
    """

    def __init__(
        self,
        options: ResolveOptions | None = None,
        *,
        throttle: HostThrottle | None = None,
        handlers: Sequence[type] | None = None,
    ) -> None:
        self.options = options or ResolveOptions()
        allow_plugin_folders(self.options.plugin_folders)
        check_options(self.options)
        self._allowed_addresses = parse_allowed_addresses(self.options.allow_hosts)
        self.throttle = throttle or HostThrottle(delay_s=self.options.sleep_s)
        self._handlers = handlers
        self._thread_local = threading.local()
        self._clients: dict[threading.Thread, YtdlpClient] = {}
        self._active_clients: set[YtdlpClient] = set()
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections of all threads; those that are in use are closed at the end of their operation."""
        with self._lock:
            idle = [client for client in self._clients.values() if client not in self._active_clients]
            self._clients = {}
            self._thread_local = threading.local()
        for client in idle:
            client.close()

    def resolve(
        self,
        url: str,
        *,
        referer: str = "",
        allowed_private_hosts: frozenset[str] | None = None,
        captions: tuple[CaptionLink, ...] = (),
        title: str = "",
        archive: ResponseArchive | None = None,
    ) -> ResolvedVideo:
        """Return the video that *url* leads to.

        *referer* is the page that embeds it, empty if the user gave *url*.  Only what the user gave may be private or
        a file, unless *allowed_private_hosts* names other hosts.  *captions* and *title* are the caption files and the
        title that the page states for the video.  What *archive* has is not requested, and nothing else may be private.

        Raises `ResolveError` if there is no video.
        Raises `PlaylistError` if *url* leads to several videos.
        """
        _check_scheme(url)
        self.throttle.wait_for_video(url)
        with self._operation(url, referer, allowed_private_hosts, archive=archive) as client:
            info, tracks, missing = self._read_video(client, url, referer, captions)
            if missing.verdict == "needs-token" and client.has_token_clients:
                with client.token_clients():
                    info, tracks, missing = self._read_video(client, url, referer, captions)
            video = build_video(info, url, title=title)
            self._note_refusal(url, find_refusal_text(missing.reason))
            return ResolvedVideo(video, tracks, missing.reason, missing.verdict, missing.languages)

    def list_entries(
        self, url: str, *, limit: int | None = None, allowed_private_hosts: frozenset[str] | None = None
    ) -> Iterator[str]:
        """Yield the URLs of the videos in the playlist or channel *url*, including those of nested playlists.

        A long channel is read page by page.  If *url* is a single video, its own URL is yielded.

        Raises `ResolveError` if *url* leads to neither.
        """
        _check_scheme(url)
        private_hosts = self._allowed_private_hosts(url, "", allowed_private_hosts)
        seen: set[str] = set()
        for entry in self._walk_entries(url, None, private_hosts, _MAX_PLAYLIST_DEPTH):
            if limit is not None and len(seen) >= limit:
                return
            if entry not in seen and self._is_listable(entry, private_hosts):
                seen.add(entry)
                yield entry

    def fetch_track(
        self, track: Track, *, referer: str = "", allowed_private_hosts: frozenset[str] | None = None
    ) -> bytes:
        """Return the bytes of *track*, at most 16 MB.

        A track that `resolve` returned states its page and the private hosts that it may use; for other tracks, pass
        *referer* and *allowed_private_hosts* as for `resolve`.

        Raises `CaptionFetchError` if the track cannot be downloaded.
        """
        if isinstance(track, FoundTrack):
            allowed_private_hosts = (
                track.allowed_private_hosts if allowed_private_hosts is None else allowed_private_hosts
            )
            referer = referer or track.referer
        archive = track.archive if isinstance(track, FoundTrack) else None
        with self._operation(
            track.url, referer, allowed_private_hosts, max_bytes=MAX_CAPTION_BYTES, archive=archive
        ) as client:
            return download_captions(client, track, retries=self.options.retries)

    def fetch_audio(
        self,
        url: str,
        folder: Path,
        *,
        referer: str = "",
        limits: AudioLimits | None = None,
        archive: ResponseArchive | None = None,
        on_progress: OnProgress = lambda downloaded, total: None,
    ) -> Path:
        """Download the audio of the video at *url* into *folder*, and return the file, which the caller deletes.

        *referer* and *archive* are as for `resolve`.

        Raises `ResolveError` if there is no audio, or it cannot be downloaded.
        """
        _check_scheme(url)
        limits = limits or AudioLimits()
        max_bytes = limits.max_bytes + _MAX_RESOLVE_BYTES
        with self._operation(
            url, referer, None, max_bytes=max_bytes, total_s=limits.total_s, archive=archive
        ) as client:
            info = self._extract_video(client, url, referer)
            client.request_context.bytes_left = min(client.request_context.bytes_left, limits.max_bytes)
            with _translate_errors(url):
                return download_audio(client, url, info, folder, limits=limits, on_progress=on_progress)

    @contextmanager
    def open_section(
        self,
        url: str,
        folder: Path,
        request: SectionRequest,
        *,
        referer: str = "",
        allowed_private_hosts: frozenset[str] | None = None,
    ) -> Iterator[tuple[tuple[SectionPart, ...], RequestContext]]:
        """Fetch a section of the video at *url* into *folder*, whose files the caller deletes.

        Returns its parts, and the limits of the operation, whose *bytes_left* falls as more is read from a part with a
        URL.  *referer* and *allowed_private_hosts* are as for `resolve`.

        Raises `ResolveError` if the video has no film, or it cannot be fetched.
        """
        _check_scheme(url)
        with self._operation(
            url, referer, allowed_private_hosts, max_bytes=_MAX_RESOLVE_BYTES, total_s=request.total_s
        ) as client:
            info = self._find_section_info(client, url, referer)
            client.request_context.bytes_left = request.max_bytes
            try:
                with open_section(client, url, info, folder, request) as parts:
                    yield parts, client.request_context
            except VidindexError:
                raise
            except Exception as exc:  # extractors and downloaders raise exceptions of any class
                raise make_resolve_error(url, exc) from exc

    def _find_section_info(self, client: YtdlpClient, url: str, referer: str) -> dict[str, Any]:
        """Return the info dict of the video at *url*; that of the last one is kept for its next section."""
        key = (url, referer)
        kept: tuple[tuple[str, str], float, dict[str, Any]] | None = getattr(self._thread_local, "section_info", None)
        if kept is not None and kept[0] == key and time.monotonic() - kept[1] < _KEEP_INFO_S:
            return kept[2]
        info = self._extract_video(client, url, referer)
        self._thread_local.section_info = (key, time.monotonic(), info)
        return info

    # Operations: the client of the thread, and the limits

    @contextmanager
    def _operation(
        self,
        url: str,
        referer: str,
        allowed_private_hosts: frozenset[str] | None,
        *,
        max_bytes: int = _MAX_RESOLVE_BYTES,
        total_s: float = 0.0,
        archive: ResponseArchive | None = None,
    ) -> Iterator[YtdlpClient]:
        folder = _local_folder(referer or url)
        if archive is not None and allowed_private_hosts is None:
            allowed_private_hosts = frozenset()  # an archive may state that its pages have any address
        client = self._acquire_client()
        client.forget_warnings()
        client.request_context = RequestContext(
            allowed_private_hosts=self._allowed_private_hosts(url, referer, allowed_private_hosts),
            allowed_folder=folder,
            deadline=time.monotonic() + (total_s or self.options.total_s),
            bytes_left=max_bytes,
            referer=sanitize_referer(referer),
            referer_host=extract_host(url),
            archive=archive,
        )
        try:
            yield client
        except ResolveError as exc:
            self._note_refusal(url, find_refusal(exc))
            raise
        finally:
            client.request_context.close()
            self._release_client(client)

    def _note_refusal(self, url: str, reason: str) -> None:
        if reason:
            self.throttle.note_refusal(url, reason)

    def _acquire_client(self) -> YtdlpClient:
        """Return the client of this thread, which `close` does not close until it is released."""
        while True:
            client = self._thread_client()
            with self._lock:
                if self._clients.get(threading.current_thread()) is client:  # otherwise it has just been closed
                    self._active_clients.add(client)
                    return client

    def _release_client(self, client: YtdlpClient) -> None:
        with self._lock:
            self._active_clients.discard(client)
            is_closing = self._clients.get(threading.current_thread()) is not client
        if is_closing:
            client.close()

    def _allowed_private_hosts(
        self, url: str, referer: str, allowed_private_hosts: frozenset[str] | None
    ) -> frozenset[str]:
        if self.options.allow_private:
            return ANY_HOST
        hosts = infer_private_hosts(referer or url) if allowed_private_hosts is None else allowed_private_hosts
        return hosts | self._allowed_addresses

    def _is_listable(self, entry: str, allowed_private_hosts: frozenset[str]) -> bool:
        return bool(extract_host(entry)) and is_allowed_name(entry, allowed_private_hosts)

    def _thread_client(self) -> YtdlpClient:
        client: YtdlpClient | None = getattr(self._thread_local, "client", None)
        if client is None:
            from .client import YtdlpClient

            client = YtdlpClient(self.options, self.throttle, handlers=self._handlers)
            self._thread_local.client = client
            self._register_client(client)
        return client

    def _register_client(self, client: YtdlpClient) -> None:
        """Store *client* for this thread, and close the clients of threads that have ended."""
        with self._lock:
            ended_threads = [thread for thread in self._clients if not thread.is_alive()]
            unused_clients = [self._clients.pop(thread) for thread in ended_threads]
            self._clients[threading.current_thread()] = client
        for unused in unused_clients:
            unused.close()

    # Results of yt-dlp

    def _read_video(
        self, client: YtdlpClient, url: str, referer: str, captions: Sequence[CaptionLink]
    ) -> tuple[dict[str, Any], tuple[FoundTrack, ...], MissingCaptions]:
        """Return the info dict of the video at *url*, its tracks, and which captions are missing."""
        client.forget_warnings()
        info = _sanitize_info(client, url, self._extract_video(client, url, referer))
        candidates = (*page_caption_tracks(captions), *select_tracks(info))
        tracks = _unique_tracks([_with_fetch_context(client.request_context, track) for track in candidates])
        warnings, refused = client.log.warnings, client.refused_servers
        return info, tracks, find_missing_captions(url, info, tracks, warnings, refused_servers=refused)

    def _extract_video(self, client: YtdlpClient, url: str, referer: str) -> dict[str, Any]:
        """Return the info dict of the one video that *url* leads to."""
        player_url = _vimeo_player_url(url) if referer else ""
        try:
            return _extract_info(client, url, referer)
        except ResolveError as exc:
            if not player_url or exc.verdict not in ("blocked", "gone", "needs-login"):
                raise
        # The video may be restricted to the page that embeds it, which uses the player's URL.
        return _extract_info(client, player_url, referer)

    def _walk_entries(
        self, url: str, extractor: str | None, allowed_private_hosts: frozenset[str], depth: int
    ) -> Iterator[str]:
        with self._operation(url, "", allowed_private_hosts) as client, _translate_errors(url):
            result = _follow_results(client, file_to_http_url(url), extractor)
        if not _is_playlist(result):
            yield str(result.get("webpage_url") or url)
            return
        entries = iter(result.get("entries") or ())
        while True:
            with self._operation(url, "", allowed_private_hosts), _translate_errors(url):
                entry = next(entries, None)
            if entry is None:
                return
            if depth and _is_nested_playlist(entry, result):
                yield from self._walk_entries(entry["url"], entry.get("ie_key"), allowed_private_hosts, depth - 1)
            elif entry_url := _entry_url(entry):
                yield entry_url


def _with_fetch_context(context: RequestContext, track: FoundTrack) -> FoundTrack:
    """Return *track* with the page and the private hosts of the operation, which its download needs."""
    return replace(
        track,
        url=restore_file_urls(track.url),
        allowed_private_hosts=context.allowed_private_hosts,
        referer=_referring_page(context),
        archive=context.archive,
    )


def _extract_info(client: YtdlpClient, url: str, referer: str) -> dict[str, Any]:
    from yt_dlp.utils import smuggle_url

    request_url = find_extractor_address(url) or file_to_http_url(url)
    if _is_vimeo_host(extract_host(url)) and (page := limit_referer(referer, url)):
        # This extractor sends itself as the referer, unless the URL contains one in its own notation.
        request_url = smuggle_url(url, {"referer": page})
    with _translate_errors(url):
        result = _follow_results(client, request_url)
        if _is_playlist(result):
            result = _single_entry(client, url, result)
        info = dict(client.process_ie_result(result, download=False))
        rejection = client.find_rejection(info)
    if rejection:
        reason = f"a filter of --yt-dlp-option excludes the video ({rejection}): remove the filter to add it"
        raise ResolveError(url, reason, verdict="failed")
    return info


def _is_vimeo_host(host: str) -> bool:
    return host == "vimeo.com" or host.endswith(".vimeo.com")


def _sanitize_info(client: YtdlpClient, url: str, info: dict[str, Any]) -> dict[str, Any]:
    """Return *info* without the values that only downloads need."""
    with _translate_errors(url):
        return dict(client.sanitize_info(info))


def _vimeo_player_url(url: str) -> str:
    """Return the URL of the player for a Vimeo link, or an empty string for other links."""
    match = _VIMEO_URL.fullmatch(url)
    if not match:
        return ""
    return f"https://player.vimeo.com/video/{match[1]}" + (f"?h={match[2]}" if match[2] else "")


def _check_scheme(url: str) -> None:
    if not url.startswith(("http://", "https://", "file://")):
        raise ResolveError(url, "not an http(s) address: use the full link of the video", verdict="unsupported")


def _referring_page(context: RequestContext) -> str:
    return context.referer or (context.allowed_folder.as_uri() + "/" if context.allowed_folder else "")


@contextmanager
def _translate_errors(url: str) -> Iterator[None]:
    """Translate all exceptions of yt-dlp, whose extractors raise exceptions of any class, to `ResolveError`."""
    try:
        yield
    except ResolveError:
        raise
    except Exception as exc:
        raise make_resolve_error(url, exc) from exc


def _follow_results(client: YtdlpClient, url: str, extractor: str | None = None) -> dict[str, Any]:
    """Extract *url*, and follow results that refer to another URL, until the result is a video or a playlist."""
    inherited: dict[str, Any] = {}
    for _ in range(_MAX_HOPS):
        request_url = _limit_smuggled_pages(url)
        result = client.extract_info(request_url, download=False, process=False, ie_key=extractor)
        if not result:
            raise ValueError("yt-dlp found nothing at this address")
        result = {**result, **inherited}
        if result.get("_type") not in ("url", "url_transparent"):
            return result
        if result["_type"] == "url_transparent":
            inherited = {key: value for key, value in result.items() if value is not None and key not in _IDENTITY_KEYS}
        url, extractor = result["url"], result.get("ie_key")
    raise ValueError(f"the address refers to other addresses more than {_MAX_HOPS} times")


def _limit_smuggled_pages(url: str) -> str:
    """Limit the pages that *url* names for its extractor, which may send them in other ways than as a Referer."""
    from yt_dlp.utils import smuggle_url, unsmuggle_url

    target, data = unsmuggle_url(url, {})
    if not isinstance(data, dict) or not data:
        return str(target)
    return str(smuggle_url(target, {key: _limit_page(key, value, target) for key, value in data.items()}))


def _limit_page(key: str, value: object, url: str) -> object:
    return limit_referer(value, url) if "refer" in key.lower() and isinstance(value, str) else value


_IDENTITY_KEYS = frozenset({"_type", "url", "id", "extractor", "extractor_key", "ie_key"})


def _is_playlist(result: dict[str, Any]) -> bool:
    return result.get("_type") in ("playlist", "multi_video", "compat_list")


def _single_entry(client: YtdlpClient, url: str, playlist: dict[str, Any]) -> dict[str, Any]:
    """Return the video of a playlist with one entry.

    Raises `PlaylistError` if the playlist has several entries.
    """
    entries = list(islice(playlist.get("entries") or (), 2))
    if len(entries) != 1 or not isinstance(entries[0], dict):
        raise PlaylistError(url, str(playlist.get("title") or ""))
    entry: dict[str, Any] = entries[0]
    if entry.get("_type") not in ("url", "url_transparent"):
        inherited_keys = ("extractor", "extractor_key", "webpage_url")
        return {**{key: playlist[key] for key in inherited_keys if key in playlist}, **entry}
    result = _follow_results(client, entry["url"], entry.get("ie_key"))
    if _is_playlist(result):
        raise PlaylistError(url, str(playlist.get("title") or ""))
    return result


def _is_nested_playlist(entry: dict[str, Any], playlist: dict[str, Any]) -> bool:
    """Return whether *entry* may be a playlist itself: such entries refer to the extractor of their playlist."""
    is_reference = entry.get("_type") in ("url", "url_transparent") and bool(entry.get("url"))
    return is_reference and bool(entry.get("ie_key")) and entry.get("ie_key") == playlist.get("extractor_key")


def _entry_url(entry: dict[str, Any]) -> str:
    for key in ("webpage_url", "url"):
        if str(entry.get(key) or "").startswith(("http://", "https://")):
            return str(entry[key])
    formats = entry.get("formats") or [{}]
    return str(formats[-1].get("manifest_url") or formats[-1].get("url") or "")


def page_caption_tracks(captions: Sequence[CaptionLink]) -> Iterator[FoundTrack]:
    """Yield the tracks that *captions* are, which a page states."""
    for link in captions:
        language, is_automatic = parse_caption_language(link.language, link.label)
        suffix = Path(unquote(urlsplit(link.url).path)).suffix.lstrip(".").lower()
        yield FoundTrack(language, "automatic" if is_automatic else "manual", suffix[:8], link.url, link.label)


def _unique_tracks(tracks: Sequence[FoundTrack]) -> tuple[FoundTrack, ...]:
    first: dict[tuple[str, str], FoundTrack] = {}
    for track in tracks:
        first.setdefault((track.language, track.origin), track)
    return tuple(first.values())


def _local_folder(page: str) -> Path | None:
    """Return the folder of *page*, whose files the page may use, or None if it is not a local file."""
    if not page.startswith("file:"):
        return None
    path = Path(unquote(urlsplit(page).path))
    return path if page.endswith("/") else path.parent
