"""Classify what yt-dlp raised: the failure class, and a message with the next step.

The rules for message texts apply first, because sites answer with status 200 to say that a video is private, and
yt-dlp distinguishes these cases by its messages only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from ..model import FailureClass

    _Classification = tuple[FailureClass, str]

UPGRADE_HINT = "upgrade with `pip install -U yt-dlp`, then try again"
LOGIN_HINT = "log in with a browser and use --cookies-from-browser"

# (message of yt-dlp, failure class, next step); the first rule that matches decides.
_TEXT_RULES: tuple[tuple[str, FailureClass, str], ...] = (
    (r"not a bot|captcha|unusual traffic", "later", f"the site suspects an automated request: wait, or {LOGIN_HINT}"),
    (r"failed to extract any player response", "later",
     f"the site returned no video data: wait, {LOGIN_HINT}, install deno, or {UPGRADE_HINT}"),
    (r"rate.?limit|too many requests|try again later", "later", "too many requests: wait, and use --sleep"),
    (r"embed-only video|cannot be played here", "blocked",
     "the video plays only on the page that embeds it: add the URL of that page"),
    (r"tls fingerprint|cloudflare|impersonat", "blocked", "the site blocks automated requests: wait, or use --proxy"),
    (r"drm", "drm", "the video is encrypted, so that it cannot be added"),
    (r"in your (?:country|region|location)|geo.?restrict|from your location", "geo",
     "use --proxy with a server in a country where it is available"),
    (r"confirm your age|age.?restrict|age.?verif", "needs-login", f"the video is age-restricted: {LOGIN_HINT}"),
    (r"members.only|join this channel|subscribers?.only|premium|purchase|paid|rental", "needs-login", LOGIN_HINT),
    (r"password", "needs-login", "the video needs a password: use --yt-dlp-option video-password=…"),
    (r"premieres? in|will begin|upcoming|not (?:yet )?started|scheduled", "later",
     "the video is not published yet: wait until it is"),
    (r"private (?:video|album)|is private|marked as private", "needs-login", f"the video is private: {LOGIN_HINT}"),
    (r"live event has ended|recording is not available|(?:is|currently) offline|not currently live", "live",
     "the live stream is over: wait for its recording"),
    (r"removed|no longer (?:available|exists)|does(?:n't| not) exist|deleted|terminated|taken down|video unavailable"
     r"|this video is (?:not available|unavailable)|copyright", "gone", "the video is no longer available"),
    (r"log.?in|sign.?in|logged|authenticat|--cookies|registered users|credentials", "needs-login", LOGIN_HINT),
    (r"unsupported url|no video|no media|not a valid url|no suitable extractor|unsupported url scheme", "unsupported",
     f"yt-dlp finds no video at this address: check the link, or {UPGRADE_HINT}"),
)  # fmt: skip
_TEXT_PATTERNS = tuple((re.compile(text, re.IGNORECASE), verdict, step) for text, verdict, step in _TEXT_RULES)

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
_BROKEN_EXTRACTOR: _Classification = ("broken-extractor", f"yt-dlp no longer supports this site: {UPGRADE_HINT}")
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
    chain = list(_cause_chain(exc))
    for cause in chain:
        if isinstance(cause, NetworkError):
            return _NETWORK_VERDICTS.get(type(cause), cause.verdict), str(cause)
    message = _error_text(chain[0])
    verdict, step = _classify_text(message, chain) or _classify_cause(chain)
    return verdict, f"{message}: {step}"


def classify_warnings(warnings: Sequence[str]) -> _Classification:
    """Return the failure class of a video without media, and the reason; the first warning that matches decides."""
    for warning in warnings or ("no video was found",):
        if classification := _match_text(warning):
            return classification[0], f"{_shorten_message(warning)}: {classification[1]}"
    return _UNKNOWN_ERROR[0], f"{_shorten_message(warnings[0])}: {_UNKNOWN_ERROR[1]}"


def _cause_chain(exc: BaseException) -> Iterator[BaseException]:
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
    """Classify by *message* if the site or the extractor wrote it, and not Python."""
    if any(getattr(cause, "expected", False) for cause in chain) or "player response" in message:
        return _match_text(message)
    # A downloader that gives up has no cause.
    return (_match_text(message) or _UNKNOWN_ERROR) if type(chain[-1]).__name__ == "DownloadError" else None


def _match_text(message: str) -> _Classification | None:
    for pattern, verdict, step in _TEXT_PATTERNS:
        if pattern.search(message):
            return verdict, step
    return None


def _classify_cause(chain: list[BaseException]) -> _Classification:
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


_MESSAGE_NOISE = re.compile(
    r"^(?:ERROR: )?(?:\[[^\]]{1,60}\] )?|; please report this issue on .*|(?:(?<!\s)\s+)?\(caused by .*", re.DOTALL
)


def _error_text(exc: BaseException) -> str:
    return _shorten_message(str(exc) or type(exc).__name__)


def _shorten_message(message: str) -> str:
    plain = restore_file_urls(_MESSAGE_NOISE.sub("", message)).strip().split("\n")[0]
    return plain[:300].rstrip(" .:") or "unknown error"
