"""Build URLs of the Wayback Machine and parse its responses, without any requests."""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import quote

from ..model import Embed

_MAX_URL_VARIANTS = 4


@dataclass(frozen=True, slots=True)
class WaybackUrls:
    """The URLs of the archive: the availability API and the prefix of the copies."""

    availability_url: str = "https://archive.org/wayback/available"
    snapshots_url: str = "https://web.archive.org/web"

    def build_query_url(self, url: str, *, date: str = "") -> str:
        """Return the URL of the API that finds the copy of *url* nearest to the ISO *date*."""
        return f"{self.availability_url}?url={quote(url, safe='')}&timestamp={_date_digits(date)}"

    def build_copy_url(self, url: str, when: str, *, raw: bool = False) -> str:
        """Return the URL of the copy of *url* nearest to *when* (digits); a *raw* copy has its original links."""
        return f"{self.snapshots_url}/{when or '2'}{'id_' if raw else ''}/{url}"


def parse_closest_timestamp(answer: bytes) -> str:
    """Return the timestamp of the copy in a response of the API, or "" if there is no copy."""
    try:
        found = json.loads(answer)["archived_snapshots"]["closest"]
        stamp, status = str(found["timestamp"]), str(found.get("status", "200"))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ""
    played = status == "200" and found.get("available") is not False
    return stamp if played and stamp.isascii() and stamp.isdigit() and 4 <= len(stamp) <= 14 else ""


def url_variants(embed: Embed) -> tuple[str, ...]:
    """Return the URLs under which *embed* may have been archived, the most likely first."""
    stated = [
        url.partition("#")[0] for url in (embed.original_url, embed.url) if url.startswith(("http://", "https://"))
    ]
    plain = [url.replace("https://", "http://", 1) for url in stated]
    return tuple(dict.fromkeys((*stated, *plain, *(url.partition("?")[0] for url in plain))))[:_MAX_URL_VARIANTS]


def youtube_copy_url(embed: Embed, *, date: str = "") -> str:
    """Return the URL of an archived YouTube video, which yt-dlp can resolve, or "" for other embeds."""
    if embed.provider != "youtube" or len(embed.id) != 11:
        return ""
    when = f"{_date_digits(date)}000000" if len(_date_digits(date)) == 8 else "2"
    return f"https://web.archive.org/web/{when}/https://www.youtube.com/watch?v={embed.id}"


def _date_digits(date: str) -> str:
    return date.replace("-", "")[:8]
