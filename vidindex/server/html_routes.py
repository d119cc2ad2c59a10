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
from .media import find_media_file, guess_media_type
from .params import SearchParams, parse_number
from .preferences import read_preferences
from .search import run_search
from .templating import STATIC_DIR, render_template
from .views.article import make_article_page, make_articles_page
from .views.citation import format_citation
from .views.examples import choose_examples
from .views.results import ResultsView, landing, make_results_view, query_error
from .views.status import make_status_page
from .views.urls import media_path
from .views.video import VideoRequest, make_video_page

if TYPE_CHECKING:
    from ..library import Index

_UNIT_TIME = re.compile(r"(?:(\d{1,3})h)?(?:(\d{1,4})m)?(?:(\d{1,7}(?:\.\d{1,3})?)s?)?")
_CLOCK_TIME = re.compile(r"(?:(\d{1,3}):)?(\d{1,4}):(\d{2}(?:\.\d{1,3})?)")
_MAX_ARTICLE_PAGES = 100_000
_MILLISECONDS = re.compile(r"(\d{1,10})ms")
_IMMUTABLE_CACHE = "public, max-age=31536000, immutable"
_ERROR_TITLES = {
    400: "That cannot be asked",
    404: "Nothing is here",
    405: "That cannot be done here",
    503: "Too much at once",
}
_ERROR_REASONS = {"Not Found": "No page has this address.", "Method Not Allowed": "Pages are only read."}


def parse_time_offset(text: str) -> int:
    """Read a moment of an address in milliseconds: `83`, `83.5`, `1m23s`, `1:23`, `83500ms`; 0 for anything else."""
    if ms := _MILLISECONDS.fullmatch(text):
        return int(ms[1])
    found = _CLOCK_TIME.fullmatch(text) or _UNIT_TIME.fullmatch(text)
    if found is None:
        return 0
    hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return round((hours * 3600 + minutes * 60 + seconds) * 1000)


def render_error_page(request: Request, status: int, reason: str) -> Response:
    """Say that an address leads to nothing, in the look of the other pages."""
    shown = {"title": _ERROR_TITLES.get(status, "Something went wrong"), "reason": _ERROR_REASONS.get(reason, reason)}
    return _render_page(request, "error.html", shown, status=status)


def _get_index(request: Request) -> Index:
    index: Index = request.app.state.index
    return index


def _render_page(request: Request, template: str, page: object, *, here: str = "", status: int = 200) -> Response:
    html = render_template(template, look=read_preferences(request.cookies), here=here, page=page)
    return HTMLResponse(html, status_code=status)


def _show_search(request: Request) -> Response:
    return _render_results(request, "search.html")


def _show_results(request: Request) -> Response:
    return _render_results(request, "_outcome.html")


def _render_results(request: Request, template: str) -> Response:
    look = read_preferences(request.cookies)
    shown = _make_results(_get_index(request), SearchParams.from_params(request.query_params), pictures=look.pictures)
    return HTMLResponse(render_template(template, look=look, here="/", outcome=shown))


def _make_results(index: Index, search_params: SearchParams, *, pictures: bool) -> ResultsView:
    if not search_params.q:
        return landing(search_params, index.stats(), choose_examples(index))
    try:
        return make_results_view(search_params, run_search(index, search_params), pictures=pictures)
    except QuerySyntaxError as error:
        return query_error(search_params, error)


def _show_video(request: Request) -> Response:
    asked = request.query_params
    index = _get_index(request)
    video = index.video(request.path_params["video"])
    page = make_video_page(
        index,
        VideoRequest(
            video=video.id,
            at_ms=parse_time_offset(asked.get("t", "")),
            text=asked.get("q", ""),
            language=asked.get("lang", ""),
            file_url=media_path(video.id) if find_media_file(index, video) else "",
            server_host=request.url.hostname or "localhost",
        ),
        pictures=read_preferences(request.cookies).pictures,
    )
    return _render_page(request, "video.html", page)


def _send_media(request: Request) -> Response:
    index = _get_index(request)
    path = find_media_file(index, index.video(request.path_params["video"]))
    if path is None:
        raise HTTPException(404, "This server has no file of that video.")
    return FileResponse(path, media_type=guess_media_type(path))


def _send_citation(request: Request) -> Response:
    asked = request.query_params
    index = _get_index(request)
    video = index.video(asked.get("video", ""))
    said = index.transcript(video.id, language=asked.get("lang", ""))
    span = (parse_time_offset(f"{asked.get(name, '')}ms") for name in ("from", "to"))
    return PlainTextResponse(format_citation(video, said, *span))


def _show_article(request: Request) -> Response:
    return _render_page(
        request, "article.html", make_article_page(_get_index(request), request.query_params.get("url", ""))
    )


def _list_articles(request: Request) -> Response:
    page = make_articles_page(
        _get_index(request), parse_number(request.query_params, "page", default=1, maximum=_MAX_ARTICLE_PAGES)
    )
    return _render_page(request, "articles.html", page, here="/articles")


def _show_status(request: Request) -> Response:
    return _render_page(request, "status.html", make_status_page(_get_index(request)), here="/status")


class _CachedStaticFiles(StaticFiles):
    """Files of the package: those whose address changes with them may be kept."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        is_marked = scope["query_string"].startswith(b"v=") or path.endswith(".woff2")
        response.headers["Cache-Control"] = _IMMUTABLE_CACHE if is_marked else "no-cache"
        return response


routes: list[BaseRoute] = [
    Route("/", _show_search),
    Route("/results", _show_results),
    Route("/video/{video:path}", _show_video),
    Route("/media/{video:path}", _send_media),
    Route("/quote", _send_citation),
    Route("/article", _show_article),
    Route("/articles", _list_articles),
    Route("/status", _show_status),
    Mount("/static", _CachedStaticFiles(directory=STATIC_DIR)),
]
"""Each address of a page."""
