"""OpenTimelineIO files, which DaVinci Resolve 18.5, Premiere Pro 25.6, Kdenlive and others read.

The file is JSON in the schema of OpenTimelineIO 0.15 and later.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from .frame_rates import FrameRate
from .timeline import EditEvent, EditSource, EditTimeline


def write_otio(timeline: EditTimeline) -> str:
    """Return *timeline* with a track of pictures and one of sound; each moment has a marker with its quote."""
    has_picture = any(not event.source.is_audio for event in timeline.events)
    tracks = [_format_track(kind, timeline) for kind in ("Video", "Audio") if has_picture or kind == "Audio"]
    start = _make_time(timeline.start, timeline.rate)
    document = _make_object("Timeline.1", name=timeline.title, global_start_time=start)
    stack = _format_parent(_make_item("Stack.1", "tracks"), tracks)
    return f'{_format(document)[:-1]}, "tracks": {stack}}}\n'


def _format(fields: dict[str, Any]) -> str:
    return json.dumps(fields, ensure_ascii=False)


def _format_parent(fields: dict[str, Any], children: Iterable[str]) -> str:
    """Return *fields* with *children*, each in a line of its own: all of them as objects would need much memory."""
    return f'{_format(fields)[:-1]}, "children": [\n' + ",\n".join(children) + "\n]}"


def _format_track(kind: str, timeline: EditTimeline) -> str:
    children = (_format(_make_child(event, kind, timeline.rate)) for event in timeline.events)
    return _format_parent(_make_item("Track.1", f"{kind[0]}1", kind=kind), children)


def _make_object(schema: str, *, name: str, metadata: dict[str, Any] | None = None, **fields: object) -> dict[str, Any]:
    return {"OTIO_SCHEMA": schema, "metadata": metadata or {}, "name": name, **fields}


def _make_item(schema: str, name: str, **fields: Any) -> dict[str, Any]:
    shared: dict[str, Any] = {"source_range": None, "effects": [], "markers": [], "enabled": True}
    return _make_object(schema, name=name, **shared | fields)


def _make_child(event: EditEvent, kind: str, rate: FrameRate) -> dict[str, Any]:
    if kind == "Video" and event.source.is_audio:
        return _make_item("Gap.1", "", source_range=_make_range(0, event.frames, rate))
    first = event.source.start + event.first
    return _make_item(
        "Clip.2",
        event.name,
        metadata={"vidindex": {"quote": event.quote, "url": event.url, "title": event.source.title}},
        source_range=_make_range(first, event.frames, rate),
        markers=[_make_marker(event, first, rate)] if kind == "Video" or event.source.is_audio else [],
        media_references={"DEFAULT_MEDIA": _make_reference(event.source, rate)},
        active_media_reference_key="DEFAULT_MEDIA",
    )


def _make_marker(event: EditEvent, first: int, rate: FrameRate) -> dict[str, Any]:
    return _make_object(
        "Marker.2", name=event.name, color="GREEN", comment=event.quote, marked_range=_make_range(first, 1, rate)
    )


def _make_reference(source: EditSource, rate: FrameRate) -> dict[str, Any]:
    available = _make_range(source.start, source.frames, rate)
    return _make_object(
        "ExternalReference.1",
        name=source.name,
        available_range=available,
        available_image_bounds=None,
        target_url=source.uri,
    )


def _make_range(first: int, frames: int, rate: FrameRate) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "TimeRange.1",
        "start_time": _make_time(first, rate),
        "duration": _make_time(frames, rate),
    }


def _make_time(frame: int, rate: FrameRate) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "RationalTime.1",
        "rate": rate.numerator / rate.denominator,
        "value": float(frame),
    }
