"""What a request may say about the page that led to it: the default policy of browsers.

The path and the query of a page can be a secret, for example a signed link to a draft.  Another site gets the origin of
the page only (`strict-origin-when-cross-origin`).
"""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit, urlunsplit

from .ssrf import extract_host, sanitize_referer
from .transport import LOCAL_FILES_HOST

PAGE_REFERER_DOMAINS = frozenset({"vimeo.com"})
"""The domains that get the page, without its query, also from other sites.

The owner of a Vimeo video can restrict where it plays.  The domain locks of other providers (Wistia, Brightcove,
Kaltura, SproutVideo, Bunny, JW Player) work with the origin, which is all that browsers send.
"""

_DEFAULT_PORTS = {"http": 80, "https": 443}


def limit_referer(page: str, url: str) -> str:
    """Return what a request for *url* may state as its Referer if *page* leads to it, or an empty string.

    It is the page without user, password and fragment for *url* on the same origin, the page without its query for
    `PAGE_REFERER_DOMAINS`, and the origin for others.  A page with TLS is not named without TLS, nor is a local file.
    """
    page = sanitize_referer(page)
    host = extract_host(page)
    try:
        source, target = urlsplit(page), urlsplit(url)
        is_same_origin = _origin(source) == _origin(target)
    except ValueError:
        return ""
    if not host or host == LOCAL_FILES_HOST or (source.scheme == "https" and target.scheme != "https"):
        return ""
    if is_same_origin:
        return page
    path = source.path if _is_in_domains(extract_host(url), PAGE_REFERER_DOMAINS) else "/"
    return urlunsplit((source.scheme, source.netloc, path or "/", "", ""))


def _origin(parts: SplitResult) -> tuple[str, str, int | None]:
    host = (parts.hostname or "").rstrip(".")
    return parts.scheme, host, parts.port or _DEFAULT_PORTS.get(parts.scheme)


def _is_in_domains(host: str, domains: frozenset[str]) -> bool:
    return any(host == domain or host.endswith("." + domain) for domain in domains)
