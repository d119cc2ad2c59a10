"""The pages that people look at: addresses → views → HTML.  Each works without the script that makes it lively."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from .look import look_of
from .rendering import STATIC, render
from .views.article import article_page, articles_page
from .views.citation import citation
from .views.status import status_page
from .views.video import Wanted, video_page

if TYPE_CHECKING:
    from ..library import Index

_MOMENT = re.compile(r"(?:(\d{1,3})h)?(?:(\d{1,4})m)?(?:(\d{1,7}(?:\.\d{1,3})?)s?)?")
_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,4}):(\d{2}(?:\.\d{1,3})?)")
_MS = re.compile(r"(\d{1,10})ms")
_KEPT = "public, max-age=31536000, immutable"
_TITLES = {
    400: "That cannot be asked",
    404: "Nothing is here",
    405: "That cannot be done here",
    503: "Too much at once",
}


def read_moment(text: str) -> int:
    """Read a moment of an address in milliseconds: `83`, `83.5`, `1m23s`, `1:23`, `83500ms`; 0 for anything else."""
    if ms := _MS.fullmatch(text):
        return int(ms[1])
    found = _CLOCK.fullmatch(text) or _MOMENT.fullmatch(text)
    if found is None:
        return 0
    hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return round((hours * 3600 + minutes * 60 + seconds) * 1000)


def error_page(request: Request, status: int, reason: str) -> Response:
    """Say that an address leads to nothing, in the look of the other pages."""
    shown = {"title": _TITLES.get(status, "Something went wrong"), "reason": reason}
    return _page(request, "error.html", shown, status=status)


def _index(request: Request) -> Index:
    index: Index = request.app.state.index
    return index


def _page(request: Request, template: str, page: object, *, here: str = "", status: int = 200) -> Response:
    html = render(template, look=look_of(request.cookies), here=here, page=page)
    return HTMLResponse(html, status_code=status)


def _video(request: Request) -> Response:
    asked = request.query_params
    page = video_page(
        _index(request),
        Wanted(
            video=request.path_params["video"],
            at_ms=read_moment(asked.get("t", "")),
            text=asked.get("q", ""),
            language=asked.get("lang", ""),
            server=request.url.hostname or "localhost",
        ),
        pictures=look_of(request.cookies).pictures,
    )
    return _page(request, "video.html", page)


def _quote(request: Request) -> Response:
    asked = request.query_params
    index = _index(request)
    video = index.video(asked.get("video", ""))
    said = index.transcript(video.id, language=asked.get("lang", ""))
    span = (read_moment(f"{asked.get(name, '')}ms") for name in ("from", "to"))
    return PlainTextResponse(citation(video, said, *span))


def _article(request: Request) -> Response:
    return _page(request, "article.html", article_page(_index(request), request.query_params.get("url", "")))


def _articles(request: Request) -> Response:
    number = request.query_params.get("page", "1")
    page = articles_page(_index(request), int(number) if re.fullmatch(r"[1-9]\d{0,5}", number) else 1)
    return _page(request, "articles.html", page, here="/articles")


def _status(request: Request) -> Response:
    return _page(request, "status.html", status_page(_index(request)), here="/status")


class _Static(StaticFiles):
    """Files of the package: those whose address changes with them may be kept."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        is_marked = scope["query_string"].startswith(b"v=") or path.endswith(".woff2")
        response.headers["Cache-Control"] = _KEPT if is_marked else "no-cache"
        return response


routes: list[BaseRoute] = [
    Route("/video/{video:path}", _video),
    Route("/quote", _quote),
    Route("/article", _article),
    Route("/articles", _articles),
    Route("/status", _status),
    Mount("/static", _Static(directory=STATIC)),
]
"""Each address of a page."""
