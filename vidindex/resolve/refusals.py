"""Find out whether a site says in words that it refuses requests because there are too many."""

from __future__ import annotations

from ..errors import NetworkError, ResolveError
from ..net.traffic import REFUSAL_TEXT
from .classify_errors import cause_chain, strip_next_step


def find_refusal(error: ResolveError) -> str:
    """Return the words of the refusal that led to *error*; "" if something else did."""
    if error.verdict not in ("later", "blocked") or any(
        isinstance(cause, NetworkError) for cause in cause_chain(error)
    ):
        return ""
    return find_refusal_text(str(error.__cause__ or strip_next_step(error.reason)))


def find_refusal_text(message: str) -> str:
    """Return *message*, an error or a warning of yt-dlp, shortened, if it states a refusal."""
    return message.removeprefix("ERROR: ").partition("\n")[0][:200] if REFUSAL_TEXT.search(message) else ""
