"""The picture beside a video: its site's where that is wanted, else a neutral one that shows where the hits are."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from ...model import Hit, Video
from ...transcripts.timecode import clock
from .urls import web_link

_TONES = 6
_LEFT, _RIGHT = 14.0, 143.0
_MOST_TICKS = 40


@dataclass(frozen=True, slots=True)
class Picture:
    """*src* is empty for the neutral one: *ticks* are where the hits lie on its tape, *tone* is its colour."""

    src: str
    tone: int
    ticks: tuple[float, ...]
    length: str


def picture(video: Video, hits: Sequence[Hit], *, length_ms: int, wanted: bool) -> Picture:
    """Choose the picture of *video*: that of its site only where it is *wanted*, as its site would learn of it."""
    src = web_link(video.thumbnail)
    scale = (_RIGHT - _LEFT) / max(length_ms, 1)
    return Picture(
        src=src if wanted and src.startswith("https://") else "",
        tone=zlib.crc32((video.channel or video.site or video.id).encode(errors="replace")) % _TONES,
        ticks=tuple(round(min(_LEFT + hit.start_ms * scale, _RIGHT), 1) for hit in hits[:_MOST_TICKS]),
        length=clock(length_ms) if length_ms else "",
    )
