"""Which audio format of a video is downloaded, and how."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.resolve.conftest import Site
from vidindex.resolve import VideoResolver
from vidindex.resolve.audio import rank_audio_formats

AUDIO = {"vcodec": "none", "acodec": "mp4a"}
MASTER = """#EXTM3U
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="English",LANGUAGE="en",URI="sound.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=900000,CODECS="avc1.4d401f,mp4a.40.2",AUDIO="a"
pictures.m3u8
"""


def media_format(name: str, **values: Any) -> dict[str, Any]:
    return {"format_id": name, "url": f"https://example.org/{name}", "protocol": "https", **values}


def names(*formats: dict[str, Any]) -> list[str]:
    return [str(each["format_id"]) for each in rank_audio_formats({"formats": list(formats)})]


def test_the_smallest_audio_that_is_good_enough_comes_first() -> None:
    assert names(
        media_format("both", vcodec="avc1", acodec="mp4a", tbr=300),
        media_format("best", **AUDIO, abr=160),
        media_format("good", **AUDIO, abr=48),
        media_format("phone", **AUDIO, abr=12),
    ) == ["good", "best", "phone", "both"]


def test_the_original_language_precedes_dubbed_ones() -> None:
    assert names(
        media_format("dubbed", **AUDIO, abr=48, language_preference=-1),
        media_format("spoken", **AUDIO, abr=128, language_preference=10),
    ) == ["spoken", "dubbed"]


def test_the_smallest_video_is_used_if_there_is_no_audio_only_format() -> None:
    assert names(media_format("large", height=1080), media_format("small", height=240)) == ["small", "large"]


def test_silent_encrypted_and_unsupported_formats_are_left_out() -> None:
    assert not names(
        media_format("silent", vcodec="avc1", acodec="none"),
        media_format("protected", **AUDIO, has_drm=True),
        media_format("stream", **AUDIO) | {"protocol": "rtmp"},
        media_format("pictures", ext="mhtml"),
    )


def test_audio_only_segments_are_joined(site: Site, resolver: VideoResolver, tmp_path: Path) -> None:
    site.put("/sound-1.aac", b"first part, ", "audio/aac")
    site.put("/sound-2.aac", b"second part", "audio/aac")
    listed = "".join(f"#EXTINF:5,\nsound-{number}.aac\n" for number in (1, 2))
    site.put("/sound.m3u8", f"#EXTM3U\n#EXT-X-TARGETDURATION:5\n{listed}#EXT-X-ENDLIST\n", "application/x-mpegurl")
    talk = site.put("/talk.m3u8", MASTER, "application/x-mpegurl")
    assert resolver.fetch_audio(talk, tmp_path).read_bytes() == b"first part, second part"
    assert "/pictures.m3u8" not in site.paths()


def test_the_next_format_is_tried_if_one_fails(site: Site, resolver: VideoResolver, tmp_path: Path) -> None:
    site.put("/large.mp4", b"sound and pictures", "video/mp4")
    page = site.put("/page", "<title>A talk</title><video><source src=gone.mp4><source src=large.mp4></video>")
    assert resolver.fetch_audio(page, tmp_path).read_bytes() == b"sound and pictures"
    assert "/gone.mp4" in site.paths()


def test_the_embedding_page_is_sent_as_the_referer(site: Site, resolver: VideoResolver, tmp_path: Path) -> None:
    talk = site.put("/talk.mp3", b"sound" * 100, "audio/mpeg")
    resolver.fetch_audio(talk, tmp_path, referer=site.url("/article"))
    assert {headers.get("Referer") for path, headers in site.asked if path == "/talk.mp3"} == {site.url("/article")}


def test_progress_is_reported(site: Site, resolver: VideoResolver, tmp_path: Path) -> None:
    progress: list[tuple[int, int]] = []
    talk = site.put("/talk.mp3", b"sound" * 1000, "audio/mpeg")
    resolver.fetch_audio(talk, tmp_path, on_progress=lambda downloaded, total: progress.append((downloaded, total)))
    assert progress[-1][0] == 5000
