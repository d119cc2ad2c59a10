"""From a request to its answer: work in a thread, errors as pages or problems."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from .problems import Problem, problem_of, problem_response
from .security import HEADERS

Endpoint = Callable[[Request], Response]
AsyncEndpoint = Callable[[Request], Awaitable[Response]]

_LOG = logging.getLogger("vidindex.server")


def worked(endpoint: Endpoint) -> AsyncEndpoint:
    """Have *endpoint* work in a thread of the pool."""

    async def answer(request: Request) -> Response:
        response: Response = await request.app.state.pool.run(lambda: endpoint(request))
        return response

    return answer


def failed(request: Request, error: Exception) -> Response:
    """Tell what went wrong, in JSON to programs and as a page to people."""
    problem = problem_of(error)
    if problem.status == 500:
        _LOG.error("%s failed", request.url.path, exc_info=error)
    response = problem_response(problem) if _is_api(request) else _page(request, problem)
    response.headers.update(HEADERS)  # what is not caught before comes from outside of the guard
    return response


def json_response(fields: object, *, status: int = 200) -> Response:
    """Answer with JSON; halves of characters, which captions may hold, are marked as such."""
    text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    return Response(text.encode("utf-8", "replace"), status, media_type="application/json")


def _is_api(request: Request) -> bool:
    return request.url.path.startswith("/api/")


def _page(request: Request, problem: Problem) -> Response:
    from .html_routes import error_page

    response: Response = error_page(request, problem.status, problem.detail)
    return response
