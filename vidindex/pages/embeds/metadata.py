"""Find videos in the metadata of a page: JSON-LD, microdata, RDFa, OpenGraph, Twitter cards, `video_src`."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from ..json_ld import load_json_ld
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
_SOURCE_IN_MARKUP = re.compile(r"(?i)<(?:iframe|embed|video|source)\b[^<>]{0,500}?\bsrc\s?=\s?[\"']([^\"'<>]{5,1000})")
_IMAGE_URL = re.compile(r"(?i)\.(?:jpe?g|png|gif|webp)(?:$|\?)")
_MAX_JSON_LD_OBJECTS = 2000


def find_metadata_videos(page: PageDocument) -> Iterator[EmbedCandidate]:
    """Yield the videos in the metadata, all of kind `meta`."""
    yield from _find_in_meta_tags(page)
    yield from _find_in_properties(page)
    for script in page.elements_by_tag("script"):
        if "ld+json" in (script.get("type") or "").lower():
            for item in _find_video_objects(load_json_ld(script.text or "")):
                yield from _find_in_json_ld(script, item, page)


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


def _find_video_objects(data: object) -> Iterator[dict[str, object]]:
    """Yield the JSON-LD objects that are videos or contain a video URL, the outermost first."""
    queue, count = [data], 0
    while queue and count < _MAX_JSON_LD_OBJECTS:
        item = queue.pop(0)
        count += 1
        if isinstance(item, list):
            queue[:0] = item[:200]
        elif isinstance(item, dict):
            type_name = str(item.get("@type", ""))
            if (
                re.search(r"Video|Clip|Movie|MediaObject|Episode|Broadcast", type_name)
                or "embedUrl" in item
                or "contentUrl" in item
            ):
                yield item
            queue.extend(value for value in item.values() if isinstance(value, list | dict))


def _find_in_json_ld(script: HtmlElement, item: dict[str, object], page: PageDocument) -> Iterator[EmbedCandidate]:
    urls = []
    for reference in _list_references(item):
        url = page.absolute_url(reference)
        if url and not _IMAGE_URL.search(url) and recognize_wrapped_url(url):
            urls.append(url)
    # The URLs are in the order of the keys: `url` is last because it is often the URL of the page itself.
    if urls:
        yield EmbedCandidate(
            script,
            urls[0],
            kind="meta",
            label=_first_text(item.get("name")) or _first_text(item.get("headline")),
            alternate_urls=tuple(u for u in urls[1:] if recognize_url(u)),
        )


def _list_references(item: dict[str, object]) -> Iterator[str]:
    for key in _JSON_LD_URL_KEYS:
        value = item.get(key)
        for one in value[:5] if isinstance(value, list) else [value]:
            reference = _first_text(one)
            yield match[1] if "<" in reference and (match := _SOURCE_IN_MARKUP.search(reference)) else reference


def _first_text(value: object) -> str:
    """Return the text of a JSON-LD value: a string, the first one of a list, or what an object names."""
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        value = next((value[key] for key in ("@value", "@id", "url") if isinstance(value.get(key), str)), "")
    return html.unescape(value[:5000]) if isinstance(value, str) else ""
