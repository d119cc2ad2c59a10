"""How the web is asked while adding: one gate for pages and videos, since a host is a host."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from ..archive import Archive
from ..embeds.wayback import Places
from ..resolve import ResolveOptions, Resolver
from ..web import ANY_HOST, FetchOptions, Gate


@dataclass(frozen=True, slots=True)
class Asking:
    """The doors to the web; may be shared by threads."""

    resolver: Resolver
    fetching: FetchOptions
    archive: Archive

    @classmethod
    def of(
        cls,
        options: ResolveOptions,
        *,
        archive: Places,
        gate: Gate | None = None,
        resolver: Resolver | None = None,
    ) -> Self:
        """Make the doors that *options* describe; *resolver* in place of one's own."""
        gate = gate or Gate(delay_s=options.sleep_s)
        fetching = _fetching(options, gate)
        return cls(resolver or Resolver(options, gate=gate), fetching, Archive(fetching, places=archive))


def _fetching(options: ResolveOptions, gate: Gate) -> FetchOptions:
    plain = FetchOptions(
        timeout_s=options.timeout_s,
        proxy=options.proxy,
        private=ANY_HOST if options.allow_private else None,
        gate=gate,
    )
    return replace(plain, user_agent=options.user_agent) if options.user_agent else plain
