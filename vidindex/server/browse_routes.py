"""The pages that list the videos, the channels and the speakers of the index."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ..engines.cpu_limit import limit_cpu_time
from .pages import get_index, render_page
from .params import parse_number
from .search import MAX_SCAN_CPU_S
from .views.browse import BrowsePage, make_channels_page, make_speakers_page, make_videos_page

if TYPE_CHECKING:
    from ..library import Index

_MAX_PAGES = 100_000


def _list_videos(request: Request) -> Response:
    return _render(request, make_videos_page)


def _list_channels(request: Request) -> Response:
    return _render(request, make_channels_page)


def _list_speakers(request: Request) -> Response:
    with limit_cpu_time(MAX_SCAN_CPU_S):
        return _render(request, make_speakers_page)


def _render(request: Request, make_page: Callable[[Index, int], BrowsePage]) -> Response:
    number = parse_number(request.query_params, "page", default=1, maximum=_MAX_PAGES)
    return render_page(request, "browse.html", make_page(get_index(request), number))


routes: list[BaseRoute] = [
    Route("/videos", _list_videos),
    Route("/channels", _list_channels),
    Route("/speakers", _list_speakers),
]
"""Routes of the lists."""
