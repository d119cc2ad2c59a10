"""Recognize URLs that contain another URL: Embedly, Iframely, consent and AMP proxies, share plug-ins, web archives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from ..providers import RecognizedVideo, recognize_url

_URL_PARAMETER = re.compile(r"[?&;#]([\w.%@-]{1,40})=([^&#]{6,2000})")
_URL_IN_PATH = re.compile(r"(?i).(https?(?::|%3a)(?:/|%2f){1,2}.+)", re.S)
_NON_VIDEO_PARAMETER = re.compile(
    r"(?i)^(?:image|img|thumb|poster|ref|referrer|origin|parent|site|share|next|ad|schema|logo|canonical)"
)
_AMP_URL = re.compile(r"(?i)(?:ampproject\.org/(?:[acivr]/){1,2}(?:s/)?|google\.[a-z.]{2,6}/amp/s/)(.+)")
_MAX_WRAP_DEPTH = 3


def recognize_wrapped_url(url: str, *, depth: int = 0) -> RecognizedVideo | None:
    """Return the video that *url* identifies, or the one whose URL is in its query, fragment or path."""
    video = recognize_url(url)
    if (video and video.provider != "html5") or depth >= _MAX_WRAP_DEPTH:
        return video
    for inner_url in _inner_urls(url):
        if inner_video := recognize_wrapped_url(inner_url, depth=depth + 1):
            return inner_video
    return video


def _inner_urls(url: str) -> Iterator[str]:
    if match := _AMP_URL.search(url[:2000]):
        yield f"https://{match[1]}"
    for name, quoted in _URL_PARAMETER.findall(url[:6000]):
        value = unquote(quoted)
        if not _NON_VIDEO_PARAMETER.match(name) and value.lower().startswith(("http:", "https:", "//")):
            yield f"https:{value}" if value.startswith("//") else value
    if match := _URL_IN_PATH.match(url.partition("?")[0][:2000]) if "http" in url[8:] else None:
        yield unquote(match[1]) + ("?" + url.partition("?")[2] if "?" in url else "")
