"""The pages that people look at: addresses → views → HTML.  Each works without the script that makes it lively."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from ..errors import QuerySyntaxError
from .media import media_kind, media_of
from .params import Asked, number
from .preferences import look_of
from .search import search
from .templating import STATIC, render
from .views.article import article_page, articles_page
from .views.citation import citation
from .views.examples import welcome
from .views.results import Outcome, blank, outcome_of, slip_of
from .views.status import status_page
from .views.urls import media_link
from .views.video import Wanted, video_page

if TYPE_CHECKING:
    from ..library import Index

_MOMENT = re.compile(r"(?:(\d{1,3})h)?(?:(\d{1,4})m)?(?:(\d{1,7}(?:\.\d{1,3})?)s?)?")
_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,4}):(\d{2}(?:\.\d{1,3})?)")
_MOST_PAGES = 100_000
_MS = re.compile(r"(\d{1,10})ms")
_KEPT = "public, max-age=31536000, immutable"
_TITLES = {
    400: "That cannot be asked",
    404: "Nothing is here",
    405: "That cannot be done here",
    503: "Too much at once",
}
_REASONS = {"Not Found": "No page has this address.", "Method Not Allowed": "Pages are only read."}


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
    shown = {"title": _TITLES.get(status, "Something went wrong"), "reason": _REASONS.get(reason, reason)}
    return _page(request, "error.html", shown, status=status)


def _index(request: Request) -> Index:
    index: Index = request.app.state.index
    return index


def _page(request: Request, template: str, page: object, *, here: str = "", status: int = 200) -> Response:
    html = render(template, look=look_of(request.cookies), here=here, page=page)
    return HTMLResponse(html, status_code=status)


def _search(request: Request) -> Response:
    return _outcome(request, "search.html")


def _results(request: Request) -> Response:
    return _outcome(request, "_outcome.html")


def _outcome(request: Request, template: str) -> Response:
    look = look_of(request.cookies)
    shown = _found(_index(request), Asked.from_params(request.query_params), pictures=look.pictures)
    return HTMLResponse(render(template, look=look, here="/", outcome=shown))


def _found(index: Index, asked: Asked, *, pictures: bool) -> Outcome:
    if not asked.q:
        return blank(asked, index.stats(), welcome(index))
    try:
        return outcome_of(asked, search(index, asked), pictures=pictures)
    except QuerySyntaxError as error:
        return slip_of(asked, error)


def _video(request: Request) -> Response:
    asked = request.query_params
    index = _index(request)
    video = index.video(request.path_params["video"])
    page = video_page(
        index,
        Wanted(
            video=video.id,
            at_ms=read_moment(asked.get("t", "")),
            text=asked.get("q", ""),
            language=asked.get("lang", ""),
            file=media_link(video.id) if media_of(index, video) else "",
            server=request.url.hostname or "localhost",
        ),
        pictures=look_of(request.cookies).pictures,
    )
    return _page(request, "video.html", page)


def _media(request: Request) -> Response:
    index = _index(request)
    path = media_of(index, index.video(request.path_params["video"]))
    if path is None:
        raise HTTPException(404, "This server has no file of that video.")
    return FileResponse(path, media_type=media_kind(path))


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
    page = articles_page(_index(request), number(request.query_params, "page", default=1, most=_MOST_PAGES))
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
    Route("/", _search),
    Route("/results", _results),
    Route("/video/{video:path}", _video),
    Route("/media/{video:path}", _media),
    Route("/quote", _quote),
    Route("/article", _article),
    Route("/articles", _articles),
    Route("/status", _status),
    Mount("/static", _Static(directory=STATIC)),
]
"""Each address of a page."""
