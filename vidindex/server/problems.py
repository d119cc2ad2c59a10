"""Errors as RFC 9457 problem details, without anything that a client must not see."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.responses import Response

from ..errors import (
    BadRequestError,
    GistError,
    IndexBusyError,
    NotIndexedError,
    QuerySyntaxError,
    TooBusyError,
    VidindexError,
)

RETRY_AFTER_S = 1


@dataclass(frozen=True, slots=True)
class ProblemDetails:
    """An error response: *detail* is for people, *at* is the index of the character where the query is invalid."""

    status: int
    detail: str
    parameter: str = ""
    at: int | None = None

    @property
    def title(self) -> str:
        """Reason phrase of the status."""
        return HTTPStatus(self.status).phrase

    def to_fields(self) -> dict[str, object]:
        """Return the members of the problem details object."""
        extra = {"parameter": self.parameter} if self.parameter else {}
        place = {"at": self.at} if self.at is not None else {}
        return {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            **extra,
            **place,
        }


def problem_from_error(error: Exception) -> ProblemDetails:
    """Convert *error* to the problem that the client sees; internal details go to the log only."""
    match error:
        case QuerySyntaxError():
            return ProblemDetails(400, error.reason, "q", error.at)
        case BadRequestError():
            return ProblemDetails(400, str(error), error.parameter)
        case NotIndexedError():
            return ProblemDetails(404, str(error))
        case GistError():
            return ProblemDetails(400, "this server cannot search in other words: see the server log", "gist")
        case TooBusyError():
            return ProblemDetails(503, str(error))
        case IndexBusyError():
            return ProblemDetails(503, "another process is writing to the index: try again in a moment")
        case HTTPException():
            return ProblemDetails(error.status_code, str(error.detail))
        case VidindexError():
            return ProblemDetails(500, "cannot read the index: see the server log, or run `vidindex doctor`")
    return ProblemDetails(500, "internal error: see the server log")


def problem_response(problem: ProblemDetails) -> Response:
    """Return a JSON response for *problem*."""
    retry = {"Retry-After": str(RETRY_AFTER_S)} if problem.status == 503 else {}
    body = json.dumps(problem.to_fields(), ensure_ascii=False).encode("utf-8", "replace")
    return Response(
        body, problem.status, media_type="application/problem+json", headers={"Cache-Control": "no-store", **retry}
    )
