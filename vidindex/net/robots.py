"""Check robots.txt before pages are fetched.  Each site is asked once a day, however many threads need its rules."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit, urlunsplit

from ..errors import FetchError
from .fetch import FetchOptions, fetch_page
from .robots_parser import RobotsRules, parse_robots_txt
from .traffic import is_network_failure

if TYPE_CHECKING:
    from ..model import FailureClass

MAX_ROBOTS_BYTES = 512_000
"""How much of a robots.txt is read.  RFC 9309 requires at least 500 KiB."""

RULES_TTL_S = 24 * 3600.0
ERROR_TTL_S = 900.0
"""How long it takes until a robots.txt that could not be read is requested again."""

_MAX_SITES = 10_000
_TOO_MANY_REQUESTS = 429


@dataclass(frozen=True, slots=True)
class RobotsPermission:
    """Whether a page may be fetched; if not, *reason* states why and the next step.

    *verdict* is `robots` if the site disallows the page, `later` if its robots.txt could not be read, and empty if the
    page is allowed.  *is_unreachable* means that the site could not even be reached.
    """

    allowed: bool = True
    reason: str = ""
    verdict: FailureClass | Literal[""] = ""
    is_unreachable: bool = False


@dataclass(slots=True)
class _SiteRules:
    """The cached rules of one site; the thread that holds *lock* fetches them."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    expires_at: float = 0.0
    rules: RobotsRules = field(default_factory=RobotsRules)
    problem: str = ""
    is_unreachable: bool = False


class RobotsCache:
    """The rules of sites, fetched as *fetching* says and cached.

    The hosts that may be private are those of *fetching*, unless a call names others.
    """

    def __init__(self, fetching: FetchOptions | None = None) -> None:
        self._options = replace(
            fetching or FetchOptions(), max_bytes=MAX_ROBOTS_BYTES, truncate=True, accept=("text/plain", "*/*")
        )
        self._sites: OrderedDict[str, _SiteRules] = OrderedDict()
        self._lock = threading.Lock()

    def check_permission(self, url: str, *, allowed_private_hosts: frozenset[str] | None = None) -> RobotsPermission:
        """Return whether the page at *url* may be fetched; *allowed_private_hosts* is as in `FetchOptions`."""
        robots_url = _robots_url(url)
        if not robots_url:
            return RobotsPermission()  # not an http(s) URL, so that no site has rules for it
        site = self._cached_rules(robots_url, allowed_private_hosts)
        if site.problem:
            reason = f"cannot read the site's robots.txt ({site.problem})"
            return RobotsPermission(False, reason, "later", site.is_unreachable)
        line = site.rules.matching_disallow(url)
        if not line:
            return RobotsPermission()
        reason = f"the site's robots.txt disallows it ({line}): use --ignore-robots to add it anyway"
        return RobotsPermission(False, reason, "robots")

    def is_allowed(self, url: str) -> bool:
        """Return whether the page at *url* may be fetched now."""
        return self.check_permission(url).allowed

    def crawl_delay_s(self, url: str, *, allowed_private_hosts: frozenset[str] | None = None) -> float:
        """Return the delay between two requests that the site of *url* asks for, in seconds; 0 if it states none."""
        robots_url = _robots_url(url)
        return self._cached_rules(robots_url, allowed_private_hosts).rules.delay_s if robots_url else 0.0

    def forget_problems(self) -> None:
        """Request each robots.txt again that could not be read, when it is needed next."""
        with self._lock:
            self._sites = OrderedDict((url, site) for url, site in self._sites.items() if not site.problem)

    def _cached_rules(self, robots_url: str, allowed_private_hosts: frozenset[str] | None = None) -> _SiteRules:
        """Return the rules at *robots_url* and why they cannot be read, from the cache while they are fresh."""
        site = self._site_rules(robots_url)
        with site.lock:
            if site.expires_at <= time.monotonic():
                site.rules, site.problem, ttl_s = self._fetch_rules(site, robots_url, allowed_private_hosts)
                site.expires_at = time.monotonic() + ttl_s
            return replace(site)

    def _site_rules(self, robots_url: str) -> _SiteRules:
        with self._lock:
            site = self._sites.setdefault(robots_url, _SiteRules())
            self._sites.move_to_end(robots_url)
            if len(self._sites) > _MAX_SITES:
                self._sites.popitem(last=False)
            return site

    def _fetch_rules(
        self, site: _SiteRules, robots_url: str, allowed_private_hosts: frozenset[str] | None
    ) -> tuple[RobotsRules, str, float]:
        """Fetch the rules at *robots_url*; return them, why they cannot be read, and how many seconds to cache both."""
        options = (
            self._options
            if allowed_private_hosts is None
            else replace(self._options, allowed_private_hosts=allowed_private_hosts)
        )
        site.is_unreachable = False
        try:
            page = fetch_page(robots_url, options=options)
        except FetchError as exc:
            if _is_refused_locally(exc):
                return RobotsRules(), "", 0.0
            site.is_unreachable = is_network_failure(exc.__cause__)
            return (RobotsRules(), "", RULES_TTL_S) if _is_missing(exc) else (RobotsRules(), exc.reason, ERROR_TTL_S)
        return parse_robots_txt(page.content.decode("utf-8", "replace")), "", RULES_TTL_S


def _is_refused_locally(exc: FetchError) -> bool:
    """Return whether this program refused the request, for example to a private address: it refuses the page too."""
    return exc.status is None and exc.verdict != "later"


def _is_missing(exc: FetchError) -> bool:
    """Return whether the response means that the site has no rules; too many requests (429) does not."""
    return exc.status is not None and 300 <= exc.status < 500 and exc.status != _TOO_MANY_REQUESTS


def _robots_url(url: str) -> str:
    """Return the URL of the robots.txt for *url*, or an empty string if *url* is not an http(s) URL."""
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not host:
        return ""
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2].lower(), "/robots.txt", "", ""))
