"""Addresses: of our own pages, and which of others' may be linked to."""

from __future__ import annotations

import re
from urllib.parse import quote, urlencode, urlsplit

_WEB_URL = re.compile(r"https?://[^\s<>\"'\\^`{|}\x00-\x20]+", re.IGNORECASE)
_MAX_URL_CHARS = 4000
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


def safe_web_url(url: str) -> str:
    """Give *url* where it leads to a page of the web, else nothing: no other scheme may stand in a page of ours."""
    return url if len(url) <= _MAX_URL_CHARS and _WEB_URL.fullmatch(url) and display_host(url) else ""


def display_host(url: str) -> str:
    """Give the host of *url* as people write it; empty where it has none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def video_path(video: str, *, at_ms: int | None = None, text: str = "", language: str = "") -> str:
    """Give the address of our page of *video* (an id), at a moment, with the hits of *text* marked."""
    asked = [("t", format_seconds(at_ms) if at_ms is not None else ""), ("q", text), ("lang", language)]
    return _add_query(f"/video/{quote(video, safe=':')}", asked)


def quote_path(video: str, start_ms: int, end_ms: int, *, language: str = "") -> str:
    """Give the address of the words between two moments of *video*, with their citation."""
    asked = [("video", video), ("from", str(start_ms)), ("to", str(end_ms)), ("lang", language)]
    return _add_query("/quote", asked)


def article_path(url: str) -> str:
    """Give the address of our page of the article at *url*."""
    return _add_query("/article", [("url", url)])


def search_path(text: str) -> str:
    """Give the address of a search for *text*."""
    return _add_query("/", [("q", text)])


def transcript_path(video: str, form: str, *, language: str = "") -> str:
    """Give the address of a transcript as a file."""
    return _add_query(f"/api/videos/{quote(video, safe=':')}/transcript.{form}", [("lang", language)])


def media_path(video: str) -> str:
    """Give the address of the file that *video* is on this machine."""
    return f"/media/{quote(video, safe=':')}"


def format_seconds(time_ms: int) -> str:
    """Write a time as an address states it: `83`, `83.25`."""
    return f"{time_ms / 1000:.3f}".rstrip("0").rstrip(".")


def language_tag(language: str) -> str:
    """Give *language* where a browser would understand it."""
    return language if _LANGUAGE_TAG.fullmatch(language) else ""


def _add_query(path: str, params: list[tuple[str, str]]) -> str:
    query = urlencode([(name, value) for name, value in params if value])
    return f"{path}?{query}" if query else path
