"""A list of moments that mpv plays one after the other without cutting anything."""

from __future__ import annotations

from collections.abc import Iterable

from .moments import ClipMoment
from .supercut import describe_moment


def make_mpv_list(moments: Iterable[ClipMoment]) -> str:
    """Return an mpv EDL of those of *moments* whose films are on this machine.

    Names are preceded by their length in bytes, so that no character in them has a meaning.
    """
    lines = [
        f"{_quote(str(moment.media.absolute()))},{moment.start_ms / 1000:.3f},{moment.duration_ms / 1000:.3f},"
        f"title={_quote(describe_moment(moment))}"
        for moment in moments
        if moment.media is not None
    ]
    return "\n".join(["# mpv EDL v0", *lines, ""])


def _quote(text: str) -> str:
    return f"%{len(text.encode('utf-8', 'surrogateescape'))}%{text}"
