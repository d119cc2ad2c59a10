"""The moments of an edit list, one after the other on a timeline, in frames."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..films import MEDIA_TYPES
from ..moments import ClipMoment
from .frame_rates import FrameRate
from .texts import clean_text, file_name, media_uri

DEFAULT_START_TIMECODE = "01:00:00:00"
"""Time code of the first frame of a timeline, as editors expect it."""

AUDIO_SUFFIXES = frozenset(suffix for suffix, kind in MEDIA_TYPES.items() if kind.startswith("audio/"))
_MAX_NAME_CHARS = 100
_MAX_QUOTE_CHARS = 500


@dataclass(frozen=True, slots=True)
class EditMoment:
    """A moment of a film, as an edit list takes it.

    *media* is the path or the URL of the film.  *duration_ms* is its length, 0 if that is not known.  *timecode* is the
    time code of its first frame, "" for 00:00:00:00.  *url* plays the moment on its site.
    """

    media: str
    start_ms: int
    end_ms: int
    quote: str = ""
    title: str = ""
    duration_ms: int = 0
    timecode: str = ""
    url: str = ""
    is_audio: bool = False


def to_edit_moment(moment: ClipMoment) -> EditMoment:
    """Return *moment* for an edit list: of the film on this machine, or of the page of the video if there is none."""
    video = moment.video
    return EditMoment(
        media=str(moment.media or video.url),
        start_ms=moment.start_ms,
        end_ms=moment.end_ms,
        quote=moment.text,
        title=video.title,
        duration_ms=video.duration_ms,
        url="" if moment.url.startswith("file:") else moment.url,
        is_audio=video.medium == "audio" or (moment.media is not None and moment.media.suffix in AUDIO_SUFFIXES),
    )


@dataclass(frozen=True, slots=True)
class EditSource:
    """A film that events come from.

    *frames* is its length, or the end of the last event if the length is not known; *start* is the frame number of its
    first frame in time code.
    """

    uri: str
    name: str
    title: str
    start: int
    frames: int
    is_audio: bool


@dataclass(frozen=True, slots=True)
class EditEvent:
    """A moment in frames: *first* to *end* of the film, counted from its first frame, at *record* of the timeline.

    *end* is the first frame after the moment; there is at least one frame.
    """

    source: EditSource
    first: int
    end: int
    record: int
    quote: str
    url: str

    @property
    def frames(self) -> int:
        """The length of the moment."""
        return self.end - self.first

    @property
    def name(self) -> str:
        """The name that an editor shows for the moment."""
        return clean_text(self.quote, _MAX_NAME_CHARS) or self.source.title


@dataclass(frozen=True, slots=True)
class EditTimeline:
    """Events one after the other; *start* is the frame number of the first frame."""

    title: str
    rate: FrameRate
    start: int
    events: tuple[EditEvent, ...]

    @property
    def frames(self) -> int:
        """The length of all events."""
        return sum(event.frames for event in self.events)

    @property
    def sources(self) -> tuple[EditSource, ...]:
        """The films, in the order of their first events."""
        return tuple(dict.fromkeys(event.source for event in self.events))


def lay_out(moments: Iterable[EditMoment], rate: FrameRate, *, title: str, start_timecode: str = "") -> EditTimeline:
    """Return the timeline on which *moments* follow each other, as they are given.

    Start and end are the nearest frames.  A moment without length has one frame.
    """
    listed = list(moments)
    spans = [_to_frames(moment, rate) for moment in listed]
    sources = _find_sources(listed, spans, rate)
    events = []
    record = 0
    for moment, (first, end) in zip(listed, spans, strict=True):
        quote = clean_text(moment.quote, _MAX_QUOTE_CHARS)
        events.append(EditEvent(sources[moment.media], first, end, record, quote, clean_text(moment.url, 0)))
        record += end - first
    start = rate.parse_timecode(start_timecode or DEFAULT_START_TIMECODE)
    return EditTimeline(clean_text(title, _MAX_NAME_CHARS) or "vidindex", rate, start, tuple(events))


def _to_frames(moment: EditMoment, rate: FrameRate) -> tuple[int, int]:
    first = rate.to_frame(max(moment.start_ms, 0))
    return first, max(rate.to_frame(moment.end_ms), first + 1)


def _find_sources(
    moments: Sequence[EditMoment], spans: Sequence[tuple[int, int]], rate: FrameRate
) -> dict[str, EditSource]:
    """Return the film of each *media*; the first of its moments tells its title and length."""
    ends: dict[str, int] = {}
    for moment, (_, end) in zip(moments, spans, strict=True):
        ends[moment.media] = max(ends.get(moment.media, 0), end)
    first_moments = {moment.media: moment for moment in reversed(moments)}
    return {media: _make_source(first_moments[media], ends[media], rate) for media in ends}


def _make_source(moment: EditMoment, end: int, rate: FrameRate) -> EditSource:
    uri = media_uri(moment.media)
    title = clean_text(moment.title, _MAX_NAME_CHARS)
    name = file_name(uri) or title or "Untitled video"
    return EditSource(
        uri=uri,
        name=name,
        title=title or name,
        start=rate.parse_timecode(moment.timecode) if moment.timecode else 0,
        frames=max(_whole_frames(moment.duration_ms, rate), end),
        is_audio=moment.is_audio,
    )


def _whole_frames(duration_ms: int, rate: FrameRate) -> int:
    """Return the frames that are complete: a film that seems longer than it is cannot be linked in some editors."""
    return duration_ms * rate.numerator // (1000 * rate.denominator)
