"""`Resolver`: a video's URL → its metadata and caption tracks; a playlist's → the URLs in it."""

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

from ..errors import PlaylistError, ResolveError
from ..model import CaptionLink, Track, Video
from ..net.context import RequestContext
from ..net.ssrf import ANY_HOST, extract_host, infer_private_hosts, is_private_name, sanitize_referer
from ..net.throttle import HostThrottle
from ..net.transport import file_to_http_url, restore_file_urls
from .audio import AudioLimits, OnProgress, download_audio
from .caption_download import MAX_CAPTION_BYTES, download_captions
from .classify_errors import make_resolve_error
from .languages import parse_caption_language
from .metadata import build_video
from .missing_captions import missing_captions_reason
from .options import ResolveOptions
from .tracks import FoundTrack, select_tracks

if TYPE_CHECKING:
    from .client import YtdlpClient

_MAX_HOPS = 8
_MAX_PLAYLIST_DEPTH = 3
_MAX_RESOLVE_BYTES = 32_000_000
_VIMEO_URL = re.compile(r"https?://(?:www\.)?vimeo\.com/(\d+)(?:/([0-9a-f]+))?/?")


@dataclass(frozen=True, slots=True)
class ResolvedVideo:
    """A video and its tracks.

    *missing* says why captions that the site seems to have are not among the tracks; empty tracks and an
    empty *missing* mean that there are none.
    """

    video: Video
    tracks: tuple[Track, ...] = ()
    missing_reason: str = ""


