"""What a page says of its videos to machines: JSON-LD, microdata, RDFa, OpenGraph, Twitter cards, `video_src`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from ..providers import recognize_url
from .document import EmbedCandidate, PageDocument
from .wrapper_urls import recognize_wrapped_url

_VIDEO_META_NAME = re.compile(
    r"(?i)^(?:og:video(?::(?:secure_)?url|:iframe)?|twitter:player(?::stream)?|video_?url|embed_?url|content_?url|sailthru\.video|vr:video|dc\.video|video_src|thumbnail_?video)$"
)
_VIDEO_PROPERTIES = frozenset(
    (
        "embedurl",
        "contenturl",
        "video",
        "videourl",
        "media:content",
        "schema:embedurl",
        "schema:contenturl",
        "dcterms:video",
        "v:video",
    )
)
_JSON_LD_URL_KEYS = (
    "embedUrl",
    "contentUrl",
    "embedURL",
    "contentURL",
    "contenturl",
    "embedurl",
    "url",
    "@id",
    "mainEntityOfPage",
)
_IMAGE_URL = re.compile(r"(?i)\.(?:jpe?g|png|gif|webp)(?:$|\?)")
_MAX_JSON_CHARS = 500_000
_MAX_JSON_LD_OBJECTS = 2000


def find_metadata_videos(page: PageDocument) -> Iterator[EmbedCandidate]:
    """Yield the videos of metadata, all of kind `meta`."""
    yield from _find_in_meta_tags(page)
    yield from _find_in_properties(page)
    for script in page.elements_by_tag("script"):
        if "ld+json" in (script.get("type") or "").lower():
            for thing in _find_video_objects(_parse_json_ld(script.text or "")):
                yield from _find_in_json_ld(script, thing, page)


def _find_in_meta_tags(page: PageDocument) -> Iterator[EmbedCandidate]:
    for meta in page.elements_by_tag("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop") or ""
        if _VIDEO_META_NAME.match(name):
            url = page.absolute_url(meta.get("content") or meta.get("value"))
            if url and recognize_wrapped_url(url):
                yield EmbedCandidate(meta, url, kind="meta")
    for link in page.elements_by_tag("link"):
        if (link.get("rel") or "").lower() in ("video_src", "video", "enclosure", "alternate", "preload", "prefetch"):
            url = page.absolute_url(link.get("href"))
            if url and recognize_wrapped_url(url) and (link.get("rel") or "").lower() != "alternate":
                yield EmbedCandidate(link, url, kind="meta")


def _find_in_properties(page: PageDocument) -> Iterator[EmbedCandidate]:
    for element in page.elements:
        name = element.get("itemprop") or element.get("property") or element.get("rel") or ""
        if name.lower() in _VIDEO_PROPERTIES and element.tag != "meta":
            url = page.absolute_url(
                element.get("href")
                or element.get("content")
                or element.get("src")
                or element.get("data")
                or element.text
            )
            if url and recognize_wrapped_url(url):
                yield EmbedCandidate(element, url, kind="meta")


def _parse_json_ld(text: str) -> object:
    try:
        return json.loads(
            re.sub(r"^\s*(?:<!--|//<!\[CDATA\[|/\*.*?\*/)|(?:-->|//\]\]>)\s*$", "", text[:_MAX_JSON_CHARS]),
            strict=False,
        )
    except (ValueError, RecursionError):
        return None


def _find_video_objects(stated: object) -> Iterator[dict[str, object]]:
    """Yield the objects of JSON-LD that are videos or hold an address of one, outermost first."""
    waiting, count = [stated], 0
    while waiting and count < _MAX_JSON_LD_OBJECTS:
        one = waiting.pop(0)
        count += 1
        if isinstance(one, list):
            waiting[:0] = one[:200]
        elif isinstance(one, dict):
            kind = str(one.get("@type", ""))
            if (
                re.search(r"Video|Clip|Movie|MediaObject|Episode|Broadcast", kind)
                or "embedUrl" in one
                or "contentUrl" in one
            ):
                yield one
            waiting.extend(value for value in one.values() if isinstance(value, list | dict))


def _find_in_json_ld(script: HtmlElement, thing: dict[str, object], page: PageDocument) -> Iterator[EmbedCandidate]:
    urls = []
    for key in _JSON_LD_URL_KEYS:
        value = thing.get(key)
        url = page.absolute_url(value) if isinstance(value, str) else ""
        if url and not _IMAGE_URL.search(url) and recognize_wrapped_url(url):
            urls.append(url)
    # The page's own address is often stated as `url`: a player or a file says more.
    if urls:
        name = thing.get("name") or thing.get("headline")
        yield EmbedCandidate(
            script,
            urls[0],
            kind="meta",
            label=name if isinstance(name, str) else "",
            alternate_urls=tuple(u for u in urls[1:] if recognize_url(u)),
        )
