"""Find what the page of an audio player plays: the file of the episode, and its transcript if the page has one."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from urllib.parse import urljoin

from ..model import CaptionLink, Embed
from ..pages.embeds.incidental_audio import is_incidental_file
from ..pages.providers import is_audio_file, media_file_id, strip_audio_prefix

_END_OF_URL = re.compile(r"[\"'\s<>\\|,{}\[\]()`]+")
_TRANSCRIPT_FILE = re.compile(r"\.(?:vtt|srt)(?:$|[?#])", re.IGNORECASE)
_MAX_PAGE_CHARS = 2_000_000
_MAX_TRANSCRIPTS = 3


def find_played_file(player: Embed, embeds: Sequence[Embed], content: bytes, address: str) -> list[Embed]:
    """Return the one file that the page of *player* at *address* plays, under the label of the player.

    *embeds* are those of the page; a page that plays several files is a playlist, and nothing is returned.
    """
    urls = [embed.url for embed in embeds if embed.medium == "audio" and embed.kind != "link"]
    links = list(_list_links(content, address))
    urls = [url for url in urls if is_audio_file(url)] or [url for url in links if is_audio_file(url)]
    files = {media_file_id(strip_audio_prefix(url)): url for url in reversed(urls) if not is_incidental_file(url)}
    if len(files) != 1:
        return []
    ((file_id, url),) = files.items()
    captions = next((embed.captions for embed in embeds if embed.url == url and embed.captions), ())
    found = replace(player, url=url, provider="html5", id=file_id, captions=captions or _transcripts(links))
    return [replace(found, original_url=player.original_url or player.url)]


def _list_links(content: bytes, address: str) -> Iterator[str]:
    """Yield the URLs in the markup, the data and the scripts of a page."""
    text = content[:_MAX_PAGE_CHARS].decode("utf-8", "replace").replace("\\/", "/").replace("\\u0026", "&")
    for piece in _END_OF_URL.split(text):
        if "/" in piece and len(piece) < 2000 and (is_audio_file(piece) or _TRANSCRIPT_FILE.search(piece)):
            try:
                url = urljoin(address, html.unescape(piece))
            except ValueError:
                continue
            if url.startswith(("http:", "https:")):
                yield url


def _transcripts(links: Sequence[str]) -> tuple[CaptionLink, ...]:
    found = dict.fromkeys(url for url in links if _TRANSCRIPT_FILE.search(url) and not is_audio_file(url))
    return tuple(
        CaptionLink(url) for url in islice(sorted(found, key=lambda url: ".vtt" not in url.lower()), _MAX_TRANSCRIPTS)
    )
