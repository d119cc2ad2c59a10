"""Select the segments of an HLS playlist that a section needs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_DURATION = re.compile(r"#EXTINF:\s*(\d{1,6}(?:\.\d{1,12})?)")
_BYTE_RANGE = re.compile(r"#EXT-X-BYTERANGE:\s*(\d{1,15})(?:@(\d{1,15}))?")
_SEQUENCE = re.compile(r"#EXT-X-MEDIA-SEQUENCE:\s*(\d{1,15})")


@dataclass(frozen=True, slots=True)
class SelectedSegments:
    """A playlist of the segments of a section, which begins *skipped_ms* after the film.

    *anchor* is a playlist of the first segment of the film, or "" if the section begins with it.
    """

    playlist: str
    anchor: str
    skipped_ms: float


@dataclass(frozen=True, slots=True)
class _Segment:
    """A segment with the tags that apply to it; *number* is its media sequence number."""

    uri: str
    number: int
    start_ms: float
    duration_ms: float
    byte_range: str
    key: str
    map: str

    def format_lines(self) -> Iterator[str]:
        yield f"#EXTINF:{self.duration_ms / 1000:.6f},"
        if self.byte_range:
            yield self.byte_range
        yield self.uri


def select_segments(playlist: str, start_ms: float, end_ms: float) -> SelectedSegments:
    """Select the segments of *playlist* that have a part of the time from *start_ms* to *end_ms*.

    Raises `ValueError` if there are none.
    """
    segments = list(_read_segments(playlist))
    chosen = [each for each in segments if each.start_ms < end_ms and each.start_ms + each.duration_ms > start_ms]
    if not chosen:
        raise ValueError("the film ends before the moment, or its playlist lists no segments")
    anchor = "" if chosen[0] is segments[0] else _format_playlist(segments[:1])
    return SelectedSegments(_format_playlist(chosen), anchor, chosen[0].start_ms)


def _read_segments(playlist: str) -> Iterator[_Segment]:
    start_ms = duration_ms = 0.0
    key = first_map = byte_range = ""
    number = offset = 0
    for line in map(str.strip, playlist.splitlines()):
        if not line:
            continue
        if not line.startswith("#"):
            yield _Segment(line, number, start_ms, duration_ms, byte_range, key, first_map)
            start_ms += duration_ms
            number += 1
            duration_ms, byte_range = 0.0, ""
        elif match := _DURATION.match(line):
            duration_ms = float(match[1]) * 1000
        elif match := _SEQUENCE.match(line):
            number = int(match[1])
        elif match := _BYTE_RANGE.match(line):
            offset = int(match[2]) if match[2] else offset
            byte_range = f"#EXT-X-BYTERANGE:{match[1]}@{offset}"  # stated, because the segments before may be left out
            offset += int(match[1])
        elif line.startswith("#EXT-X-KEY:"):
            key = line
        elif line.startswith("#EXT-X-MAP:"):
            if first_map and line != first_map:
                raise ValueError("its parts are encoded in different ways")
            first_map = line


def _format_playlist(segments: list[_Segment]) -> str:
    """Return a playlist of consecutive *segments*; their numbers stay, because decryption needs them."""
    first = segments[0]
    lines = ["#EXTM3U", "#EXT-X-VERSION:6", f"#EXT-X-MEDIA-SEQUENCE:{first.number}"]
    lines += [first.map] if first.map else []
    key = ""
    for segment in segments:
        if segment.key != key:
            key = segment.key
            lines.append(key)
        lines += segment.format_lines()
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])
