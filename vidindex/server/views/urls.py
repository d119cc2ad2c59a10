"""Paths of the pages of this server, and checks of URLs to other sites."""

from __future__ import annotations

import re
from urllib.parse import quote, urlencode, urlsplit

from ...transcripts.timecode import format_seconds

_WEB_URL = re.compile(r"https?://[^\s<>\"'\\^`{|}\x00-\x20]+", re.IGNORECASE)
_MAX_URL_CHARS = 4000
CLIP_FILE_PATH = "/clip/file"
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


def safe_web_url(url: str) -> str:
    """Return *url* if it is a valid HTTP or HTTPS URL, else an empty string; pages link to no other scheme."""
    return url if len(url) <= _MAX_URL_CHARS and _WEB_URL.fullmatch(url) and display_host(url) else ""


def display_host(url: str) -> str:
    """Return the host of *url* without `www.`; empty if it has none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def video_path(
    video: str, *, at_ms: int | None = None, end_ms: int | None = None, text: str = "", language: str = ""
) -> str:
    """Return the path of the page of *video* (an id), at a moment, with the hits of *text* marked.

    If *end_ms* is given, only what is between the two moments is played.
    """
    params = [*_time_params(at_ms, end_ms), ("q", text), ("lang", language)]
    return _add_query(f"/video/{quote(video, safe=':')}", params)


def embed_path(video: str, *, at_ms: int | None = None, end_ms: int | None = None, language: str = "") -> str:
    """Return the path of the page of *video* that other sites may show in a frame."""
    return _add_query(f"/embed/{quote(video, safe=':')}", [*_time_params(at_ms, end_ms), ("lang", language)])


def quote_path(video: str, start_ms: int, end_ms: int, *, language: str = "") -> str:
    """Return the path of the citation of *video* between two moments."""
    params = [("video", video), ("from", str(start_ms)), ("to", str(end_ms)), ("lang", language)]
    return _add_query("/quote", params)


def clip_path(video: str, start_ms: int, end_ms: int, *, language: str = "", form: str = "") -> str:
    """Return the path of the page of the clip of *video* between two moments, or of the clip in the format *form*."""
    params = [("video", video), ("from", str(start_ms)), ("to", str(end_ms)), ("lang", language), ("format", form)]
    return _add_query("/clip", params)


def clip_file_path(video: str, start_ms: int, end_ms: int, form: str) -> str:
    """Return the path of the file of the clip of *video* between two moments, in the format *form*."""
    return _add_query(
        CLIP_FILE_PATH, [("video", video), ("from", str(start_ms)), ("to", str(end_ms)), ("format", form)]
    )


def article_path(url: str) -> str:
    """Return the path of the page of the article at *url*."""
    return _add_query("/article", [("url", url)])


def search_path(text: str) -> str:
    """Return the path of a search for *text*."""
    return _add_query("/", [("q", text)])


def transcript_path(video: str, form: str, *, language: str = "") -> str:
    """Return the path of the transcript of *video* as a file of the format *form*."""
    return _add_query(f"/api/videos/{quote(video, safe=':')}/transcript.{form}", [("lang", language)])


def media_path(video: str) -> str:
    """Return the path of the local media file of *video*."""
    return f"/media/{quote(video, safe=':')}"


def language_tag(language: str) -> str:
    """Return *language* if it is a valid language tag, else an empty string."""
    return language if _LANGUAGE_TAG.fullmatch(language) else ""


def _time_params(at_ms: int | None, end_ms: int | None) -> list[tuple[str, str]]:
    return [(name, format_seconds(ms)) for name, ms in (("t", at_ms), ("end", end_ms)) if ms is not None]


def _add_query(path: str, params: list[tuple[str, str]]) -> str:
    query = urlencode([(name, value) for name, value in params if value])
    return f"{path}?{query}" if query else path