class VideoResolver:
    """Resolves videos through yt-dlp; may be shared by threads, each of which gets its own YoutubeDL.

    *handlers* are yt-dlp request handlers to use in place of the network.
    """

    def __init__(
        self,
        options: ResolveOptions | None = None,
        *,
        throttle: HostThrottle | None = None,
        handlers: Sequence[type] | None = None,
    ) -> None:
        self.options = options or ResolveOptions()
        self._throttle = throttle or HostThrottle(delay_s=self.options.sleep_s)
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
        """Close the connections of every thread, those of one at work when its errand ends."""
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
    ) -> ResolvedVideo:
        """Resolve *url* to its video.

        *referer* is the page that embeds it, empty where the user gave *url* himself: only what he gave may be
        private or a file, unless *allow_private* names more hosts.  *captions* are what that page states
        beside its player, *title* what it calls the video.
        Raises: ResolveError; PlaylistError where *url* leads to several videos.
        """
        _check_scheme(url)
        with self._operation(url, referer, allowed_private_hosts) as client:
            info = _sanitize_info(client, url, self._extract_video(client, url, referer))
            video = build_video(info, url, title=title)
            found = (*_page_caption_tracks(captions), *select_tracks(info))
            tracks = _unique_tracks([_with_fetch_context(client.request_context, track) for track in found])
            return ResolvedVideo(video, tracks, missing_captions_reason(url, info, tracks, client.log.warnings))

    def list_entries(
        self, url: str, *, limit: int | None = None, allowed_private_hosts: frozenset[str] | None = None
    ) -> Iterator[str]:
        """List the URLs of the videos in the playlist or channel *url*, playlists in it opened too.

        Lazy: a long channel is read page by page.  A single video gives its own URL.  Raises: ResolveError.
        """
        _check_scheme(url)
        allowed = self._allowed_private_hosts(url, "", allowed_private_hosts)
        seen: set[str] = set()
        for entry in self._walk_entries(url, None, allowed, _MAX_PLAYLIST_DEPTH):
            if limit is not None and len(seen) >= limit:
                return
            if entry not in seen and self._is_listable(entry, allowed):
                seen.add(entry)
                yield entry

    def fetch_track(
        self, track: Track, *, referer: str = "", allowed_private_hosts: frozenset[str] | None = None
    ) -> bytes:
        """Fetch the bytes of *track*, 16 MB at most.

        A track that `resolve` found knows what it may reach; of any other, *referer* and *allow_private* tell.
        Raises: CaptionFetchError.
        """
        if isinstance(track, FoundTrack):
            allowed_private_hosts = (
                track.allowed_private_hosts if allowed_private_hosts is None else allowed_private_hosts
            )
            referer = referer or track.referer
        with self._operation(track.url, referer, allowed_private_hosts, max_bytes=MAX_CAPTION_BYTES) as client:
            return download_captions(client, track, retries=self.options.retries)

    def fetch_audio(
        self,
        url: str,
        folder: Path,
        *,
        referer: str = "",
        limits: AudioLimits | None = None,
        on_progress: OnProgress = lambda came, total: None,
    ) -> Path:
        """Fetch the sound of the video at *url* into *folder*, which the caller throws away; give the file.

        *referer* is the page that embeds it, as for `resolve`.  *tell* is told how far it is.  Raises: ResolveError.
        """
        _check_scheme(url)
        limits = limits or AudioLimits()
        most_bytes = limits.max_bytes + _MAX_RESOLVE_BYTES
        with self._operation(url, referer, None, max_bytes=most_bytes, total_s=limits.total_s) as client:
            info = self._extract_video(client, url, referer)
            client.request_context.bytes_left = min(client.request_context.bytes_left, limits.max_bytes)
            with _translate_errors(url):
                return download_audio(client, url, info, folder, limits=limits, on_progress=on_progress)

    # One errand: which client, and what it may do.

    @contextmanager
    def _operation(
        self,
        url: str,
        referer: str,
        allowed_private_hosts: frozenset[str] | None,
        *,
        max_bytes: int = _MAX_RESOLVE_BYTES,
        total_s: float = 0.0,
    ) -> Iterator[YtdlpClient]:
        folder = _local_folder(referer or url)
        client = self._acquire_client()
        client.log.warnings.clear()
        client.request_context = RequestContext(
            allowed_private_hosts=self._allowed_private_hosts(url, referer, allowed_private_hosts),
            allowed_folder=folder,
            deadline=time.monotonic() + (total_s or self.options.total_s),
            bytes_left=max_bytes,
            referer=sanitize_referer(referer),
            referer_host=extract_host(url),
        )
        try:
            yield client
        finally:
            client.request_context.close()
            self._release_client(client)

    def _acquire_client(self) -> YtdlpClient:
        """Give this thread's client, which nobody closes until its errand ends."""
        while True:
            client = self._thread_client()
            with self._lock:
                if self._clients.get(threading.current_thread()) is client:  # else it was closed just now
                    self._active_clients.add(client)
                    return client

    def _release_client(self, client: YtdlpClient) -> None:
        with self._lock:
            self._active_clients.discard(client)
            was_let_go = self._clients.get(threading.current_thread()) is not client
        if was_let_go:
            client.close()

    def _allowed_private_hosts(
        self, url: str, referer: str, allowed_private_hosts: frozenset[str] | None
    ) -> frozenset[str]:
        if self.options.allow_private:
            return ANY_HOST
        return infer_private_hosts(referer or url) if allowed_private_hosts is None else allowed_private_hosts

    def _is_listable(self, entry: str, allowed_private_hosts: frozenset[str]) -> bool:
        host = extract_host(entry)
        return bool(host) and (
            not is_private_name(host) or host in allowed_private_hosts or "*" in allowed_private_hosts
        )

    def _thread_client(self) -> YtdlpClient:
        client: YtdlpClient | None = getattr(self._thread_local, "client", None)
        if client is None:
            from .client import YtdlpClient

            client = YtdlpClient(self.options, self._throttle, handlers=self._handlers)
            self._thread_local.client = client
            self._register_client(client)
        return client

    def _register_client(self, client: YtdlpClient) -> None:
        """Keep *client* for this thread, and close those whose threads have ended."""
        with self._lock:
            ended = [thread for thread in self._clients if not thread.is_alive()]
            left = [self._clients.pop(thread) for thread in ended]
            self._clients[threading.current_thread()] = client
        for other in left:
            other.close()

    # What yt-dlp says.

    def _extract_video(self, client: YtdlpClient, url: str, referer: str) -> dict[str, Any]:
        """Follow *url* to the one video it means."""
        player = _vimeo_player_url(url) if referer else ""
        try:
            return _extract_info(client, url, referer)
        except ResolveError as exc:
            if not player or exc.verdict not in ("blocked", "gone", "needs-login"):
                raise
        # It may play nowhere but in the page that embeds it, and there the player is asked.
        return _extract_info(client, player, referer)

    def _walk_entries(
        self, url: str, extractor: str | None, allowed_private_hosts: frozenset[str], depth: int
    ) -> Iterator[str]:
        with self._operation(url, "", allowed_private_hosts) as client, _translate_errors(url):
            found = _follow_results(client, file_to_http_url(url), extractor)
        if not _is_playlist(found):
            yield str(found.get("webpage_url") or url)
            return
        waiting = iter(found.get("entries") or ())
        while True:
            with self._operation(url, "", allowed_private_hosts), _translate_errors(url):
                entry = next(waiting, None)
            if entry is None:
                return
            if depth and _is_nested_playlist(entry, found):
                yield from self._walk_entries(entry["url"], entry.get("ie_key"), allowed_private_hosts, depth - 1)
            elif address := _entry_url(entry):
                yield address


def _with_fetch_context(context: RequestContext, track: FoundTrack) -> FoundTrack:
    """Let *track* remember what fetching it may reach."""
    return replace(
        track,
        url=restore_file_urls(track.url),
        allowed_private_hosts=context.allowed_private_hosts,
        referer=_referring_page(context),
    )


def _extract_info(client: YtdlpClient, url: str, referer: str) -> dict[str, Any]:
    from yt_dlp.utils import smuggle_url

    asked = file_to_http_url(url)
    if referer and extract_host(url).endswith("vimeo.com"):
        # This extractor states itself as the referer unless it is told one in its own way.
        asked = smuggle_url(url, {"referer": sanitize_referer(referer)})
    with _translate_errors(url):
        found = _follow_results(client, asked)
        if _is_playlist(found):
            found = _single_entry(client, url, found)
        return dict(client.process_ie_result(found, download=False))


