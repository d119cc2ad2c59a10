"""The JSON API: endpoints that read the index, and never fetch or change anything; `openapi.json` describes them."""

from __future__ import annotations

from collections.abc import Collection
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ..errors import BadRequestError, NotIndexedError
from ..search.trend import TrendGroup
from ..transcripts.export import export_transcript
from .etag import add_etag, is_etag_match, make_etag, not_modified_response
from .pages import get_index
from .params import (
    MAX_PAGE_SIZE,
    SEARCH_PARAMS,
    TREND_PARAMS,
    SearchParams,
    check_names,
    parse_choice,
    parse_claims,
    parse_number,
)
from .responses import Endpoint, json_response
from .search import check_article_quotes, run_search, run_trend, verify_claims
from .serialize import (
    serialize_article,
    serialize_embed,
    serialize_facet,
    serialize_hit,
    serialize_quote,
    serialize_stats,
    serialize_texts,
    serialize_track,
    serialize_trend,
    serialize_verdict,
    serialize_video,
    serialize_video_hits,
)

if TYPE_CHECKING:
    from ..library import Index
    from ..model import Article, Video
    from .schemas import (
        ArticleDetailsJson,
        ArticlePageJson,
        ListPageJson,
        QuotesJson,
        SearchPageJson,
        TrendPageJson,
        VerdictsJson,
        VideoDetailsJson,
        VideoPageJson,
    )

_OPENAPI_FILE = Path(__file__).parent / "openapi.json"
_MAX_LIST_PAGES = 1_000_000 // MAX_PAGE_SIZE
_MEDIA_TYPES = {
    "json": "application/json",
    "vtt": "text/vtt; charset=utf-8",
    "srt": "application/x-subrip; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
}


def _search_hits(request: Request) -> Response:
    params = SearchParams.from_params(request.query_params)
    if not params.q:
        raise BadRequestError("q", "enter the words to search for")
    results = run_search(get_index(request), params)
    spoken = results.total_videos if params.by == "video" else results.total
    total = results.texts.total if results.texts else spoken
    page: SearchPageJson = {
        "query": params.q,
        "by": params.by,
        "total": results.total,
        "total_videos": results.total_videos if params.by == "video" else None,
        "is_more": results.is_more,
        "page": params.page,
        "size": params.page_size,
        "next": f"/api/search?{params.to_query_string(page=params.page + 1)}"
        if params.page * params.page_size < total
        else None,
        "suggestion": results.suggestion or None,
        "corrected": results.corrected or None,
        "unknown": [
            {"name": each.name, "value": each.value, "similar": list(each.similar)} for each in results.unknown
        ],
        "took_ms": results.took_ms,
        "facets": [serialize_facet(facet) for facet in results.facets],
        "videos": [serialize_video_hits(video) for video in results.videos],
        "hits": [serialize_hit(hit) for hit in results.hits],
        "gist": [serialize_hit(hit) for hit in results.gist],
        "texts": serialize_texts(results.texts) if results.texts else None,
    }
    return json_response(page)


def _count_trend(request: Request) -> Response:
    group = parse_choice(request.query_params, "by", get_args(TrendGroup), default="month")
    params = SearchParams.from_params({**request.query_params, "by": ""})  # the same name, with other values
    if not params.q:
        raise BadRequestError("q", "enter the words to search for")
    trend = run_trend(get_index(request), params, group)
    page: TrendPageJson = {"query": params.q, **serialize_trend(trend)}
    return json_response(page)


def _list_videos(request: Request) -> Response:
    index = get_index(request)
    number, size = _parse_paging(request)
    videos = islice(index.videos(offset=(number - 1) * size), size)
    page: VideoPageJson = {
        **_list_page("/api/videos", index.video_count(), number, size),
        "videos": [serialize_video(video) for video in videos],
    }
    return json_response(page)


def _list_articles(request: Request) -> Response:
    index = get_index(request)
    if url := request.query_params.get("url", ""):
        return json_response(_article_with_embeds(index, index.article(url)))
    number, size = _parse_paging(request)
    articles = islice(index.articles(offset=(number - 1) * size), size)
    page: ArticlePageJson = {
        **_list_page("/api/articles", index.article_count(), number, size),
        "articles": [serialize_article(article) for article in articles],
    }
    return json_response(page)


def _parse_paging(request: Request) -> tuple[int, int]:
    params = request.query_params
    page = parse_number(params, "page", default=1, maximum=_MAX_LIST_PAGES)
    return page, parse_number(params, "size", default=MAX_PAGE_SIZE, maximum=MAX_PAGE_SIZE)


