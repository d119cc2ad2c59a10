"""Final Cut Pro 7 XML (`xmeml` 4), which Premiere Pro reads; Resolve and others do, too.

Times are numbers of frames.  The picture and the two channels of sound of a moment are linked to each other, because
editors move only one of them otherwise.  Premiere has no other file from which it takes markers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, SubElement

from ...errors import EditListError
from .frame_rates import FrameRate
from .timeline import EditEvent, EditSource, EditTimeline
from .xml_text import format_xml

_CHANNELS = 2


def write_xmeml(timeline: EditTimeline) -> str:
    """Return *timeline* as a sequence with a marker at each moment."""
    return _write_sequence(timeline, timeline.events, [(event.record, event) for event in timeline.events])


def write_premiere_markers(timeline: EditTimeline) -> str:
    """Return a sequence with the whole film of *timeline*, and a marker at each moment.

    Raises `EditListError` if the moments are of several films.
    """
    source = find_only_source(timeline)
    film = EditEvent(source, first=0, end=source.frames, record=0, quote="", url="")
    return _write_sequence(timeline, [film], [(event.first, event) for event in timeline.events])


def find_only_source(timeline: EditTimeline) -> EditSource:
    """Return the film of *timeline*, or raise `EditListError` if there are several."""
    sources = timeline.sources
    if len(sources) != 1:
        raise EditListError(
            f"markers are for one film, and these moments are of {len(sources):,}: choose the moments of one video"
        )
    return sources[0]


@dataclass(slots=True)
class _Sequence:
    """What a sequence refers to while it is written: its rate, and the films that were described already."""

    rate: FrameRate
    files: dict[EditSource, str] = field(default_factory=dict)


def _write_sequence(
    timeline: EditTimeline, events: Iterable[EditEvent], markers: Iterable[tuple[int, EditEvent]]
) -> str:
    listed = list(events)
    state = _Sequence(timeline.rate)
    root = Element("xmeml", version="4")
    sequence = SubElement(root, "sequence", id="sequence-1")
    _add_texts(sequence, name=timeline.title, duration=sum(event.frames for event in listed))
    _add_rate(sequence, state.rate)
    _add_timecode(sequence, timeline.start, state.rate)
    media = SubElement(sequence, "media")
    _add_video(media, listed, state)
    _add_audio(media, listed, state)
    for frame, event in markers:
        _add_marker(sequence, frame, event)
    return format_xml(root, "xmeml")


def _add_texts(parent: Element, **texts: str | int) -> None:
    for name, text in texts.items():
        SubElement(parent, name).text = str(text)


def _add_rate(parent: Element, rate: FrameRate) -> None:
    _add_texts(SubElement(parent, "rate"), timebase=rate.base, ntsc="TRUE" if rate.is_ntsc else "FALSE")


def _add_timecode(parent: Element, frame: int, rate: FrameRate) -> None:
    timecode = SubElement(parent, "timecode")
    _add_rate(timecode, rate)
    _add_texts(
        timecode,
        string=rate.format_timecode(frame),
        frame=frame,
        displayformat="DF" if rate.is_drop else "NDF",
    )


def _add_video(media: Element, events: list[EditEvent], state: _Sequence) -> None:
    video = SubElement(media, "video")
    # Resolve shows no timeline without a format.
    characteristics = SubElement(SubElement(video, "format"), "samplecharacteristics")
    _add_rate(characteristics, state.rate)
    _add_texts(characteristics, width=1920, height=1080, anamorphic="FALSE", pixelaspectratio="square",
               fielddominance="none")  # fmt: skip
    _add_track(video, events, 0, state)


def _add_audio(media: Element, events: list[EditEvent], state: _Sequence) -> None:
    audio = SubElement(media, "audio")
    _add_texts(audio, numOutputChannels=_CHANNELS)
    _add_texts(SubElement(SubElement(audio, "format"), "samplecharacteristics"), depth=16, samplerate=48000)
    for channel in range(1, _CHANNELS + 1):
        _add_track(audio, events, channel, state)


def _add_track(parent: Element, events: list[EditEvent], channel: int, state: _Sequence) -> None:
    """Add the track of sound *channel*, or of the picture if it is 0."""
    track = SubElement(parent, "track")
    for number, event in enumerate(events, 1):
        if channel or not event.source.is_audio:
            _add_clip(track, number, event, channel, state)


def _add_clip(track: Element, number: int, event: EditEvent, channel: int, state: _Sequence) -> None:
    clip = SubElement(track, "clipitem", id=_clip_name(number, channel))
    _add_texts(clip, name=event.name, enabled="TRUE", duration=event.source.frames)
    _add_rate(clip, state.rate)
    record_end = event.record + event.frames
    _add_texts(clip, start=event.record, end=record_end, **{"in": event.first, "out": event.end})
    _add_file(clip, event.source, state)
    if channel:
        _add_texts(SubElement(clip, "sourcetrack"), mediatype="audio", trackindex=channel)
    for linked in range(1 if event.source.is_audio else 0, _CHANNELS + 1):
        medium = "audio" if linked else "video"
        _add_texts(SubElement(clip, "link"), linkclipref=_clip_name(number, linked), mediatype=medium,
                   trackindex=linked or 1, clipindex=number)  # fmt: skip


def _clip_name(number: int, channel: int) -> str:
    return f"clipitem-{number}-{channel}"


def _add_file(clip: Element, source: EditSource, state: _Sequence) -> None:
    """Add the film, described where it occurs first."""
    if source in state.files:
        SubElement(clip, "file", id=state.files[source])
        return
    name = state.files[source] = f"file-{len(state.files) + 1}"
    file = SubElement(clip, "file", id=name)
    _add_texts(file, name=source.name, pathurl=source.uri.replace("file:///", "file://localhost/", 1))
    _add_rate(file, state.rate)
    _add_texts(file, duration=source.frames)
    _add_timecode(file, source.start, state.rate)
    media = SubElement(file, "media")
    if not source.is_audio:
        SubElement(media, "video")
    _add_texts(SubElement(media, "audio"), channelcount=_CHANNELS)


def _add_marker(sequence: Element, frame: int, event: EditEvent) -> None:
    marker = SubElement(sequence, "marker")
    _add_texts(marker, name=event.name, comment=" ".join(filter(None, (event.quote, event.url))))
    _add_texts(marker, **{"in": frame, "out": frame + event.frames})
