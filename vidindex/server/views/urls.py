"""Addresses: of our own pages, and which of others' may be linked to."""

from __future__ import annotations

import re
from urllib.parse import quote, urlencode, urlsplit

_WEB = re.compile(r"https?://[^\s<>\"'\\^`{|}\x00-\x20]+", re.IGNORECASE)
_LONGEST = 4000
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


def web_link(url: str) -> str:
    """Give *url* where it leads to a page of the web, else nothing: no other scheme may stand in a page of ours."""
    return url if len(url) <= _LONGEST and _WEB.fullmatch(url) and host_of(url) else ""


def host_of(url: str) -> str:
    """Give the host of *url* as people write it; empty where it has none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def video_path(video: str, *, at_ms: int | None = None, text: str = "", language: str = "") -> str:
    """Give the address of our page of *video* (an id), at a moment, with the hits of *text* marked."""
    asked = [("t", seconds(at_ms) if at_ms is not None else ""), ("q", text), ("lang", language)]
    return _with(f"/video/{quote(video, safe=':')}", asked)


def quote_path(video: str, start_ms: int, end_ms: int, *, language: str = "") -> str:
    """Give the address of the words between two moments of *video*, with their citation."""
    asked = [("video", video), ("from", str(start_ms)), ("to", str(end_ms)), ("lang", language)]
    return _with("/quote", asked)


def article_path(url: str) -> str:
    """Give the address of our page of the article at *url*."""
    return _with("/article", [("url", url)])


def search_path(text: str) -> str:
    """Give the address of a search for *text*."""
    return _with("/", [("q", text)])


def transcript_path(video: str, form: str, *, language: str = "") -> str:
    """Give the address of a transcript as a file."""
    return _with(f"/api/videos/{quote(video, safe=':')}/transcript.{form}", [("lang", language)])


def media_link(video: str) -> str:
    """Give the address of the file that *video* is on this machine."""
    return f"/media/{quote(video, safe=':')}"


def seconds(time_ms: int) -> str:
    """Write a time as an address states it: `83`, `83.25`."""
    return f"{time_ms / 1000:.3f}".rstrip("0").rstrip(".")


def language_tag(language: str) -> str:
    """Give *language* where a browser would understand it."""
    return language if _LANGUAGE.fullmatch(language) else ""


def _with(path: str, asked: list[tuple[str, str]]) -> str:
    query = urlencode([(name, value) for name, value in asked if value])
    return f"{path}?{query}" if query else path
