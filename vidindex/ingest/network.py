"""How the web is asked while adding: one gate for pages and videos, since a host is a host."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from ..errors import FetchError
from ..net import ANY_HOST, FetchOptions, Gate
from ..net.robots import Robots
from ..net.ssrf import host_of
from ..resolve import ResolveOptions, Resolver
from .wayback import Archive
from .wayback_urls import Places


@dataclass(frozen=True, slots=True)
class Asking:
    """The doors to the web; may be shared by threads.  Without *robots*, no robots.txt is asked."""

    resolver: Resolver
    fetching: FetchOptions
    archive: Archive
    robots: Robots | None = None

    @classmethod
    def of(
        cls,
        options: ResolveOptions,
        *,
        archive: Places,
        gate: Gate | None = None,
        resolver: Resolver | None = None,
        obeys_robots: bool = False,
    ) -> Self:
        """Make the doors that *options* describe; *resolver* in place of one's own."""
        gate = gate or Gate(delay_s=options.sleep_s)
        fetching = fetching_of(options, gate=gate)
        robots = Robots(fetching) if obeys_robots else None
        return cls(resolver or Resolver(options, gate=gate), fetching, Archive(fetching, places=archive), robots)

    def check_robots(self, url: str, private: frozenset[str] | None = None) -> None:
        """Raise `FetchError` where the page at *url* is not for programs, or that cannot be told now.

        *private* are the hosts that may be private, None where the user named *url*.
        """
        if self.robots is None:
            return
        permission = self.robots.ask(url, private=private)
        if delay_s := self.robots.crawl_delay_s(url, private=private):
            self.fetching.gate.slow(host_of(url), delay_s)
        if not permission.allowed:
            raise FetchError(url, permission.reason, verdict=permission.verdict)

    @property
    def articles(self) -> FetchOptions:
        """How articles are fetched: what redirects lead to is asked for its rules, too."""
        return replace(self.fetching, follows=self.check_robots)

    def cancel(self) -> None:
        """End all long waits for a turn at a host."""
        self.fetching.gate.cancel()


def fetching_of(options: ResolveOptions, *, gate: Gate) -> FetchOptions:
    """Fetch pages as *options* says of videos."""
    plain = FetchOptions(
        timeout_s=options.timeout_s,
        proxy=options.proxy,
        cookies=options.cookies,
        private=ANY_HOST if options.allow_private else None,
        gate=gate,
    )
    return replace(plain, user_agent=options.user_agent) if options.user_agent else plain
