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

from ..errors import ResolveError
from ..model import CaptionLink, Track, Video
from ..net.context import Visit
from ..net.ssrf import ANY_HOST, as_referer, host_of, names_private, private_hosts
from ..net.throttle import Gate
from ..net.transport import as_file, as_http
from .audio import AudioLimits, Told, download_audio
from .caption_download import MOST_BYTES, caption_bytes
from .classify_errors import resolve_error
from .languages import caption_language
from .metadata import video_of
from .missing_captions import absence
from .options import ResolveOptions
from .tracks import FoundTrack, tracks_of

if TYPE_CHECKING:
    from .client import Client

_MOST_HOPS = 8
_DEEPEST = 3
_MOST_RESOLVE_BYTES = 32_000_000
_VIMEO = re.compile(r"https?://(?:www\.)?vimeo\.com/(\d+)(?:/([0-9a-f]+))?/?")


class PlaylistError(ResolveError):
    """The URL leads to several videos: `Resolver.entries` lists them."""

    def __init__(self, url: str, title: str) -> None:
        named = f" {title!r}" if title else ""
        super().__init__(url, f"it is a playlist{named}: add it with --max to say how many", verdict="unsupported")
        self.title = title


@dataclass(frozen=True, slots=True)
class Resolved:
    """A video and its tracks.

    *missing* says why captions that the site seems to have are not among the tracks; empty tracks and an
    empty *missing* mean that there are none.
    """

    video: Video
    tracks: tuple[Track, ...] = ()
    missing: str = ""


