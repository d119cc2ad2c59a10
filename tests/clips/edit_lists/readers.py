"""Readers of edit lists, independent of the writers: OpenTimelineIO with its adapters where they are right."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any, NamedTuple
from xml.etree import ElementTree

import pytest

from vidindex.clips.edit_lists.frame_rates import find_frame_rate


class ReadEvent(NamedTuple):
    """An event as it was read: *start* and *record* in time code frames, and the film."""

    media: str
    start: int
    frames: int
    record: int


def read_edl(text: str, rate: str) -> list[ReadEvent]:
    """Read with the CMX 3600 adapter of OpenTimelineIO."""
    timeline = _read_timeline(text, "cmx_3600", rate=_fps(rate))
    sound = next(track for track in timeline.tracks if track.name == "A1")
    return [
        ReadEvent(clip.name, *_span(clip), _record(clip, text, number, rate))
        for number, clip in enumerate(sound.find_clips(), 1)
    ]


def _record(clip: Any, text: str, number: int, rate: str) -> int:
    """Return where the event *number* of *text* is recorded, which the adapter does not keep."""
    line = next(line for line in text.splitlines() if line.startswith(f"{number:03} "))
    start, end = (_otio_frames(timecode, rate) for timecode in line.split()[-2:])
    assert end - start == clip.duration().value
    return start


def _otio_frames(timecode: str, rate: str) -> int:
    opentime: Any = pytest.importorskip("opentimelineio.opentime")
    return int(opentime.from_timecode(timecode, _fps(rate)).to_frames())


def read_otio(text: str, rate: str) -> list[ReadEvent]:
    """Read with OpenTimelineIO."""
    return _read_tracks(_read_timeline(text, "otio_json"), rate)


def read_xml(text: str, rate: str) -> list[ReadEvent]:
    """Read with the Final Cut Pro 7 adapter of OpenTimelineIO."""
    return _read_tracks(_read_timeline(text, "fcp_xml"), rate)


def _read_tracks(timeline: Any, rate: str) -> list[ReadEvent]:
    found = []
    start = timeline.global_start_time
    assert start.rate == pytest.approx(_fps(rate))
    tracks = [
        [
            ReadEvent(
                clip.media_reference.target_url, *_span(clip), int((clip.range_in_parent().start_time + start).value)
            )
            for clip in track.find_clips()
        ]
        for track in timeline.tracks
    ]
    found = max(tracks, key=len)
    assert all(track == found for track in tracks if len(track) == len(found))
    return found


def _span(clip: Any) -> tuple[int, int]:
    times = clip.source_range.start_time, clip.source_range.duration
    assert all(time.value == int(time.value) for time in times), "the times are whole frames"
    return int(times[0].value), int(times[1].value)


def _read_timeline(text: str, adapter: str, **options: Any) -> Any:
    otio: Any = pytest.importorskip("opentimelineio")
    pytest.importorskip("otio_cmx3600_adapter")
    pytest.importorskip("otio_fcp_adapter")
    return otio.adapters.read_from_string(text, adapter, **options)


def _fps(rate: str) -> float:
    found = find_frame_rate(rate)
    return found.numerator / found.denominator


def read_fcpxml(text: str, rate: str) -> list[ReadEvent]:
    """Read with fractions; the adapter of OpenTimelineIO rounds the frame rates of NTSC."""
    root = ElementTree.fromstring(text)
    frame = _fraction(root.find(".//format").get("frameDuration"))  # type: ignore[union-attr]
    fps = find_frame_rate(rate)
    assert 1 / frame == Fraction(fps.numerator, fps.denominator)
    media = {asset.get("id"): asset[0].get("src") for asset in root.iter("asset")}
    events = []
    for clip in root.iter("asset-clip"):
        frames = [_fraction(clip.get(name)) / frame for name in ("start", "duration", "offset")]
        assert all(each.denominator == 1 for each in frames), "the times are whole frames"
        events.append(ReadEvent(str(media[clip.get("ref")]), *map(int, frames)))
    return events


def _fraction(text: str | None) -> Fraction:
    return Fraction(str(text).removesuffix("s"))


def read_m3u(text: str) -> list[tuple[str, float, float]]:
    """Return the film, the start and the end of each entry, in seconds."""
    number = r"([\d.]+)"
    pattern = rf"#EXTINF:\d+,.+\n#EXTVLCOPT:start-time={number}\n#EXTVLCOPT:stop-time={number}\n([^#\n].*)\n"
    head, *rest = re.split(pattern, text)
    assert head == "#EXTM3U\n"
    return [(rest[at + 2], float(rest[at]), float(rest[at + 1])) for at in range(0, len(rest) - 1, 4)]
