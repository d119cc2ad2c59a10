"""A track → its bytes, whatever the protocol: at once, plain, in HLS segments or in DASH parts."""

from __future__ import annotations

import tempfile
import time
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from ..errors import CaptionFetchError
from ..model import Track
from ..net.transport import file_to_http_url
from .classify_errors import classify
from .tracks import FoundTrack

if TYPE_CHECKING:
    from .client import YtdlpClient

MAX_CAPTION_BYTES = 16_000_000
_FIRST_RETRY_PAUSE_S = 0.5
_MAX_FRAGMENTS = 20_000
_BLOCK_BYTES = 1 << 16


def download_captions(client: YtdlpClient, track: Track, *, retries: int) -> bytes:
    """Fetch the bytes of *track*, again where that may help.  Raises: CaptionFetchError."""
    from yt_dlp.utils import YoutubeDLError

    for tried in count():
        try:
            return _check_not_empty(track, _download_once(client, track))
        except (YoutubeDLError, OSError, ValueError, KeyError, IndexError, AssertionError) as exc:
            failure = _caption_error(track, exc)
            pause_s = _FIRST_RETRY_PAUSE_S * 4**tried
            if failure.verdict != "later" or tried >= retries or _remaining_s(client) < pause_s:
                raise failure from exc
        time.sleep(pause_s)
    raise AssertionError("counting never ends")


def _remaining_s(client: YtdlpClient) -> float:
    try:
        return client.request_context.seconds_left()
    except TimeoutError:
        return 0.0


def _caption_error(track: Track, exc: BaseException) -> CaptionFetchError:
    verdict, reason = classify(exc)
    return CaptionFetchError(track.url[:500], reason, verdict=verdict)


def _check_not_empty(track: Track, content: bytes) -> bytes:
    if not content.strip():
        # YouTube answers 200 and nothing where it wants a token.
        raise CaptionFetchError(track.url[:500], "the site answered with nothing: try again later")
    return content


def _download_once(client: YtdlpClient, track: Track) -> bytes:
    found = track if isinstance(track, FoundTrack) else _as_found_track(track)
    if found.data is not None:
        return found.data
    if found.fragments:
        return _download_parts(client, found)
    if not found.url:
        raise ValueError("the site states a track without an address")
    if found.protocol.startswith("m3u8") or urlsplit(found.url).path.endswith(".m3u8"):
        return _download_hls(client, found)
    content = _download_url(client, found, found.url)
    return _download_hls(client, found) if content.startswith(b"#EXTM3U") else content


def _as_found_track(track: Track) -> FoundTrack:
    return FoundTrack(track.language, track.origin, track.format, track.url, track.name)


def _download_url(client: YtdlpClient, track: FoundTrack, url: str) -> bytes:
    from yt_dlp.networking import Request

    with client.urlopen(Request(file_to_http_url(url), headers=dict(track.headers))) as response:
        blocks = []
        while block := response.read(_BLOCK_BYTES):
            blocks.append(block)
        return b"".join(blocks)


def _download_parts(client: YtdlpClient, track: FoundTrack) -> bytes:
    if len(track.fragments) > _MAX_FRAGMENTS:
        raise ValueError(f"the track has {len(track.fragments):,} parts")
    return b"\n\n".join(_download_url(client, track, urljoin(track.url, part)) for part in track.fragments)


def _download_hls(client: YtdlpClient, track: FoundTrack) -> bytes:
    """Let yt-dlp put the segments together: it mends their clocks and drops what they repeat."""
    from yt_dlp.downloader.hls import HlsFD

    asked = {
        "id": "captions",
        "title": "captions",
        "ext": "vtt" if track.format in ("", "vtt") else track.format,
        "url": file_to_http_url(track.url),
        "protocol": "m3u8_native",
        "http_headers": dict(track.headers),
    }
    with tempfile.TemporaryDirectory(prefix="vidindex-") as folder:
        path = Path(folder) / "captions"
        # It answers None where it put segments together well.
        if HlsFD(client, client.params).download(str(path), asked, subtitle=True)[0] is False:
            raise OSError("; ".join(client.log.warnings[-1:]) or "its segments could not be fetched")
        return path.read_bytes()
