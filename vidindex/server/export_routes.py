"""The files of all hits of a search."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, get_args

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ..clips.edit_lists import EDIT_LIST_FILES, EDIT_LIST_FORMATS, EditListFormat
from ..engines.cpu_limit import limit_cpu_time
from ..errors import BadRequestError
from ..search.found_moments import MAX_COUNTED_HITS
from .edit_lists import make_edit_list
from .hit_files import HitFormat, hit_lines
from .pages import get_index
from .params import SearchParams, parse_choice
from .responses import file_response
from .search import search_options

if TYPE_CHECKING:
    from ..search.facets import FacetedHits

_MAX_EXPORT_CPU_S = 12.0
"""Maximum processor time of an export: it builds every hit, not those of one page."""

_FORMATS: tuple[HitFormat | EditListFormat, ...] = (*get_args(HitFormat), *EDIT_LIST_FORMATS)
_MEDIA_TYPES: dict[HitFormat, str] = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/jsonl; charset=utf-8",
    "srt": "application/x-subrip; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
}
_MAX_NAME_CHARS = 60


def _export_hits(request: Request) -> Response:
    params = SearchParams.from_params(request.query_params)
    if not params.q:
        raise BadRequestError("q", "enter the words to search for")
    form: HitFormat | EditListFormat = parse_choice(request.query_params, "format", _FORMATS)
    with limit_cpu_time(_MAX_EXPORT_CPU_S):
        index = get_index(request)
        page = index.search_page(params.q, options=replace(search_options(params), limit=MAX_COUNTED_HITS, offset=0))
        title = _make_title(params.q, page)
        hits = (*page.hits, *page.gist)
        if form == "csv" or form == "jsonl" or form == "srt" or form == "md":
            media_type, suffix = _MEDIA_TYPES[form], f".{form}"
            text = "".join(hit_lines(hits, form, title=title))
        else:
            media_type, suffix = EDIT_LIST_FILES[form].media_type, EDIT_LIST_FILES[form].suffix
            text = make_edit_list(request, index, hits, form, title=title)
    count = f"{page.total}{'+' * page.is_more}"
    return file_response(text, media_type, f"{_make_file_name(params.q)}{suffix}", Vidindex_Hits=count)


def _make_title(query: str, page: FacetedHits) -> str:
    noun = "match" if page.total == 1 else "matches"
    count = f"The first {page.total:,} {noun}" if page.is_more else f"{page.total:,} {noun}"
    count += f", and {len(page.gist)} in other words," if page.gist else ""
    return f"{count} for {query}"


def _make_file_name(query: str) -> str:
    """Return a name that every system and every header takes."""
    words = re.sub(r"[^A-Za-z0-9]+", "-", query[: 4 * _MAX_NAME_CHARS]).strip("-").lower()
    return words[:_MAX_NAME_CHARS].strip("-") or "search"


routes: list[BaseRoute] = [Route("/export", _export_hits)]
"""Routes of the files."""
