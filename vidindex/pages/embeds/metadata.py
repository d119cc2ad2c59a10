"""What a page says of its videos to machines: JSON-LD, microdata, RDFa, OpenGraph, Twitter cards, `video_src`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from ..providers import recognise
from .document import Page, Sighting
from .wrapper_urls import recognise_wrapped

_META = re.compile(
    r"(?i)^(?:og:video(?::(?:secure_)?url|:iframe)?|twitter:player(?::stream)?|video_?url|embed_?url|content_?url|sailthru\.video|vr:video|dc\.video|video_src|thumbnail_?video)$"
)
_PROPERTIES = frozenset(
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
_KEYS = ("embedUrl", "contentUrl", "embedURL", "contentURL", "contenturl", "embedurl", "url", "@id", "mainEntityOfPage")
_HTML5_IMAGE = re.compile(r"(?i)\.(?:jpe?g|png|gif|webp)(?:$|\?)")
_MAX_JSON = 500_000
_MAX_THINGS = 2000


def find(page: Page) -> Iterator[Sighting]:
    """Yield the videos of metadata, all of kind `meta`."""
    yield from _meta(page)
    yield from _properties(page)
    for script in page.tagged("script"):
        if "ld+json" in (script.get("type") or "").lower():
            for thing in _things(_loaded(script.text or "")):
                yield from _sightings(script, thing, page)


def _meta(page: Page) -> Iterator[Sighting]:
    for meta in page.tagged("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop") or ""
        if _META.match(name):
            url = page.absolute(meta.get("content") or meta.get("value"))
            if url and recognise_wrapped(url):
                yield Sighting(meta, url, kind="meta")
    for link in page.tagged("link"):
        if (link.get("rel") or "").lower() in ("video_src", "video", "enclosure", "alternate", "preload", "prefetch"):
            url = page.absolute(link.get("href"))
            if url and recognise_wrapped(url) and (link.get("rel") or "").lower() != "alternate":
                yield Sighting(link, url, kind="meta")


def _properties(page: Page) -> Iterator[Sighting]:
    for element in page.elements:
        name = element.get("itemprop") or element.get("property") or element.get("rel") or ""
        if name.lower() in _PROPERTIES and element.tag != "meta":
            url = page.absolute(
                element.get("href")
                or element.get("content")
                or element.get("src")
                or element.get("data")
                or element.text
            )
            if url and recognise_wrapped(url):
                yield Sighting(element, url, kind="meta")


def _loaded(text: str) -> object:
    try:
        return json.loads(
            re.sub(r"^\s*(?:<!--|//<!\[CDATA\[|/\*.*?\*/)|(?:-->|//\]\]>)\s*$", "", text[:_MAX_JSON]), strict=False
        )
    except (ValueError, RecursionError):
        return None


def _things(stated: object) -> Iterator[dict[str, object]]:
    """Yield the objects of JSON-LD that are videos or hold an address of one, outermost first."""
    waiting, count = [stated], 0
    while waiting and count < _MAX_THINGS:
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


def _sightings(script: HtmlElement, thing: dict[str, object], page: Page) -> Iterator[Sighting]:
    urls = []
    for key in _KEYS:
        value = thing.get(key)
        url = page.absolute(value) if isinstance(value, str) else ""
        if url and not _HTML5_IMAGE.search(url) and recognise_wrapped(url):
            urls.append(url)
    # The page's own address is often stated as `url`: a player or a file says more.
    if urls:
        name = thing.get("name") or thing.get("headline")
        yield Sighting(
            script,
            urls[0],
            kind="meta",
            label=name if isinstance(name, str) else "",
            also=tuple(u for u in urls[1:] if recognise(u)),
        )
