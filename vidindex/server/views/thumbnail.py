"""Thumbnails: the image of the video's site, or a neutral drawing that shows where the hits are."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from ...model import Hit, Video
from ...transcripts.timecode import format_clock
from .urls import safe_web_url

_COLOR_COUNT = 6
_LEFT_X, _RIGHT_X = 14.0, 143.0
_MAX_TICKS = 40


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """An image, or a neutral drawing if *src* is empty.

    *ticks* are the x positions of the hits, empty if the length of the video is unknown; *color* selects the color.
    """

    src: str
    color: int
    ticks: tuple[float, ...]
    length: str


def choose_thumbnail(video: Video, hits: Sequence[Hit], *, length_ms: int, use_remote: bool) -> Thumbnail:
    """Return the thumbnail of *video*; *use_remote* permits a request to its site, which then learns of the visitor."""
    src = safe_web_url(video.thumbnail)
    scale = (_RIGHT_X - _LEFT_X) / max(length_ms, 1)
    return Thumbnail(
        src=src if use_remote and src.startswith("https://") else "",
        color=zlib.crc32((video.channel or video.site or video.id).encode(errors="replace")) % _COLOR_COUNT,
        ticks=tuple(round(min(_LEFT_X + hit.start_ms * scale, _RIGHT_X), 1) for hit in hits[:_MAX_TICKS])
        if length_ms
        else (),
        length=format_clock(length_ms) if length_ms else "",
    )
