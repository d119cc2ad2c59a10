"""The timeline of a video: chapters, and marks for all hits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ...model import Hit, Video
from ...transcripts.timecode import format_clock

_MIN_MARK_WIDTH = 4.0
_WIDTH = 1000.0


@dataclass(frozen=True, slots=True)
class TimelineMark:
    """A mark for one hit, or for several that are too close to be told apart, in thousandths of the video length."""

    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Timeline:
    """The timeline of the video; *at* is the current position."""

    name: str
    at: float
    chapters: tuple[float, ...]
    marks: tuple[TimelineMark, ...]


def make_timeline(video: Video, hits: Sequence[Hit], *, count: str, at_ms: int, length_ms: int) -> Timeline:
    """Return the timeline of *video* with *hits*, in order of time; *count* says how many there are."""
    scale = _WIDTH / max(length_ms, 1)
    spans = ((hit.start_ms * scale, hit.end_ms * scale) for hit in hits)
    return Timeline(
        name=f"{count} in {format_clock(length_ms)}" if count else f"Timeline of {format_clock(length_ms)}",
        at=_clamp(at_ms * scale),
        chapters=tuple(_clamp(each.start_ms * scale) for each in video.chapters if 0 < each.start_ms < length_ms),
        marks=tuple(TimelineMark(round(start, 1), round(end - start, 1)) for start, end in _merge_spans(spans)),
    )


def _merge_spans(spans: Iterable[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """Yield the *spans*, which are in order, at their least width, with those joined that overlap."""
    current: tuple[float, float] | None = None
    for span in spans:
        start = min(_clamp(span[0]), _WIDTH - _MIN_MARK_WIDTH)
        end = max(_clamp(span[1]), start + _MIN_MARK_WIDTH)
        if current and start < current[1]:
            current = current[0], max(end, current[1])
            continue
        if current:
            yield current
        current = start, end
    if current:
        yield current


def _clamp(value: float) -> float:
    return round(min(max(value, 0.0), _WIDTH), 1)
