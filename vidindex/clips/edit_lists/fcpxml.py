"""FCPXML 1.9, which Final Cut Pro 10.4.9 and DaVinci Resolve 17 and later read.

All times are whole frames, written as fractions of a second, so that nothing is rounded.  Resolve needs the parts that
are often left out: the frame duration of the format, a library, an event, and a `media-rep` for each asset.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement

from .frame_rates import FrameRate
from .timeline import EditEvent, EditSource, EditTimeline
from .xml_text import format_xml

_FORMAT_NAMES = {"23.976": "2398", "29.97": "2997", "59.94": "5994"}
_WIDTH, _HEIGHT = 1920, 1080


def write_fcpxml(timeline: EditTimeline) -> str:
    """Return *timeline* as FCPXML; each moment has a marker with its quote."""
    root = Element("fcpxml", version="1.9")
    resources = SubElement(root, "resources")
    _add_format(resources, timeline.rate)
    assets = {source: f"r{number}" for number, source in enumerate(timeline.sources, 2)}
    for source, name in assets.items():
        _add_asset(resources, source, name, timeline.rate)
    event = SubElement(SubElement(root, "library"), "event", name=timeline.title)
    spine = _add_sequence(SubElement(event, "project", name=timeline.title), timeline)
    for edit in timeline.events:
        _add_clip(spine, edit, assets[edit.source], timeline)
    return format_xml(root, "fcpxml")


def _format_time(frames: int, rate: FrameRate) -> str:
    """Return the time of *frames* as a fraction that is a multiple of the frame duration."""
    return f"{frames * 1001}/{rate.base * 1000}s" if rate.is_ntsc else f"{frames * 100}/{rate.base * 100}s"


def _format_tc(rate: FrameRate) -> str:
    return "DF" if rate.is_drop else "NDF"


def _add_format(resources: Element, rate: FrameRate) -> None:
    number = rate.name.removesuffix("df")
    SubElement(
        resources,
        "format",
        id="r1",
        name=f"FFVideoFormat{_HEIGHT}p{_FORMAT_NAMES.get(number, number)}",
        frameDuration=_format_time(1, rate),
        width=str(_WIDTH),
        height=str(_HEIGHT),
    )


def _add_asset(resources: Element, source: EditSource, name: str, rate: FrameRate) -> None:
    asset = SubElement(
        resources,
        "asset",
        id=name,
        name=source.name,
        start=_format_time(source.start, rate),
        duration=_format_time(source.frames, rate),
        hasAudio="1",
        audioSources="1",
        audioChannels="2",
    )
    if not source.is_audio:
        asset.attrib.update(hasVideo="1", videoSources="1", format="r1")
    SubElement(asset, "media-rep", kind="original-media", src=source.uri)


def _add_sequence(project: Element, timeline: EditTimeline) -> Element:
    sequence = SubElement(
        project,
        "sequence",
        format="r1",
        duration=_format_time(timeline.frames, timeline.rate),
        tcStart=_format_time(timeline.start, timeline.rate),
        tcFormat=_format_tc(timeline.rate),
        audioLayout="stereo",
        audioRate="48k",
    )
    return SubElement(sequence, "spine")


def _add_clip(spine: Element, event: EditEvent, asset: str, timeline: EditTimeline) -> None:
    rate, source = timeline.rate, event.source
    start = _format_time(source.start + event.first, rate)
    clip = SubElement(
        spine,
        "asset-clip",
        ref=asset,
        offset=_format_time(timeline.start + event.record, rate),
        name=event.name,
        start=start,
        duration=_format_time(event.frames, rate),
        tcFormat=_format_tc(rate),
        audioRole="dialogue",
    )
    if not source.is_audio:
        clip.set("format", "r1")
    SubElement(clip, "note").text = event.url or source.uri
    SubElement(clip, "marker", start=start, duration=_format_time(1, rate), value=event.name, note=event.quote)
