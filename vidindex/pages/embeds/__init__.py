"""Article pages in, the videos that they embed out, with the heading that introduces each.

One way of embedding has one file here; `finder.py` runs them all. Nothing here touches the network.
"""

from __future__ import annotations

from ...model import Embed
from .discovered import DiscoveredPage

__all__ = ["DISCOVERY_DEADLINE_S", "MAX_DISCOVERY_BYTES", "DiscoveredPage", "discover_page", "find_embeds"]

DISCOVERY_DEADLINE_S = 10.0
MAX_DISCOVERY_BYTES = 8_000_000


def find_embeds(html: str | bytes, url: str | None = None) -> list[Embed]:
    """Find the videos that the page *html* embeds, in the order of the article.

    Links to videos and mentions in metadata are there too, told apart by `kind`.  *url* makes relative
    addresses absolute; `file:` addresses stay within the page's own folder.  A hostile page can take very
    long here: what comes from the web goes through `discover`.
    """
    from .finder import find_page_embeds

    return find_page_embeds(html, url)


def discover_page(
    html: bytes,
    *,
    url: str | None = None,
    deadline_s: float = DISCOVERY_DEADLINE_S,
    max_bytes: int = MAX_DISCOVERY_BYTES,
) -> DiscoveredPage:
    """Read the article in *html* and find its embeds in a worker process that is killed at the deadline.

    Raises `DiscoveryError` where the page is larger than *max_bytes*, takes too long or too much memory.
    """
    from .sandbox import discover_in_sandbox

    return discover_in_sandbox(html, url=url, deadline_s=deadline_s, max_bytes=max_bytes)
