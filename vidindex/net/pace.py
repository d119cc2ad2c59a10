"""The number of videos an hour that a provider serves to one visitor: the table, and the waits that follow from it."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from .traffic import site_of


@dataclass(frozen=True, slots=True)
class ProviderPace:
    """How many videos an hour a provider serves to a guest, and to a visitor with the cookies of an account."""

    guest: float
    account: float


PROVIDER_PACES: Mapping[str, ProviderPace] = MappingProxyType({"youtube.com": ProviderPace(300, 2000)})
"""The paces that providers are known to bear, by site.  YouTube: the wiki of yt-dlp, "Extractors"."""

_BURST_VIDEOS = 30
"""Videos that follow each other without a wait after a rest."""


def videos_per_hour(*, has_account: bool = False, override: float | None = None) -> dict[str, float]:
    """Return the pace of each provider that has one: that of the table, or *override*, where 0 means no limit."""
    if override is not None:
        return dict.fromkeys(PROVIDER_PACES, override) if override > 0 else {}
    return {site: pace.account if has_account else pace.guest for site, pace in PROVIDER_PACES.items()}


def estimate_hours(count: int, per_hour: float) -> float:
    """Return how many hours *count* videos take at a pace."""
    return max(count - _BURST_VIDEOS, 0) / per_hour


class VideoPacer:
    """Spaces the videos of each provider, across all threads of a process; other sites do not wait."""

    def __init__(self, paces: Mapping[str, float]) -> None:
        self._gaps_s = {site: 3600.0 / per_hour for site, per_hour in paces.items() if per_hour > 0}
        self._free_at: dict[str, float] = {}
        self._lock = threading.Lock()

    def reserve(self, url: str) -> float:
        """Reserve the start of the video at *url*, and return the number of seconds until then."""
        site = site_of(url)
        gap_s = self._gaps_s.get(site)
        if gap_s is None:
            return 0.0
        with self._lock:
            now = time.monotonic()
            # The burst is time that a site may be ahead of its pace.
            free_at = max(self._free_at.get(site, 0.0), now - gap_s * (_BURST_VIDEOS - 1))
            self._free_at[site] = free_at + gap_s
            return max(free_at - now, 0.0)

    def waits_s(self) -> dict[str, float]:
        """Return the sites at which no video may start now, with the seconds until one may."""
        now = time.monotonic()
        with self._lock:
            return {site: free_at - now for site, free_at in self._free_at.items() if free_at > now}
