"""Classify what yt-dlp raised: the failure class, and a message with the next step.

The rules for texts (`error_texts`) apply first, because sites answer with status 200 to say that a video is private,
and yt-dlp distinguishes these cases by its texts only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, cast

from ..errors import (
    ContentCodingError,
    HostilePageError,
    NetworkError,
    OutsideFolderError,
    PrivateAddressError,
    ProxyError,
    ResolveError,
    TooLargeError,
)
from ..net.transport import restore_file_urls
from .error_texts import (
    LOGIN_HINT,
    NEXT_STEPS,
    UPGRADE_HINT,
    clean_text,
    find_status,
    is_parse_failure,
    is_site_statement,
    match_text,
)

if TYPE_CHECKING:
    from ..model import FailureClass

    _Classification = tuple[FailureClass, str]

_STATUS_RULES: dict[int, _Classification] = {
    401: ("needs-login", LOGIN_HINT),
    402: ("needs-login", LOGIN_HINT),
    403: ("blocked", f"access denied: wait, use --proxy, or {LOGIN_HINT}"),
    404: ("gone", "video not found: check the link"),
    407: ("later", "the proxy requires a login: check --proxy"),
    408: ("later", "the site timed out: try again later"),
    410: ("gone", "the video is no longer available"),
    425: ("later", "the site is not ready: try again later"),
    429: ("later", "too many requests: wait, and use --sleep"),
    451: ("geo", "the video is withheld here for legal reasons: use --proxy with a server in another country"),
}

# Names of exception classes, because their import would import yt-dlp.
_EXCEPTION_RULES: dict[str, _Classification] = {
    "GeoRestrictedError": ("geo", "use --proxy with a server in a country where it is available"),
    "UserNotLive": ("live", "the live stream is over: wait for its recording"),
    "UnsupportedError": ("unsupported", f"yt-dlp finds no video at this address: check the link, or {UPGRADE_HINT}"),
    "NoSupportingHandlers": ("unsupported", "the kind of address is not supported: use an http(s) link"),
    "CertificateVerifyError": ("later", "the TLS certificate is not valid: check the link and the system clock"),
    "ProxyError": ("later", "the proxy failed: check --proxy"),
    "TransportError": ("later", "the network or the site failed: try again later"),
    "IncompleteRead": ("later", "the connection closed before the response was complete: try again later"),
    "SSLError": ("later", "the TLS connection failed: try again later"),
    "CookieLoadError": ("needs-login", "cannot read the cookies: check --cookies and --cookies-from-browser"),
}
_PRECISE_EXCEPTIONS = ("GeoRestrictedError", "UserNotLive")
"""Exception classes that say more than their texts."""

_BROKEN_EXTRACTOR: _Classification = ("broken-extractor", f"yt-dlp may no longer support this site: {UPGRADE_HINT}")
_UNKNOWN_ERROR: _Classification = ("later", f"try again later, or {UPGRADE_HINT}")
_MAX_CAUSES = 50
_NETWORK_VERDICTS: dict[type[NetworkError], FailureClass] = {
    PrivateAddressError: "blocked",
    OutsideFolderError: "blocked",
    TooLargeError: "unsupported",
    ContentCodingError: "unsupported",
    HostilePageError: "unsupported",
    ProxyError: "later",
}
"""Failure classes of our own errors while a video is resolved, if they differ from the error's own *verdict*."""


def make_resolve_error(url: str, exc: BaseException) -> ResolveError:
    """Return the `ResolveError` for *exc*, which yt-dlp raised for *url*."""
    verdict, reason = classify(exc)
    return ResolveError(url, reason, verdict=verdict)


def classify(exc: BaseException) -> _Classification:
    """Return the failure class of *exc*, and a reason that ends with the next step."""
    chain = list(cause_chain(exc))
    context = exc.__context__
    if isinstance(getattr(context, "orig_msg", None), str) and context not in chain:
        # While yt-dlp handles an `ExtractorError` that has a cause, it raises a `DownloadError` with the cause only.
        chain.insert(1, cast("BaseException", context))
    for cause in chain:
        if isinstance(cause, NetworkError):
            return _NETWORK_VERDICTS.get(type(cause), cause.verdict), str(cause)
    message = _error_text(chain)
    verdict, step = _classify_text(message, chain) or _classify_cause(message, chain)
    return verdict, f"{message}: {step}"


