"""How the web is asked while adding: one gate for pages and videos, since a host is a host."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from ..errors import FetchError
from ..net import ANY_HOST, FetchOptions, HostThrottle
from ..net.robots import RobotsCache
from ..net.ssrf import extract_host
from ..resolve import ResolveOptions, VideoResolver
from .wayback import WaybackClient
from .wayback_urls import WaybackUrls


@dataclass(frozen=True, slots=True)
class Network:
    """The doors to the web; may be shared by threads.  Without *robots*, no robots.txt is asked."""

    resolver: VideoResolver
    fetching: FetchOptions
    archive: WaybackClient
    robots: RobotsCache | None = None

    @classmethod
    def from_options(
        cls,
        options: ResolveOptions,
        *,
        archive: WaybackUrls,
        throttle: HostThrottle | None = None,
        resolver: VideoResolver | None = None,
        obeys_robots: bool = False,
    ) -> Self:
        """Make the doors that *options* describe; *resolver* in place of one's own."""
        throttle = throttle or HostThrottle(delay_s=options.sleep_s)
        fetching = fetch_options(options, throttle=throttle)
        robots = RobotsCache(fetching) if obeys_robots else None
        return cls(
            resolver or VideoResolver(options, throttle=throttle),
            fetching,
            WaybackClient(fetching, urls=archive),
            robots,
        )

    def check_robots(self, url: str, allowed_private_hosts: frozenset[str] | None = None) -> None:
        """Raise `FetchError` where the page at *url* is not for programs, or that cannot be told now.

        *private* are the hosts that may be private, None where the user named *url*.
        """
        if self.robots is None:
            return
        permission = self.robots.check_permission(url, allowed_private_hosts=allowed_private_hosts)
        if delay_s := self.robots.crawl_delay_s(url, allowed_private_hosts=allowed_private_hosts):
            self.fetching.throttle.set_min_delay(extract_host(url), delay_s)
        if not permission.allowed:
            raise FetchError(url, permission.reason, verdict=permission.verdict)

    @property
    def article_fetching(self) -> FetchOptions:
        """How articles are fetched: what redirects lead to is asked for its rules, too."""
        return replace(self.fetching, on_redirect=self.check_robots)

    def cancel(self) -> None:
        """End all long waits for a turn at a host."""
        self.fetching.throttle.cancel()


def fetch_options(options: ResolveOptions, *, throttle: HostThrottle) -> FetchOptions:
    """Fetch pages as *options* says of videos."""
    plain = FetchOptions(
        timeout_s=options.timeout_s,
        proxy=options.proxy,
        cookies=options.cookies,
        allowed_private_hosts=ANY_HOST if options.allow_private else None,
        throttle=throttle,
    )
    return replace(plain, user_agent=options.user_agent) if options.user_agent else plain
