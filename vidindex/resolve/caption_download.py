"""Download the bytes of a caption track: a plain file, HLS segments, DASH fragments, or data that is already here."""

from __future__ import annotations

import tempfile
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from ..errors import CaptionFetchError
from ..model import Track
from ..net.retry import call_with_retries, growing_pauses_s
from ..net.transport import file_to_http_url
from .classify_errors import classify
from .po_tokens import describe_empty_response
from .tracks import FoundTrack

if TYPE_CHECKING:
    from .client import YtdlpClient

MAX_CAPTION_BYTES = 16_000_000
_FIRST_RETRY_PAUSE_S = 0.5
_RETRY_PAUSE_FACTOR = 4.0
_MAX_FRAGMENTS = 20_000
_BLOCK_BYTES = 1 << 16


def download_captions(client: YtdlpClient, track: Track, *, retries: int) -> bytes:
    """Return the bytes of *track*; a failure that may be temporary is retried up to *retries* times.

    Raises `CaptionFetchError` if the track cannot be downloaded or is empty.
    """
    content = call_with_retries(
        lambda: _download_or_raise(client, track),
        pauses_s=islice(growing_pauses_s(_FIRST_RETRY_PAUSE_S, factor=_RETRY_PAUSE_FACTOR), retries),
        should_retry=lambda exc, pause_s: (
            isinstance(exc, CaptionFetchError) and exc.verdict == "later" and _remaining_s(client) >= pause_s
        ),
    )
    if not content.strip():
        verdict, reason = describe_empty_response(track.url)
        raise CaptionFetchError(track.url[:500], reason, verdict=verdict)
    return content


def _download_or_raise(client: YtdlpClient, track: Track) -> bytes:
    from yt_dlp.utils import YoutubeDLError

    try:
        return _download_once(client, track)
    except (YoutubeDLError, OSError, ValueError, KeyError, IndexError, AssertionError) as exc:
        verdict, reason = classify(exc)
        raise CaptionFetchError(track.url[:500], reason, verdict=verdict) from exc


def _remaining_s(client: YtdlpClient) -> float:
    try:
        return client.request_context.seconds_left()
    except TimeoutError:
        return 0.0


def _download_once(client: YtdlpClient, track: Track) -> bytes:
    found_track = track if isinstance(track, FoundTrack) else _as_found_track(track)
    if found_track.data is not None:
        return found_track.data
    if found_track.fragments:
        return _download_fragments(client, found_track)
    if not found_track.url:
        raise ValueError("the site states a track without a URL")
    if found_track.protocol.startswith("m3u8") or urlsplit(found_track.url).path.endswith(".m3u8"):
        return _download_hls(client, found_track)
    content = _download_url(client, found_track, found_track.url)
    return _download_hls(client, found_track) if content.startswith(b"#EXTM3U") else content


def _as_found_track(track: Track) -> FoundTrack:
    return FoundTrack(track.language, track.origin, track.format, track.url, track.name)


def _download_url(client: YtdlpClient, track: FoundTrack, url: str) -> bytes:
    from yt_dlp.networking import Request

    with client.urlopen(Request(file_to_http_url(url), headers=dict(track.headers))) as response:
        blocks = []
        while block := response.read(_BLOCK_BYTES):
            blocks.append(block)
        return b"".join(blocks)


def _download_fragments(client: YtdlpClient, track: FoundTrack) -> bytes:
    if len(track.fragments) > _MAX_FRAGMENTS:
        raise ValueError(f"the track has {len(track.fragments):,} fragments, more than the limit of {_MAX_FRAGMENTS:,}")
    return b"\n\n".join(_download_url(client, track, urljoin(track.url, fragment)) for fragment in track.fragments)


def _download_hls(client: YtdlpClient, track: FoundTrack) -> bytes:
    """Return the joined segments of an HLS track; yt-dlp corrects their times and drops repeated cues."""
    from .downloaders import BoundedHlsFD

    info = {
        "id": "captions",
        "title": "captions",
        "ext": "vtt" if track.format in ("", "vtt") else track.format,
        "url": file_to_http_url(track.url),
        "protocol": "m3u8_native",
        "http_headers": dict(track.headers),
    }
    with tempfile.TemporaryDirectory(prefix="vidindex-") as folder:
        path = Path(folder) / "captions"
        # The downloader returns None on success.
        params = {
            **client.params,
            "_no_ytdl_file": True,
        }  # it would contain each cue that has not ended, at each segment
        if BoundedHlsFD(client, params).download(str(path), info, subtitle=True)[0] is False:
            raise OSError("; ".join(client.log.warnings[-1:]) or "the HLS segments could not be downloaded")
        return path.read_bytes()
