"""Reject pages on which yt-dlp's regular expressions, which take quadratic time, would run for minutes."""

from __future__ import annotations

import re

from ..errors import HostilePageError

_COSTLY_TAGS = rb"<(?:iframe|script|object|embed|video|audio|amp-video)\b"
_OPENED_TAG = re.compile(_COSTLY_TAGS, re.IGNORECASE)
_UNCLOSED_TAG = re.compile(_COSTLY_TAGS + rb"[^<>]*(?:<|\Z)", re.IGNORECASE)
_PLAYER_SETUP = re.compile(rb"jwplayer|videojs|flashvars|kt_player", re.IGNORECASE)

# Far more than ordinary pages contain; at each limit, yt-dlp takes about a second.
_MATCH_LIMITS = ((_UNCLOSED_TAG, 60), (_OPENED_TAG, 1500), (_PLAYER_SETUP, 600))
_MAX_PAGE_BYTES = 8_000_000


def check_page_limits(content: bytes) -> None:
    """Check in linear time that yt-dlp can search the page *content* within seconds.

    Raises `HostilePageError` if it cannot.
    """
    if len(content) > _MAX_PAGE_BYTES:
        raise HostilePageError
    for pattern, limit in _MATCH_LIMITS:
        for count, _ in enumerate(pattern.finditer(content)):
            if count >= limit:
                raise HostilePageError
