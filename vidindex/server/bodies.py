"""Bodies of requests: read as a whole before an endpoint runs, within limits of size, time and number."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .problems import ProblemDetails, problem_response

MAX_BODY_BYTES = 262_144
"""Maximum size of the body of a request."""

_BODY_TIMEOUT_S = 10.0
_MAX_BODIES = 64
"""Bodies that are read at the same time; each takes memory."""


class BodyMiddleware:
    """Middleware that reads the body of a POST request, and stores it as `body` in the scope."""

    def __init__(self, app: ASGIApp, *, timeout_s: float = _BODY_TIMEOUT_S) -> None:
        self._app = app
        self._timeout_s = timeout_s
        self._reading = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body and pass the request on, or refuse it."""
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        body = await self._read(receive)
        if isinstance(body, ProblemDetails):
            response = problem_response(body)
            response.headers["Connection"] = "close"  # the rest of the body is not read
            await response(scope, receive, send)
        elif body is not None:
            await self._app({**scope, "body": body}, _replay(body, receive), send)

    async def _read(self, receive: Receive) -> bytes | ProblemDetails | None:
        """Return the body, what is wrong with it, or None if the client has gone."""
        if self._reading >= _MAX_BODIES:
            return ProblemDetails(503, "too many requests: try again in a moment")
        self._reading += 1
        try:
            return await asyncio.wait_for(_read_parts(receive), self._timeout_s)
        except TimeoutError:
            return ProblemDetails(408, f"the body must arrive within {self._timeout_s:g} s")
        finally:
            self._reading -= 1


async def _read_parts(receive: Receive) -> bytes | ProblemDetails | None:
    parts = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts += message.get("body", b"")
        if len(parts) > MAX_BODY_BYTES:
            return ProblemDetails(413, f"the body may have at most {MAX_BODY_BYTES:,} bytes")
        if not message.get("more_body", False):
            return bytes(parts)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return a function that returns *body* once, then what *receive* returns."""
    is_sent = False

    async def receive_again() -> Message:
        nonlocal is_sent
        if is_sent:
            return await receive()
        is_sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again
