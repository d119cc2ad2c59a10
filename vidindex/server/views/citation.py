"""The citation of a moment: what “Copy quote” copies."""

from __future__ import annotations

from ...model import Transcript, Video
from .clip import make_clip
from .clip_formats import format_text


def format_citation(video: Video, transcript: Transcript, start_ms: int, end_ms: int) -> str:
    """Format the words of *video* from *start_ms* to *end_ms* as text, as a clip that links only to its source.

    Raises `NotIndexedError` if no words are spoken there.
    """
    clip = make_clip(video, transcript, start_ms, end_ms)
    return format_text(clip, clip.source_url)
