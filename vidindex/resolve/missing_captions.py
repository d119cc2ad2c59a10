"""Why there are no captions, and whether there is a video at all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from ..errors import ResolveError
from ..model import Track
from .classify_errors import classify_warnings
from .local_files import CAPTION_SUFFIXES

_CAPTION_WARNING = re.compile(r"subtitle|caption|m3u8|mpd|po token", re.IGNORECASE)


def missing_captions_reason(url: str, info: dict[str, Any], tracks: Sequence[Track], warnings: Sequence[str]) -> str:
    """Tell why captions may be missing.  Raises: ResolveError where what came back is no video at all."""
    if tracks:
        return ""
    live = info.get("live_status")
    if live == "is_live":
        raise ResolveError(url, "it is live now: add it again when it has ended", verdict="live")
    if live == "is_upcoming":
        raise ResolveError(url, "it is not out yet: add it again when it is", verdict="later")
    if any(_DIRECT_LINK_WARNING in said for said in warnings) and str(info.get("ext")) not in _MEDIA_EXTENSIONS.split():
        raise ResolveError(url, _no_media_reason(url), verdict="unsupported")
    if not (info.get("formats") or info.get("url")):
        verdict, reason = classify_warnings(warnings)
        if verdict == "drm" or not info.get("fulltitle"):
            raise ResolveError(url, reason, verdict=verdict)
        return next(iter(warnings), "")
    return next((said for said in warnings if _CAPTION_WARNING.search(said)), "")


_DIRECT_LINK_WARNING = "could be a direct video link"
"""What yt-dlp says of anything that is no page and that it does not know."""

_MEDIA_EXTENSIONS = "mp4 m4v webm mkv mov avi flv f4v ogv ogg 3gp ts mpg mpeg wmv asf mp3 m4a aac opus oga wav flac"


def _no_media_reason(url: str) -> str:
    suffix = Path(unquote(urlsplit(url).path)).suffix.lower()
    if suffix in CAPTION_SUFFIXES:
        return "it is a caption file: download it and add the file"
    return "what it answers is neither a page nor a video: give the page that embeds the video, or the video's own link"