def _sanitize_info(client: YtdlpClient, url: str, info: dict[str, Any]) -> dict[str, Any]:
    """Leave out what only downloading needs."""
    with _translate_errors(url):
        return dict(client.sanitize_info(info))


def _vimeo_player_url(url: str) -> str:
    """Give the player's address for a plain Vimeo link, empty for any other."""
    match = _VIMEO_URL.fullmatch(url)
    if not match:
        return ""
    return f"https://player.vimeo.com/video/{match[1]}" + (f"?h={match[2]}" if match[2] else "")


def _check_scheme(url: str) -> None:
    if not url.startswith(("http://", "https://", "file://")):
        raise ResolveError(url, "it is not an http(s) address: give the video's full link", verdict="unsupported")


def _referring_page(context: RequestContext) -> str:
    return context.referer or (context.allowed_folder.as_uri() + "/" if context.allowed_folder else "")


@contextmanager
def _translate_errors(url: str) -> Iterator[None]:
    """Turn whatever yt-dlp raises into a `ResolveError`: extractors fail in every way that Python knows."""
    try:
        yield
    except ResolveError:
        raise
    except Exception as exc:
        raise make_resolve_error(url, exc) from exc


def _follow_results(client: YtdlpClient, url: str, extractor: str | None = None) -> dict[str, Any]:
    """Ask for *url* and follow where it points, until a video or a playlist is there."""
    outer: dict[str, Any] = {}
    for _ in range(_MAX_HOPS):
        found = client.extract_info(url, download=False, process=False, ie_key=extractor)
        if not found:
            raise ValueError("yt-dlp found nothing there")
        found = {**found, **outer}
        if found.get("_type") not in ("url", "url_transparent"):
            return found
        if found["_type"] == "url_transparent":
            outer = {key: value for key, value in found.items() if value is not None and key not in _IDENTITY_KEYS}
        url, extractor = found["url"], found.get("ie_key")
    raise ValueError("it points from one address to the next without end")


_IDENTITY_KEYS = frozenset({"_type", "url", "id", "extractor", "extractor_key", "ie_key"})


def _is_playlist(found: dict[str, Any]) -> bool:
    return found.get("_type") in ("playlist", "multi_video", "compat_list")


def _single_entry(client: YtdlpClient, url: str, found: dict[str, Any]) -> dict[str, Any]:
    """Take the video of a playlist of one."""
    first = list(islice(found.get("entries") or (), 2))
    if len(first) != 1 or not isinstance(first[0], dict):
        raise PlaylistError(url, str(found.get("title") or ""))
    entry: dict[str, Any] = first[0]
    if entry.get("_type") not in ("url", "url_transparent"):
        kept: dict[str, Any] = {
            key: found[key] for key in ("extractor", "extractor_key", "webpage_url") if key in found
        }
        return {**kept, **entry}
    inner = _follow_results(client, entry["url"], entry.get("ie_key"))
    if _is_playlist(inner):
        raise PlaylistError(url, str(found.get("title") or ""))
    return inner


def _is_nested_playlist(entry: dict[str, Any], playlist: dict[str, Any]) -> bool:
    """Tell whether *entry* may be a playlist itself: those of yt-dlp point to their own extractor again."""
    points = entry.get("_type") in ("url", "url_transparent") and bool(entry.get("url"))
    return points and bool(entry.get("ie_key")) and entry.get("ie_key") == playlist.get("extractor_key")


def _entry_url(entry: dict[str, Any]) -> str:
    for key in ("webpage_url", "url"):
        if str(entry.get(key) or "").startswith(("http://", "https://")):
            return str(entry[key])
    forms = entry.get("formats") or [{}]
    return str(forms[-1].get("manifest_url") or forms[-1].get("url") or "")


def _page_caption_tracks(captions: Sequence[CaptionLink]) -> Iterator[FoundTrack]:
    for link in captions:
        language, automatic = parse_caption_language(link.language, link.label)
        suffix = Path(unquote(urlsplit(link.url).path)).suffix.lstrip(".").lower()
        yield FoundTrack(language, "automatic" if automatic else "manual", suffix[:8], link.url, link.label)


def _unique_tracks(tracks: Sequence[FoundTrack]) -> tuple[FoundTrack, ...]:
    first: dict[tuple[str, str], FoundTrack] = {}
    for track in tracks:
        first.setdefault((track.language, track.origin), track)
    return tuple(first.values())


def _local_folder(page: str) -> Path | None:
    """Tell the folder whose files *page* may name: its own, if it is a local file."""
    if not page.startswith("file:"):
        return None
    path = Path(unquote(urlsplit(page).path))
    return path if page.endswith("/") else path.parent
