"""HTML5 media: `<video>`, `<source>`, `<track>`, and elements that behave like them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from ...model import CaptionLink
from ..providers import recognise
from .document import Page, Sighting

_VIDEOS = (
    "video", "amp-video", "amp-ima-video", "video-js", "media-player", "hls-video", "dash-video", "bg-video",
)  # fmt: skip
_SRC = (
    "src", "data-src", "data-lazy-src", "data-original", "data-url", "data-video-src", "data-mp4", "data-webm",
    "data-hls", "data-video", "data-video-url", "data-hls-src", "data-stream", "data-file", "data-source",
    "data-litespeed-src", "data-video-mp4", "data-mp4-src",
)  # fmt: skip
_BACKGROUND = re.compile(r"(?i)(?:^|[\s_-])(?:background|bg|backdrop)(?:$|[\s_-])")


def find(page: Page) -> Iterator[Sighting]:
    """Yield one embed for each media element, however many sources it has."""
    for video in page.tagged(*_VIDEOS):
        urls = [url for url in _sources(video, page) if url]
        if urls and not _decoration(video):
            yield Sighting(
                video,
                urls[0],
                label=video.get("title") or video.get("aria-label") or video.get("data-title") or "",
                captions=tuple(_captions(video, page)),
                also=tuple(urls[1:]),
                provider="html5",
            )
    for source in page.tagged("source"):
        if not any(parent.tag in (*_VIDEOS, "audio", "picture", "amp-audio") for parent in source.iterancestors()):
            url = next(filter(None, (page.absolute(source.get(name)) for name in _SRC)), "")
            if url and recognise(url):
                yield Sighting(source, url)


def _sources(video: HtmlElement, page: Page) -> Iterator[str]:
    """Yield the addresses of *video* without repetition, its own before those of its sources."""
    seen: set[str] = set()
    for element in (video, *video.iter("source")):
        if element is not video and (element.get("type") or "").startswith(("audio/", "image/")):
            continue
        for name in _SRC:
            url = page.absolute(element.get(name))
            if url and url not in seen and url.partition(":")[0] in ("http", "https", "file", url) and " " not in url:
                seen.add(url)
                yield url


def _captions(video: HtmlElement, page: Page) -> Iterator[CaptionLink]:
    for track in video.iter("track", "amp-story-captions"):
        kind = (track.get("kind") or "subtitles").lower()
        url = page.absolute(track.get("src") or track.get("data-src"))
        if url and kind in ("captions", "subtitles"):
            yield CaptionLink(url, track.get("srclang") or "", track.get("label") or "")


def _decoration(video: HtmlElement) -> bool:
    """Tell a moving wallpaper from a video: silent, looping, without controls, and called a background."""
    around = video.getparent()
    words = [video.get("class"), video.get("id"), around.get("class") if around is not None else None]
    silent = video.get("muted") is not None and video.get("loop") is not None and video.get("controls") is None
    return silent and bool(_BACKGROUND.search(" ".join(filter(None, words))))
