"""The picture beside a video: its site's where that is wanted, else a neutral one that shows where the hits are."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from ...model import Hit, Video
from ...transcripts.timecode import format_clock
from .urls import safe_web_url

_TONE_COUNT = 6
_LEFT_X, _RIGHT_X = 14.0, 143.0
_MAX_TICKS = 40


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """*src* is empty for the neutral one: *ticks* are where the hits lie on its tape, *tone* is its colour."""

    src: str
    tone: int
    ticks: tuple[float, ...]
    length: str


def choose_thumbnail(video: Video, hits: Sequence[Hit], *, length_ms: int, use_remote: bool) -> Thumbnail:
    """Choose the picture of *video*: that of its site only where it is *wanted*, as its site would learn of it."""
    src = safe_web_url(video.thumbnail)
    scale = (_RIGHT_X - _LEFT_X) / max(length_ms, 1)
    return Thumbnail(
        src=src if use_remote and src.startswith("https://") else "",
        tone=zlib.crc32((video.channel or video.site or video.id).encode(errors="replace")) % _TONE_COUNT,
        ticks=tuple(round(min(_LEFT_X + hit.start_ms * scale, _RIGHT_X), 1) for hit in hits[:_MAX_TICKS]),
        length=format_clock(length_ms) if length_ms else "",
    )
