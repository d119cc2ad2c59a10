"""The OpenAPI document of the API, built from one table of operations and the types in `schemas`.

`make openapi` writes it to `openapi.json`, which the server sends; `python -m vidindex.server.openapi` prints it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, get_args

from ..model import TEXT_KINDS, CaptionOrigin, MatchKind
from ..search.options import SortOrder
from ..search.trend import TrendGroup
from .json_schema import JsonSchema, SchemaBuilder
from .params import (
    DEFAULT_PAGE_SIZE,
    MAX_CLAIMS,
    MAX_FILTER_CHARS,
    MAX_PAGE_SIZE,
    MAX_PAGES,
    MAX_QUERY_CHARS,
    ResultUnit,
)
from .schemas import (
    ArticleDetailsJson,
    ArticlePageJson,
    ClaimsJson,
    ProblemJson,
    QuotesJson,
    ReviewEditJson,
    ReviewJson,
    SearchPageJson,
    StatsJson,
    TranscriptJson,
    TrendPageJson,
    VerdictsJson,
    VideoDetailsJson,
    VideoPageJson,
)

_INFO = {
    "title": "vidindex",
    "version": "1",
    "summary": "Find the moment when a quote was spoken",
    "description": "Only `POST /api/reviews` changes the index. Errors are RFC 9457 problem details.",
    "license": {"name": "MIT", "identifier": "MIT"},
}
_ERROR_DESCRIPTIONS = {
    "400": "A parameter is missing, invalid, unknown, or given twice with different values.",
    "403": "The server is reachable from other machines, or through a proxy.",
    "404": "The index has no such article, video or transcript.",
    "default": "500: the index failed. 503: the server is too busy, or the request took too long; see `Retry-After`.",
}


@dataclass(frozen=True, slots=True)
class ApiParameter:
    """A parameter of the query string or of the path."""

    name: str
    description: str
    schema: JsonSchema
    is_required: bool = False
    location: Literal["query", "path"] = "query"

    def to_json(self) -> JsonSchema:
        """Return the Parameter Object."""
        return {
            "name": self.name,
            "in": self.location,
            "description": self.description,
            "required": self.is_required,
            "schema": self.schema,
        }


@dataclass(frozen=True, slots=True)
class ApiOperation:
    """A request: its path, its parameters, and the type of a successful response.

    It is a POST request if it has a *body*, given by its type, and a GET request otherwise.
    *errors* are the statuses besides those that every operation may answer with.
    """

    path: str
    summary: str
    response: object
    media_type: str = "application/json"
    parameters: tuple[ApiParameter, ...] = field(default=())
    errors: tuple[Literal["403", "404"], ...] = ()
    body: object = None


def _text_filter(name: str, description: str) -> ApiParameter:
    return ApiParameter(name, description, {"type": "string", "maxLength": MAX_FILTER_CHARS})


def _paging(default_size: int, **limits: int) -> tuple[ApiParameter, ApiParameter]:
    size = {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": default_size}
    return (
        ApiParameter("page", "page number, starting at 1", {"type": "integer", "minimum": 1, **limits, "default": 1}),
        ApiParameter("size", "items per page", size),
    )


_FILTER_PARAMETERS = (
    ApiParameter(
        "q",
        "a quote, or a query with operators",
        {"type": "string", "maxLength": MAX_QUERY_CHARS},
        is_required=True,
    ),
    _text_filter("site", "only videos of this site"),
    _text_filter("channel", "only videos of this channel"),
    _text_filter("kind", "only videos of this kind"),
    _text_filter("lang", "only captions in this language"),
    ApiParameter("origin", "only captions of this origin", {"type": "string", "enum": list(get_args(CaptionOrigin))}),
    _text_filter("speaker", "only words of this speaker, if the captions tell"),
    _text_filter("article", "only videos in the article with this title or URL"),
    _text_filter("video", "only the video with this id"),
    _text_filter("after", "only videos from this date on: 2009-09-14, 2009-09 or 2009"),
    _text_filter("before", "only videos up to this date"),
    ApiParameter("year", "only videos of this year", {"type": "string", "pattern": r"^\d{4}$"}),
    ApiParameter("match", "only hits of this kind", {"type": "string", "enum": list(get_args(MatchKind))}),
)
_SEARCH_PARAMETERS = (
    *_FILTER_PARAMETERS,
    ApiParameter(
        "in",
        f"search texts about videos instead of speech: `any`, or some of {', '.join(TEXT_KINDS)}, with commas",
        {"type": "string"},
    ),
    ApiParameter(
        "sort", "order of the hits; default: best match first", {"type": "string", "enum": list(get_args(SortOrder))}
    ),
    ApiParameter(
        "by",
        "results are moments, or videos with their best moments; `page` and `size` (then 10 by default) count these",
        {"type": "string", "enum": list(get_args(ResultUnit)), "default": "moment"},
    ),
    ApiParameter(
        "correct", "1: if nothing matches, return what the suggestion finds", {"type": "string", "enum": ["0", "1"]}
    ),
    ApiParameter(
        "gist",
        "1: also hits that say it in other words, if the index has vectors; 0: none; by default, if nothing matches",
        {"type": "string", "enum": ["0", "1"]},
    ),
    *_paging(DEFAULT_PAGE_SIZE, maximum=MAX_PAGES),
)
_TREND_PARAMETERS = (
    *_FILTER_PARAMETERS,
    ApiParameter("by", "what to count by; default: month", {"type": "string", "enum": list(get_args(TrendGroup))}),
)
_ARTICLE_URL = ApiParameter(
    "url",
    "URL of the article; percent-encode `?` and `#`",
    {"type": "string"},
    is_required=True,
    location="path",
)
_VIDEO_ID = ApiParameter(
    "video",
    "id (`extractor:id`) or URL of the video; slashes need no encoding",
    {"type": "string"},
    is_required=True,
    location="path",
)
_TRANSCRIPT_LANGUAGE = ApiParameter(
    "lang", "language of the captions; default: the language of the best track", {"type": "string"}
)
_TRANSCRIPT_FORMATS: tuple[tuple[str, str, object], ...] = (
    ("json", "application/json", TranscriptJson),
    ("srt", "application/x-subrip", str),
    ("txt", "text/plain", str),
    ("vtt", "text/vtt", str),
)

OPERATIONS: tuple[ApiOperation, ...] = (
    ApiOperation(
        "/api/articles",
        "List the articles, or return the article at `url`",
        ArticlePageJson | ArticleDetailsJson,
        parameters=(
            ApiParameter("url", "return this article, as `/api/articles/{url}` does", {"type": "string"}),
            *_paging(MAX_PAGE_SIZE),
        ),
        errors=("404",),
    ),
    ApiOperation(
        "/api/articles/{url}",
        "Return an article with its embeds",
        ArticleDetailsJson,
        parameters=(_ARTICLE_URL,),
        errors=("404",),
    ),
    ApiOperation("/api/openapi.json", "Return this document", dict),
    ApiOperation(
        "/api/quotes",
        "Check the quotes in an indexed article; no other page is fetched",
        QuotesJson,
        parameters=(ApiParameter("article", "URL of the article", {"type": "string"}, is_required=True),),
        errors=("404",),
    ),
    ApiOperation(
        "/api/reviews",
        "Tick off a quotation of an article, or note something about it",
        ReviewJson,
        errors=("403", "404"),
        body=ReviewEditJson,
    ),
    ApiOperation(
        "/api/search",
        "Find the moments that match a query",
        SearchPageJson,
        parameters=_SEARCH_PARAMETERS,
    ),
    ApiOperation("/api/stats", "Return the size of the index and its work queue", StatsJson),
    ApiOperation(
        "/api/trend",
        "Count the hits of a query by month, year, channel or speaker, relative to the indexed words",
        TrendPageJson,
        parameters=_TREND_PARAMETERS,
    ),
    ApiOperation(
        "/api/verify",
        f"Verify up to {MAX_CLAIMS} quotes; nothing is fetched or changed",
        VerdictsJson,
        body=ClaimsJson,
    ),
    ApiOperation("/api/videos", "List the videos", VideoPageJson, parameters=_paging(MAX_PAGE_SIZE)),
    ApiOperation(
        "/api/videos/{video}",
        "Return a video with its caption tracks",
        VideoDetailsJson,
        parameters=(_VIDEO_ID,),
        errors=("404",),
    ),
    *(
        ApiOperation(
            f"/api/videos/{{video}}/transcript.{form}",
            f"Return the transcript of a video as {form}",
            response,
            media_type=media_type,
            parameters=(_VIDEO_ID, _TRANSCRIPT_LANGUAGE),
            errors=("404",),
        )
        for form, media_type, response in _TRANSCRIPT_FORMATS
    ),
)
"""Every operation of the API."""


def build_openapi() -> JsonSchema:
    """Return the OpenAPI 3.1 document."""
    schemas = SchemaBuilder()
    paths = {
        operation.path: {"get" if operation.body is None else "post": _describe_operation(operation, schemas)}
        for operation in OPERATIONS
    }
    return {
        "openapi": "3.1.0",
        "info": _INFO,
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": schemas.components},
    }


def format_openapi() -> str:
    """Return the document as text, as `openapi.json` holds it."""
    return json.dumps(build_openapi(), indent=1, ensure_ascii=False) + "\n"


def _describe_operation(operation: ApiOperation, schemas: SchemaBuilder) -> JsonSchema:
    content = {operation.media_type: {"schema": schemas.build(operation.response)}}
    unchanged = {"304": {"description": "Unchanged since the `ETag` of `If-None-Match`."}}
    return {
        "summary": operation.summary,
        "parameters": [parameter.to_json() for parameter in operation.parameters],
        **(_describe_body(operation.body, schemas) if operation.body is not None else {}),
        "responses": {
            "200": {"description": "Success.", "content": content},
            **(unchanged if operation.body is None else {}),
            **_describe_errors(("400", *operation.errors, "default"), schemas),
        },
    }


def _describe_body(body: object, schemas: SchemaBuilder) -> JsonSchema:
    content = {"application/json": {"schema": schemas.build(body)}}
    return {"requestBody": {"required": True, "content": content}}


def _describe_errors(statuses: Iterable[str], schemas: SchemaBuilder) -> JsonSchema:
    content = {"application/problem+json": {"schema": schemas.build(ProblemJson)}}
    return {status: {"description": _ERROR_DESCRIPTIONS[status], "content": content} for status in statuses}


if __name__ == "__main__":
    sys.stdout.write(format_openapi())
