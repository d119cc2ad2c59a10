"""Markers for DaVinci Resolve: the EDL that its "Timeline Markers from EDL" reads, and that it writes itself.

Each marker is an event of one frame, and a line with the note, the color, the name and the length in frames.  Markers
are for a timeline that starts with the first frame of the film, at *start* of the timeline.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import EditListError
from .cmx3600 import MAX_EVENTS, format_event, format_fcm, format_span
from .timeline import EditEvent, EditTimeline
from .xmeml import find_only_source

_COLOR = "Blue"


def write_resolve_markers(timeline: EditTimeline) -> str:
    """Return a marker for each moment of the film of *timeline*.

    Raises `EditListError` if the moments are of several films, or do not fit into an EDL.
    """
    find_only_source(timeline)
    if len(timeline.events) > MAX_EVENTS:
        raise EditListError(f"a list of markers holds {MAX_EVENTS}, not {len(timeline.events):,}: choose fewer moments")
    lines = [f"TITLE: {timeline.title}", format_fcm(timeline.rate), ""]
    for number, event in enumerate(timeline.events, 1):
        lines += _marker_lines(number, event, timeline)
    return "\n".join([*lines, ""])


def _marker_lines(number: int, event: EditEvent, timeline: EditTimeline) -> Iterator[str]:
    span = format_span(timeline.start + event.first, 1, timeline.rate, f"marker {number}")
    note = _clean_note(event.quote if event.quote != event.name else event.url)
    yield format_event(number, "001", "V", span, span)
    yield f"{note} |C:ResolveColor{_COLOR} |M:{_clean_note(event.name)} |D:{event.frames}"
    yield ""


def _clean_note(text: str) -> str:
    """Return *text* without the mark between fields, and so that it cannot be taken for an event or a comment."""
    text = text.replace("|", "/")
    return f"- {text}" if text[:1].isdigit() or text[:1] == "*" else text
