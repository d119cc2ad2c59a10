"""What editors of content systems type instead of markup, where it was left as it is.

`[youtube]ID[/youtube]`, `[vimeo 123 w=640]`, `{youtube}ID{/youtube}`, `{{< youtube ID >}}`, `{% youtube ID %}`,
`{{#ev:youtube|ID}}`, `@[youtube](ID)`, `((YouTube:ID))`, `<!-- wp:embed {"url": …} -->`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import cast

from lxml import etree
from lxml.html import HtmlElement

from ..providers import recognise
from .document import Page, Sighting
from .provider_attributes import NAMES, by_id

_OTHERS = (
    "video", "embed", "fve", "evp_embed_video", "media", "flv", "mp4", "quicktime", "jw_player", "oembed", "iframe",
    "video_lightbox_youtube", "video_lightbox_vimeo5", "arve", "kaltura-widget", "brightcove", "avideo", "su_youtube",
    "su_vimeo", "su_dailymotion", "su_video", "et_pb_video", "vc_video", "playlist", "videojs", "flowplayer",
    "fvplayer", "presto_player", "kgvid", "hdvideo", "youtubevideo",
)  # fmt: skip
_NAMES = "|".join(sorted(map(re.escape, {*NAMES, *_OTHERS}), key=len, reverse=True))
_OPEN = r"(?:\[{1,2}|\{[{%<#]?[<%]?|\(\(|@\[|!\[?|%\[|::|\.\.\s|<)"
_CODE = re.compile(
    rf"(?i){_OPEN}[#!\s]{{0,3}}(?:(?:ev|include|media|embed|video|tag|render|c-|lightbox|ac|component)[\s:=|_-]{{1,3}}[\"']?)?({_NAMES})(?:\.html)?\b[\"']?"
    rf"([^\]\)}}\n]{{0,400}})(?:[\]}})>%]{{1,3}}([^\[\]{{}}\n]{{0,300}}))?"
)
_TOKEN = re.compile(r"(?i)https?://[^\s\"'<>\]\[)}|]{5,500}|//[^\s\"'<>\]\[)}|]{5,500}|[\w@-]{3,80}")
_QUIET = frozenset(("script", "style", "textarea", "pre", "code", "xmp", "title", "option"))
_BLOCK = re.compile(
    r"^\s*wp:(?:[\w-]+/)?(embed|core-embed/\w+|video|[\w/-]*(?:video|youtube|vimeo)[\w/-]*)\s+(\{.*\})\s*/?\s*$", re.S
)


def find(page: Page) -> Iterator[Sighting]:
    """Yield the videos of shortcodes in text, and of the block editor's comments."""
    for element in page.elements:
        if element.tag in _QUIET:
            continue
        if element.text and _may_hold(element.text) and not _quoted(element):
            yield from _codes(element, element.text, page)
        for child in element:
            if child.tail and _may_hold(child.tail) and not _quoted(element):
                yield from _codes(element, child.tail, page)
    for comment in page.comments:
        yield from _block(comment, page)


def _may_hold(text: str) -> bool:
    return "[" in text or "{" in text or "((" in text or "::" in text


def _quoted(element: HtmlElement) -> bool:
    return any(parent.tag in _QUIET for parent in element.iterancestors())


def _codes(element: HtmlElement, text: str, page: Page) -> Iterator[Sighting]:
    for code in _CODE.finditer(text[:200_000]):
        name = code[1].lower().removeprefix("su_")
        for token in _TOKEN.findall(f"{code[2]} {code[3] or ''}")[:30]:
            url = page.absolute(token) if "//" in token else by_id(name, token)
            if url and recognise(url):
                yield Sighting(element, url)
                break
        else:
            yield from _files(element, code[2], page)


def _files(element: HtmlElement, written: str, page: Page) -> Iterator[Sighting]:
    """Yield the media file that a `[video src="…"]` names by a relative address."""
    for value in re.findall(r"=\s*[\"'“”]([^\"'“”]{5,300})[\"'“”]", written)[:10]:
        url = page.absolute(value)
        if url and recognise(url):
            yield Sighting(element, url)
            return


def _block(comment: etree._Comment, page: Page) -> Iterator[Sighting]:
    match = _BLOCK.match((comment.text or "")[:5000])
    at = cast("HtmlElement | None", comment.getparent())
    if match is None or at is None:
        return
    try:
        stated = json.loads(match[2])
    except (ValueError, RecursionError):
        return
    for key in ("url", "src", "videoUrl", "link", "id", "guid", "videoId"):
        value = str(stated.get(key) or "")
        url = (
            page.absolute(value)
            if "//" in value
            else by_id("videopress" if key == "guid" else match[1].rpartition("/")[2], value)
        )
        if url and recognise(url):
            yield Sighting(at, url)
            return
