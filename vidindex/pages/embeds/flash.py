"""Flash-era markup: `<object>`, `<embed>`, `<param>`, flashvars; Windows Media and QuickTime objects too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote, unquote_plus

from lxml.html import HtmlElement

from ..providers import MEDIA, recognise
from .document import Page, Sighting, unescape
from .wrapper_urls import recognise_wrapped

_MOVIE = frozenset(("movie", "src", "url", "filename", "data", "href", "file", "source", "qtsrc"))
_VARIABLES = frozenset(("flashvars", "initparams", "params", "config", "flashvar"))
_NOT_MEDIA = re.compile(
    r"(?i)image|thumb|poster|logo|link|skin|plugin|ad_?tag|^ads?|watermark|caption|subtitle|related"
)
_IN_TEXT = re.compile(r"(?i)(?:https?:)?//[^\s\"'<>\\|,{}\[\]]{5,1000}")
_FILE = re.compile(rf"(?i)[\"']([^\"'\s<>]{{1,500}}\.(?:{'|'.join(MEDIA)}))[\"'?]")
_FEDERATED = "http://c.brightcove.com/services/viewer/htmlFederated?"


def find(page: Page) -> Iterator[Sighting]:
    """Yield one video for each object or embed, the most telling of its addresses."""
    for element in page.tagged("object", "embed", "bgsound", "applet"):
        yield from _object(element, page)
    for element in page.tagged("param"):
        if not any(parent.tag in ("object", "applet") for parent in element.iterancestors()):
            yield from _object(element, page)


def _object(element: HtmlElement, page: Page) -> Iterator[Sighting]:
    pairs = _pairs(element)
    title = element.get("title") or ""
    addresses = [value for name, value in pairs if name in _MOVIE]
    variables = "&".join(unescape(value) for name, value in pairs if name in _VARIABLES)
    # A quote inside an attribute ends it: what follows is left as attributes with odd names.
    variables += "".join(f"&{name.rpartition('&')[2]}={unescape(value)}" for name, value in pairs if "&" in name)
    if "@videoplayer" in dict(pairs) or "brightcoveexperience" in (element.get("class") or "").lower():
        yield Sighting(element, _federated(pairs), label=title)
    for written in addresses:
        url = page.absolute(written)
        if url and (video := _video(url, variables, page)):
            yield Sighting(element, video, label=title)
            return
    if variables and (video := _video("", variables, page)):
        yield Sighting(element, video, label=title)


def _pairs(element: HtmlElement) -> list[tuple[str, str]]:
    """List the attributes of *element* and its params, names in lower case."""
    pairs = [(name.lower(), value) for name, value in element.items()]
    if element.tag == "param":
        pairs = []
    for param in element.iter("param"):
        pairs.append(((param.get("name") or "").lower(), param.get("value") or param.get("valuetype") or ""))
    return pairs


def _video(url: str, variables: str, page: Page) -> str:
    """Find the address of the video that the player at *url* is told to play by *variables*."""
    if url and (known := recognise_wrapped(url)) and known.provider != "html5":
        return url
    joined = f"{url}{'&' if '?' in url else '?'}{variables}" if url else ""
    if variables and (known := recognise(joined[:4000])) and known.provider != "html5":
        return joined[:4000]
    return _media_in(variables, page) or _media_in(url.partition("?")[2], page) or (url if recognise(url) else "")


def _media_in(variables: str, page: Page) -> str:
    """Find a media file or a known address among flash *variables*."""
    for pair in variables.split("&")[:100]:
        name, _, value = pair.partition("=")
        value = unquote_plus(value) if "%" in value else value
        if len(value) < 4 or _NOT_MEDIA.search(name):
            continue
        if value[0] not in "{[" and (url := page.absolute(value)) and recognise_wrapped(url):
            return url
        written = [*_IN_TEXT.findall(value[:20_000])[:50], *_FILE.findall(value[:20_000])[:10]]
        for url in map(page.absolute, written):
            if recognise_wrapped(url):
                return url
    return ""


def _federated(pairs: list[tuple[str, str]]) -> str:
    keys = {
        "playerid": "playerID",
        "playerkey": "playerKey",
        "@videoplayer": "@videoPlayer",
        "publisherid": "publisherID",
    }
    return _FEDERATED + "&".join(f"{keys[name]}={unquote(value)}" for name, value in pairs if name in keys and value)
