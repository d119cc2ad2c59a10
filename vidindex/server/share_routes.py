"""Route of the share target: what another app shares with the installed page is opened or searched for."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from ..errors import NotIndexedError
from ..library import Index
from ..pages.providers import recognize_url
from ..transcripts.timecode import parse_time_offset
from .pages import get_index
from .params import MAX_QUERY_CHARS
from .views.urls import article_path, safe_web_url, search_path, video_path

_WEB_URL = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_MAX_URLS = 5


def _open_shared(request: Request) -> Response:
    """Lead to the video or article whose address is shared, if it is in the index, else to a search for the words."""
    given = {name: request.query_params.get(name, "")[:MAX_QUERY_CHARS].strip() for name in ("url", "text", "title")}
    index = get_index(request)
    for url in _find_urls(f"{given['url']} {given['text']} {given['title']}"):
        if path := _find_page(index, url):
            return RedirectResponse(path, 303)
    words = next(filter(None, (_WEB_URL.sub(" ", given[name]).strip() for name in ("text", "title"))), given["url"])
    return RedirectResponse(search_path(" ".join(words.split())), 303)


def _find_urls(text: str) -> list[str]:
    """Return the addresses in *text*: apps share them among the words, too."""
    return [url for url in _WEB_URL.findall(text)[:_MAX_URLS] if safe_web_url(url)]


def _find_page(index: Index, url: str) -> str:
    """Return the path of the page of the video or article at *url*; empty if the index does not have it."""
    recognized = recognize_url(url)
    names = [url, f"{recognized.provider}:{recognized.id}"] if recognized else [url]
    for name in names:
        try:
            video = index.video(name)
        except NotIndexedError:
            continue
        if name in (video.id, video.url):
            return video_path(video.id, at_ms=_parse_moment(url) or None)
    try:
        return article_path(index.article(url).url)
    except NotIndexedError:
        return ""


def _parse_moment(url: str) -> int:
    try:
        given = parse_qs(urlsplit(url).query, max_num_fields=50)
    except ValueError:
        return 0
    return parse_time_offset((given.get("t") or given.get("start") or [""])[0])


routes: list[BaseRoute] = [Route("/share", _open_shared)]
"""The route of the share target."""
