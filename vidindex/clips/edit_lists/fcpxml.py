"""FCPXML 1.9, which Final Cut Pro 10.4.9 and DaVinci Resolve 17 and later read.

All times are whole frames, written as fractions of a second, so that nothing is rounded.  Resolve needs the parts that
are often left out: the frame duration of the format, a library, an event, and a `media-rep` for each asset.
"""

from __future__ import annotations

from .frame_rates import FrameRate
from .timeline import EditEvent, EditSource, EditTimeline
from .xml_text import XmlText

_FORMAT_NAMES = {"23.976": "2398", "29.97": "2997", "59.94": "5994"}
_WIDTH, _HEIGHT = 1920, 1080


def write_fcpxml(timeline: EditTimeline) -> str:
    """Return *timeline* as FCPXML; each moment has a marker with its quote."""
    xml = XmlText("fcpxml")
    assets = {source: f"r{number}" for number, source in enumerate(timeline.sources, 2)}
    with xml.inside("fcpxml", version="1.9"):
        with xml.inside("resources"):
            _add_format(xml, timeline.rate)
            for source, name in assets.items():
                _add_asset(xml, source, name, timeline.rate)
        title = timeline.title
        with xml.inside("library"), xml.inside("event", name=title), xml.inside("project", name=title):
            _add_sequence(xml, timeline, assets)
    return str(xml)


def _format_time(frames: int, rate: FrameRate) -> str:
    """Return the time of *frames* as a fraction that is a multiple of the frame duration."""
    return f"{frames * 1001}/{rate.base * 1000}s" if rate.is_ntsc else f"{frames * 100}/{rate.base * 100}s"


def _format_tc(rate: FrameRate) -> str:
    return "DF" if rate.is_drop else "NDF"


def _add_format(xml: XmlText, rate: FrameRate) -> None:
    number = rate.name.removesuffix("df")
    described = {
        "id": "r1",
        "name": f"FFVideoFormat{_HEIGHT}p{_FORMAT_NAMES.get(number, number)}",
        "frameDuration": _format_time(1, rate),
        "width": str(_WIDTH),
        "height": str(_HEIGHT),
    }
    xml.add("format", attributes=described)


def _add_asset(xml: XmlText, source: EditSource, name: str, rate: FrameRate) -> None:
    described = {
        "id": name,
        "name": source.name,
        "start": _format_time(source.start, rate),
        "duration": _format_time(source.frames, rate),
        "hasAudio": "1",
        "audioSources": "1",
        "audioChannels": "2",
    }
    if not source.is_audio:
        described |= {"hasVideo": "1", "videoSources": "1", "format": "r1"}
    with xml.inside("asset", **described):
        xml.add("media-rep", attributes={"kind": "original-media", "src": source.uri})


def _add_sequence(xml: XmlText, timeline: EditTimeline, assets: dict[EditSource, str]) -> None:
    described = {
        "format": "r1",
        "duration": _format_time(timeline.frames, timeline.rate),
        "tcStart": _format_time(timeline.start, timeline.rate),
        "tcFormat": _format_tc(timeline.rate),
        "audioLayout": "stereo",
        "audioRate": "48k",
    }
    with xml.inside("sequence", **described), xml.inside("spine"):
        for event in timeline.events:
            _add_clip(xml, event, assets[event.source], timeline)


def _add_clip(xml: XmlText, event: EditEvent, asset: str, timeline: EditTimeline) -> None:
    rate, source = timeline.rate, event.source
    start = _format_time(source.start + event.first, rate)
    described = {
        "ref": asset,
        "offset": _format_time(timeline.start + event.record, rate),
        "name": event.name,
        "start": start,
        "duration": _format_time(event.frames, rate),
        "tcFormat": _format_tc(rate),
        "audioRole": "dialogue",
    }
    if not source.is_audio:
        described["format"] = "r1"
    marker = {"start": start, "duration": _format_time(1, rate), "value": event.name, "note": event.quote}
    with xml.inside("asset-clip", **described):
        xml.add("note", event.url or source.uri)
        xml.add("marker", attributes=marker)