class Resolver:
    """Resolves videos through yt-dlp; may be shared by threads, each of which gets its own YoutubeDL.

    *handlers* are yt-dlp request handlers to use in place of the network.
    """

    def __init__(
        self,
        options: ResolveOptions | None = None,
        *,
        gate: Gate | None = None,
        handlers: Sequence[type] | None = None,
    ) -> None:
        self.options = options or ResolveOptions()
        self._gate = gate or Gate(delay_s=self.options.sleep_s)
        self._handlers = handlers
        self._local = threading.local()
        self._clients: dict[threading.Thread, Client] = {}
        self._at_work: set[Client] = set()
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
            idle = [client for client in self._clients.values() if client not in self._at_work]
            self._clients = {}
            self._local = threading.local()
        for client in idle:
            client.close()

    def resolve(
        self,
        url: str,
        *,
        referer: str = "",
        allow_private: frozenset[str] | None = None,
        captions: tuple[CaptionLink, ...] = (),
        title: str = "",
    ) -> Resolved:
        """Resolve *url* to its video.

        *referer* is the page that embeds it, empty where the user gave *url* himself: only what he gave may be
        private or a file, unless *allow_private* names more hosts.  *captions* are what that page states
        beside its player, *title* what it calls the video.
        Raises: ResolveError; PlaylistError where *url* leads to several videos.
        """
        _check_scheme(url)
        with self._errand(url, referer, allow_private) as client:
            info = _plain(client, url, self._video(client, url, referer))
            video = video_of(info, url, title=title)
            found = (*_stated(captions), *tracks_of(info))
            tracks = _once_each([_fetchable(client.visit, track) for track in found])
            return Resolved(video, tracks, absence(url, info, tracks, client.log.warnings))

    def entries(
        self, url: str, *, limit: int | None = None, allow_private: frozenset[str] | None = None
    ) -> Iterator[str]:
        """List the URLs of the videos in the playlist or channel *url*, playlists in it opened too.

        Lazy: a long channel is read page by page.  A single video gives its own URL.  Raises: ResolveError.
        """
        _check_scheme(url)
        allowed = self._allowed(url, "", allow_private)
        seen: set[str] = set()
        for entry in self._entries(url, None, allowed, _DEEPEST):
            if limit is not None and len(seen) >= limit:
                return
            if entry not in seen and self._may_list(entry, allowed):
                seen.add(entry)
                yield entry

    def fetch(self, track: Track, *, referer: str = "", allow_private: frozenset[str] | None = None) -> bytes:
        """Fetch the bytes of *track*, 16 MB at most.

        A track that `resolve` found knows what it may reach; of any other, *referer* and *allow_private* tell.
        Raises: CaptionFetchError.
        """
        if isinstance(track, FoundTrack):
            allow_private = track.private if allow_private is None else allow_private
            referer = referer or track.referer
        with self._errand(track.url, referer, allow_private, most_bytes=MOST_BYTES) as client:
            return caption_bytes(client, track, retries=self.options.retries)

    def audio(
        self,
        url: str,
        folder: Path,
        *,
        referer: str = "",
        limits: AudioLimits | None = None,
        tell: Told = lambda came, total: None,
    ) -> Path:
        """Fetch the sound of the video at *url* into *folder*, which the caller throws away; give the file.

        *referer* is the page that embeds it, as for `resolve`.  *tell* is told how far it is.  Raises: ResolveError.
        """
        _check_scheme(url)
        limits = limits or AudioLimits()
        most_bytes = limits.most_bytes + _MOST_RESOLVE_BYTES
        with self._errand(url, referer, None, most_bytes=most_bytes, total_s=limits.total_s) as client:
            info = self._video(client, url, referer)
            client.visit.bytes_left = min(client.visit.bytes_left, limits.most_bytes)
            with _judged(url):
                return download_audio(client, url, info, folder, limits=limits, tell=tell)

    # One errand: which client, and what it may do.

    @contextmanager
    def _errand(
        self,
        url: str,
        referer: str,
        allowed: frozenset[str] | None,
        *,
        most_bytes: int = _MOST_RESOLVE_BYTES,
        total_s: float = 0.0,
    ) -> Iterator[Client]:
        folder = _folder(referer or url)
        client = self._begin()
        client.log.warnings.clear()
        client.visit = Visit(
            private=self._allowed(url, referer, allowed),
            folder=folder,
            deadline=time.monotonic() + (total_s or self.options.total_s),
            bytes_left=most_bytes,
            referer=as_referer(referer),
            referer_host=host_of(url),
        )
        try:
            yield client
        finally:
            client.visit.end()
            self._end(client)

    def _begin(self) -> Client:
        """Give this thread's client, which nobody closes until its errand ends."""
        while True:
            client = self._client()
            with self._lock:
                if self._clients.get(threading.current_thread()) is client:  # else it was closed just now
                    self._at_work.add(client)
                    return client

    def _end(self, client: Client) -> None:
        with self._lock:
            self._at_work.discard(client)
            was_let_go = self._clients.get(threading.current_thread()) is not client
        if was_let_go:
            client.close()

    def _allowed(self, url: str, referer: str, allowed: frozenset[str] | None) -> frozenset[str]:
        if self.options.allow_private:
            return ANY_HOST
        return private_hosts(referer or url) if allowed is None else allowed

    def _may_list(self, entry: str, allowed: frozenset[str]) -> bool:
        host = host_of(entry)
        return bool(host) and (not names_private(host) or host in allowed or "*" in allowed)

    def _client(self) -> Client:
        client: Client | None = getattr(self._local, "client", None)
        if client is None:
            from .client import Client

            client = Client(self.options, self._gate, handlers=self._handlers)
            self._local.client = client
            self._keep(client)
        return client

    def _keep(self, client: Client) -> None:
        """Keep *client* for this thread, and close those whose threads have ended."""
        with self._lock:
            ended = [thread for thread in self._clients if not thread.is_alive()]
            left = [self._clients.pop(thread) for thread in ended]
            self._clients[threading.current_thread()] = client
        for other in left:
            other.close()

    # What yt-dlp says.

    def _video(self, client: Client, url: str, referer: str) -> dict[str, Any]:
        """Follow *url* to the one video it means."""
        player = _vimeo_player(url) if referer else ""
        try:
            return _described(client, url, referer)
        except ResolveError as exc:
            if not player or exc.verdict not in ("blocked", "gone", "needs-login"):
                raise
        # It may play nowhere but in the page that embeds it, and there the player is asked.
        return _described(client, player, referer)

    def _entries(self, url: str, extractor: str | None, allowed: frozenset[str], depth: int) -> Iterator[str]:
        with self._errand(url, "", allowed) as client, _judged(url):
            found = _extract(client, as_http(url), extractor)
        if not _is_playlist(found):
            yield str(found.get("webpage_url") or url)
            return
        waiting = iter(found.get("entries") or ())
        while True:
            with self._errand(url, "", allowed), _judged(url):
                entry = next(waiting, None)
            if entry is None:
                return
            if depth and _may_nest(entry, found):
                yield from self._entries(entry["url"], entry.get("ie_key"), allowed, depth - 1)
            elif address := _entry_url(entry):
                yield address


def _fetchable(visit: Visit, track: FoundTrack) -> FoundTrack:
    """Let *track* remember what fetching it may reach."""
    return replace(track, url=as_file(track.url), private=visit.private, referer=_page_url(visit))


