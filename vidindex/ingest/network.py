"""Network access while adding: pages, videos and the web archive share one throttle per host."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Self

from ..errors import FetchError
from ..net.fetch import FetchOptions
from ..net.pace import VideoPacer, videos_per_hour
from ..net.robots import RobotsCache
from ..net.ssrf import ANY_HOST, parse_allowed_addresses
from ..net.throttle import HostThrottle
from ..net.traffic import TrafficObserver, server_of
from ..resolve import ResolveOptions, VideoResolver
from .archives import ArchiveCache
from .podcasts import EpisodeFinder
from .wayback import WaybackClient
from .wayback_urls import WaybackUrls


@dataclass(frozen=True, slots=True)
class Network:
    """What adding needs from the network.  Threads may share it.  If *robots* is None, robots.txt is not read.

    *archives* are asked before the network about what articles in them embed.
    """

    resolver: VideoResolver
    fetching: FetchOptions
    archive: WaybackClient
    robots: RobotsCache | None = None
    archives: ArchiveCache = field(default_factory=ArchiveCache)
    episodes: EpisodeFinder = field(default_factory=lambda: EpisodeFinder(FetchOptions()))

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
        """Create the clients that *options* describe; *resolver* is used instead of a new one."""
        if throttle is None:
            throttle = HostThrottle(delay_s=options.sleep_s)
            throttle.pacer = make_pacer(options)
        fetching = fetch_options(options, throttle=throttle)
        robots = RobotsCache(fetching) if obeys_robots else None
        return cls(
            resolver or VideoResolver(options, throttle=throttle),
            fetching,
            WaybackClient(fetching, urls=archive),
            robots,
            episodes=EpisodeFinder(fetching),
        )

    def check_robots(self, url: str, allowed_private_hosts: frozenset[str] | None = None) -> None:
        """Raise `FetchError` if robots.txt forbids the page at *url*, or cannot be read now.

        *allowed_private_hosts* are the hosts that may be private; None means that the user gave *url*.
        """
        if self.robots is None:
            return
        permission = self.robots.check_permission(url, allowed_private_hosts=allowed_private_hosts)
        if delay_s := self.robots.crawl_delay_s(url, allowed_private_hosts=allowed_private_hosts):
            self.fetching.throttle.set_min_delay(server_of(url), delay_s)
        if permission.is_unreachable and (observer := self.fetching.throttle.observer) is not None:
            observer.after_failure(url, TimeoutError())  # the request may have been an earlier one
        if not permission.allowed:
            raise FetchError(url, permission.reason, verdict=permission.verdict or None)

    @property
    def article_fetching(self) -> FetchOptions:
        """Options for fetching articles: robots.txt applies to the targets of redirects, too."""
        return replace(self.fetching, on_redirect=self.check_robots)

    def observe(self, observer: TrafficObserver) -> None:
        """Let *observer* watch all requests."""
        self.fetching.throttle.observer = self.resolver.throttle.observer = observer

    def forget_robots_problems(self) -> None:
        """Request each robots.txt again that could not be read."""
        if self.robots is not None:
            self.robots.forget_problems()

    def cancel(self) -> None:
        """End all long waits for a host."""
        self.fetching.throttle.cancel()


def make_pacer(options: ResolveOptions, *, override: float | None = None) -> VideoPacer:
    """Return what spaces the videos of providers, as `videos_per_hour` says; with cookies, for an account."""
    has_account = bool(options.cookies or options.cookies_from_browser)
    return VideoPacer(videos_per_hour(has_account=has_account, override=override))


def fetch_options(options: ResolveOptions, *, throttle: HostThrottle) -> FetchOptions:
    """Return the options for pages that correspond to *options*, which are for videos."""
    plain = FetchOptions(
        timeout_s=options.timeout_s,
        proxy=options.proxy,
        cookies=options.cookies,
        allowed_private_hosts=ANY_HOST if options.allow_private else None,
        allowed_addresses=parse_allowed_addresses(options.allow_hosts),
        throttle=throttle,
    )
    return replace(plain, user_agent=options.user_agent) if options.user_agent else plain
