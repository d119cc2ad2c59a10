"""Find out whether a site refused a request because of too many requests, by what yt-dlp raised."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import NetworkError, ResolveError
from ..net.throttle import parse_retry_after
from ..net.traffic import REFUSAL_TEXT, is_refusal
from .classify_errors import cause_chain


@dataclass(frozen=True, slots=True)
class Refusal:
    """A site that refuses requests for now; *url* is the address that it refused, empty if it said so in words."""

    reason: str
    retry_after_s: float = 0.0
    url: str = ""


def find_refusal(error: ResolveError) -> Refusal | None:
    """Return the refusal that led to *error*; None if something else did."""
    chain = list(cause_chain(error))
    if any(isinstance(cause, NetworkError) for cause in chain):  # our own, before a request was sent
        return None
    for cause in chain:
        if (refusal := _find_refusing_status(cause)) is not None:
            return refusal
    # The message of the site, without the next step that `error` states.
    return find_refusal_text(str(error.__cause__ or error.reason)) if error.verdict == "later" else None


def find_refusal_text(reason: str) -> Refusal | None:
    """Return the refusal that *reason*, an error or a warning of yt-dlp, states in words."""
    return Refusal(reason.partition("\n")[0][:200]) if REFUSAL_TEXT.search(reason) else None


def _find_refusing_status(cause: BaseException) -> Refusal | None:
    status, response = getattr(cause, "status", None), getattr(cause, "response", None)
    if not isinstance(status, int) or response is None:
        return None
    pause_s = parse_retry_after(response.headers.get("Retry-After"))
    return Refusal(f"HTTP {status}", pause_s, str(response.url or "")) if is_refusal(status, pause_s) else None
