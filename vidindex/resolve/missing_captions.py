"""Find out why captions are missing, and whether there is a video at all."""

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
    """Return why captions may be missing, or an empty string if there are *tracks* or nothing suggests captions.

    Raises `ResolveError` if there is no video, or if it has not ended or started yet.
    """
    if tracks:
        return ""
    live_status = info.get("live_status")
    if live_status == "is_live":
        raise ResolveError(url, "the video is live now: add it again after it ends", verdict="live")
    if live_status == "is_upcoming":
        raise ResolveError(url, "the video is not published yet: add it again when it is", verdict="later")
    is_direct_link = any(_DIRECT_LINK_WARNING in warning for warning in warnings)
    if is_direct_link and str(info.get("ext")) not in _MEDIA_EXTENSIONS.split():
        raise ResolveError(url, _no_media_reason(url), verdict="unsupported")
    if not (info.get("formats") or info.get("url")):
        verdict, reason = classify_warnings(warnings)
        if verdict == "drm" or not info.get("fulltitle"):
            raise ResolveError(url, reason, verdict=verdict)
        return next(iter(warnings), "")
    return next((warning for warning in warnings if _CAPTION_WARNING.search(warning)), "")


_DIRECT_LINK_WARNING = "could be a direct video link"
"""Part of the warning of yt-dlp about a response that is not a page and that it does not recognize."""

_MEDIA_EXTENSIONS = "mp4 m4v webm mkv mov avi flv f4v ogv ogg 3gp ts mpg mpeg wmv asf mp3 m4a aac opus oga wav flac"


def _no_media_reason(url: str) -> str:
    suffix = Path(unquote(urlsplit(url).path)).suffix.lower()
    if suffix in CAPTION_SUFFIXES:
        return "the address is a caption file: download it and add the file"
    return "the response is neither a page nor a video: use the page that embeds the video, or the link of the video"
