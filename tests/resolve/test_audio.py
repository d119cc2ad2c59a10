"""Which sound of a video is fetched, and how."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.resolve.conftest import Site
from vidindex.resolve import VideoResolver
from vidindex.resolve.audio import rank_audio_formats

SOUND = {"vcodec": "none", "acodec": "mp4a"}
MASTER = """#EXTM3U
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="English",LANGUAGE="en",URI="sound.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=900000,CODECS="avc1.4d401f,mp4a.40.2",AUDIO="a"
pictures.m3u8
"""


def form(name: str, **stated: Any) -> dict[str, Any]:
    return {"format_id": name, "url": f"https://example.org/{name}", "protocol": "https", **stated}


def names(*forms: dict[str, Any]) -> list[str]:
    return [str(found["format_id"]) for found in rank_audio_formats({"formats": list(forms)})]


def test_the_smallest_sound_in_which_speech_is_whole_goes_first() -> None:
    assert names(
        form("both", vcodec="avc1", acodec="mp4a", tbr=300),
        form("best", **SOUND, abr=160),
        form("good", **SOUND, abr=48),
        form("phone", **SOUND, abr=12),
    ) == ["good", "best", "phone", "both"]


def test_the_spoken_language_goes_before_translations() -> None:
    assert names(
        form("dubbed", **SOUND, abr=48, language_preference=-1),
        form("spoken", **SOUND, abr=128, language_preference=10),
    ) == ["spoken", "dubbed"]


def test_the_smallest_pictures_are_taken_where_sound_comes_with_them_alone() -> None:
    assert names(form("large", height=1080), form("small", height=240)) == ["small", "large"]


def test_what_is_silent_protected_or_of_another_protocol_is_left_out() -> None:
    assert not names(
        form("silent", vcodec="avc1", acodec="none"),
        form("protected", **SOUND, has_drm=True),
        form("stream", **SOUND) | {"protocol": "rtmp"},
        form("pictures", ext="mhtml"),
    )


def test_the_segments_of_sound_alone_are_put_together(site: Site, resolver: VideoResolver, tmp_path: Path) -> None:
    site.put("/sound-1.aac", b"first part, ", "audio/aac")
    site.put("/sound-2.aac", b"second part", "audio/aac")
    listed = "".join(f"#EXTINF:5,\nsound-{number}.aac\n" for number in (1, 2))
    site.put("/sound.m3u8", f"#EXTM3U\n#EXT-X-TARGETDURATION:5\n{listed}#EXT-X-ENDLIST\n", "application/x-mpegurl")
    talk = site.put("/talk.m3u8", MASTER, "application/x-mpegurl")
    assert resolver.fetch_audio(talk, tmp_path).read_bytes() == b"first part, second part"
    assert "/pictures.m3u8" not in site.paths()


def test_the_next_form_is_tried_where_one_fails(site: Site, resolver: VideoResolver, tmp_path: Path) -> None:
    site.put("/large.mp4", b"sound and pictures", "video/mp4")
    page = site.put("/page", "<title>A talk</title><video><source src=gone.mp4><source src=large.mp4></video>")
    assert resolver.fetch_audio(page, tmp_path).read_bytes() == b"sound and pictures"
    assert "/gone.mp4" in site.paths()


def test_the_page_that_embeds_a_video_goes_along(site: Site, resolver: VideoResolver, tmp_path: Path) -> None:
    talk = site.put("/talk.mp3", b"sound" * 100, "audio/mpeg")
    resolver.fetch_audio(talk, tmp_path, referer=site.url("/article"))
    assert {headers.get("Referer") for path, headers in site.asked if path == "/talk.mp3"} == {site.url("/article")}


def test_how_far_it_is_is_told(site: Site, resolver: VideoResolver, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    talk = site.put("/talk.mp3", b"sound" * 1000, "audio/mpeg")
    resolver.fetch_audio(talk, tmp_path, on_progress=lambda came, total: told.append((came, total)))
    assert told[-1][0] == 5000
