"""What yt-dlp raised → a verdict, and words that a person can act on.

The text tables come first: sites answer 200 to say "private", and yt-dlp tells them apart by words alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..errors import (
    CanceledError,
    HostilePageError,
    HostPausedError,
    LocalFileError,
    OutsideFolderError,
    PrivateAddressError,
    ProxyError,
    ResolveError,
    TooLargeError,
    UnsupportedSchemeError,
)
from ..net.transport import restore_file_urls

UPGRADE_HINT = "upgrade with `pip install -U yt-dlp`, then try again"
LOGIN_HINT = "log in with a browser and pass --cookies-from-browser"

# (what yt-dlp says, verdict, next step); the first that matches decides.
_TEXT_RULES: tuple[tuple[str, str, str], ...] = (
    (r"not a bot|captcha|unusual traffic", "later", f"the site takes this for a robot: wait, or {LOGIN_HINT}"),
    (r"failed to extract any player response", "later",
     f"the site answers nobody now: wait, {LOGIN_HINT}, install deno, or {UPGRADE_HINT}"),
    (r"rate.?limit|too many requests|try again later", "later", "it has had too many requests: wait, use --sleep"),
    (r"embed-only video|cannot be played here", "blocked", "it plays only inside its page: add the article's link"),
    (r"tls fingerprint|cloudflare|impersonat", "blocked", "the site blocks programs: wait, or use --proxy"),
    (r"drm", "drm", "it is encrypted: nothing can be done"),
    (r"in your (?:country|region|location)|geo.?restrict|from your location", "geo", "use --proxy with a server there"),
    (r"confirm your age|age.?restrict|age.?verif", "needs-login", f"it is for adults: {LOGIN_HINT}"),
    (r"members.only|join this channel|subscribers?.only|premium|purchase|paid|rental", "needs-login", LOGIN_HINT),
    (r"password", "needs-login", "it wants a password: pass --yt-dlp-option video-password=…"),
    (r"premieres? in|will begin|upcoming|not (?:yet )?started|scheduled", "later", "it is not out yet: wait"),
    (r"private (?:video|album)|is private|marked as private", "needs-login", f"it is private: {LOGIN_HINT}"),
    (r"live event has ended|recording is not available|(?:is|currently) offline|not currently live", "live",
     "it was a live stream: wait for its recording"),
    (r"removed|no longer (?:available|exists)|does(?:n't| not) exist|deleted|terminated|taken down|video unavailable"
     r"|this video is (?:not available|unavailable)|copyright", "gone", "nothing can be done"),
    (r"log.?in|sign.?in|logged|authenticat|--cookies|registered users|credentials", "needs-login", LOGIN_HINT),
    (r"unsupported url|no video|no media|not a valid url|no suitable extractor|unsupported url scheme", "unsupported",
     f"yt-dlp finds no video there: check the link, or {UPGRADE_HINT}"),
)  # fmt: skip
_TEXT_PATTERNS = tuple((re.compile(text, re.IGNORECASE), verdict, step) for text, verdict, step in _TEXT_RULES)

_STATUS_RULES: dict[int, tuple[str, str]] = {
    401: ("needs-login", LOGIN_HINT),
    402: ("needs-login", LOGIN_HINT),
    403: ("blocked", f"the site refuses: wait, use --proxy, or {LOGIN_HINT}"),
    404: ("gone", "there is no such video: check the link"),
    407: ("later", "the proxy wants a login: check --proxy"),
    408: ("later", "the site gave up waiting: try again later"),
    410: ("gone", "nothing can be done"),
    425: ("later", "the site is not ready: try again later"),
    429: ("later", "it has had too many requests: wait, use --sleep"),
    451: ("geo", "it is withheld for legal reasons here: use --proxy with a server elsewhere"),
}

_EXCEPTION_RULES: dict[str, tuple[str, str]] = {
    "GeoRestrictedError": ("geo", "use --proxy with a server there"),
    "UserNotLive": ("live", "it was a live stream: wait for its recording"),
    "UnsupportedError": ("unsupported", f"yt-dlp finds no video there: check the link, or {UPGRADE_HINT}"),
    "NoSupportingHandlers": ("unsupported", "its address is of a kind that is not read"),
    "CertificateVerifyError": ("later", "its certificate is not valid: check the link and the clock"),
    "ProxyError": ("later", "the proxy failed: check --proxy"),
    "TransportError": ("later", "the network or the site failed: try again later"),
    "IncompleteRead": ("later", "the connection ended early: try again later"),
    "SSLError": ("later", "TLS failed: try again later"),
    "CookieLoadError": ("needs-login", "the cookies cannot be read: check --cookies and --cookies-from-browser"),
}
_BROKEN_EXTRACTOR = ("broken-extractor", f"yt-dlp no longer understands this site: {UPGRADE_HINT}")
_UNKNOWN_ERROR = ("later", f"try again later, or {UPGRADE_HINT}")
_OWN_ERRORS: tuple[tuple[type[BaseException], str], ...] = (
    (PrivateAddressError, "blocked"),
    (OutsideFolderError, "blocked"),
    (TooLargeError, "unsupported"),
    (HostilePageError, "unsupported"),
    (LocalFileError, "gone"),
    (UnsupportedSchemeError, "unsupported"),
    (ProxyError, "later"),
    (HostPausedError, "later"),
    (CanceledError, "stopped"),
)


def make_resolve_error(url: str, exc: BaseException) -> ResolveError:
    """Turn what yt-dlp raised for *url* into our error."""
    verdict, reason = classify(exc)
    return ResolveError(url, reason, verdict=verdict)


def classify(exc: BaseException) -> tuple[str, str]:
    """Give the verdict on *exc*, and a reason that ends with the next step."""
    chain = list(_cause_chain(exc))
    for cause in chain:
        for kind, verdict in _OWN_ERRORS:
            if isinstance(cause, kind):
                return verdict, str(cause)
    said = _error_text(chain[0])
    verdict, step = _classify_text(said, chain) or _classify_cause(chain)
    return verdict, f"{said}: {step}"


def classify_warnings(warnings: Sequence[str]) -> tuple[str, str]:
    """Give the verdict on a video that came back empty: the first warning that explains it decides."""
    for said in warnings or ("no video was found",):
        if known := _match_text(said):
            return known[0], f"{_shorten_message(said)}: {known[1]}"
    return _UNKNOWN_ERROR[0], f"{_shorten_message(warnings[0])}: {_UNKNOWN_ERROR[1]}"


def _cause_chain(exc: BaseException) -> Iterator[BaseException]:
    """Walk from *exc* to its causes, as yt-dlp keeps them; the innermost story comes last."""
    seen: set[int] = set()
    waiting: list[object] = [exc]
    while waiting and len(seen) < 50:
        at = waiting.pop(0)
        if isinstance(at, BaseException) and id(at) not in seen:
            seen.add(id(at))
            yield at
            inner = (getattr(at, "exc_info", None) or (None, None))[1]
            waiting += [inner, getattr(at, "cause", None), getattr(at, "reason", None), at.__cause__]


def _classify_text(message: str, chain: list[BaseException]) -> tuple[str, str] | None:
    """Judge by words, but only words that the site or the extractor chose: not those of a traceback."""
    if any(getattr(cause, "expected", False) for cause in chain) or "player response" in message:
        return _match_text(message)
    # A downloader that gives up states no cause.
    return (_match_text(message) or _UNKNOWN_ERROR) if type(chain[-1]).__name__ == "DownloadError" else None


def _match_text(message: str) -> tuple[str, str] | None:
    for pattern, verdict, step in _TEXT_PATTERNS:
        if pattern.search(message):
            return verdict, step
    return None


def _classify_cause(chain: list[BaseException]) -> tuple[str, str]:
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


def _classify_status(status: int) -> tuple[str, str]:
    if status >= 500:
        return "later", "the site failed: try again later"
    if 300 <= status < 400:
        return "blocked", "it redirects in a circle or to where it must not: open it in a browser"
    return _STATUS_RULES.get(status, _BROKEN_EXTRACTOR)


_MESSAGE_NOISE = re.compile(
    r"^(?:ERROR: )?(?:\[[^\]]{1,60}\] )?|; please report this issue on .*|\s*\(caused by .*", re.DOTALL
)


def _error_text(exc: BaseException) -> str:
    return _shorten_message(str(exc) or type(exc).__name__)


def _shorten_message(message: str) -> str:
    plain = restore_file_urls(_MESSAGE_NOISE.sub("", message)).strip().split("\n")[0]
    return plain[:300].rstrip(" .:") or "it failed"
