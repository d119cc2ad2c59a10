"""Find Flash, Windows Media and QuickTime players: `<object>`, `<embed>`, `<param>` and flashvars."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote, unquote_plus

from lxml.html import HtmlElement

from ...model import CaptionLink
from ..providers import MEDIA_EXTENSIONS, recognize_url
from .document import EmbedCandidate, PageDocument, unescape_url
from .wrapper_urls import recognize_wrapped_url

_MOVIE_PARAMETERS = frozenset(("movie", "src", "url", "filename", "data", "href", "file", "source", "qtsrc"))
_FLASHVARS_PARAMETERS = frozenset(("flashvars", "initparams", "params", "config", "flashvar"))
_NON_MEDIA_NAME = re.compile(
    r"(?i)image|thumb|poster|logo|link|skin|plugin|ad_?tag|^ads?|watermark|caption|subtitle|related"
)
_CAPTION_NAME = re.compile(
    r"(?i)(?:^|[._-])(?:captions?|subtitles?|subs?|srt|cc)(?:[._-]?(?:files?|urls?|src|path))?$|^tracks?\.file$"
)
_CAPTION_FILE = re.compile(r"(?i)\.(?:vtt|srt|ttml|dfxp|xml|sbv|sub)(?:$|[?#,])")
_URL_IN_TEXT = re.compile(r"(?i)(?:https?:)?//[^\s\"'<>\\|,{}\[\]]{5,1000}")
_QUOTED_MEDIA_FILE = re.compile(rf"(?i)[\"']([^\"'\s<>]{{1,500}}\.(?:{'|'.join(MEDIA_EXTENSIONS)}))[\"'?]")
_BRIGHTCOVE_FEDERATED_URL = "http://c.brightcove.com/services/viewer/htmlFederated?"


def find_flash_players(page: PageDocument) -> Iterator[EmbedCandidate]:
    """Yield one candidate for each `<object>` or `<embed>`, with the URL that best identifies its video."""
    for element in page.elements_by_tag("object", "embed", "bgsound", "applet"):
        yield from _find_in_object(element, page)
    for element in page.elements_by_tag("param"):
        if not any(parent.tag in ("object", "applet") for parent in element.iterancestors()):
            yield from _find_in_object(element, page)


def _find_in_object(element: HtmlElement, page: PageDocument) -> Iterator[EmbedCandidate]:
    pairs = _list_parameters(element)
    title = element.get("title") or ""
    movie_urls = [value for name, value in pairs if name in _MOVIE_PARAMETERS]
    variables = "&".join(unescape_url(value) for name, value in pairs if name in _FLASHVARS_PARAMETERS)
    # A quotation mark in flashvars ends the attribute; the rest becomes attributes whose names contain `&`.
    variables += "".join(f"&{name.rpartition('&')[2]}={unescape_url(value)}" for name, value in pairs if "&" in name)
    if "@videoplayer" in dict(pairs) or "brightcoveexperience" in (element.get("class") or "").lower():
        yield EmbedCandidate(element, _brightcove_federated_url(pairs), label=title)
    for movie_url in movie_urls:
        url = page.absolute_url(movie_url)
        if url and (video := _find_video_url(url, variables, page)):
            captions = tuple(_list_captions(f"{url.partition('?')[2]}&{variables}", page))
            yield EmbedCandidate(element, video, label=title, captions=captions)
            return
    if variables and (video := _find_video_url("", variables, page)):
        yield EmbedCandidate(element, video, label=title, captions=tuple(_list_captions(variables, page)))


def _list_parameters(element: HtmlElement) -> list[tuple[str, str]]:
    """Return the attributes and the `<param>`s of *element*, with names in lower case."""
    pairs = [(name.lower(), value) for name, value in element.items()]
    if element.tag == "param":
        pairs = []
    for param in element.iter("param"):
        pairs.append(((param.get("name") or "").lower(), param.get("value") or param.get("valuetype") or ""))
    return pairs


def _find_video_url(url: str, variables: str, page: PageDocument) -> str:
    """Return the URL of the video that the player at *url* plays when it gets *variables*, or ""."""
    if url and (recognized := recognize_wrapped_url(url)) and recognized.provider != "html5":
        return url
    full_url = f"{url}{'&' if '?' in url else '?'}{variables}" if url else ""
    if variables and (recognized := recognize_url(full_url[:4000])) and recognized.provider != "html5":
        return full_url[:4000]
    return (
        _find_media_url(variables, page)
        or _find_media_url(url.partition("?")[2], page)
        or (url if recognize_url(url) else "")
    )


def _find_media_url(variables: str, page: PageDocument) -> str:
    """Return the URL of a media file or of a known provider in the flashvars *variables*, or ""."""
    for pair in variables.split("&")[:100]:
        name, _, value = pair.partition("=")
        value = unquote_plus(value) if "%" in value else value
        if len(value) < 4 or _NON_MEDIA_NAME.search(name):
            continue
        if value[0] not in "{[" and (url := page.absolute_url(value)) and recognize_wrapped_url(url):
            return url
        references = [*_URL_IN_TEXT.findall(value[:20_000])[:50], *_QUOTED_MEDIA_FILE.findall(value[:20_000])[:10]]
        for url in map(page.absolute_url, references):
            if recognize_wrapped_url(url):
                return url
    return ""


def _list_captions(variables: str, page: PageDocument) -> Iterator[CaptionLink]:
    """Yield the captions that the flashvars *variables* of JW Player and its relatives name."""
    for pair in variables.split("&")[:100]:
        name, _, value = pair.partition("=")
        reference = unquote_plus(value).split("|")[0].split(",")[0]
        if (
            _CAPTION_NAME.search(unquote(name))
            and _CAPTION_FILE.search(reference)
            and (url := page.absolute_url(reference))
        ):
            yield CaptionLink(url)


def _brightcove_federated_url(pairs: list[tuple[str, str]]) -> str:
    keys = {
        "playerid": "playerID",
        "playerkey": "playerKey",
        "@videoplayer": "@videoPlayer",
        "publisherid": "publisherID",
    }
    return _BRIGHTCOVE_FEDERATED_URL + "&".join(
        f"{keys[name]}={unquote(value)}" for name, value in pairs if name in keys and value
    )