def _described(client: Client, url: str, referer: str) -> dict[str, Any]:
    from yt_dlp.utils import smuggle_url

    asked = as_http(url)
    if referer and host_of(url).endswith("vimeo.com"):
        # This extractor states itself as the referer unless it is told one in its own way.
        asked = smuggle_url(url, {"referer": as_referer(referer)})
    with _judged(url):
        found = _extract(client, asked)
        if _is_playlist(found):
            found = _only_entry(client, url, found)
        return dict(client.process_ie_result(found, download=False))


def _plain(client: Client, url: str, info: dict[str, Any]) -> dict[str, Any]:
    """Leave out what only downloading needs."""
    with _judged(url):
        return dict(client.sanitize_info(info))


def _vimeo_player(url: str) -> str:
    """Give the player's address for a plain Vimeo link, empty for any other."""
    match = _VIMEO.fullmatch(url)
    if not match:
        return ""
    return f"https://player.vimeo.com/video/{match[1]}" + (f"?h={match[2]}" if match[2] else "")


def _check_scheme(url: str) -> None:
    if not url.startswith(("http://", "https://", "file://")):
        raise ResolveError(url, "it is not an http(s) address: give the video's full link", verdict="unsupported")


def _page_url(visit: Visit) -> str:
    return visit.referer or (visit.folder.as_uri() + "/" if visit.folder else "")


@contextmanager
def _judged(url: str) -> Iterator[None]:
    """Turn whatever yt-dlp raises into a `ResolveError`: extractors fail in every way that Python knows."""
    try:
        yield
    except ResolveError:
        raise
    except Exception as exc:
        raise resolve_error(url, exc) from exc


def _extract(client: Client, url: str, extractor: str | None = None) -> dict[str, Any]:
    """Ask for *url* and follow where it points, until a video or a playlist is there."""
    outer: dict[str, Any] = {}
    for _ in range(_MOST_HOPS):
        found = client.extract_info(url, download=False, process=False, ie_key=extractor)
        if not found:
            raise ValueError("yt-dlp found nothing there")
        found = {**found, **outer}
        if found.get("_type") not in ("url", "url_transparent"):
            return found
        if found["_type"] == "url_transparent":
            outer = {key: value for key, value in found.items() if value is not None and key not in _OWN}
        url, extractor = found["url"], found.get("ie_key")
    raise ValueError("it points from one address to the next without end")


_OWN = frozenset({"_type", "url", "id", "extractor", "extractor_key", "ie_key"})


def _is_playlist(found: dict[str, Any]) -> bool:
    return found.get("_type") in ("playlist", "multi_video", "compat_list")


def _only_entry(client: Client, url: str, found: dict[str, Any]) -> dict[str, Any]:
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
    inner = _extract(client, entry["url"], entry.get("ie_key"))
    if _is_playlist(inner):
        raise PlaylistError(url, str(found.get("title") or ""))
    return inner


def _may_nest(entry: dict[str, Any], playlist: dict[str, Any]) -> bool:
    """Tell whether *entry* may be a playlist itself: those of yt-dlp point to their own extractor again."""
    points = entry.get("_type") in ("url", "url_transparent") and bool(entry.get("url"))
    return points and bool(entry.get("ie_key")) and entry.get("ie_key") == playlist.get("extractor_key")


def _entry_url(entry: dict[str, Any]) -> str:
    for key in ("webpage_url", "url"):
        if str(entry.get(key) or "").startswith(("http://", "https://")):
            return str(entry[key])
    forms = entry.get("formats") or [{}]
    return str(forms[-1].get("manifest_url") or forms[-1].get("url") or "")


def _stated(captions: Sequence[CaptionLink]) -> Iterator[FoundTrack]:
    for link in captions:
        language, automatic = caption_language(link.language, link.label)
        suffix = Path(unquote(urlsplit(link.url).path)).suffix.lstrip(".").lower()
        yield FoundTrack(language, "automatic" if automatic else "manual", suffix[:8], link.url, link.label)


def _once_each(tracks: Sequence[FoundTrack]) -> tuple[FoundTrack, ...]:
    first: dict[tuple[str, str], FoundTrack] = {}
    for track in tracks:
        first.setdefault((track.language, track.origin), track)
    return tuple(first.values())


def _folder(page: str) -> Path | None:
    """Tell the folder whose files *page* may name: its own, if it is a local file."""
    if not page.startswith("file:"):
        return None
    path = Path(unquote(urlsplit(page).path))
    return path if page.endswith("/") else path.parent
