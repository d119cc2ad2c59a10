"""Segmented captions and media of hostile servers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from yt_dlp.dependencies import Cryptodome

from tests.resolve.conftest import Site
from vidindex.errors import CaptionFetchError, TooLargeError
from vidindex.model import Track
from vidindex.net.context import RequestContext
from vidindex.resolve import ResolveOptions, VideoResolver
from vidindex.resolve.client import YtdlpClient
from vidindex.resolve.downloaders import BoundedDashFD, BoundedHlsFD


def captions(site: Site, *segments: str | bytes, head: str = "") -> Track:
    """Serve *segments* as a track."""
    names = [f"{number}.vtt" for number, _ in enumerate(segments)]
    for name, segment in zip(names, segments, strict=True):
        site.put(f"/{name}", segment, "text/vtt")
    listed = "".join(f"#EXTINF:6,\n{name}\n" for name in names)
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:6\n{head}{listed}#EXT-X-ENDLIST\n"
    return Track("en", "manual", "vtt", site.put("/captions.m3u8", playlist, "application/x-mpegurl"))


def vtt(*cues: str) -> str:
    return "WEBVTT\n\n" + "\n\n".join(cues) + "\n"


def failure(resolver: VideoResolver, track: Track) -> str:
    with pytest.raises(CaptionFetchError) as caught:
        resolver.fetch_track(track)
    return str(caught.value)


def test_segments_are_joined_and_repeated_cues_dropped(site: Site, resolver: VideoResolver) -> None:
    first, second, third = (f"00:0{number}.000 --> 00:0{number + 1}.000\ncue {number}" for number in range(3))
    text = resolver.fetch_track(captions(site, vtt(first, second), vtt(second, third))).decode()
    assert [line for line in text.splitlines() if "cue" in line] == ["cue 0", "cue 1", "cue 2"]


def test_a_long_film_in_many_segments_is_joined(site: Site, resolver: VideoResolver) -> None:
    def cue(at_s: int) -> str:
        stamp = f"{at_s // 3600:02}:{at_s // 60 % 60:02}:{at_s % 60:02}"
        return f"{stamp}.000 --> {stamp}.900\ncue {at_s}"

    segments = [vtt(*(cue(at_s) for at_s in range(start, start + 2000))) for start in range(0, 20_000, 2000)]
    assert resolver.fetch_track(captions(site, *segments)).count(b"-->") == 20_000


@pytest.mark.parametrize(
    "cues",
    [
        [f"00:00.000 --> 99:00:00.000\n{number}" for number in range(5000)],
        [f"00:00.000 --> 99:00:00.000\n{number % 400}" for number in range(5000)],
        [f"9{number}:00:00.000 --> 99{number}:00:00.000\n{number}" for number in range(5000, 0, -1)],
    ],
    ids=["without end", "repeated", "backwards"],
)  # fmt: skip
def test_cues_that_never_end_are_refused(site: Site, resolver: VideoResolver, cues: list[str]) -> None:
    """yt-dlp compares each cue with all those that have not ended."""
    assert "too many cues at the same time" in failure(resolver, captions(site, vtt(*cues), vtt()))


@pytest.mark.parametrize(
    ("segment", "reason"),
    [
        ("WEBVTT\n\nNOTE " + "a" * 1_000_000, "larger than the limit of 256 KB"),
        ("WEBVTT\n\nNOTE\n" + "a\r" * 500_000, "larger than the limit of 256 KB"),
        ("WEBVTT\n\n" + "\r\n" * 1_100_000, "more lines than the limit"),
    ],
)
def test_blocks_and_lines_of_captions_are_limited(
    site: Site, resolver: VideoResolver, segment: str, reason: str
) -> None:
    """yt-dlp takes 200 times the memory of a block."""
    assert reason in failure(resolver, captions(site, segment, vtt()))


KEY = '#EXT-X-KEY:METHOD=AES-128,URI="key"\n'


def test_encrypted_captions_that_take_long_to_decrypt_are_refused(
    site: Site, resolver: VideoResolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Cryptodome, "AES", None)
    site.put("/key", bytes(16), "x/key")
    track = captions(site, bytes(3_000_000), vtt(), head=KEY)
    assert "pip install pycryptodomex" in failure(resolver, track)


def test_short_encrypted_captions_are_decrypted(site: Site, resolver: VideoResolver) -> None:
    from yt_dlp.aes import aes_cbc_encrypt_bytes

    site.put("/key", bytes(16), "x/key")
    segments = [
        bytes(
            aes_cbc_encrypt_bytes(vtt(f"00:0{n}.000 --> 00:0{n}.900\ncue").encode(), bytes(16), n.to_bytes(16, "big"))
        )
        for n in (0, 1)
    ]
    assert resolver.fetch_track(captions(site, *segments, head=KEY)).count(b"cue") == 2


@pytest.mark.parametrize("kind", [BoundedHlsFD, BoundedDashFD])
def test_the_number_of_segments_is_limited(kind: Any) -> None:
    with YtdlpClient(ResolveOptions(), None, handlers=None) as client, pytest.raises(TooLargeError, match="segments"):  # type: ignore[arg-type]
        kind(client, client.params)._prepare_and_start_frag_download({"total_frags": 60_000}, {})


@pytest.mark.parametrize("kind", [BoundedHlsFD, BoundedDashFD])
def test_a_segment_that_would_fill_the_memory_is_not_read(tmp_path: Path, kind: Any) -> None:
    segment = tmp_path / "segment"
    with segment.open("wb") as file:
        file.truncate(100_000_000)  # a sparse file
    with YtdlpClient(ResolveOptions(), None, handlers=None) as client:  # type: ignore[arg-type]
        client.request_context = RequestContext()
        with pytest.raises(TooLargeError, match="96 MB"):
            kind(client, client.params)._read_fragment({"fragment_filename_sanitized": str(segment)})
