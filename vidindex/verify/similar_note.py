"""The note for a quote that was not found, about a sentence that says something like it: a hint, never a verdict."""

from __future__ import annotations

from ..model import Hit
from ..transcripts.timecode import format_clock


def describe_similar(hit: Hit) -> str:
    """Return the note about *hit*, which says the quote in other words."""
    name = f" in “{hit.video.title}”" if hit.video.title else f" in {hit.video.id}"
    return (
        f"Something like it may have been said at {format_clock(hit.start_ms)}{name}, in other words: “{hit.text}” "
        "Listen there; this does not change the verdict."
    )
