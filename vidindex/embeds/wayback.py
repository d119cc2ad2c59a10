"""Where archived copies of a dead embed may be: addresses to try, in order; nothing is asked here."""

from __future__ import annotations

from urllib.parse import quote

from ..model import Embed

_SNAPSHOT = "https://web.archive.org/web/{when}/{url}"
_AVAILABLE = "https://archive.org/wayback/available?url={url}&timestamp={when}"


def wayback_candidates(embed: Embed, *, date: str = "", original_url: str = "") -> tuple[str, ...]:
    """Give the addresses of archived copies of *embed* that yt-dlp can be given, the likeliest first.

    *date* is the article's (ISO): the snapshot nearest to it is wanted.  *original_url* is the address as the
    page wrote it, where that differs from the canonical one.  YouTube has an extractor of its own for archived videos.
    """
    when = date.replace("-", "")[:8] or "2"
    if embed.provider == "youtube" and len(embed.id) == 11:
        return (f"ytarchive:{embed.id}", _SNAPSHOT.format(when=when, url=embed.url))
    urls = dict.fromkeys(filter(None, (embed.url, original_url)))
    return tuple(_SNAPSHOT.format(when=f"{when}oe_" if url.endswith(".swf") else when, url=url) for url in urls)


def availability_urls(embed: Embed, *, date: str = "") -> tuple[str, ...]:
    """Give the questions to the Wayback Machine's availability API about *embed*, the canonical address first."""
    when = date.replace("-", "")[:8]
    variants = dict.fromkeys((embed.url, embed.url.partition("?")[0], embed.url.replace("https://", "http://", 1)))
    return tuple(_AVAILABLE.format(url=quote(url, safe=""), when=when) for url in variants)
