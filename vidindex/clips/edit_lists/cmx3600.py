"""CMX 3600 edit decision lists (EDL), which nearly every editor reads.

A list has one track, at most 999 events, and time codes, which end after 24 hours.  A film is known by its reel, a name
of at most eight characters; editors that read files instead of tapes take the name in `* FROM CLIP NAME:`.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import EditListError
from .frame_rates import FrameRate
from .timeline import EditEvent, EditSource, EditTimeline

MAX_EVENTS = 999
_MAX_REEL_CHARS = 8
_RESERVED_REELS = {"AX", "BL"}  # an auxiliary source without time code, and black


def write_cmx3600(timeline: EditTimeline) -> str:
    """Return *timeline* as an EDL, or raise `EditListError` if it does not fit into one."""
    if len(timeline.events) > MAX_EVENTS:
        raise EditListError(
            f"an EDL holds {MAX_EVENTS} events, not {len(timeline.events):,}: choose fcpxml, xml or otio, or cut fewer"
        )
    lines = [f"TITLE: {timeline.title}", format_fcm(timeline.rate), ""]
    reels = _name_reels(timeline.sources)
    for number, event in enumerate(timeline.events, 1):
        lines += _event_lines(number, event, reels[event.source], timeline)
    return "\n".join([*lines, ""])


def format_fcm(rate: FrameRate) -> str:
    """Return the line that states how the time codes of a list count."""
    return f"FCM: {'DROP FRAME' if rate.is_drop else 'NON-DROP FRAME'}"


def format_event(number: int, reel: str, channels: str, *spans: str) -> str:
    """Return the line of a cut; *spans* are the source and the record time codes."""
    return f"{number:03}  {reel:<8} {channels:<5} C        {' '.join(spans)}"


def format_span(first: int, frames: int, rate: FrameRate, what: str) -> str:
    """Return the time codes of *first* and of the first frame after *frames*.

    Raises `EditListError` if *what* passes the end of time code: the numbers would start again, at another moment.
    """
    if first + frames >= rate.frames_per_day:
        raise EditListError(f"{what} ends after 24 hours, where time code ends: choose fcpxml, xml or otio")
    return f"{rate.format_timecode(first)} {rate.format_timecode(first + frames)}"


def _event_lines(number: int, event: EditEvent, reel: str, timeline: EditTimeline) -> Iterator[str]:
    source, rate = event.source, timeline.rate
    channels = "AA" if source.is_audio else "AA/V"
    played = format_span(source.start + event.first, event.frames, rate, f"event {number} of {source.name}")
    recorded = format_span(timeline.start + event.record, event.frames, rate, f"event {number} of the list")
    yield format_event(number, reel, channels, played, recorded)
    yield f"* FROM CLIP NAME: {source.name}"
    yield f"* SOURCE FILE: {source.uri}"
    if event.url:
        yield f"* URL: {event.url}"
    if event.quote:
        yield f"* COMMENT: {event.quote}"
    yield ""


def _name_reels(sources: tuple[EditSource, ...]) -> dict[EditSource, str]:
    """Return a reel name for each film: the letters and digits of its name, with a number if another has the same."""
    reels: dict[EditSource, str] = {}
    taken = set(_RESERVED_REELS)
    for source in sources:
        reel = _choose_reel(source.name, taken)
        taken.add(reel)
        reels[source] = reel
    return reels


def _choose_reel(name: str, taken: set[str]) -> str:
    base = name.rpartition(".")[0] or name
    stem = "".join(char for char in base if char.isascii() and char.isalnum()).upper()[:_MAX_REEL_CHARS] or "REEL"
    reel, number = stem, 1
    while reel in taken:
        number += 1
        reel = f"{stem[: _MAX_REEL_CHARS - len(str(number))]}{number}"
    return reel
