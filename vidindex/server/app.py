"""The application: every route, and what holds for all of them."""

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
from . import html_routes as pages
from .responses import error_response, in_thread_pool
from .security import LOOPBACK_HOSTS, SecurityMiddleware
from .thread_pool import ThreadPool

_MIN_GZIP_BYTES = 1_000  # bytes


def make_app(
    index: Path | str | Index, *, hosts: Sequence[str] = LOOPBACK_HOSTS, pool: ThreadPool | None = None
) -> Starlette:
    """Make the application that shows *index*; a place is opened here, and let go of when the server stops.

    *hosts* are the names that it goes by.  Raises `IndexLocationError` where there is no index.
    """
    opened = index if isinstance(index, Index) else Index(index, create=False)
    workers = pool or ThreadPool()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        workers.close()
        if opened is not index:
            opened.close()

    app = Starlette(
        routes=list(_wrap_blocking_routes([*api.routes, *pages.routes])),
        lifespan=lifespan,
        middleware=[
            Middleware(SecurityMiddleware, hosts=hosts),
            Middleware(GZipMiddleware, minimum_size=_MIN_GZIP_BYTES, compresslevel=4),
        ],
        exception_handlers={HTTPException: error_response, VidindexError: error_response, Exception: error_response},
    )
    app.state.index = opened
    app.state.pool = workers
    return app


def _wrap_blocking_routes(routes: Iterable[BaseRoute]) -> Iterable[BaseRoute]:
    """Have each endpoint that blocks work in a thread of ours."""
    for route in routes:
        if isinstance(route, Route) and not inspect.iscoroutinefunction(route.endpoint):
            yield Route(route.path, in_thread_pool(route.endpoint), name=route.name)
        else:
            yield route
