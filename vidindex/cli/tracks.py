"""Caption tracks in the output of several commands."""

from __future__ import annotations

from ..model import Track, origin_label
from .terminal import pluralize


def describe_track(track: Track) -> str:
    """Return `en (manual captions)`, with the number of warnings."""
    warnings = f", {pluralize(len(track.warnings), 'warning')}" if track.warnings else ""
    return f"{track.language or '?'} ({origin_label(track.origin)}{warnings})"


def track_fields(track: Track) -> dict[str, object]:
    """Return a track as the fields of `--json`."""
    return {"language": track.language, "origin": track.origin, "warnings": list(track.warnings)}
