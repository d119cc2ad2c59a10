"""How much memory the formats and fragments of a manifest take."""

from __future__ import annotations

import tracemalloc
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from yt_dlp import YoutubeDL
from yt_dlp.extractor.common import InfoExtractor
from yt_dlp.utils import parse_duration

from vidindex.errors import HostilePageError
from vidindex.resolve.manifest_limits import (
    MAX_FORMATS,
    check_format_counts,
    estimate_dash_memory,
    estimate_hls_memory,
    estimate_smooth_memory,
)

_NAMESPACE = "urn:mpeg:dash:schema:mpd:2011"
TIMELINE = '<SegmentTimeline><S t="0" d="2" r="{}"/></SegmentTimeline>'
FORMAT = '<Representation id="v{}" bandwidth="1000"/>'
LIMIT = 240_000_000


def dash(adaptation_set: str, *, period: str = "", duration: str = "PT2H") -> ET.Element:
    return ET.fromstring(
        f'<MPD xmlns="{_NAMESPACE}" mediaPresentationDuration="{duration}"><Period>{period}'
        f'<AdaptationSet mimeType="audio/mp4">{adaptation_set}</AdaptationSet></Period></MPD>'
    )


def template(content: str = "", **attributes: object) -> str:
    values = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f"<SegmentTemplate{values}>{content}</SegmentTemplate>"


def estimate(manifest: ET.Element) -> int:
    return estimate_dash_memory(manifest, parse_duration)


def allocated(manifest: ET.Element) -> int:
    """Return the memory that yt-dlp takes for *manifest*."""
    extractor: Any = InfoExtractor(YoutubeDL({"quiet": True}, auto_init=False))
    tracemalloc.start()
    formats = extractor._parse_mpd_formats_and_subtitles(
        manifest, mpd_base_url="https://a.example", mpd_url="https://a"
    )
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert formats
    return peak


MANIFESTS = {
    "timeline": dash(template(TIMELINE.format(5000), media="a$Time$") + FORMAT),
    "timeline of the period": dash(FORMAT * 2, period=template(TIMELINE.format(5000), media="a$Time$")),
    "timeline of each format": dash(
        f'<Representation id="v" bandwidth="1">{template(TIMELINE.format(5000), media="a$Time$")}</Representation>' * 2
    ),
    "numbered": dash(template(media="a$Number$", duration=1) + FORMAT),
    "timescale": dash(template(media="a$Number$", duration=90_000, timescale=90_000) + FORMAT),
    "timescale of the format": dash(
        template(media="a$Number$", duration=90_000, timescale=90_000)
        + f'<Representation id="v" bandwidth="1">{template(timescale=100_000)}</Representation>'
    ),
    "negative": dash(template(media="a$Number$", duration=-1, timescale=-1) + FORMAT),
    "field width": dash(template(media="a$Number%099d$$Number%099d$", duration=1) + FORMAT),
    "identifier": dash(
        template(media="$RepresentationID$" * 100 + "$Number$", duration=10)
        + '<Representation id="xxxxxxxxxxxxxxxxxxxx" bandwidth="1"/>'
    ),
    "segment list": dash("<SegmentList>" + '<SegmentURL media="a"/>' * 5000 + "</SegmentList>" + FORMAT),
    "no stated duration": dash(
        f'<Representation id="a" bandwidth="1">{template(TIMELINE.format(3), media="a$Time$")}'
        "</Representation>"
        f'<Representation id="b" bandwidth="1">{template(media="a$Number$", duration="0.001")}</Representation>',
        duration="",
    ),
    "template behind a list": dash(
        f'<Representation id="b" bandwidth="1">{template(media="a$Number$", duration=1)}</Representation>',
        period="<SegmentList/>" + template(TIMELINE.format(0)),
    ),
    "foreign namespace": dash(
        '<SegmentTemplate xmlns="other"/>' + template(TIMELINE.format(5000), media="a$Time$") + FORMAT
    ),
    "long base": dash("<BaseURL>" + "x" * 50_000 + "</BaseURL>" + FORMAT * 20),
}


@pytest.mark.parametrize("name", MANIFESTS)
def test_the_estimate_is_not_below_what_yt_dlp_takes(name: str) -> None:
    manifest = MANIFESTS[name]
    peak = allocated(manifest)
    assert peak > 100_000  # the manifest does expand
    assert estimate(manifest) >= peak


