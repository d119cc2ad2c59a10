"""The web archive, asked for copies of what plays no more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from ..errors import DiscoveryError, FetchError, NotHtmlError
from ..model import CaptionLink, Embed
from ..net import FetchedPage, FetchOptions, fetch_page
from ..pages.embeds import discover_page
from .page_reader import select_embeds
from .wayback_urls import WaybackUrls, parse_closest_timestamp, url_variants, youtube_copy_url

_MEDIA_TYPES = ("video/", "audio/", "application/x-mpegurl", "application/vnd.apple.mpegurl", "application/dash+xml")
_MAX_EMBEDS_PER_COPY = 5
_MAX_RESPONSE_BYTES = 1_000_000


class WaybackClient:
    """The Wayback Machine, at *places*; *fetching* says how it is asked."""

    def __init__(self, fetching: FetchOptions, *, urls: WaybackUrls) -> None:
        self._fetching = fetching
        self._urls = urls

    def find_copies(self, embed: Embed, *, date: str = "") -> Iterator[str]:
        """Give addresses that may play a copy of *embed*, the likeliest first; *date* (ISO) is its article's.

        Each is looked for when it is asked for.  Raises `FetchError` where the archive does not answer.
        """
        if address := youtube_copy_url(embed, date=date):
            yield address
            return
        for url in url_variants(embed):
            if when := self._find_timestamp(url, date):
                yield from self._find_playable(url, when)
                return

    def copy_captions(self, embed: Embed, *, date: str = "") -> tuple[CaptionLink, ...]:
        """Give the copies of the caption files that the page names beside *embed*."""
        when = date.replace("-", "")
        return tuple(replace(link, url=self._urls.build_copy_url(link.url, when, raw=True)) for link in embed.captions)

    def _find_timestamp(self, url: str, date: str) -> str:
        asking = replace(self._fetching, accept=("*/*",), max_bytes=_MAX_RESPONSE_BYTES)
        return parse_closest_timestamp(fetch_page(self._urls.build_query_url(url, date=date), options=asking).content)

    def _find_playable(self, url: str, when: str) -> Iterator[str]:
        """Look at the copy of *url*: a media file plays, a page may show one, a Flash player alone plays nothing."""
        copy = self._urls.build_copy_url(url, when, raw=True)
        try:
            page = self._fetch_copy(copy)
        except NotHtmlError as exc:
            if exc.content_type.startswith(_MEDIA_TYPES):
                yield copy
            return
        if page is None:
            return
        for embed in islice(self._find_embeds(page, url), _MAX_EMBEDS_PER_COPY):
            if embed.provider == "html5":
                yield self._urls.build_copy_url(embed.url, when, raw=True)
            else:
                yield youtube_copy_url(embed, date=when[:8]) or embed.url
        yield copy

    def _fetch_copy(self, copy: str) -> FetchedPage | None:
        try:
            return fetch_page(copy, options=self._fetching)
        except NotHtmlError:
            raise
        except FetchError as exc:
            # Not every copy that it lists is there, but an archive in need of a rest is another matter.
            if exc.status is None or exc.status in (429, 500, 502, 503, 504):
                raise
            return None

    def _find_embeds(self, page: FetchedPage, url: str) -> Iterator[Embed]:
        try:
            found = discover_page(page.content, url=url)
        except DiscoveryError:
            return
        yield from (embed for embed in select_embeds(found.embeds, links=False) if not embed.dead and embed.url != url)
