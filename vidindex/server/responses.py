"""Responses: endpoints in the thread pool, JSON, and errors as pages or problem details."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from ..engines.cpu_limit import limit_cpu_time
from .problems import ProblemDetails, problem_from_error, problem_response
from .security import SECURITY_HEADERS

Endpoint = Callable[[Request], Response]
AsyncEndpoint = Callable[[Request], Awaitable[Response]]

MAX_REQUEST_CPU_S = 4.0
"""Maximum processor time of a request that searches."""

_LOG = logging.getLogger("vidindex.server")


def in_thread_pool(endpoint: Endpoint) -> AsyncEndpoint:
    """Wrap *endpoint* so that it runs in the thread pool of the application."""

    async def respond(request: Request) -> Response:
        def answer() -> Response:
            with limit_cpu_time(MAX_REQUEST_CPU_S):
                return endpoint(request)

        response: Response = await request.app.state.pool.run(answer)
        return response

    return respond


def error_response(request: Request, error: Exception) -> Response:
    """Return *error* as problem details for API requests, as an HTML page for all others."""
    if _is_api_request(request):
        return problem_error_response(request, error)
    return _add_security_headers(_html_error_response(request, _find_problem(request, error)))


def problem_error_response(request: Request, error: Exception) -> Response:
    """Return *error* as problem details."""
    return _add_security_headers(problem_response(_find_problem(request, error)))


def _find_problem(request: Request, error: Exception) -> ProblemDetails:
    problem = problem_from_error(error)
    if problem.status == 500:
        _LOG.error("%s failed", request.url.path, exc_info=error)
    return problem


def _add_security_headers(response: Response) -> Response:
    response.headers.update(SECURITY_HEADERS)  # unexpected errors are handled outside the middleware
    return response


def json_response(fields: object, *, status: int = 200) -> Response:
    """Return *fields* as JSON; lone surrogates, which captions may contain, become `?`."""
    text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    return Response(text.encode("utf-8", "replace"), status, media_type="application/json")


def file_response(text: str, media_type: str, name: str, *, is_inline: bool = False, **headers: str) -> Response:
    """Return *text* as a file called *name*, to be saved or, if it *is_inline*, shown; lone surrogates become `?`.

    Underscores in the names of *headers* stand for hyphens.
    """
    disposition = f'{"inline" if is_inline else "attachment"}; filename="{name}"'
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    fixed = {"Content-Type": media_type, "Content-Disposition": disposition}
    return Response(text.encode("utf-8", "replace"), headers={**fixed, **named})


def _is_api_request(request: Request) -> bool:
    return request.url.path.startswith("/api/")


def _html_error_response(request: Request, problem: ProblemDetails) -> Response:
    from .html_routes import render_error_page

    reason = f"parameter {problem.detail}" if problem.parameter else problem.detail
    response: Response = render_error_page(request, problem.status, reason)
    return response
