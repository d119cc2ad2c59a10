"""The ASGI application: routes, middleware and error handlers."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import BaseRoute, Route

from ..errors import VidindexError
from ..library import Index
from . import api_routes as api
from . import browse_routes as lists
from . import clip_file_routes as clip_files
from . import clip_routes as clips
from . import export_routes as exports
from . import html_routes as pages
from . import review_routes as reviews
from . import share_routes as shares
from . import trend_routes as trends
from .bodies import BodyMiddleware
from .clip_cutter import ClipCutter
from .response_cache import CacheMiddleware
from .responses import error_response, in_thread_pool
from .security import LOOPBACK_HOSTS, SecurityMiddleware, find_https_hosts
from .thread_pool import ThreadPool
from .warm_up import warm_up

_PARTS = (api, reviews, clips, clip_files, exports, lists, trends, shares, pages)
_MIN_GZIP_BYTES = 1_000


def make_app(
    index: Path | str | Index,
    *,
    hosts: Sequence[str] = LOOPBACK_HOSTS,
    pool: ThreadPool | None = None,
    is_local: bool = False,
    is_embeddable: bool = False,
    is_warm: bool = False,
) -> Starlette:
    """Return the application that serves *index*.

    If *index* is a location, it is opened here and closed when the server stops. *hosts* are the accepted values of the
    `Host` header; one that starts with `https://` is reached through a proxy that speaks HTTPS. If the server
    *is_local*, listening on this machine only, visitors may review quotations. If it *is_embeddable*, other sites may
    show clips in frames. If it *is_warm*, it starts only after some requests, so that the first visitor does not wait.

    Raises `IndexLocationError` if there is no index.
    """
    opened = index if isinstance(index, Index) else Index(index, create=False)
    workers = pool or ThreadPool()
    clip_cutter = ClipCutter()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        if is_warm:
            await warm_up(app, opened)
        yield
        workers.close()
        clip_cutter.close()
        if opened is not index:
            opened.close()

    app = Starlette(
        routes=list(_wrap_blocking_routes(route for part in _PARTS for route in part.routes)),
        lifespan=lifespan,
        middleware=[
            Middleware(
                SecurityMiddleware,
                hosts=hosts,
                post_paths=[api.VERIFY_PATH, reviews.REVIEWS_PATH],
                is_embeddable=is_embeddable,
            ),
            Middleware(BodyMiddleware),
            Middleware(CacheMiddleware, read_stamp=opened.change_stamp),
            Middleware(GZipMiddleware, minimum_size=_MIN_GZIP_BYTES, compresslevel=4),
        ],
        exception_handlers={HTTPException: error_response, VidindexError: error_response, Exception: error_response},
    )
    app.state.index = opened
    app.state.pool = workers
    app.state.clip_cutter = clip_cutter
    app.state.is_local = is_local
    app.state.is_embeddable = is_embeddable
    app.state.https_hosts = find_https_hosts(hosts)
    return app


def _wrap_blocking_routes(routes: Iterable[BaseRoute]) -> Iterable[BaseRoute]:
    """Yield *routes*, with each blocking endpoint run in the thread pool."""
    for route in routes:
        if isinstance(route, Route) and not inspect.iscoroutinefunction(route.endpoint):
            endpoint = in_thread_pool(route.endpoint)
            yield Route(route.path, endpoint, name=route.name, methods=list(route.methods or ()))
        else:
            yield route
