"""Whatever has the address of a video in an attribute: frames, scripts of players, lazy placeholders, facades."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from lxml.html import HtmlElement

from ..providers import recognise
from .document import Page, Sighting
from .social_kind import post_kind
from .wrapper_urls import recognise_wrapped

_FIRST = ("iframe", "frame", "amp-iframe", "amp-video-iframe", "script")
_OTHERS_OWN = frozenset((
    "a", "area", "link", "meta", "video", "audio", "source", "blockquote", "track", "object", "embed", "param", "base",
    "form", "input", "textarea", "option",
))  # fmt: skip
"""Elements whose addresses have a file of their own."""
_NOT_VIDEO = re.compile(
    r"(?i)share|poster|thumb|image|img|related|next|prev|canonical|logo|avatar|origin$|subtitle|caption|srcset|"
    r"^(?:class|style|content|alt|title)$"
)
_IN_CODE = re.compile(r"(?i)(?:https?:)?//[^\s\"'<>\\)]{6,500}")
_STILL = re.compile(r"(?i)(?:img|i\d?|i3)\.(?:youtube|ytimg)\.com/(?:vi|vi_webp|an_webp)/([\w-]{11})/")
_PLAYER_BOX = re.compile(r"(?i)youtube|video|player|lazy|embed|facade|lite-?yt|lyte|play")


def find(page: Page) -> Iterator[Sighting]:
    """Yield every attribute that names a video, and stills of YouTube that stand in a player's place."""
    for element in page.tagged(*_FIRST):
        yield from _addresses(element, page)
    for element in page.elements:
        if element.tag not in _OTHERS_OWN and element.tag not in _FIRST:
            yield from _addresses(element, page)
            yield from _still(element)
    for element in page.elements:
        if clicked := element.get("onclick"):
            yield from _clicked(element, clicked, page)


def _addresses(element: HtmlElement, page: Page) -> Iterator[Sighting]:
    for name, value in element.items():
        if len(value) < 10 or ("/" not in value and "%2F" not in value) or value[0] in "{[<" or _NOT_VIDEO.search(name):
            continue
        url = page.absolute(value)
        if url and recognise_wrapped(url):
            label = element.get("title") or element.get("data-title") or ""
            yield Sighting(element, url, kind=post_kind(url), label=label)


def _clicked(element: HtmlElement, code: str, page: Page) -> Iterator[Sighting]:
    """Yield the video that a click puts in the place of its still; a call that shares it is none."""
    if "//" not in code or _NOT_VIDEO.search(code[:40]):
        return
    for written in _IN_CODE.findall(code[:5000])[:5]:
        url = page.absolute(written)
        if url and recognise(url):
            yield Sighting(element, url)


def _still(element: HtmlElement) -> Iterator[Sighting]:
    """Yield the video of a still that is shown where a player will be, unless it links elsewhere."""
    stated = element.get("src") or element.get("data-src") or element.get("data-bg") or element.get("style") or ""
    match = _STILL.search(stated[:2000]) if "yt" in stated or "youtube" in stated else None
    if match is None:
        return
    around = list(islice(element.iterancestors(), 3))
    words = " ".join(f"{node.get('class') or ''} {node.get('id') or ''}" for node in (element, *around))
    if _PLAYER_BOX.search(words[:1000]) and not any(node.tag == "a" for node in around):
        yield Sighting(element, f"https://www.youtube.com/watch?v={match[1]}", weak=True)
