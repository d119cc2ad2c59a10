"""What went wrong, as RFC 9457 problems: never more than the one who asked may know."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.responses import Response

from ..errors import BadRequestError, IndexBusyError, NotIndexedError, QuerySyntaxError, TooBusyError, VidindexError

RETRY_AFTER_S = 1


@dataclass(frozen=True, slots=True)
class ProblemDetails:
    """An error as it is told: *detail* is for people; *at* is the character of the query where it goes wrong."""

    status: int
    detail: str
    parameter: str = ""
    at: int | None = None

    @property
    def title(self) -> str:
        """The status in words."""
        return HTTPStatus(self.status).phrase

    def to_fields(self) -> dict[str, object]:
        """Give the members of the problem."""
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
    """Say what *error* means to the one who asked; what only the owner may know stays in the log."""
    match error:
        case QuerySyntaxError():
            return ProblemDetails(400, error.reason, "q", error.at)
        case BadRequestError():
            return ProblemDetails(400, str(error), error.parameter)
        case NotIndexedError():
            return ProblemDetails(404, str(error))
        case TooBusyError():
            return ProblemDetails(503, str(error))
        case IndexBusyError():
            return ProblemDetails(503, "the index is being written to: try again in a moment")
        case HTTPException():
            return ProblemDetails(error.status_code, str(error.detail))
        case VidindexError():
            return ProblemDetails(
                500, "the index cannot be read: the server's log says why, `vidindex doctor` checks it"
            )
    return ProblemDetails(500, "something went wrong in the server: its log says what")


def problem_response(problem: ProblemDetails) -> Response:
    """Answer with *problem* as JSON."""
    retry = {"Retry-After": str(RETRY_AFTER_S)} if problem.status == 503 else {}
    body = json.dumps(problem.to_fields(), ensure_ascii=False).encode("utf-8", "replace")
    return Response(
        body, problem.status, media_type="application/problem+json", headers={"Cache-Control": "no-store", **retry}
    )
