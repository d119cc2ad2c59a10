"""What somebody who watches all requests is told: sites that refuse, sites that answer, and a network that fails."""

from __future__ import annotations

import errno
import re
import socket
from typing import Protocol
from urllib.parse import urlsplit

from ..errors import ProxyError
from .ssrf import extract_host

_SITES_BY_HOST = {
    host: site
    for site, hosts in {
        "youtube.com": ("youtube.com", "youtu.be", "youtube-nocookie.com", "googlevideo.com", "ytimg.com"),
        "vimeo.com": ("vimeo.com", "vimeocdn.com"),
        "dailymotion.com": ("dailymotion.com", "dai.ly", "dmcdn.net"),
        "facebook.com": ("facebook.com", "fb.watch", "fb.com", "fbcdn.net"),
        "twitter.com": ("twitter.com", "x.com", "twimg.com"),
        "tiktok.com": ("tiktok.com", "tiktokcdn.com"),
        "ted.com": ("ted.com", "tedcdn.com"),
        "archive.org": ("archive.org",),
    }.items()
    for host in hosts
}
"""Hosts, with all their subdomains, that count their requests together."""

_DEFAULT_PORTS = {"http": 80, "https": 443}
_UNREACHABLE = frozenset(
    {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN, errno.EADDRNOTAVAIL, errno.ENETRESET}
)
REFUSAL_TEXT = re.compile(
    r"not a (?:bot|robot)|bot.?check|anti.?bot|captcha|unusual traffic|rate.?limit|too many requests"
    r"|(?:http error|status) 429\b|content isn.?t available, try again later",
    re.IGNORECASE,
)
"""What sites say in a page, and not by a status, when they refuse requests because there are too many."""

_REFUSING_STATUS = 429
_PAUSING_STATUSES = frozenset({403, 420, 429, 503, 509, 529})
"""Statuses whose `Retry-After` is about the site, not about one page."""


class TrafficObserver(Protocol):
    """Watches the requests of a throttle, in the thread that sends each."""

    def before_request(self, url: str) -> None:
        """Called before a request is sent.  Raises `HostPausedError` to refuse it."""

    def after_response(self, url: str, status: int, retry_after_s: float) -> None:
        """Called with the status of each response, and the pause that it asks for."""

    def after_failure(self, url: str, exc: BaseException) -> None:
        """Called with the error of a request that was not answered."""

    def note_refusal(self, url: str, reason: str, retry_after_s: float = 0.0) -> None:
        """Called if the site of *url* says in words that it refuses requests for now."""


def site_of(url: str) -> str:
    """Return the name of the site that counts requests to *url*: a provider or a host, with a port that is unusual.

    Returns "" if *url* has no host.
    """
    host, server = extract_host(url), server_of(url)
    site = site_of_host(host)
    # All servers of a provider count together.
    return site if site in _SITES_BY_HOST else site + server.removeprefix(host)


def server_of(url: str) -> str:
    """Return the host of *url*, with a port that is unusual: `example.org`, `127.0.0.1:8000`; "" if it has none."""
    host = extract_host(url)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return host
    return host if not host or port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f"{host}:{port}"


def site_of_host(host: str) -> str:
    """Return the name of the site to which *host* belongs."""
    labels = host.split(".")
    for at in range(len(labels) - 1):
        if site := _SITES_BY_HOST.get(".".join(labels[at:])):
            return site
    return host.removeprefix("www.")


def is_refusal(status: int, retry_after_s: float) -> bool:
    """Return whether a response means that the site refuses requests for now."""
    return status == _REFUSING_STATUS or (status in _PAUSING_STATUSES and retry_after_s > 0)


def is_network_failure(exc: BaseException | None) -> bool:
    """Return whether *exc* may mean that the network is down, and not only one host that refuses connections."""
    for _ in range(10):
        if exc is None:
            return False
        if isinstance(exc, socket.gaierror | TimeoutError | ProxyError) or getattr(exc, "errno", None) in _UNREACHABLE:
            return True
        reason = getattr(exc, "reason", None)
        exc = reason if isinstance(reason, BaseException) else exc.__cause__
    return False
