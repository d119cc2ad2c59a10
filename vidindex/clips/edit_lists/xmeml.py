"""Final Cut Pro 7 XML (`xmeml` 4), which Premiere Pro reads; Resolve and others do, too.

Times are numbers of frames.  The picture and the two channels of sound of a moment are linked to each other, because
editors move only one of them otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...errors import EditListError
from .frame_rates import FrameRate
from .timeline import EditEvent, EditSource, EditTimeline
from .xml_text import XmlText

_CHANNELS = 2


def write_xmeml(timeline: EditTimeline) -> str:
    """Return *timeline* as a sequence with a marker at each moment."""
    markers = ((event.record, event) for event in timeline.events)
    return _SequenceWriter(timeline.rate).write(timeline, timeline.events, markers)


def write_premiere_markers(timeline: EditTimeline) -> str:
    """Return a sequence with the whole film of *timeline*, and a marker at each moment.

    Raises `EditListError` if the moments are of several films.
    """
    source = find_only_source(timeline)
    film = EditEvent(source, first=0, end=source.frames, record=0, quote="", url="")
    markers = ((event.first, event) for event in timeline.events)
    return _SequenceWriter(timeline.rate).write(timeline, [film], markers)


def find_only_source(timeline: EditTimeline) -> EditSource:
    """Return the film of *timeline*, or raise `EditListError` if there are several."""
    sources = timeline.sources
    if len(sources) != 1:
        raise EditListError(
            f"markers are for one film, and these moments are of {len(sources):,}: choose the moments of one video"
        )
    return sources[0]


class _SequenceWriter:
    """Writes a sequence; a film is described where it occurs first."""

    def __init__(self, rate: FrameRate) -> None:
        self._xml = XmlText("xmeml")
        self._rate = rate
        self._files: dict[EditSource, str] = {}

    def write(
        self, timeline: EditTimeline, events: Sequence[EditEvent], markers: Iterable[tuple[int, EditEvent]]
    ) -> str:
        """Return the document with *events* on its tracks, and *markers* at frames."""
        xml = self._xml
        with xml.inside("xmeml", version="4"), xml.inside("sequence", id="sequence-1"):
            xml.add_all(name=timeline.title, duration=sum(event.frames for event in events))
            self._add_rate()
            self._add_timecode(timeline.start)
            with xml.inside("media"):
                self._add_video(events)
                self._add_audio(events)
            for frame, event in markers:
                self._add_marker(frame, event)
        return str(xml)

    def _add_rate(self) -> None:
        with self._xml.inside("rate"):
            self._xml.add_all(timebase=self._rate.base, ntsc="TRUE" if self._rate.is_ntsc else "FALSE")

    def _add_timecode(self, frame: int) -> None:
        with self._xml.inside("timecode"):
            self._add_rate()
            self._xml.add_all(
                string=self._rate.format_timecode(frame),
                frame=frame,
                displayformat="DF" if self._rate.is_drop else "NDF",
            )

    def _add_video(self, events: Sequence[EditEvent]) -> None:
        xml = self._xml
        with xml.inside("video"):
            # Resolve shows no timeline without a format.
            with xml.inside("format"), xml.inside("samplecharacteristics"):
                self._add_rate()
                xml.add_all(width=1920, height=1080, anamorphic="FALSE", pixelaspectratio="square",
                            fielddominance="none")  # fmt: skip
            self._add_track(events, 0)

    def _add_audio(self, events: Sequence[EditEvent]) -> None:
        xml = self._xml
        with xml.inside("audio"):
            xml.add_all(numOutputChannels=_CHANNELS)
            with xml.inside("format"), xml.inside("samplecharacteristics"):
                xml.add_all(depth=16, samplerate=48000)
            for channel in range(1, _CHANNELS + 1):
                self._add_track(events, channel)

    def _add_track(self, events: Sequence[EditEvent], channel: int) -> None:
        """Add the track of sound *channel*, or of the picture if it is 0."""
        with self._xml.inside("track"):
            for number, event in enumerate(events, 1):
                if channel or not event.source.is_audio:
                    self._add_clip(number, event, channel)

    def _add_clip(self, number: int, event: EditEvent, channel: int) -> None:
        xml = self._xml
        with xml.inside("clipitem", id=_clip_name(number, channel)):
            xml.add_all(name=event.name, enabled="TRUE", duration=event.source.frames)
            self._add_rate()
            xml.add_all(start=event.record, end=event.record + event.frames, in_=event.first, out=event.end)
            self._add_file(event.source)
            if channel:
                with xml.inside("sourcetrack"):
                    xml.add_all(mediatype="audio", trackindex=channel)
            self._add_links(number, event.source)

    def _add_links(self, number: int, source: EditSource) -> None:
        for channel in range(1 if source.is_audio else 0, _CHANNELS + 1):
            with self._xml.inside("link"):
                self._xml.add_all(
                    linkclipref=_clip_name(number, channel),
                    mediatype="audio" if channel else "video",
                    trackindex=channel or 1,
                    clipindex=number,
                )

    def _add_file(self, source: EditSource) -> None:
        xml = self._xml
        if source in self._files:
            xml.add("file", attributes={"id": self._files[source]})
            return
        name = self._files[source] = f"file-{len(self._files) + 1}"
        with xml.inside("file", id=name):
            xml.add_all(name=source.name, pathurl=source.uri.replace("file:///", "file://localhost/", 1))
            self._add_rate()
            xml.add_all(duration=source.frames)
            self._add_timecode(source.start)
            with xml.inside("media"):
                if not source.is_audio:
                    xml.add("video")
                with xml.inside("audio"):
                    xml.add_all(channelcount=_CHANNELS)

    def _add_marker(self, frame: int, event: EditEvent) -> None:
        comment = " ".join(filter(None, (event.quote, event.url)))
        with self._xml.inside("marker"):
            self._xml.add_all(name=event.name, comment=comment, in_=frame, out=frame + event.frames)


def _clip_name(number: int, channel: int) -> str:
    return f"clipitem-{number}-{channel}"
