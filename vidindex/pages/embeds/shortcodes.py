"""Find shortcodes of content management systems that were published as text.

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

from ..providers import recognize_url
from .document import EmbedCandidate, PageDocument
from .provider_attributes import PROVIDER_NAMES, aliased_video_url, with_vimeo_key

_OTHER_SHORTCODES = (
    "video", "embed", "fve", "evp_embed_video", "media", "flv", "mp4", "quicktime", "jw_player", "oembed", "iframe",
    "video_lightbox_youtube", "video_lightbox_vimeo5", "arve", "kaltura-widget", "brightcove", "avideo", "su_youtube",
    "su_vimeo", "su_dailymotion", "su_video", "et_pb_video", "vc_video", "playlist", "videojs", "flowplayer",
    "fvplayer", "presto_player", "kgvid", "hdvideo", "youtubevideo",
    "kml_flashembed", "kml_swfembed", "swfobj", "flash",
)  # fmt: skip
_SHORTCODE_NAME = "|".join(sorted(map(re.escape, {*PROVIDER_NAMES, *_OTHER_SHORTCODES}), key=len, reverse=True))
_SHORTCODE_START = r"(?:\[{1,2}|\{[{%<#]?[<%]?|\(\(|@\[|!\[?|%\[|::|\.\.\s|<)"
_SHORTCODE = re.compile(
    rf"(?i){_SHORTCODE_START}[#!\s]{{0,3}}(?:(?:ev|include|media|embed|video|tag|render|c-|lightbox|ac|component)[\s:=|_-]{{1,3}}[\"']?)?({_SHORTCODE_NAME})(?:\.html)?\b[\"']?"
    rf"([^\]\)}}\n]{{0,400}})(?:[\]}})>%]{{1,3}}([^\[\]{{}}\n]{{0,300}}))?"
)
_URL_OR_ID = re.compile(r"(?i)https?://[^\s\"'<>\]\[)}|]{5,500}|//[^\s\"'<>\]\[)}|]{5,500}|[\w@-]{3,80}")
_VIMEO_KEY = re.compile(r"(?i)\b(?:h|hash)\s?[=:]\s?[\"'“”]?([\da-f]{6,40})(?!\w)")
_IGNORED_TAGS = frozenset(("script", "style", "textarea", "pre", "code", "xmp", "title", "option"))
_BLOCK_COMMENT = re.compile(
    r"^\s*wp:(?:[\w-]+/)?(embed|core-embed/\w+|video|[\w/-]*(?:video|youtube|vimeo)[\w/-]*)\s+(\{.*\})\s*/?\s*$", re.S
)


def find_shortcodes(page: PageDocument) -> Iterator[EmbedCandidate]:
    """Yield the videos of shortcodes in the text, and of the comments of the WordPress block editor."""
    for element in page.elements:
        if element.tag in _IGNORED_TAGS:
            continue
        if element.text and _has_shortcode_marks(element.text) and not _is_in_ignored_tag(element):
            yield from _find_in_text(element, element.text, page)
        for child in element:
            if child.tail and _has_shortcode_marks(child.tail) and not _is_in_ignored_tag(element):
                yield from _find_in_text(element, child.tail, page)
    for comment in page.comments:
        yield from _find_in_block_comment(comment, page)


def _has_shortcode_marks(text: str) -> bool:
    return "[" in text or "{" in text or "((" in text or "::" in text


def _is_in_ignored_tag(element: HtmlElement) -> bool:
    return any(parent.tag in _IGNORED_TAGS for parent in element.iterancestors())


def _find_in_text(element: HtmlElement, text: str, page: PageDocument) -> Iterator[EmbedCandidate]:
    for code in _SHORTCODE.finditer(text[:200_000]):
        name = code[1].lower().removeprefix("su_")
        for token in _URL_OR_ID.findall(f"{code[2]} {code[3] or ''}")[:30]:
            url = page.absolute_url(token) if "//" in token else aliased_video_url(name, token)
            if url and recognize_url(url):
                key = _VIMEO_KEY.search(code[2]) if name == "vimeo" else None
                yield EmbedCandidate(element, with_vimeo_key(url, key[1]) if key else url)
                break
        else:
            yield from _find_media_file(element, code[2], page)


def _find_media_file(element: HtmlElement, arguments: str, page: PageDocument) -> Iterator[EmbedCandidate]:
    """Yield the media file to which a `[video src="…"]` refers by a relative URL."""
    for value in re.findall(r"=\s*[\"'“”]([^\"'“”]{5,300})[\"'“”]", arguments)[:10]:
        url = page.absolute_url(value)
        if url and recognize_url(url):
            yield EmbedCandidate(element, url)
            return


def _find_block(comment: etree._Comment) -> HtmlElement:
    """Return the content of the block that *comment* opens, or *comment* if the block has none."""
    block = cast("HtmlElement | None", comment.getnext())
    if block is None or not isinstance(block.tag, str) or (comment.text or "").rstrip().endswith("/"):
        return cast("HtmlElement", comment)
    return block[0] if len(block) else block


def _find_in_block_comment(comment: etree._Comment, page: PageDocument) -> Iterator[EmbedCandidate]:
    match = _BLOCK_COMMENT.match((comment.text or "")[:5000])
    if match is None:
        return
    element = _find_block(comment)
    try:
        attributes = json.loads(match[2])
    except (ValueError, RecursionError):
        return
    for key in ("url", "src", "videoUrl", "link", "id", "guid", "videoId"):
        value = str(attributes.get(key) or "")
        url = (
            page.absolute_url(value)
            if "//" in value
            else aliased_video_url("videopress" if key == "guid" else match[1].rpartition("/")[2], value)
        )
        if url and recognize_url(url):
            yield EmbedCandidate(element, url)
            return
