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
from ..net.transport import as_http
from .classify_errors import judge
from .tracks import FoundTrack

if TYPE_CHECKING:
    from .client import Client

MOST_BYTES = 16_000_000
_FIRST_PAUSE_S = 0.5
_MOST_FRAGMENTS = 20_000
_BLOCK = 1 << 16


def caption_bytes(client: Client, track: Track, *, retries: int) -> bytes:
    """Fetch the bytes of *track*, again where that may help.  Raises: CaptionFetchError."""
    from yt_dlp.utils import YoutubeDLError

    for tried in count():
        try:
            return _checked(track, _once(client, track))
        except (YoutubeDLError, OSError, ValueError, KeyError, IndexError, AssertionError) as exc:
            failure = _failure(track, exc)
            pause_s = _FIRST_PAUSE_S * 4**tried
            if failure.verdict != "later" or tried >= retries or _time_left_s(client) < pause_s:
                raise failure from exc
        time.sleep(pause_s)
    raise AssertionError("counting never ends")


def _time_left_s(client: Client) -> float:
    try:
        return client.visit.seconds_left()
    except TimeoutError:
        return 0.0


def _failure(track: Track, exc: BaseException) -> CaptionFetchError:
    verdict, reason = judge(exc)
    return CaptionFetchError(track.url[:500], reason, verdict=verdict)


def _checked(track: Track, content: bytes) -> bytes:
    if not content.strip():
        # YouTube answers 200 and nothing where it wants a token.
        raise CaptionFetchError(track.url[:500], "the site answered with nothing: try again later")
    return content


def _once(client: Client, track: Track) -> bytes:
    found = track if isinstance(track, FoundTrack) else _bare(track)
    if found.data is not None:
        return found.data
    if found.fragments:
        return _parts(client, found)
    if not found.url:
        raise ValueError("the site states a track without an address")
    if found.protocol.startswith("m3u8") or urlsplit(found.url).path.endswith(".m3u8"):
        return _hls(client, found)
    content = _plain(client, found, found.url)
    return _hls(client, found) if content.startswith(b"#EXTM3U") else content


def _bare(track: Track) -> FoundTrack:
    return FoundTrack(track.language, track.origin, track.format, track.url, track.name)


def _plain(client: Client, track: FoundTrack, url: str) -> bytes:
    from yt_dlp.networking import Request

    with client.urlopen(Request(as_http(url), headers=dict(track.headers))) as response:
        blocks = []
        while block := response.read(_BLOCK):
            blocks.append(block)
        return b"".join(blocks)


def _parts(client: Client, track: FoundTrack) -> bytes:
    if len(track.fragments) > _MOST_FRAGMENTS:
        raise ValueError(f"the track has {len(track.fragments):,} parts")
    return b"\n\n".join(_plain(client, track, urljoin(track.url, part)) for part in track.fragments)


def _hls(client: Client, track: FoundTrack) -> bytes:
    """Let yt-dlp put the segments together: it mends their clocks and drops what they repeat."""
    from yt_dlp.downloader.hls import HlsFD

    asked = {
        "id": "captions",
        "title": "captions",
        "ext": "vtt" if track.format in ("", "vtt") else track.format,
        "url": as_http(track.url),
        "protocol": "m3u8_native",
        "http_headers": dict(track.headers),
    }
    with tempfile.TemporaryDirectory(prefix="vidindex-") as folder:
        path = Path(folder) / "captions"
        # It answers None where it put segments together well.
        if HlsFD(client, client.params).download(str(path), asked, subtitle=True)[0] is False:
            raise OSError("; ".join(client.log.warnings[-1:]) or "its segments could not be fetched")
        return path.read_bytes()
