"""A track → its bytes, whatever the protocol: at once, plain, in HLS segments or in DASH parts."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from vidindex.errors import CaptionFetchError
from vidindex.model import Track
from vidindex.resolve.tracks import FoundTrack
from vidindex.resolve.verdicts import judge
from vidindex.web.door import as_http

if TYPE_CHECKING:
    from vidindex.resolve.client import Client

MOST_BYTES = 16_000_000
_PAUSES_S = (0.5, 2.0)
_MOST_FRAGMENTS = 20_000
_BLOCK = 1 << 16


def caption_bytes(client: Client, track: Track) -> bytes:
    """Fetch the bytes of *track*, trying twice more where that may help.  Raises: CaptionFetchError."""
    from yt_dlp.utils import YoutubeDLError

    for pause_s in (*_PAUSES_S, 0.0):
        try:
            content = _once(client, track)
        except (YoutubeDLError, OSError, ValueError, KeyError, IndexError, AssertionError) as exc:
            failure = _failure(track, exc)
            if failure.verdict != "later" or not pause_s:
                raise failure from exc
        else:
            return _checked(track, content)
        time.sleep(min(pause_s, client.visit.seconds_left()))
    raise AssertionError("the last try returns or raises")


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
