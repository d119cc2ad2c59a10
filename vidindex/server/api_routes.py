"""The JSON API: what is asked for by address, from the index alone; `openapi.json` describes every answer."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ..errors import BadRequestError, NotIndexedError
from ..transcripts.export import export_transcript
from .etag import add_etag, is_etag_match, make_etag, not_modified_response
from .params import MAX_PAGE_SIZE, SearchParams, parse_number
from .responses import Endpoint, json_response
from .search import run_search
from .serialize import (
    JsonFields,
    serialize_article,
    serialize_embed,
    serialize_hit,
    serialize_quote,
    serialize_stats,
    serialize_track,
    serialize_video,
)

if TYPE_CHECKING:
    from ..library import Index
    from ..model import Article, Video
    from ..search.facets import Facet

_OPENAPI_FILE = Path(__file__).parent / "openapi.json"
_MAX_LIST_PAGES = 1_000_000 // MAX_PAGE_SIZE
_MEDIA_TYPES = {
    "json": "application/json",
    "vtt": "text/vtt; charset=utf-8",
    "srt": "application/x-subrip; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
}


def _get_index(request: Request) -> Index:
    index: Index = request.app.state.index
    return index


def _search_hits(request: Request) -> Response:
    asked = SearchParams.from_params(request.query_params)
    if not asked.q:
        raise BadRequestError("q", "write the words to search for")
    page = run_search(_get_index(request), asked)
    last = min(page.total, asked.page * asked.size)
    return json_response(
        {
            "query": asked.q,
            "total": page.total,
            "is_more": page.is_more,
            "page": asked.page,
            "size": asked.size,
            "next": f"/api/search?{asked.to_query_string(page=asked.page + 1)}" if last < page.total else None,
            "suggestion": page.suggestion or None,
            "took_ms": page.took_ms,
            "facets": [_facet_fields(facet) for facet in page.facets],
            "hits": [serialize_hit(hit) for hit in page.hits],
        }
    )


def _facet_fields(facet: Facet) -> JsonFields:
    names = dict(facet.names)
    values = [{"value": value, "count": count, "name": names.get(value, "")} for value, count in facet.values]
    return {"name": facet.name, "values": values}


def _list_videos(request: Request) -> Response:
    index = _get_index(request)
    page, size = _parse_paging(request)
    first = (page - 1) * size
    shown = [serialize_video(video) for video in islice(index.videos(offset=first), size)]
    return json_response(_page_fields("videos", shown, index.video_count(), page, size))


def _list_articles(request: Request) -> Response:
    index = _get_index(request)
    if url := request.query_params.get("url", ""):
        return json_response(_article_with_embeds(index, index.article(url)))
    page, size = _parse_paging(request)
    first = (page - 1) * size
    shown = [serialize_article(article) for article in islice(index.articles(offset=first), size)]
    return json_response(_page_fields("articles", shown, index.article_count(), page, size))


def _parse_paging(request: Request) -> tuple[int, int]:
    params = request.query_params
    page = parse_number(params, "page", default=1, maximum=_MAX_LIST_PAGES)
    return page, parse_number(params, "size", default=MAX_PAGE_SIZE, maximum=MAX_PAGE_SIZE)


def _page_fields(name: str, shown: list[JsonFields], total: int, page: int, size: int) -> JsonFields:
    follows = f"/api/{name}?page={page + 1}&size={size}" if page * size < total else None
    return {"total": total, "page": page, "size": size, "next": follows, name: shown}


def _get_video(request: Request) -> Response:
    index = _get_index(request)
    video = _find_video(request)
    embeds = index.embeds(video=video.id)
    return json_response(
        {
            **serialize_video(video),
            "tracks": [serialize_track(track) for track in index.tracks(video.id)],
            "articles": [{"url": state.article, "label": state.embed.label} for state in embeds],
        }
    )


def _find_video(request: Request) -> Video:
    """Find the video that is named in full: the start of an id may mean another one tomorrow."""
    name = request.path_params["video"]
    video = _get_index(request).video(name)
    if name not in (video.id, video.url):
        raise NotIndexedError(name)
    return video


def _get_transcript(request: Request) -> Response:
    form = request.path_params["form"]
    if form not in _MEDIA_TYPES:
        raise NotIndexedError(f"transcript.{form}")
    video = _find_video(request)
    said = _get_index(request).transcript(video.id, language=request.query_params.get("lang", "")[:100])
    text = export_transcript(said, form, title=video.title)
    return Response(text.encode("utf-8", "replace"), headers={"Content-Type": _MEDIA_TYPES[form]})


def _get_article(request: Request) -> Response:
    index = _get_index(request)
    return json_response(_article_with_embeds(index, index.article(request.path_params["url"])))


def _article_with_embeds(index: Index, article: Article) -> JsonFields:
    embeds = [serialize_embed(state) for state in index.embeds(article=article.url)]
    return {**serialize_article(article), "embeds": embeds}


def _check_quotes(request: Request) -> Response:
    index = _get_index(request)
    url = request.query_params.get("article", "")
    if not url:
        raise BadRequestError("article", "write the address of an article in the index")
    article = index.article(url)  # no other is read: nobody may have this server ask for pages
    quotes = [serialize_quote(checked) for checked in index.quotes(article.url)]
    return json_response({"article": serialize_article(article), "quotes": quotes})


def _get_stats(request: Request) -> Response:
    return json_response(serialize_stats(_get_index(request).stats()))


def _get_openapi(request: Request) -> Response:
    return Response(_OPENAPI_FILE.read_bytes(), media_type="application/json")


def _with_etag(endpoint: Endpoint) -> Endpoint:
    """Have *endpoint* asked only where the one who asks has not its answer yet."""

    def respond(request: Request) -> Response:
        tag = make_etag(_get_index(request).path, request)
        return not_modified_response(tag) if is_etag_match(request, tag) else add_etag(endpoint(request), tag)

    return respond


_ENDPOINTS: dict[str, Endpoint] = {
    "/api/search": _search_hits,
    "/api/videos": _list_videos,
    "/api/videos/{video:path}/transcript.{form}": _get_transcript,
    "/api/videos/{video:path}": _get_video,
    "/api/articles": _list_articles,
    "/api/articles/{url:path}": _get_article,
    "/api/quotes": _check_quotes,
    "/api/stats": _get_stats,
    "/api/openapi.json": _get_openapi,
}

routes: list[BaseRoute] = [Route(path, _with_etag(endpoint)) for path, endpoint in _ENDPOINTS.items()]
"""Each address of the API."""
