"""Ask a site's robots.txt before its pages: once a day, however many threads want to know."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit, urlunsplit

from ..errors import FetchError
from .fetch import FetchOptions, fetch_page
from .robots_parser import RobotsRules, parse_robots_txt

MAX_ROBOTS_BYTES = 512_000
"""What of a robots.txt is read: RFC 9309 wants at least 500 KiB to count."""

RULES_TTL_S = 24 * 3600.0
ERROR_TTL_S = 900.0
"""How soon a site that could not be asked is asked again."""

_MAX_SITES = 10_000
_TOO_MANY_REQUESTS = 429


@dataclass(frozen=True, slots=True)
class RobotsPermission:
    """Whether a page may be fetched; if not, *reason* says why and what to do.

    *verdict* is `robots` where the site says no, `later` where it could not be asked, empty where the page is
    allowed.
    """

    allowed: bool = True
    reason: str = ""
    verdict: str = ""


@dataclass(slots=True)
class _SiteRules:
    """What is known of one site; who holds *lock* asks it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    expires_at: float = 0.0
    rules: RobotsRules = field(default_factory=RobotsRules)
    problem: str = ""


class RobotsCache:
    """The robots.txt of every site that is asked, read as *fetching* says.

    `fetching.private` counts as for any page, unless what asks names the hosts that may be private.
    """

    def __init__(self, fetching: FetchOptions | None = None) -> None:
        self._fetching = replace(
            fetching or FetchOptions(), max_bytes=MAX_ROBOTS_BYTES, truncate=True, accept=("text/plain", "*/*")
        )
        self._sites: OrderedDict[str, _SiteRules] = OrderedDict()
        self._lock = threading.Lock()

    def check_permission(self, url: str, *, allowed_private_hosts: frozenset[str] | None = None) -> RobotsPermission:
        """Tell whether the page at *url* may be fetched, and why not; *private* as in `FetchOptions`."""
        address = _robots_url(url)
        if not address:
            return RobotsPermission()  # no page on the web: nobody's rules count
        rules, problem = self._cached_rules(address, allowed_private_hosts)
        if problem:
            return RobotsPermission(False, f"its site's robots.txt cannot be read ({problem})", "later")
        line = rules.matching_disallow(url)
        if not line:
            return RobotsPermission()
        return RobotsPermission(False, f"the site's robots.txt forbids it ({line}): --ignore-robots adds it", "robots")

    def is_allowed(self, url: str) -> bool:
        """Tell whether the page at *url* may be fetched now."""
        return self.check_permission(url).allowed

    def crawl_delay_s(self, url: str, *, allowed_private_hosts: frozenset[str] | None = None) -> float:
        """Tell how long the site of *url* wants between two pages; 0 where it says nothing."""
        address = _robots_url(url)
        return self._cached_rules(address, allowed_private_hosts)[0].delay_s if address else 0.0

    def _cached_rules(
        self, robots_url: str, allowed_private_hosts: frozenset[str] | None = None
    ) -> tuple[RobotsRules, str]:
        """Give the rules at *address*, and why they cannot be read, from memory while that is fresh."""
        site = self._site_rules(robots_url)
        with site.lock:
            if site.expires_at <= time.monotonic():
                site.rules, site.problem, kept_s = self._fetch_rules(robots_url, allowed_private_hosts)
                site.expires_at = time.monotonic() + kept_s
            return site.rules, site.problem

    def _site_rules(self, robots_url: str) -> _SiteRules:
        with self._lock:
            site = self._sites.setdefault(robots_url, _SiteRules())
            self._sites.move_to_end(robots_url)
            if len(self._sites) > _MAX_SITES:
                self._sites.popitem(last=False)
            return site

    def _fetch_rules(
        self, robots_url: str, allowed_private_hosts: frozenset[str] | None
    ) -> tuple[RobotsRules, str, float]:
        """Read the rules at *address*: gives them, why they cannot be read, and for how many seconds that holds."""
        fetching = (
            self._fetching
            if allowed_private_hosts is None
            else replace(self._fetching, allowed_private_hosts=allowed_private_hosts)
        )
        try:
            page = fetch_page(robots_url, options=fetching)
        except FetchError as exc:
            if _is_refused(exc):
                return RobotsRules(), "", 0.0
            return (RobotsRules(), "", RULES_TTL_S) if _is_missing(exc) else (RobotsRules(), exc.reason, ERROR_TTL_S)
        return parse_robots_txt(page.content.decode("utf-8", "replace")), "", RULES_TTL_S


def _is_refused(exc: FetchError) -> bool:
    """Tell what was refused on this side, a private address say: the page will be refused as well."""
    return exc.status is None and exc.verdict != "later"


def _is_missing(exc: FetchError) -> bool:
    """Tell a site that has no rules from one that could not be asked; too many requests is the latter."""
    return exc.status is not None and 300 <= exc.status < 500 and exc.status != _TOO_MANY_REQUESTS


def _robots_url(url: str) -> str:
    """Give where the rules for *url* are, empty where it is no address on the web."""
    try:
        parts = urlsplit(url.strip())
        named = parts.hostname
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not named:
        return ""
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2].lower(), "/robots.txt", "", ""))
