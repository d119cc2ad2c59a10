"""Ask a site's robots.txt before its pages: once a day, however many threads want to know."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit, urlunsplit

from ..errors import FetchError
from .fetch import FetchOptions, fetch
from .robots_parser import Rules, read_rules

MOST_BYTES = 512_000
"""What of a robots.txt is read: RFC 9309 wants at least 500 KiB to count."""

KEPT_S = 24 * 3600.0
ASKED_AGAIN_S = 900.0
"""How soon a site that could not be asked is asked again."""

_MOST_SITES = 10_000
_TOO_MANY = 429


@dataclass(frozen=True, slots=True)
class Permission:
    """Whether a page may be fetched; if not, *reason* says why and what to do.

    *verdict* is `robots` where the site says no, `later` where it could not be asked, empty where the page is
    allowed.
    """

    allowed: bool = True
    reason: str = ""
    verdict: str = ""


@dataclass(slots=True)
class _Site:
    """What is known of one site; who holds *lock* asks it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    until: float = 0.0
    rules: Rules = field(default_factory=Rules)
    problem: str = ""


class Robots:
    """The robots.txt of every site that is asked, read as *fetching* says.

    `fetching.private` counts as for any page, unless what asks names the hosts that may be private.
    """

    def __init__(self, fetching: FetchOptions | None = None) -> None:
        self._fetching = replace(
            fetching or FetchOptions(), max_bytes=MOST_BYTES, cut=True, accept=("text/plain", "*/*")
        )
        self._sites: OrderedDict[str, _Site] = OrderedDict()
        self._lock = threading.Lock()

    def ask(self, url: str, *, private: frozenset[str] | None = None) -> Permission:
        """Tell whether the page at *url* may be fetched, and why not; *private* as in `FetchOptions`."""
        address = _robots_address(url)
        if not address:
            return Permission()  # no page on the web: nobody's rules count
        rules, problem = self._known(address, private)
        if problem:
            return Permission(False, f"its site's robots.txt cannot be read ({problem})", "later")
        line = rules.forbidding(url)
        if not line:
            return Permission()
        return Permission(False, f"the site's robots.txt forbids it ({line}): --ignore-robots adds it", "robots")

    def allows(self, url: str) -> bool:
        """Tell whether the page at *url* may be fetched now."""
        return self.ask(url).allowed

    def crawl_delay_s(self, url: str, *, private: frozenset[str] | None = None) -> float:
        """Tell how long the site of *url* wants between two pages; 0 where it says nothing."""
        address = _robots_address(url)
        return self._known(address, private)[0].delay_s if address else 0.0

    def _known(self, address: str, private: frozenset[str] | None = None) -> tuple[Rules, str]:
        """Give the rules at *address*, and why they cannot be read, from memory while that is fresh."""
        site = self._site(address)
        with site.lock:
            if site.until <= time.monotonic():
                site.rules, site.problem, kept_s = self._read(address, private)
                site.until = time.monotonic() + kept_s
            return site.rules, site.problem

    def _site(self, address: str) -> _Site:
        with self._lock:
            site = self._sites.setdefault(address, _Site())
            self._sites.move_to_end(address)
            if len(self._sites) > _MOST_SITES:
                self._sites.popitem(last=False)
            return site

    def _read(self, address: str, private: frozenset[str] | None) -> tuple[Rules, str, float]:
        """Read the rules at *address*: gives them, why they cannot be read, and for how many seconds that holds."""
        fetching = self._fetching if private is None else replace(self._fetching, private=private)
        try:
            page = fetch(address, options=fetching)
        except FetchError as exc:
            if _is_refused(exc):
                return Rules(), "", 0.0
            return (Rules(), "", KEPT_S) if _is_missing(exc) else (Rules(), exc.reason, ASKED_AGAIN_S)
        return read_rules(page.content.decode("utf-8", "replace")), "", KEPT_S


def _is_refused(exc: FetchError) -> bool:
    """Tell what was refused on this side, a private address say: the page will be refused as well."""
    return exc.status is None and exc.verdict != "later"


def _is_missing(exc: FetchError) -> bool:
    """Tell a site that has no rules from one that could not be asked; too many requests is the latter."""
    return exc.status is not None and 300 <= exc.status < 500 and exc.status != _TOO_MANY


def _robots_address(url: str) -> str:
    """Give where the rules for *url* are, empty where it is no address on the web."""
    try:
        parts = urlsplit(url.strip())
        named = parts.hostname
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not named:
        return ""
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2].lower(), "/robots.txt", "", ""))
