"""Find video URLs in attributes: frames, player scripts, lazy-loading placeholders, facades."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from lxml.html import HtmlElement

from ..providers import recognize_url
from .buttons import is_button
from .document import EmbedCandidate, PageDocument
from .media import BACKGROUND_CLASS
from .social_kind import classify_post
from .wrapper_urls import recognize_wrapped_url

_FRAME_TAGS = ("iframe", "frame", "amp-iframe", "amp-video-iframe", "script")
_EXCLUDED_TAGS = frozenset((
    "a", "area", "link", "meta", "video", "audio", "source", "blockquote", "track", "object", "embed", "param", "base",
    "form", "input", "textarea", "option",
))  # fmt: skip
"""Elements that other finders read."""
_NON_VIDEO_ATTRIBUTE = re.compile(
    r"(?i)share|poster|thumb|image|img|related|next|prev|canonical|logo|avatar|origin$|subtitle|caption|srcset|"
    r"background|(?:^|[-_])bg(?:$|[-_])|jarallax|parallax|^(?:class|style|content|alt|title)$"
)
_URL_IN_CODE = re.compile(r"(?i)(?:https?:)?//[^\s\"'<>\\)]{6,500}")
_LISTED_URL = re.compile(r",\s*(?=(?:https?:)?//)")
_YOUTUBE_THUMBNAIL = re.compile(r"(?i)(?:img|i\d?|i3)\.(?:youtube|ytimg)\.com/(?:vi|vi_webp|an_webp)/([\w-]{11})/")
_IMAGE_URL = re.compile(r"(?i)^[^?#]*\.(?:jpe?g|png|webp|avif)(?:$|[?#])")
_CODE_ATTRIBUTES = ("onclick", "x-data", "x-on:click", "ng-click")
"""Attributes with code that may load a player."""
_PLAYER_BOX_NAME = re.compile(r"(?i)youtube|video|player|lazy|embed|facade|lite-?yt|lyte|play")


def find_url_attributes(page: PageDocument) -> Iterator[EmbedCandidate]:
    """Yield the videos in attributes, and of YouTube thumbnails that stand for a player."""
    for element in page.elements_by_tag(*_FRAME_TAGS):
        yield from _find_in_attributes(element, page)
    for element in page.elements:
        if element.tag not in _EXCLUDED_TAGS and element.tag not in _FRAME_TAGS and element.attrib:
            yield from _find_in_attributes(element, page)
            yield from _find_thumbnail_embed(element)
    for element in page.elements:
        for name in _CODE_ATTRIBUTES:
            if code := element.get(name):
                yield from _find_in_onclick(element, code, page)


def _find_in_attributes(element: HtmlElement, page: PageDocument) -> Iterator[EmbedCandidate]:
    for name, value in element.items():
        if (
            len(value) < 10
            or ("/" not in value and "%2F" not in value)
            or value[0] in "{[<"
            or _NON_VIDEO_ATTRIBUTE.search(name)
        ):
            continue
        url = page.absolute_url(_LISTED_URL.split(value, 1)[0])
        if element.tag == "img" and _IMAGE_URL.search(url) and not _PLAYER_BOX_NAME.search(element.get("class") or ""):
            continue  # the picture of a video in a list of teasers
        video = recognize_wrapped_url(url) if url else None
        if video is None or (video.provider == "html5" and BACKGROUND_CLASS.search(element.get("class") or "")):
            continue
        if element.tag in _FRAME_TAGS or not is_button(element):
            label = element.get("title") or element.get("data-title") or ""
            yield EmbedCandidate(element, url, kind=classify_post(url), label=label)


def _find_in_onclick(element: HtmlElement, code: str, page: PageDocument) -> Iterator[EmbedCandidate]:
    """Yield the videos that a click loads; code that shares a video does not count."""
    if "//" not in code or _NON_VIDEO_ATTRIBUTE.search(code[:40]):
        return
    for reference in _URL_IN_CODE.findall(code[:5000])[:5]:
        url = page.absolute_url(reference)
        if url and recognize_url(url) and not is_button(element):
            yield EmbedCandidate(element, url)


def _find_thumbnail_embed(element: HtmlElement) -> Iterator[EmbedCandidate]:
    """Yield the video of a YouTube thumbnail that a player will replace, unless it is part of a link."""
    thumbnail = element.get("src") or element.get("data-src") or element.get("data-bg") or element.get("style") or ""
    match = _YOUTUBE_THUMBNAIL.search(thumbnail[:2000]) if "yt" in thumbnail or "youtube" in thumbnail else None
    if match is None:
        return
    ancestors = list(islice(element.iterancestors(), 3))
    names = " ".join(f"{node.get('class') or ''} {node.get('id') or ''}" for node in (element, *ancestors))
    if _PLAYER_BOX_NAME.search(names[:1000]) and not any(node.tag == "a" for node in ancestors):
        yield EmbedCandidate(element, f"https://www.youtube.com/watch?v={match[1]}", weak=True)
