"""The JSON API: what is asked for by address, from the index alone; `openapi.json` describes every answer."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ..errors import NotIndexedError
from ..transcripts.export import export
from .etag import is_known, tag_of, tagged, unchanged
from .params import LARGEST_PAGE, Asked, number
from .problems import BadRequestError
from .responses import Endpoint, json_response
from .search import search
from .serialize import (
    Fields,
    article_fields,
    embed_fields,
    hit_fields,
    quote_fields,
    stats_fields,
    track_fields,
    video_fields,
)

if TYPE_CHECKING:
    from ..library import Index
    from ..model import Article, Video
    from ..search.facets import Facet

_DESCRIPTION = Path(__file__).parent / "openapi.json"
_MOST_PAGES = 1_000_000 // LARGEST_PAGE
_TYPES = {
    "json": "application/json",
    "vtt": "text/vtt; charset=utf-8",
    "srt": "application/x-subrip; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
}


def _index(request: Request) -> Index:
    index: Index = request.app.state.index
    return index


def _search(request: Request) -> Response:
    asked = Asked.from_params(request.query_params)
    if not asked.q:
        raise BadRequestError("q", "write the words to search for")
    page = search(_index(request), asked)
    last = min(page.total, asked.page * asked.size)
    return json_response(
        {
            "query": asked.q,
            "total": page.total,
            "is_more": page.is_more,
            "page": asked.page,
            "size": asked.size,
            "next": f"/api/search?{asked.params(page=asked.page + 1)}" if last < page.total else None,
            "suggestion": page.suggestion or None,
            "took_ms": page.took_ms,
            "facets": [_facet_fields(facet) for facet in page.facets],
            "hits": [hit_fields(hit) for hit in page.hits],
        }
    )


def _facet_fields(facet: Facet) -> Fields:
    names = dict(facet.names)
    values = [{"value": value, "count": count, "name": names.get(value, "")} for value, count in facet.values]
    return {"name": facet.name, "values": values}


def _videos(request: Request) -> Response:
    index = _index(request)
    page, size = _paged(request)
    first = (page - 1) * size
    shown = [video_fields(video) for video in islice(index.videos(offset=first), size)]
    return json_response(_page_fields("videos", shown, index.video_count(), page, size))


def _articles(request: Request) -> Response:
    index = _index(request)
    if url := request.query_params.get("url", ""):
        return json_response(_about_article(index, index.article(url)))
    page, size = _paged(request)
    first = (page - 1) * size
    shown = [article_fields(article) for article in islice(index.articles(offset=first), size)]
    return json_response(_page_fields("articles", shown, index.article_count(), page, size))


def _paged(request: Request) -> tuple[int, int]:
    params = request.query_params
    page = number(params, "page", default=1, most=_MOST_PAGES)
    return page, number(params, "size", default=LARGEST_PAGE, most=LARGEST_PAGE)


def _page_fields(name: str, shown: list[Fields], total: int, page: int, size: int) -> Fields:
    follows = f"/api/{name}?page={page + 1}&size={size}" if page * size < total else None
    return {"total": total, "page": page, "size": size, "next": follows, name: shown}


def _video(request: Request) -> Response:
    index = _index(request)
    video = _named_video(request)
    embeds = index.embeds(video=video.id)
    return json_response(
        {
            **video_fields(video),
            "tracks": [track_fields(track) for track in index.tracks(video.id)],
            "articles": [{"url": state.article, "label": state.embed.label} for state in embeds],
        }
    )


def _named_video(request: Request) -> Video:
    """Find the video that is named in full: the start of an id may mean another one tomorrow."""
    name = request.path_params["video"]
    video = _index(request).video(name)
    if name not in (video.id, video.url):
        raise NotIndexedError(name)
    return video


def _transcript(request: Request) -> Response:
    form = request.path_params["form"]
    if form not in _TYPES:
        raise NotIndexedError(f"transcript.{form}")
    video = _named_video(request)
    said = _index(request).transcript(video.id, language=request.query_params.get("lang", "")[:100])
    text = export(said, form, title=video.title)
    return Response(text.encode("utf-8", "replace"), headers={"Content-Type": _TYPES[form]})


def _article(request: Request) -> Response:
    index = _index(request)
    return json_response(_about_article(index, index.article(request.path_params["url"])))


def _about_article(index: Index, article: Article) -> Fields:
    embeds = [embed_fields(state) for state in index.embeds(article=article.url)]
    return {**article_fields(article), "embeds": embeds}


def _quotes(request: Request) -> Response:
    index = _index(request)
    url = request.query_params.get("article", "")
    if not url:
        raise BadRequestError("article", "write the address of an article in the index")
    article = index.article(url)  # no other is read: nobody may have this server ask for pages
    quotes = [quote_fields(checked) for checked in index.quotes(article.url)]
    return json_response({"article": article_fields(article), "quotes": quotes})


def _stats(request: Request) -> Response:
    return json_response(stats_fields(_index(request).stats()))


def _described(request: Request) -> Response:
    return Response(_DESCRIPTION.read_bytes(), media_type="application/json")


def _fresh(endpoint: Endpoint) -> Endpoint:
    """Have *endpoint* asked only where the one who asks has not its answer yet."""

    def answer(request: Request) -> Response:
        tag = tag_of(_index(request).path, request)
        return unchanged(tag) if is_known(request, tag) else tagged(endpoint(request), tag)

    return answer


_ENDPOINTS: dict[str, Endpoint] = {
    "/api/search": _search,
    "/api/videos": _videos,
    "/api/videos/{video:path}/transcript.{form}": _transcript,
    "/api/videos/{video:path}": _video,
    "/api/articles": _articles,
    "/api/articles/{url:path}": _article,
    "/api/quotes": _quotes,
    "/api/stats": _stats,
    "/api/openapi.json": _described,
}

routes: list[BaseRoute] = [Route(path, _fresh(endpoint)) for path, endpoint in _ENDPOINTS.items()]
"""Each address of the API."""
