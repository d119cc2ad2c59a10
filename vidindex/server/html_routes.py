"""The HTML pages: routes → views → templates. Every page works without JavaScript."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from ..errors import QuerySyntaxError
from ..transcripts.timecode import parse_time_offset
from .media import find_media_file, open_media_file
from .pages import get_base_url, get_index, render_page
from .params import SearchParams, parse_number
from .preferences import read_preferences
from .search import run_search
from .security import explain_read_only
from .templating import STATIC_DIR, render_template
from .views.article import make_article_page, make_articles_page
from .views.citation import format_citation
from .views.coverage import describe_coverage
from .views.examples import choose_examples
from .views.moment import describe_moment
from .views.report import ReportRequest, parse_report_filter
from .views.results import ResultsView, landing, make_results_view, query_error
from .views.status import make_status_page
from .views.urls import media_path
from .views.video import VideoRequest, make_video_page

if TYPE_CHECKING:
    from ..library import Index

_MAX_ARTICLE_PAGES = 100_000
_IMMUTABLE_CACHE = "public, max-age=31536000, immutable"
_SEARCH_PATHS = ("/", "/results")
_ERROR_TITLES = {400: "Invalid request", 404: "Not found", 405: "Method not allowed", 503: "Server busy"}
_ERROR_REASONS = {
    "Not Found": "There is no page at this address.",
    "Method Not Allowed": "This address takes no such request.",
}


def render_error_page(request: Request, status: int, reason: str) -> Response:
    """Return the HTML page for the error *status*."""
    title = _ERROR_TITLES.get(status, "Something went wrong")
    if status == 400 and request.url.path in _SEARCH_PATHS:
        title = "Invalid search"
    page = {"title": title, "reason": _ERROR_REASONS.get(reason, reason)}
    return render_page(request, "error.html", page, status=status)


def _show_search(request: Request) -> Response:
    return _render_results(request, "search.html")


def _show_results(request: Request) -> Response:
    return _render_results(request, "_results.html")


def _render_results(request: Request, template: str) -> Response:
    preferences = read_preferences(request.cookies)
    params = SearchParams.from_params(request.query_params)
    results = _make_results(get_index(request), params, pictures=preferences.pictures)
    return HTMLResponse(render_template(template, preferences=preferences, here="/", results=results))


def _make_results(index: Index, search_params: SearchParams, *, pictures: bool) -> ResultsView:
    search_params = replace(search_params, by="video", correct=True)
    if not search_params.q:
        return landing(search_params, index.stats(), choose_examples(index), coverage=describe_coverage(index))
    try:
        page = run_search(index, search_params)
        coverage = () if page.videos else describe_coverage(index)
        return make_results_view(search_params, page, pictures=pictures, coverage=coverage)
    except QuerySyntaxError as error:
        return query_error(search_params, error)


def _show_video(request: Request) -> Response:
    params = request.query_params
    index = get_index(request)
    video = index.video(request.path_params["video"])
    page = make_video_page(
        index,
        VideoRequest(
            video=video.id,
            at_ms=parse_time_offset(params.get("t", "")),
            text=SearchParams.from_params({"q": params.get("q", "")}).q,
            all_hits=params.get("hits", "") == "all",
            language=params.get("lang", ""),
            file_url=media_path(video.id) if find_media_file(index, video) else "",
            server_host=request.url.hostname or "localhost",
        ),
        pictures=read_preferences(request.cookies).pictures,
    )
    moment = describe_moment(index, video, page, params, base_url=get_base_url(request))
    return render_page(request, "video.html", moment.page, moment=moment)


def _send_media(request: Request) -> Response:
    index = get_index(request)
    response = open_media_file(index, index.video(request.path_params["video"]))
    if response is None:
        raise HTTPException(404, "This server does not have the media file of this video.")
    return response


def _send_citation(request: Request) -> Response:
    params = request.query_params
    index = get_index(request)
    video = index.video(params.get("video", ""))
    transcript = index.transcript(video.id, language=params.get("lang", ""), restore_case=True)
    span = (parse_time_offset(f"{params.get(name, '')}ms") for name in ("from", "to"))
    return PlainTextResponse(format_citation(video, transcript, *span))


def _show_article(request: Request) -> Response:
    index = get_index(request)
    report = ReportRequest(
        parse_report_filter(request.query_params),
        read_only=explain_read_only(request),
        find_media=lambda video: media_path(video.id) if find_media_file(index, video) else "",
    )
    return render_page(request, "article.html", make_article_page(index, request.query_params.get("url", ""), report))


def _list_articles(request: Request) -> Response:
    page = make_articles_page(
        get_index(request), parse_number(request.query_params, "page", default=1, maximum=_MAX_ARTICLE_PAGES)
    )
    return render_page(request, "articles.html", page, here="/articles")


def _show_status(request: Request) -> Response:
    return render_page(request, "status.html", make_status_page(get_index(request)), here="/status")


class _CachedStaticFiles(StaticFiles):
    """Static files; those whose URL changes with their content are cached forever."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        is_immutable = scope["query_string"].startswith(b"v=") or path.endswith(".woff2")
        response.headers["Cache-Control"] = _IMMUTABLE_CACHE if is_immutable else "no-cache"
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
"""Routes of the HTML pages and of their files."""
