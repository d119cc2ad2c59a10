"""Estimate how much memory yt-dlp takes for the formats and fragments of a manifest, before it parses the manifest.

Manifests are compressed by nature: `r="100000000"` in a kilobyte of DASH stands for as many fragments.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from typing import Any
from xml.etree.ElementTree import Element

from ..errors import HostilePageError

ParseDuration = Callable[[str | None], float | None]

MAX_FORMATS = 4000
"""How many formats, and how many tracks, a video may have.  Each takes yt-dlp a millisecond."""

_FORMAT_BYTES = 20_000
_FRAGMENT_BYTES = 500
_MAX_NUMBER_LENGTH = 30
_MAX_FIELD_WIDTH = 99
_MAX_TEMPLATE_LENGTH = 20_000
_ENDLESS = 1 << 40

_IDENTIFIER_FIELD = "$RepresentationID$"
_FORMATTED_FIELD = re.compile(r"[A-Za-z]+%0*\d{1,2}[dixX]")
_NUMBER_ATTRIBUTES = frozenset(
    {"t", "d", "r", "startNumber", "timescale", "duration", "bandwidth", "Bitrate", "Duration", "TimeScale"}
)


def estimate_formats_memory(sources: Sized) -> int:
    """Return the memory for one format for each of *sources*."""
    return _FORMAT_BYTES * len(sources)


def estimate_hls_memory(playlist: str) -> int:
    """Return the memory for the formats of a master playlist: yt-dlp takes each line that is no tag for one."""
    if "#EXT-X-TARGETDURATION" in playlist:
        return 0
    lines = (line.strip() for line in playlist.splitlines())
    return _FORMAT_BYTES * sum(1 for line in lines if line.startswith("#EXT-X-MEDIA:") or line[:1] not in ("", "#"))


def estimate_dash_memory(manifest: Element, parse_duration: ParseDuration) -> int:
    """Return an upper estimate of the memory for the formats and fragments of a DASH manifest.

    *parse_duration* is the function of yt-dlp.

    Raises `HostilePageError` if the manifest has numbers or templates that no player writes.
    """
    _check_numbers(manifest)
    return _DashManifest(manifest, parse_duration).estimate_memory()


def estimate_smooth_memory(manifest: Element, url: str) -> int:
    """Return an upper estimate of the memory for the formats and fragments of the Smooth Streaming manifest at *url*.

    Raises `HostilePageError` if the manifest has numbers that no player writes.
    """
    _check_numbers(manifest)
    total = 0
    for stream in manifest.findall("StreamIndex"):
        pattern = stream.get("Url", "")
        url_bytes = len(url) + len(pattern) + _MAX_NUMBER_LENGTH * pattern.count("{")
        fragments = sum(max(1, _to_int(chunk.get("r"))) for chunk in stream.findall("c"))
        total += len(stream.findall("QualityLevel")) * (_FORMAT_BYTES + fragments * (_FRAGMENT_BYTES + url_bytes))
    return total


def check_format_counts(info: dict[str, Any]) -> None:
    """Check that yt-dlp can process the formats and tracks of a video in time.

    Raises `HostilePageError` if it cannot.
    """
    tracks = sum(
        len(each or ()) for key in ("subtitles", "automatic_captions") for each in (info.get(key) or {}).values()
    )
    counts = (len(info.get(key) or ()) for key in ("formats", "thumbnails", "chapters", "subtitles"))
    if max(tracks, *counts) > MAX_FORMATS:
        raise HostilePageError


class _DashManifest:
    """A DASH manifest, read in the way of `InfoExtractor._parse_mpd_periods`."""

    def __init__(self, root: Element, parse_duration: ParseDuration) -> None:
        self._root = root
        self._parse_duration = parse_duration
        match = re.fullmatch(r"(\{[^}]+\})mpd", str(root.tag), re.IGNORECASE)
        self._namespace = match[1] if match else ""

    def estimate_memory(self) -> int:
        return sum(map(self._estimate_period, self._children(self._root, "Period")))

    def _children(self, element: Element, name: str) -> list[Element]:
        return element.findall(self._namespace + name)

    def _estimate_period(self, period: Element) -> int:
        duration_s = self._period_duration_s(period)
        total = 0
        for adaptation_set in self._children(period, "AdaptationSet"):
            for representation in self._children(adaptation_set, "Representation"):
                levels = (period, adaptation_set, representation)
                total += _FORMAT_BYTES + self._base_url_bytes(levels)
                total += self._count_fragments(levels, duration_s) * (_FRAGMENT_BYTES + self._url_length(levels))
        return total

    def _period_duration_s(self, period: Element) -> float:
        for stated in (period.get("duration"), self._root.get("mediaPresentationDuration")):
            if duration_s := self._parse_duration(stated):
                return duration_s
        # yt-dlp derives it from the fragments of an earlier representation.
        repeated = sum(abs(_to_int(s.get("d"))) * _repetitions(s) for s in period.iter(self._namespace + "S"))
        listed = sum(1 for _ in period.iter(self._namespace + "SegmentURL"))
        segments_s = sum(abs(_to_float(each.get("duration"))) for each in period.iter() if each is not period)
        return float(repeated) + listed * segments_s

    def _segments(self, levels: Iterable[Element]) -> Iterator[Element]:
        for level in levels:
            yield from (self._children(level, "SegmentList") or self._children(level, "SegmentTemplate"))[:1]

    def _count_fragments(self, levels: Iterable[Element], duration_s: float) -> int:
        """Return how many fragments a representation has at most; *levels* are the elements that it inherits from."""
        segments = [*self._segments(levels)]
        listed = max((len(self._children(each, "SegmentURL")) for each in segments), default=0)
        timelines = [timeline for each in segments for timeline in self._children(each, "SegmentTimeline")[:1]]
        repeated = [sum(map(_repetitions, self._children(timeline, "S"))) for timeline in timelines]
        if any(repeated):
            return 1 + max(listed, *repeated)
        return 1 + max(listed, _count_numbered(segments, duration_s))

    def _base_url_bytes(self, levels: Iterable[Element]) -> int:
        base_urls = (each for level in (self._root, *levels) for each in self._children(level, "BaseURL")[:1])
        return 3 * sum(len(each.text or "") for each in base_urls)

    def _url_length(self, levels: Sequence[Element]) -> int:
        """Return the greatest length of the URLs that the templates of *levels* produce.

        Raises `HostilePageError` if a template is not one that players write.
        """
        identifier = levels[-1].get("id", "")
        templates = (each.get(key, "") for each in self._segments(levels) for key in ("media", "initialization"))
        return max((_expanded_length(template, identifier) for template in templates), default=0)


def _count_numbered(segments: Sequence[Element], duration_s: float) -> int:
    """Return how many segments of a constant duration there are at most."""
    durations = [abs(_to_float(each.get("duration"))) for each in segments if each.get("duration")]
    timescale = max((abs(_to_int(each.get("timescale"))) for each in segments), default=1) or 1
    if not durations or not min(durations):
        return 0
    count = duration_s * timescale / min(durations)
    return math.ceil(count) if math.isfinite(count) else _ENDLESS


def _repetitions(timeline_entry: Element) -> int:
    return 1 + max(0, _to_int(timeline_entry.get("r")))


def _expanded_length(template: str, identifier: str) -> int:
    length = len(template) + template.count(_IDENTIFIER_FIELD) * len(identifier)
    if length > _MAX_TEMPLATE_LENGTH:
        raise HostilePageError
    expanded = template.replace(_IDENTIFIER_FIELD, identifier)
    fields = expanded.split("$")[1::2]
    if any("%" in field and not _FORMATTED_FIELD.fullmatch(field) for field in fields):
        raise HostilePageError
    return length + expanded.count("$") * (_MAX_FIELD_WIDTH if "%" in expanded else _MAX_NUMBER_LENGTH)


def _check_numbers(manifest: Element) -> None:
    """Check that each number is short, since it becomes a part of each URL.

    Raises `HostilePageError` if one is not.
    """
    for element in manifest.iter():
        for name, value in element.items():
            if name in _NUMBER_ATTRIBUTES and len(value) > _MAX_NUMBER_LENGTH:
                raise HostilePageError


def _to_int(text: str | None) -> int:
    try:
        return int(text or 0)
    except ValueError:
        return 0  # yt-dlp fails or ignores it, too


def _to_float(text: str | None) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0.0
