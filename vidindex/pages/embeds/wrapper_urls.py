"""Recognize URLs that contain another URL: Embedly, Iframely, consent and AMP proxies, share plug-ins, web archives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from ..providers import RecognizedVideo, is_button_url, provider_video_url, recognize_url

_URL_PARAMETER = re.compile(r"[?&;#]([\w.%@-]{1,40})=([^&#]{6,2000})")
_PROVIDER_PARAMETER = re.compile(
    r"(?i)[&;](?:source|provider|service|platform|site|host|type|video_?type|player|from|src)="
    r"(youtube|vimeo|dailymotion|rutube|twitch|coub|streamable|rumble|wistia|vidyard|niconico|bitchute|tiktok)(?=&|;|#|$)"
)
_ID_PARAMETER = re.compile(r"(?i)[&;](?:vid|id|video|video_?id|code|key|v|clip|ref|media_?id)=([^&;#]{3,80})")
_URL_IN_PATH = re.compile(r"(?i).(https?(?::|%3a)(?:/|%2f){1,2}.+)", re.S)
_NON_VIDEO_PARAMETER = re.compile(
    r"(?i)^(?:image|img|thumb|poster|ref|referrer|origin|parent|site|share|next|ad|schema|logo|canonical)"
)
_AMP_URL = re.compile(r"(?i)(?:ampproject\.org/(?:[acivr]/){1,2}(?:s/)?|google\.[a-z.]{2,6}/amp/s/)(.+)")
_MAX_WRAP_DEPTH = 3


def recognize_wrapped_url(url: str, *, depth: int = 0) -> RecognizedVideo | None:
    """Return the video that *url* identifies, or the one whose URL is in its query, fragment or path."""
    video = recognize_url(url)
    if (video and video.provider != "html5") or depth >= _MAX_WRAP_DEPTH or not _is_wrapper(url):
        return video
    if named := _recognize_named_video(url):
        return named
    for inner_url in _inner_urls(url):
        if inner_video := recognize_wrapped_url(inner_url, depth=depth + 1):
            return inner_video
    return video


def _is_wrapper(url: str) -> bool:
    """Return whether *url* may contain another one."""
    has_parameters = (
        "?" in url or "#" in url or "=" in url or "http" in url[8:] or "/amp/" in url or "ampproject" in url
    )
    return has_parameters and not is_button_url(url)


def _recognize_named_video(url: str) -> RecognizedVideo | None:
    """Return the video that the query of a player states by its provider and its id, as `source=youtube&vid=ID`."""
    query = url.partition("?")[2]
    if not query or not (named := _PROVIDER_PARAMETER.search(f"&{query[:2000]}")):
        return None
    for value in _ID_PARAMETER.findall(f"&{query[:2000]}"):
        if address := provider_video_url(named[1].lower(), unquote(value)):
            return recognize_url(address)
    return None


def _inner_urls(url: str) -> Iterator[str]:
    if match := _AMP_URL.search(url[:2000]):
        yield f"https://{match[1]}"
    for name, quoted in _URL_PARAMETER.findall(url[:6000]):
        value = unquote(quoted)
        if not _NON_VIDEO_PARAMETER.match(name) and value.lower().startswith(("http:", "https:", "//")):
            yield f"https:{value}" if value.startswith("//") else value
    if match := _URL_IN_PATH.match(url.partition("?")[0][:2000]) if "http" in url[8:] else None:
        yield unquote(match[1]) + ("?" + url.partition("?")[2] if "?" in url else "")
