"""Turn away pages on which yt-dlp's patterns, quadratic in what they look for, would run for minutes."""

from __future__ import annotations

import re

_COSTLY = rb"<(?:iframe|script|object|embed|video|audio|amp-video)\b"
_OPENED = re.compile(_COSTLY, re.IGNORECASE)
_NEVER_CLOSED = re.compile(_COSTLY + rb"[^<>]*(?:<|\Z)", re.IGNORECASE)
_SET_UP = re.compile(rb"jwplayer|videojs|flashvars|kt_player", re.IGNORECASE)

# Far above what honest pages hold; each of these tops out at about a second of yt-dlp's work.
_LIMITS = ((_NEVER_CLOSED, 60), (_OPENED, 1500), (_SET_UP, 600))
_MOST_BYTES = 8_000_000


class HostilePageError(OSError):
    """A page is too large or too twisted to look for videos in."""

    def __init__(self) -> None:
        super().__init__("its page is too large or too broken to look for videos in: give the video's own link")


def check_page(content: bytes) -> None:
    """Pass pages that yt-dlp can look through in time.  Linear.  Raises: HostilePageError."""
    if len(content) > _MOST_BYTES:
        raise HostilePageError
    for pattern, limit in _LIMITS:
        for count, _ in enumerate(pattern.finditer(content)):
            if count >= limit:
                raise HostilePageError