def classify_warnings(warnings: Sequence[str]) -> _Classification:
    """Return the failure class of a video without media, and the reason; the first warning that matches decides."""
    for warning in warnings or ("no video was found",):
        if classification := match_text(warning):
            return classification[0], f"{_clean_message(warning)}: {classification[1]}"
    return _UNKNOWN_ERROR[0], f"{_clean_message(warnings[0])}: {_UNKNOWN_ERROR[1]}"


def strip_next_step(reason: str) -> str:
    """Return *reason* without the next step that `classify_warnings` adds to what the site says."""
    return next((reason.removesuffix(f": {step}") for step in NEXT_STEPS if reason.endswith(f": {step}")), reason)


def cause_chain(exc: BaseException) -> Iterator[BaseException]:
    """Yield *exc* and its causes, including those that yt-dlp stores in attributes, innermost last."""
    seen: set[int] = set()
    queue: list[object] = [exc]
    while queue and len(seen) < _MAX_CAUSES:
        cause = queue.pop(0)
        if isinstance(cause, BaseException) and id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            inner = (getattr(cause, "exc_info", None) or (None, None))[1]
            queue += [inner, getattr(cause, "cause", None), getattr(cause, "reason", None), cause.__cause__]


def _classify_text(message: str, chain: list[BaseException]) -> _Classification | None:
    """Classify by *message* if the site or the extractor wrote it, and not Python or a parser.

    Whether yt-dlp expects an error says little: most extractors do not mark what a site says itself.
    """
    if precise := next((name for cause in chain if (name := type(cause).__name__) in _PRECISE_EXCEPTIONS), ""):
        return _EXCEPTION_RULES[precise]
    if any(getattr(cause, "expected", False) for cause in chain) or "player response" in message:
        return match_text(message)
    innermost = chain[-1]
    if type(innermost).__name__ == "DownloadError":  # a downloader that gives up has no cause
        return match_text(message) or _UNKNOWN_ERROR
    if type(innermost).__name__ != "ExtractorError":
        return None
    if is_parse_failure(message):
        return match_text(message.partition(": ")[2])
    is_unknown_statement = is_site_statement(message) and not find_status(message)
    return match_text(message) or (_UNKNOWN_ERROR if is_unknown_statement else None)


def _classify_cause(message: str, chain: list[BaseException]) -> _Classification:
    for cause in chain:
        status = getattr(cause, "status", None)
        if isinstance(status, int):
            return _classify_status(status)
    for cause in reversed(chain):
        for kind in type(cause).__mro__:
            if kind.__name__ in _EXCEPTION_RULES:
                return _EXCEPTION_RULES[kind.__name__]
    if any(isinstance(cause, OSError) for cause in chain):
        return _EXCEPTION_RULES["TransportError"]
    if status := find_status(message):
        return _classify_status(status)
    return _UNKNOWN_ERROR if any(getattr(cause, "expected", False) for cause in chain) else _BROKEN_EXTRACTOR


def _classify_status(status: int) -> _Classification:
    if status >= 500:
        return "later", "the site failed: try again later"
    if 300 <= status < 400:
        return (
            "blocked",
            "too many redirects, or a redirect to an address that is not allowed: open the link in a browser",
        )
    return _STATUS_RULES.get(status, _BROKEN_EXTRACTOR)


_EMPTY_TEXTS = ("An extractor error has occurred.", "A network error has occurred.")
"""What yt-dlp says if only the cause tells more."""


def _error_text(chain: Sequence[BaseException]) -> str:
    """Return the text of the outermost error, without the name of the extractor and of the video."""
    stated = next(filter(None, (getattr(cause, "orig_msg", "") for cause in chain)), "")
    if stated in _EMPTY_TEXTS and (cause := chain[-1]) is not chain[0]:
        stated = f"{stated[:-1]} ({type(cause).__name__}: {cause})"
    return _clean_message(str(stated or chain[0]) or type(chain[0]).__name__)


def _clean_message(message: str) -> str:
    return clean_text(restore_file_urls(message))