def _list_page(path: str, total: int, number: int, size: int) -> ListPageJson:
    next_page = f"{path}?page={number + 1}&size={size}" if number * size < total else None
    return {"total": total, "page": number, "size": size, "next": next_page}


def _get_video(request: Request) -> Response:
    index = get_index(request)
    video = _find_video(request)
    embeds = index.embeds(video=video.id)
    details: VideoDetailsJson = {
        **serialize_video(video),
        "tracks": [serialize_track(track) for track in index.tracks(video.id)],
        "articles": [{"url": record.article, "label": record.embed.label} for record in embeds],
    }
    return json_response(details)


def _find_video(request: Request) -> Video:
    """Return the video with the full id or URL of the request: the start of an id may become ambiguous."""
    name = request.path_params["video"]
    video = get_index(request).video(name)
    if name not in (video.id, video.url):
        raise NotIndexedError(name)
    return video


def _get_transcript(request: Request) -> Response:
    form = request.path_params["form"]
    if form not in _MEDIA_TYPES:
        raise NotIndexedError(f"transcript.{form}")
    video = _find_video(request)
    transcript = get_index(request).transcript(video.id, language=request.query_params.get("lang", "")[:100])
    text = export_transcript(transcript, form, title=video.title)
    return Response(text.encode("utf-8", "replace"), headers={"Content-Type": _MEDIA_TYPES[form]})


def _get_article(request: Request) -> Response:
    index = get_index(request)
    return json_response(_article_with_embeds(index, index.article(request.path_params["url"])))


def _article_with_embeds(index: Index, article: Article) -> ArticleDetailsJson:
    embeds = [serialize_embed(record) for record in index.embeds(article=article.url)]
    return {**serialize_article(article), "embeds": embeds}


def _check_quotes(request: Request) -> Response:
    index = get_index(request)
    url = request.query_params.get("article", "")
    if not url:
        raise BadRequestError("article", "enter the URL of an article in the index")
    article = index.article(url)  # never fetched: clients must not make the server send requests
    quotes: QuotesJson = {
        "article": serialize_article(article),
        "quotes": [serialize_quote(checked) for checked in check_article_quotes(index, article.url)],
    }
    return json_response(quotes)


def _verify_claims(request: Request) -> Response:
    verdicts = verify_claims(get_index(request), parse_claims(request.scope["body"]))
    answer: VerdictsJson = {"verdicts": [serialize_verdict(verdict) for verdict in verdicts]}
    response = json_response(answer)
    response.headers["Cache-Control"] = "no-store"
    return response


def _get_stats(request: Request) -> Response:
    index = get_index(request)
    return json_response(serialize_stats(index.stats(), index.status()))


def _get_openapi(request: Request) -> Response:
    return Response(_OPENAPI_FILE.read_bytes(), media_type="application/json")


def _with_etag(endpoint: Endpoint, names: Collection[str]) -> Endpoint:
    """Wrap *endpoint*, which takes the parameters *names*, to be called unless the client has the current response."""

    def respond(request: Request) -> Response:
        check_names(request.query_params, names)
        tag = make_etag(get_index(request).path, request)
        return not_modified_response(tag) if is_etag_match(request, tag) else add_etag(endpoint(request), tag)

    return respond


_PAGING_PARAMS = ("page", "size")
_ENDPOINTS: dict[str, tuple[Endpoint, tuple[str, ...]]] = {
    "/api/search": (_search_hits, SEARCH_PARAMS),
    "/api/trend": (_count_trend, TREND_PARAMS),
    "/api/videos": (_list_videos, _PAGING_PARAMS),
    "/api/videos/{video:path}/transcript.{form}": (_get_transcript, ("lang",)),
    "/api/videos/{video:path}": (_get_video, ()),
    "/api/articles": (_list_articles, ("url", *_PAGING_PARAMS)),
    "/api/articles/{url:path}": (_get_article, ()),
    "/api/quotes": (_check_quotes, ("article",)),
    "/api/stats": (_get_stats, ()),
    "/api/openapi.json": (_get_openapi, ()),
}
"""The endpoints with the names of their parameters."""

VERIFY_PATH = "/api/verify"
"""The address of claims, which are posted because they are long; it changes nothing either."""

routes: list[BaseRoute] = [
    *(Route(path, _with_etag(endpoint, names)) for path, (endpoint, names) in _ENDPOINTS.items()),
    Route(VERIFY_PATH, _verify_claims, methods=["POST"]),
]
"""Routes of the API."""
