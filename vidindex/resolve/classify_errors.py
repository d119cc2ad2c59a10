"""What yt-dlp raised → a verdict, and words that a person can act on.

The text tables come first: sites answer 200 to say "private", and yt-dlp tells them apart by words alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..errors import ResolveError
from ..net.context import OutsideFolderError, TooLargeError
from ..net.proxy import ProxyError
from ..net.ssrf import PrivateAddressError
from ..net.throttle import HostBusyError, StoppedError
from ..net.transport import NoFileError, SchemeError, as_file
from .page_limits import HostilePageError

UPGRADE = "upgrade with `pip install -U yt-dlp`, then try again"
LOGIN = "log in with a browser and pass --cookies-from-browser"

# (what yt-dlp says, verdict, next step); the first that matches decides.
_BY_TEXT: tuple[tuple[str, str, str], ...] = (
    (r"not a bot|captcha|unusual traffic", "later", f"the site takes this for a robot: wait, or {LOGIN}"),
    (r"failed to extract any player response", "later",
     f"the site answers nobody now: wait, {LOGIN}, install deno, or {UPGRADE}"),
    (r"rate.?limit|too many requests|try again later", "later", "it has had too many requests: wait, use --sleep"),
    (r"embed-only video|cannot be played here", "blocked", "it plays only inside its page: add the article's link"),
    (r"tls fingerprint|cloudflare|impersonat", "blocked", "the site blocks programs: wait, or use --proxy"),
    (r"drm", "drm", "it is encrypted: nothing can be done"),
    (r"in your (?:country|region|location)|geo.?restrict|from your location", "geo", "use --proxy with a server there"),
    (r"confirm your age|age.?restrict|age.?verif", "needs-login", f"it is for adults: {LOGIN}"),
    (r"members.only|join this channel|subscribers?.only|premium|purchase|paid|rental", "needs-login", LOGIN),
    (r"password", "needs-login", "it wants a password: pass --yt-dlp-option video-password=…"),
    (r"premieres? in|will begin|upcoming|not (?:yet )?started|scheduled", "later", "it is not out yet: wait"),
    (r"private (?:video|album)|is private|marked as private", "needs-login", f"it is private: {LOGIN}"),
    (r"live event has ended|recording is not available|(?:is|currently) offline|not currently live", "live",
     "it was a live stream: wait for its recording"),
    (r"removed|no longer (?:available|exists)|does(?:n't| not) exist|deleted|terminated|taken down|video unavailable"
     r"|this video is (?:not available|unavailable)|copyright", "gone", "nothing can be done"),
    (r"log.?in|sign.?in|logged|authenticat|--cookies|registered users|credentials", "needs-login", LOGIN),
    (r"unsupported url|no video|no media|not a valid url|no suitable extractor|unsupported url scheme", "unsupported",
     f"yt-dlp finds no video there: check the link, or {UPGRADE}"),
)  # fmt: skip
_TEXTS = tuple((re.compile(text, re.IGNORECASE), verdict, step) for text, verdict, step in _BY_TEXT)

_BY_STATUS: dict[int, tuple[str, str]] = {
    401: ("needs-login", LOGIN),
    402: ("needs-login", LOGIN),
    403: ("blocked", f"the site refuses: wait, use --proxy, or {LOGIN}"),
    404: ("gone", "there is no such video: check the link"),
    407: ("later", "the proxy wants a login: check --proxy"),
    408: ("later", "the site gave up waiting: try again later"),
    410: ("gone", "nothing can be done"),
    425: ("later", "the site is not ready: try again later"),
    429: ("later", "it has had too many requests: wait, use --sleep"),
    451: ("geo", "it is withheld for legal reasons here: use --proxy with a server elsewhere"),
}

_BY_NAME: dict[str, tuple[str, str]] = {
    "GeoRestrictedError": ("geo", "use --proxy with a server there"),
    "UserNotLive": ("live", "it was a live stream: wait for its recording"),
    "UnsupportedError": ("unsupported", f"yt-dlp finds no video there: check the link, or {UPGRADE}"),
    "NoSupportingHandlers": ("unsupported", "its address is of a kind that is not read"),
    "CertificateVerifyError": ("later", "its certificate is not valid: check the link and the clock"),
    "ProxyError": ("later", "the proxy failed: check --proxy"),
    "TransportError": ("later", "the network or the site failed: try again later"),
    "IncompleteRead": ("later", "the connection ended early: try again later"),
    "SSLError": ("later", "TLS failed: try again later"),
    "CookieLoadError": ("needs-login", "the cookies cannot be read: check --cookies and --cookies-from-browser"),
}
_BROKEN = ("broken-extractor", f"yt-dlp no longer understands this site: {UPGRADE}")
_UNKNOWN = ("later", f"try again later, or {UPGRADE}")
_OURS: tuple[tuple[type[BaseException], str], ...] = (
    (PrivateAddressError, "blocked"),
    (OutsideFolderError, "blocked"),
    (TooLargeError, "unsupported"),
    (HostilePageError, "unsupported"),
    (NoFileError, "gone"),
    (SchemeError, "unsupported"),
    (ProxyError, "later"),
    (HostBusyError, "later"),
    (StoppedError, "stopped"),
)


def resolve_error(url: str, exc: BaseException) -> ResolveError:
    """Turn what yt-dlp raised for *url* into our error."""
    verdict, reason = judge(exc)
    return ResolveError(url, reason, verdict=verdict)


def judge(exc: BaseException) -> tuple[str, str]:
    """Give the verdict on *exc*, and a reason that ends with the next step."""
    chain = list(_chain(exc))
    for cause in chain:
        for kind, verdict in _OURS:
            if isinstance(cause, kind):
                return verdict, str(cause)
    said = _said(chain[0])
    verdict, step = _by_text(said, chain) or _by_cause(chain)
    return verdict, f"{said}: {step}"


def judge_texts(warnings: Sequence[str]) -> tuple[str, str]:
    """Give the verdict on a video that came back empty: the first warning that explains it decides."""
    for said in warnings or ("no video was found",):
        if known := _match(said):
            return known[0], f"{_shorten(said)}: {known[1]}"
    return _UNKNOWN[0], f"{_shorten(warnings[0])}: {_UNKNOWN[1]}"


def _chain(exc: BaseException) -> Iterator[BaseException]:
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


def _by_text(said: str, chain: list[BaseException]) -> tuple[str, str] | None:
    """Judge by words, but only words that the site or the extractor chose: not those of a traceback."""
    if any(getattr(cause, "expected", False) for cause in chain) or "player response" in said:
        return _match(said)
    # A downloader that gives up states no cause.
    return (_match(said) or _UNKNOWN) if type(chain[-1]).__name__ == "DownloadError" else None


def _match(said: str) -> tuple[str, str] | None:
    for pattern, verdict, step in _TEXTS:
        if pattern.search(said):
            return verdict, step
    return None


def _by_cause(chain: list[BaseException]) -> tuple[str, str]:
    for cause in chain:
        status = getattr(cause, "status", None)
        if isinstance(status, int):
            return _by_status(status)
    for cause in reversed(chain):
        for kind in type(cause).__mro__:
            if kind.__name__ in _BY_NAME:
                return _BY_NAME[kind.__name__]
    if any(isinstance(cause, OSError) for cause in chain):
        return _BY_NAME["TransportError"]
    return _UNKNOWN if any(getattr(cause, "expected", False) for cause in chain) else _BROKEN


def _by_status(status: int) -> tuple[str, str]:
    if status >= 500:
        return "later", "the site failed: try again later"
    if 300 <= status < 400:
        return "blocked", "it redirects in a circle or to where it must not: open it in a browser"
    return _BY_STATUS.get(status, _BROKEN)


_NOISE = re.compile(r"^(?:ERROR: )?(?:\[[^\]]{1,60}\] )?|; please report this issue on .*|\s*\(caused by .*", re.DOTALL)


def _said(exc: BaseException) -> str:
    return _shorten(str(exc) or type(exc).__name__)


def _shorten(said: str) -> str:
    plain = as_file(_NOISE.sub("", said)).strip().split("\n")[0]
    return plain[:300].rstrip(" .:") or "it failed"
