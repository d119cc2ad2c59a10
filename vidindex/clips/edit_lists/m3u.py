"""Playlists (extended M3U) with the start and the end of each moment, which VLC plays without any editing.

The `#EXTVLCOPT` lines are VLC's own; other players ignore them and play whole films.
"""

from __future__ import annotations

from collections.abc import Iterable

from ...transcripts.timecode import format_seconds
from .texts import clean_text, media_uri
from .timeline import EditMoment

_MAX_TITLE_CHARS = 200


def write_m3u(moments: Iterable[EditMoment]) -> str:
    """Return a playlist of *moments*, to the millisecond."""
    return "\n".join(["#EXTM3U", *(line for moment in moments for line in _entry_lines(moment)), ""])


def _entry_lines(moment: EditMoment) -> tuple[str, ...]:
    start_ms = max(moment.start_ms, 0)
    end_ms = max(moment.end_ms, start_ms + 1)  # VLC takes an end at 0 for the end of the film
    name = " – ".join(filter(None, (clean_text(moment.title, 100), clean_text(moment.quote, _MAX_TITLE_CHARS))))
    return (
        f"#EXTINF:{-(-(end_ms - start_ms) // 1000)},{name or 'Untitled video'}",
        f"#EXTVLCOPT:start-time={format_seconds(start_ms)}",
        f"#EXTVLCOPT:stop-time={format_seconds(end_ms)}",
        media_uri(moment.media),
    )
