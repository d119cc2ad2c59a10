"""Which segments, and which formats, a section of a video needs."""

from __future__ import annotations

from typing import Any

import pytest

from vidindex.resolve.hls_sections import select_segments
from vidindex.resolve.sections import SectionRequest, choose_formats

PLAYLIST = """#EXTM3U
#EXT-X-VERSION:6
#EXT-X-TARGETDURATION:10
#EXT-X-MEDIA-SEQUENCE:7
#EXT-X-MAP:URI="init.mp4"
#EXT-X-KEY:METHOD=AES-128,URI="a.key"
#EXTINF:10.0,
#EXT-X-BYTERANGE:100@50
all.mp4
#EXTINF:10.0,
#EXT-X-BYTERANGE:200
all.mp4
#EXT-X-KEY:METHOD=NONE
#EXTINF:9.5,Title
#EXT-X-BYTERANGE:300
all.mp4
#EXT-X-DISCONTINUITY
#EXTINF:10.0,
last.mp4
#EXT-X-ENDLIST
"""


def test_the_segments_of_a_section_keep_their_keys_numbers_and_byte_ranges() -> None:
    selected = select_segments(PLAYLIST, 12_000, 21_000)
    assert selected.skipped_ms == 10_000
    assert selected.playlist.splitlines() == [
        "#EXTM3U", "#EXT-X-VERSION:6", "#EXT-X-MEDIA-SEQUENCE:8", '#EXT-X-MAP:URI="init.mp4"',
        '#EXT-X-KEY:METHOD=AES-128,URI="a.key"', "#EXTINF:10.000000,", "#EXT-X-BYTERANGE:200@150", "all.mp4",
        "#EXT-X-KEY:METHOD=NONE", "#EXTINF:9.500000,", "#EXT-X-BYTERANGE:300@350", "all.mp4", "#EXT-X-ENDLIST",
    ]  # fmt: skip
    assert "#EXT-X-BYTERANGE:100@50\nall.mp4" in selected.anchor
    assert selected.anchor.count("all.mp4") == 1


def test_a_section_at_the_start_needs_no_other_segment_for_its_time() -> None:
    selected = select_segments(PLAYLIST, 0, 5_000)
    assert (selected.skipped_ms, selected.anchor) == (0.0, "")


@pytest.mark.parametrize("text", ["", "#EXTM3U\n", PLAYLIST, "x" * 100_000], ids=["empty", "none", "over", "long"])
def test_a_playlist_without_the_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="ends before the moment"):
        select_segments(text, 40_000, 50_000)


def test_a_film_whose_parts_are_encoded_in_different_ways_is_refused() -> None:
    changed = PLAYLIST.replace("#EXT-X-DISCONTINUITY", '#EXT-X-MAP:URI="other.mp4"')
    with pytest.raises(ValueError, match="different ways"):
        select_segments(changed, 0, 5_000)


def media_format(name: str, **values: Any) -> dict[str, Any]:
    return {"format_id": name, "url": f"https://example.org/{name}", "protocol": "https", **values}


FORMATS = [
    media_format("sound", vcodec="none", acodec="opus", abr=128),
    media_format("poor sound", vcodec="none", acodec="opus", abr=48),
    media_format("small", vcodec="avc1", acodec="mp4a", height=360),
    media_format("large", vcodec="vp9", acodec="none", height=1080),
    media_format("huge", vcodec="vp9", acodec="none", height=2160),
    media_format("locked", vcodec="avc1", acodec="mp4a", height=1080, has_drm=True),
    media_format("other", vcodec="avc1", acodec="mp4a", height=1080, protocol="rtmp"),
]


def names(**request: Any) -> list[str]:
    chosen = choose_formats({"formats": FORMATS}, SectionRequest(0, 1000, **request))
    return ["+".join(str(each["format_id"]) for each in formats) for formats in chosen]


def test_the_largest_pictures_within_the_limit_come_first_with_the_best_sound() -> None:
    assert names() == ["large+sound", "small", "huge+sound"]
    assert names(max_height=720)[0] == "small"
    assert names(video=False) == ["sound", "poor sound"]


def test_formats_with_drm_and_other_protocols_are_never_fetched() -> None:
    assert not {"locked", "other"} & {name for each in names() for name in each.split("+")}
