"""Players that no rule of ours knows: each alone is shown to yt-dlp."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from lxml.html import HtmlElement

from .page import Page, Sighting
from .players import looks_unlike_player

_TAGS = ("iframe", "embed", "object", "script", "video", "video-js", "amp-iframe")
_MAX = 12


def find(page: Page, seen: set[HtmlElement]) -> Iterator[Sighting]:
    """Yield what yt-dlp recognises among the players at which nothing was *seen*."""
    unknown = [element for element in page.tagged(*_TAGS) if element not in seen and _address(element, page)]
    if not unknown:
        return
    from .ytdlp import embeds_in, known_to_ytdlp

    for element in unknown[:_MAX]:
        url = _address(element, page)
        known = known_to_ytdlp(url) if element.tag != "script" else None
        if known is not None:
            yield Sighting(element, url, label=element.get("title") or "", provider=known.provider, id=known.id)
            continue
        for found in list(embeds_in(_tag(element), url, page.url or "https://example.invalid/"))[:3]:
            if (known := known_to_ytdlp(found)) is not None:
                yield Sighting(element, found, label=element.get("title") or "", provider=known.provider, id=known.id)


def _address(element: HtmlElement, page: Page) -> str:
    stated = (element.get(name) for name in ("src", "data-src", "data-lazy-src", "data", "data-litespeed-src"))
    url = next(filter(None, map(page.absolute, stated)), "")
    if element.tag == "script" and not any(word in url.lower() for word in ("embed", "player", "video")):
        return ""
    return "" if not url.startswith(("http:", "https:")) or len(url) > 2000 or looks_unlike_player(url) else url


def _tag(element: HtmlElement) -> str:
    """Write the start tag of *element*, with its address as yt-dlp's patterns expect it."""
    attributes = " ".join(
        f'{name}="{escape(value)}"' for name, value in element.items() if len(value) < 2000 and ":" not in name
    )
    tag = "iframe" if element.tag == "amp-iframe" else element.tag
    return f"<{tag} {attributes}></{tag}>"
