"""Find copies of unavailable videos in the web archive."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from ..errors import DiscoveryError, FetchError, NotHtmlError
from ..model import CaptionLink, Embed
from ..net.fetch import FetchedPage, FetchOptions, fetch_page
from ..pages.embeds import discover_page
from .page_reader import select_embeds
from .wayback_urls import WaybackUrls, parse_closest_timestamp, url_variants, youtube_copy_url

_MEDIA_TYPES = ("video/", "audio/", "application/x-mpegurl", "application/vnd.apple.mpegurl", "application/dash+xml")
_MAX_EMBEDS_PER_COPY = 5
_MAX_RESPONSE_BYTES = 1_000_000


class WaybackClient:
    """A client for the Wayback Machine at *urls*."""

    def __init__(self, fetching: FetchOptions, *, urls: WaybackUrls) -> None:
        self._fetching = fetching
        self._urls = urls

    def find_copies(self, embed: Embed, *, date: str = "") -> Iterator[str]:
        """Yield URLs that may play a copy of *embed*, the most likely first; *date* is the ISO date of the article.

        The search is lazy.  Raises `FetchError` if the archive does not respond.
        """
        if address := youtube_copy_url(embed, date=date):
            yield address
            return
        for url in url_variants(embed):
            if when := self._find_timestamp(url, date):
                yield from self._find_playable(url, when)
                return

    def copy_captions(self, embed: Embed, *, date: str = "") -> tuple[CaptionLink, ...]:
        """Return the archived copies of the caption files that the page names for *embed*."""
        when = date.replace("-", "")
        return tuple(replace(link, url=self._urls.build_copy_url(link.url, when, raw=True)) for link in embed.captions)

    def _find_timestamp(self, url: str, date: str) -> str:
        asking = replace(self._fetching, accept=("*/*",), max_bytes=_MAX_RESPONSE_BYTES)
        return parse_closest_timestamp(fetch_page(self._urls.build_query_url(url, date=date), options=asking).content)

    def _find_playable(self, url: str, when: str) -> Iterator[str]:
        """Yield URLs in the copy of *url*: the copy itself if it is a media file or a page, and embeds in the page."""
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
            # The archive lists copies that it does not have; an overloaded archive is a different case.
            if exc.status is None or exc.status in (429, 500, 502, 503, 504):
                raise
            return None

    def _find_embeds(self, page: FetchedPage, url: str) -> Iterator[Embed]:
        try:
            found = discover_page(page.content, url=url)
        except DiscoveryError:
            return
        yield from (embed for embed in select_embeds(found.embeds, links=False) if not embed.dead and embed.url != url)
