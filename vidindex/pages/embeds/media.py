"""Find HTML5 media: `<video>`, `<source>`, `<track>`, and custom elements like them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from ...model import CaptionLink
from ..providers import is_filler_file, recognize_url
from .document import EmbedCandidate, PageDocument
from .provider_attributes import aliased_video_url

_VIDEO_TAGS = (
    "video", "amp-video", "amp-ima-video", "video-js", "media-player", "hls-video", "dash-video", "bg-video",
)  # fmt: skip
_SOURCE_ATTRIBUTES = (
    "src", "data-src", "data-lazy-src", "data-original", "data-url", "data-video-src", "data-mp4", "data-webm",
    "data-hls", "data-video", "data-video-url", "data-hls-src", "data-stream", "data-file", "data-source",
    "data-litespeed-src", "data-video-mp4", "data-mp4-src",
)  # fmt: skip
_AMBIGUOUS_ATTRIBUTES = frozenset(("data-url", "data-original", "data-source", "data-video-url"))
BACKGROUND_CLASS = re.compile(r"(?i)(?:^|[\s_-])(?:background|bg|backdrop|gifv?|cinemagraph)(?:$|[\s_-])")
_SILENT_LOOP_PARAMETERS = frozenset(("mute=1", "loop=1", "controls=0"))
"""What a frame of YouTube states that plays without sound, again and again, and cannot be changed by the reader."""


def find_media_elements(page: PageDocument) -> Iterator[EmbedCandidate]:
    """Yield one candidate for each media element, with all its sources."""
    for video in page.elements_by_tag(*_VIDEO_TAGS):
        urls = [url for url in _list_source_urls(video, page) if url]
        if urls and not _is_decoration(video):
            yield EmbedCandidate(
                video,
                urls[0],
                label=video.get("title") or video.get("aria-label") or video.get("data-title") or "",
                captions=tuple(_list_caption_links(video, page)),
                alternate_urls=tuple(urls[1:]),
                provider="html5",
            )
    for source in page.elements_by_tag("source"):
        if not any(parent.tag in (*_VIDEO_TAGS, "audio", "picture", "amp-audio") for parent in source.iterancestors()):
            url = next(filter(None, (page.absolute_url(source.get(name)) for name in _SOURCE_ATTRIBUTES)), "")
            if url and recognize_url(url):
                yield EmbedCandidate(source, url)


def _list_source_urls(video: HtmlElement, page: PageDocument) -> Iterator[str]:
    """Yield the distinct URLs of *video*: its own first, then those of its sources."""
    seen: set[str] = set()
    for element in (video, *video.iter("source")):
        if element is not video and (element.get("type") or "").startswith(("audio/", "image/")):
            continue
        for name in _SOURCE_ATTRIBUTES:
            reference = element.get(name)
            url = _url_of_short_form(reference or "") or page.absolute_url(reference)
            if name in _AMBIGUOUS_ATTRIBUTES and url and not recognize_url(url):
                continue  # it may be the URL of the page, for a share button
            if (
                url
                and url not in seen
                and not is_filler_file(url)
                and url.partition(":")[0] in ("http", "https", "file", url)
                and " " not in url
            ):
                seen.add(url)
                yield url


def _url_of_short_form(reference: str) -> str:
    """Return the URL of what Vidstack calls `youtube/ID` or `vimeo/ID:KEY`."""
    provider, mark, video = reference.strip().partition("/")
    return aliased_video_url(provider, video) if mark and provider in ("youtube", "vimeo") else ""


def _list_caption_links(video: HtmlElement, page: PageDocument) -> Iterator[CaptionLink]:
    for track in video.iter("track", "amp-story-captions"):
        kind = (track.get("kind") or "subtitles").lower()
        url = page.absolute_url(track.get("src") or track.get("data-src"))
        if url and kind in ("captions", "subtitles"):
            yield CaptionLink(url, track.get("srclang") or "", track.get("label") or "")


def _is_decoration(video: HtmlElement) -> bool:
    """Return whether *video* is a page background: muted, looping, without controls, and named as a background."""
    parent = video.getparent()
    names = [video.get("class"), video.get("id"), parent.get("class") if parent is not None else None]
    is_silent_loop = video.get("muted") is not None and video.get("loop") is not None and video.get("controls") is None
    return is_silent_loop and bool(BACKGROUND_CLASS.search(" ".join(filter(None, names))))


def plays_as_background(url: str) -> bool:
    """Return whether the player at *url* shows a silent loop without controls, as pages have in their background."""
    parameters = frozenset(url.partition("?")[2].partition("#")[0].lower().replace("&amp;", "&").split("&"))
    if "vimeo.com/" in url:
        return "background=1" in parameters
    return "youtube" in url and parameters >= _SILENT_LOOP_PARAMETERS
