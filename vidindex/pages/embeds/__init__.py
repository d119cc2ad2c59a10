"""Find the videos that a page embeds, each with the heading that introduces it.

Each module finds one kind of markup, and `finder.py` runs them all.  Nothing in this package uses the network.
"""

from __future__ import annotations

import os

from ...model import Embed
from .discovered import DiscoveredPage

__all__ = ["DISCOVERY_DEADLINE_S", "MAX_DISCOVERY_BYTES", "DiscoveredPage", "discover_page", "find_embeds"]

DISCOVERY_DEADLINE_S = 10.0
MAX_DISCOVERY_BYTES = 8_000_000


def find_embeds(html: str | bytes | os.PathLike[str], url: str | None = None) -> list[Embed]:
    """Return the videos that the page *html* embeds, in document order.

    *html* is a page, or the path of a saved page or of an archive (docs/archives.md), all of whose pages are read.
    Links to videos and mentions in metadata are included and have another `kind`.  *url* is the URL of the page, which
    resolves relative URLs; `file:` URLs must lie within the folder of the page.  A hostile page can take very long: use
    `discover_page` for pages from the web.
    """
    from ..saved_page import load_pages
    from .finder import find_page_embeds

    if isinstance(html, str):
        return find_page_embeds(html, url)
    return [embed for page in load_pages(html, url) for embed in find_page_embeds(page.content, page.url)]


def discover_page(
    html: bytes,
    *,
    url: str | None = None,
    deadline_s: float = DISCOVERY_DEADLINE_S,
    max_bytes: int = MAX_DISCOVERY_BYTES,
) -> DiscoveredPage:
    """Read the article in *html* and find its embeds in a worker process that is killed at the deadline.

    Raises `DiscoveryError` if the page is larger than *max_bytes*, or takes too long or too much memory.
    """
    from .sandbox import discover_in_sandbox

    return discover_in_sandbox(html, url=url, deadline_s=deadline_s, max_bytes=max_bytes)