@pytest.mark.parametrize(
    "manifest",
    [
        dash(template(TIMELINE.format(10**9), media="$Time$") + FORMAT),
        dash(template(TIMELINE.format(100_000), media="$Time$") + FORMAT * 20),
        dash(FORMAT, period=template(TIMELINE.format(10**9), media="$Time$")),
        dash(template(media="$Number$", duration="1e-9") + FORMAT),
        dash(template(media="$Number$", duration="nan") + FORMAT),
        dash(template(media="$Number$", duration=1) + FORMAT, duration="PT99999999H"),
        dash(template(media="$Number$", duration=1, timescale=10**9) + FORMAT),
    ],
)
def test_endless_segments_exceed_the_memory_of_an_operation(manifest: ET.Element) -> None:
    assert estimate(manifest) > LIMIT


@pytest.mark.parametrize(
    "manifest",
    [
        dash(template(media="$Number%0999999999d$", duration=1) + FORMAT),
        dash(template(media="$Number%5.99999999d$", duration=1) + FORMAT),
        dash(template(media="$x%(Number)099999999d$", duration=1) + FORMAT),
        dash(
            template(media="$Numb$RepresentationID$", duration=1) + '<Representation id="er%0999999d$" bandwidth="1"/>'
        ),
        dash(template(media="x" * 30_000, duration=1) + FORMAT),
        dash(template(media="$RepresentationID$" * 1000) + f'<Representation id="{"x" * 1000}" bandwidth="1"/>'),
        dash(template(media="$Number$", duration=1, startNumber="9" * 4000) + FORMAT),
        dash(template(media="$Bandwidth$", duration=1) + f'<Representation id="a" bandwidth="{"9" * 4000}"/>'),
    ],
)
def test_templates_that_give_long_urls_are_refused(manifest: ET.Element) -> None:
    with pytest.raises(HostilePageError):
        estimate(manifest)


def test_manifests_of_long_films_are_accepted() -> None:
    timeline = "<SegmentTimeline>" + '<S t="2" d="2"/>' * 20_000 + "</SegmentTimeline>"
    film = dash(template(timeline, media="https://cdn.example/film/$RepresentationID$/$Time$.m4s") + FORMAT * 8)
    assert estimate(film) < LIMIT
    numbered = template(media="https://cdn.example/film/$RepresentationID$/$Number%09d$.m4s", duration=4)
    assert estimate(dash(numbered + FORMAT * 20, duration="PT4H")) < LIMIT


def test_a_master_playlist_has_a_format_for_each_line_that_is_no_tag() -> None:
    assert estimate_hls_memory("#EXTM3U\n" + "a\n" * 20_000) > LIMIT
    assert estimate_hls_memory("#EXTM3U\n" + "#EXT-X-MEDIA:URI=a\n" * 20_000) > LIMIT
    assert estimate_hls_memory("#EXTM3U\r" + "a\r" * 20_000) > LIMIT
    assert estimate_hls_memory("#EXTM3U\n" + "#EXT-X-STREAM-INF:BANDWIDTH=1\na\n" * 600) < LIMIT
    assert estimate_hls_memory("#EXTM3U\n#EXT-X-TARGETDURATION:1\n" + "a\n" * 20_000) == 0


def test_a_smooth_streaming_manifest_repeats_its_fragments() -> None:
    def smooth(repeat: int, levels: int) -> ET.Element:
        level = '<QualityLevel FourCC="AACL" Bitrate="1000"/>' * levels
        stream = f'<StreamIndex Type="audio" Url="a({{start time}})">{level}<c t="0" d="1" r="{repeat}"/></StreamIndex>'
        return ET.fromstring(f'<SmoothStreamingMedia Duration="1">{stream}</SmoothStreamingMedia>')

    assert estimate_smooth_memory(smooth(10**9, 1), "https://a.example/") > LIMIT
    assert estimate_smooth_memory(smooth(50_000, 20), "https://a.example/") > LIMIT
    assert estimate_smooth_memory(smooth(10_000, 10), "https://a.example/") < LIMIT


@pytest.mark.parametrize(
    "info",
    [
        {"formats": [{}] * (MAX_FORMATS + 1)},
        {"subtitles": {"en": [{}] * (MAX_FORMATS + 1)}},
        {"automatic_captions": {str(number): [{}] for number in range(MAX_FORMATS + 1)}},
        {"thumbnails": [{}] * (MAX_FORMATS + 1)},
    ],
)
def test_a_video_with_too_many_formats_is_refused(info: dict[str, Any]) -> None:
    with pytest.raises(HostilePageError):
        check_format_counts(info)


def test_a_video_with_many_formats_and_translated_captions_is_accepted() -> None:
    translations: dict[str, list[dict[str, str]]] = {str(number): [{}] * 6 for number in range(200)}
    check_format_counts({"formats": [{}] * 800, "automatic_captions": translations, "subtitles": None})
