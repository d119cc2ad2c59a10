"""Run the MCP server: over standard input and output, or over HTTP."""

from __future__ import annotations

import re
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from io import TextIOWrapper
from pathlib import Path

import anyio
from mcp.server.stdio import stdio_server
from mcp.server.streamable_http_manager import StreamableHTTPASGIApp, StreamableHTTPSessionManager
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Route

from ..library import Index
from ..server.bodies import MAX_BODY_BYTES, BodyMiddleware
from ..server.responses import problem_error_response
from ..server.run import ServeOptions, serve_app
from ..server.security import LOOPBACK_HOSTS, SecurityMiddleware
from ..server.thread_pool import ThreadPool
from .server import make_server

HTTP_PATH = "/mcp"
_STDIO_THREADS = 4

_JSON_ESCAPE = re.compile(r"(?i)\\(?:ud[89ab][\da-f]{2}\\ud[c-f][\da-f]{2}|(ud[89a-f][\da-f]{2})|.)")
"""An escape in JSON, with both halves of a surrogate pair; the group is half a pair."""


def run_stdio(path: Path | str) -> None:
    """Serve the index at *path* to the program that started this process, until it closes the input.

    Nothing but JSON-RPC is written to standard output: the SDK sends everything else there to standard error.
    """
    with Index(path, create=False) as index:
        try:
            anyio.run(_serve_stdio, index)
        except* (BrokenPipeError, ConnectionError):
            pass  # the client has gone


async def _serve_stdio(index: Index) -> None:
    pool = ThreadPool(threads=_STDIO_THREADS)
    server = make_server(index, pool)
    try:
        requests = RequestLines(sys.stdin.buffer, encoding="utf-8", errors="replace")
        async with stdio_server(stdin=anyio.wrap_file(requests)) as (reading, writing):
            await server.run(reading, writing, server.create_initialization_options())
    finally:
        pool.close()


class RequestLines(TextIOWrapper):
    """Standard input, with U+FFFD for each half of a surrogate pair.

    Programs that cut a text inside an emoji write them; the SDK does not answer requests with them.
    """

    def readline(self, size: int = -1, /) -> str:  # type: ignore[override]  # as in typeshed
        """Return the next line."""
        line = super().readline(size)
        return _JSON_ESCAPE.sub(lambda escape: r"\ufffd" if escape[1] else escape[0], line)


def run_http(path: Path | str, *, options: ServeOptions, on_ready: Callable[[str], None]) -> None:
    """Serve the index at *path* until the process is stopped; call *on_ready* with the URL of the server.

    Raises `ListenError`.
    """
    serve_app(
        partial(make_http_app, path),
        options=options,
        on_ready=lambda url: on_ready(url.rstrip("/") + HTTP_PATH),
    )


def make_http_app(index: Path | str | Index, *, hosts: Sequence[str] = LOOPBACK_HOSTS) -> Starlette:
    """Return the application that answers MCP requests for *index*; *hosts* are the accepted `Host` headers.

    It keeps no sessions: a request needs nothing of those before it.
    """
    opened = index if isinstance(index, Index) else Index(index, create=False)
    pool = ThreadPool()
    manager = StreamableHTTPSessionManager(
        make_server(opened, pool), stateless=True, json_response=True, max_request_body_size=MAX_BODY_BYTES
    )

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with manager.run():
            yield
        pool.close()
        if opened is not index:
            opened.close()

    return Starlette(
        routes=[Route(HTTP_PATH, StreamableHTTPASGIApp(manager), methods=["POST"])],
        lifespan=lifespan,
        middleware=[
            Middleware(SecurityMiddleware, hosts=hosts, post_paths=[HTTP_PATH]),
            Middleware(BodyMiddleware),
        ],
        exception_handlers={HTTPException: problem_error_response, Exception: problem_error_response},
    )
