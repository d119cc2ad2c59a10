"""The web archive, asked for copies of what plays no more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from ..errors import DiscoveryError, FetchError
from ..model import CaptionLink, Embed
from ..net import FetchOptions, NotHtmlError, Page, fetch
from ..pages.embeds import discover
from .page_reader import wanted
from .wayback_urls import Places, closest, spellings, youtube_copy

_MEDIA_TYPES = ("video/", "audio/", "application/x-mpegurl", "application/vnd.apple.mpegurl", "application/dash+xml")
_MOST_INSIDE = 5
_MOST_ANSWER = 1_000_000


class Archive:
    """The Wayback Machine, at *places*; *fetching* says how it is asked."""

    def __init__(self, fetching: FetchOptions, *, places: Places) -> None:
        self._fetching = fetching
        self._places = places

    def copies(self, embed: Embed, *, date: str = "") -> Iterator[str]:
        """Give addresses that may play a copy of *embed*, the likeliest first; *date* (ISO) is its article's.

        Each is looked for when it is asked for.  Raises `FetchError` where the archive does not answer.
        """
        if address := youtube_copy(embed, date=date):
            yield address
            return
        for url in spellings(embed):
            if when := self._when(url, date):
                yield from self._playing(url, when)
                return

    def captions(self, embed: Embed, *, date: str = "") -> tuple[CaptionLink, ...]:
        """Give the copies of the caption files that the page names beside *embed*."""
        when = date.replace("-", "")
        return tuple(replace(link, url=self._places.copy(link.url, when, raw=True)) for link in embed.captions)

    def _when(self, url: str, date: str) -> str:
        asking = replace(self._fetching, accept=("*/*",), max_bytes=_MOST_ANSWER)
        return closest(fetch(self._places.question(url, date=date), options=asking).content)

    def _playing(self, url: str, when: str) -> Iterator[str]:
        """Look at the copy of *url*: a media file plays, a page may show one, a Flash player alone plays nothing."""
        copy = self._places.copy(url, when, raw=True)
        try:
            page = self._page(copy)
        except NotHtmlError as exc:
            if exc.content_type.startswith(_MEDIA_TYPES):
                yield copy
            return
        if page is None:
            return
        for embed in islice(self._shown(page, url), _MOST_INSIDE):
            if embed.provider == "html5":
                yield self._places.copy(embed.url, when, raw=True)
            else:
                yield youtube_copy(embed, date=when[:8]) or embed.url
        yield copy

    def _page(self, copy: str) -> Page | None:
        try:
            return fetch(copy, options=self._fetching)
        except NotHtmlError:
            raise
        except FetchError as exc:
            # Not every copy that it lists is there, but an archive in need of a rest is another matter.
            if exc.status is None or exc.status in (429, 500, 502, 503, 504):
                raise
            return None

    def _shown(self, page: Page, url: str) -> Iterator[Embed]:
        try:
            found = discover(page.content, url=url)
        except DiscoveryError:
            return
        yield from (embed for embed in wanted(found.embeds, links=False) if not embed.dead and embed.url != url)
