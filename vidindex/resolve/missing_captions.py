"""Find out why captions are missing, and whether there is a video at all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from ..errors import ResolveError
from ..model import Track
from .classify_errors import classify_warnings
from .local_files import CAPTION_SUFFIXES
from .po_tokens import token_reason

if TYPE_CHECKING:
    from ..model import FailureClass

_CAPTION_WARNING = re.compile(r"subtitle|caption|m3u8|mpd|po.?token", re.IGNORECASE)
_MEDIA_TOKEN_WARNING = re.compile(r"\b(?:gvs|player) po.?token", re.IGNORECASE)
"""A notice about the token for media or for the player: captions do not need these tokens."""

_TOKEN_SUMMARY = re.compile(r"missing subtitles languages because a po.?token", re.IGNORECASE)
_TOKEN_WARNING = re.compile(r"subtitles? .*po.?token", re.IGNORECASE)
_NAMED_LANGUAGES = re.compile(r"for these languages are missing: ([\w, -]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class MissingCaptions:
    """Why captions are missing: the *reason* and its failure class; without a *reason*, none are known to be missing.

    *languages* are the languages that the site has, as far as yt-dlp names them.
    """

    reason: str = ""
    verdict: FailureClass = "later"
    languages: tuple[str, ...] = ()


def find_missing_captions(
    url: str,
    info: dict[str, Any],
    tracks: Sequence[Track],
    warnings: Sequence[str],
    *,
    refused_servers: Sequence[str] = (),
) -> MissingCaptions:
    """Return which captions may be missing, and why.

    Beside *tracks*, only those count that yt-dlp left out because they need a token.
    *refused_servers* are as for `token_reason`.

    Raises `ResolveError` if there is no video, or if it has not ended or started yet.
    """
    summary = next(filter(_TOKEN_SUMMARY.search, warnings), "")
    notice = summary or ("" if tracks else next(filter(_is_token_notice, warnings), ""))
    if notice:
        named = _NAMED_LANGUAGES.search(notice)
        languages = tuple(language.strip() for language in named[1].split(",")) if named else ()
        if "automatic captions" in notice.lower() and info.get("language"):
            languages += (str(info["language"]),)
        return MissingCaptions(token_reason(refused_servers), "needs-token", languages)
    return MissingCaptions("" if tracks else _missing_reason(url, info, warnings))


def _is_token_notice(warning: str) -> bool:
    return bool(_TOKEN_WARNING.search(warning)) and not _MEDIA_TOKEN_WARNING.search(warning)


def _missing_reason(url: str, info: dict[str, Any], warnings: Sequence[str]) -> str:
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
    return next(filter(_is_caption_warning, warnings), "")


def _is_caption_warning(warning: str) -> bool:
    return bool(_CAPTION_WARNING.search(warning)) and not _MEDIA_TOKEN_WARNING.search(warning)


_DIRECT_LINK_WARNING = "could be a direct video link"
"""Part of the warning of yt-dlp about a response that is not a page and that it does not recognize."""

_MEDIA_EXTENSIONS = "mp4 m4v webm mkv mov avi flv f4v ogv ogg 3gp ts mpg mpeg wmv asf mp3 m4a aac opus oga wav flac"


def _no_media_reason(url: str) -> str:
    suffix = Path(unquote(urlsplit(url).path)).suffix.lower()
    if suffix in CAPTION_SUFFIXES:
        return "the address is a caption file: download it and add the file"
    return "the response is neither a page nor a video: use the page that embeds the video, or the link of the video"
