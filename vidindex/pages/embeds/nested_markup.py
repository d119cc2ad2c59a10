"""Find markup that a page contains as text: `srcdoc`, templates, escaped or base64 attributes, comments, `data:` URLs.

Consent banners and lazy loading store a player as text until the reader starts it.
"""

from __future__ import annotations

import base64
import html as entities
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast
from urllib.parse import unquote

from lxml import etree
from lxml.html import HtmlElement

from ...model import EmbedKind
from .document import PageDocument

_EMBED_MARKUP = re.compile(
    r"(?i)<(?:iframe|video|audio|object|embed|blockquote|amp-|lite-|div|script|a|figure|source)\b"
)
_PLAYER_MARKUP = re.compile(r"(?i)<(?:iframe|video|audio|object|embed|blockquote|source|amp-\w+|lite-\w+|figure|div)\b")
_ESCAPED_MARKUP = re.compile(
    r"(?i)(?:&lt;|&#0?60;|%3C|\\u003c|\\x3c|\\?&amp;lt;)/?(?:iframe|video|object|embed|blockquote|div|p|figure|amp-|lite-)"
)
_BASE64_MARKUP = re.compile(r"(?:PG|PH|ICA8|CjxpZ|Cjxw|Cjxk)[A-Za-z\d+/\s]{40,200000}={0,2}")
_HTML_DATA_URL = re.compile(r"(?is)^data:text/html(?:;charset=[\w-]+)?(;base64)?,(.+)$")
_CONDITIONAL_COMMENT = re.compile(r"(?is)^\s*\[if [^\]]*\]>(.*)<!\[endif\]\s*$")
_PLAYER_ELEMENT = re.compile(r"(?is)<(iframe|video|object|embed)\b.*?(?:</\1>|$)")
_LAZY_LOADING_NAME = re.compile(r"(?i)lazy|embed|video|player|consent|iframe|youtube|vimeo|cookie")
# Each starts at the first backslash of a run only: otherwise a long run takes quadratic time.
_ESCAPED_CHAR = re.compile(r"(?<!\\)\\+(?:u00([2-7][\da-fA-F])|x([2-7][\da-fA-F]))")
_ESCAPED_MARK = re.compile(r"(?<!\\)\\+([/\"'])")
_TEMPLATE_TYPE = re.compile(
    r"(?i)template|text/html|handlebars|x-tmpl|mustache|text/plain|text/x-|x-jquery|underscore|plain|lazy|borlabs|cmplz|cookieyes|litespeed"
)
_MAX_MARKUP_CHARS = 200_000


@dataclass(frozen=True, slots=True)
class MarkupFragment:
    """Markup that an element contains as text.

    *weak* markup may not belong to the article.  With *links_are_players*, a link in it counts as a player, because a
    click on it loads the player.
    """

    element: HtmlElement
    html: str
    kind: EmbedKind = "embed"
    weak: bool = False
    links_are_players: bool = False


def find_nested_markup(page: PageDocument) -> Iterator[MarkupFragment]:
    """Yield the markup in attributes, templates, escaped text and comments of *page*."""
    for element in page.elements:
        yield from _find_in_attributes(element)
    for element in page.elements_by_tag("script"):
        if _TEMPLATE_TYPE.search(element.get("type") or "") and element.text:
            yield from _find_in_text(element, element.text)
    for element in page.elements_by_tag("noscript", "template", "code-embed", "textarea", "xmp", "noembed", "noframes"):
        if element.text and len(element.text) > 20:
            yield from _find_in_text(
                element, element.text, kind="meta" if element.tag in ("textarea", "xmp") else "embed"
            )
    for comment in page.comments:
        yield from _find_in_comment(comment)


def unescape_markup(text: str) -> str:
    """Decode markup that is stored as text: entities, percent and backslash escapes, base64."""
    if _BASE64_MARKUP.fullmatch(text.strip()):
        try:
            return base64.b64decode("".join(text.split()) + "==").decode("utf-8", "replace")
        except ValueError:
            return ""
    if "%3C" in text or "%3c" in text:
        text = unquote(text)
    if "\\" in text:
        text = unescape_script(text)
    if "&" in text and "<" not in text.replace("&lt;", ""):
        text = entities.unescape(text)
    return entities.unescape(text) if "&lt;" in text else text


def unescape_script(text: str) -> str:
    r"""Decode the escapes of JavaScript strings that occur in markup and URLs: `\/`, `\"`, `\u003c`, `\x3c`."""
    text = _ESCAPED_CHAR.sub(lambda m: chr(int(m[1] or m[2], 16)), text)
    return _ESCAPED_MARK.sub(r"\1", text).replace("\\n", " ").replace("\\t", " ").replace("\\r", " ")


def _find_in_attributes(element: HtmlElement) -> Iterator[MarkupFragment]:
    for name, value in element.items():
        if len(value) < 24 or name in ("class", "style", "content"):
            continue
        if name == "srcdoc":
            yield MarkupFragment(element, unescape_markup(value[:_MAX_MARKUP_CHARS]), links_are_players=True)
        elif name == "src" and value.startswith("data:text/html"):
            if match := _HTML_DATA_URL.match(value[:_MAX_MARKUP_CHARS]):
                yield MarkupFragment(element, unescape_markup(match[2]) if match[1] else unquote(match[2]))
        elif (
            "<" in value
            or _BASE64_MARKUP.fullmatch((value[:60] + value[-2:] if len(value) > 300 else value).strip())
            or _ESCAPED_MARKUP.search(value[:5000])
        ):
            yield from _find_in_text(
                element, value, kind="meta" if element.tag in ("input", "textarea", "button") else "embed"
            )


def _find_in_text(element: HtmlElement, text: str, *, kind: EmbedKind = "embed") -> Iterator[MarkupFragment]:
    markup = unescape_markup(text[:_MAX_MARKUP_CHARS])
    if _PLAYER_MARKUP.search(markup):
        yield MarkupFragment(element, markup, kind)


def _find_in_comment(comment: etree._Comment) -> Iterator[MarkupFragment]:
    """Yield the markup of a conditional comment or a lazy container, but not markup that an author commented out."""
    parent = cast("HtmlElement | None", comment.getparent())
    text = (comment.text or "")[:_MAX_MARKUP_CHARS]
    if parent is None or not _EMBED_MARKUP.search(text):
        return
    if match := _CONDITIONAL_COMMENT.match(text):
        yield MarkupFragment(parent, match[1])
    elif _is_lazy_container(parent) and not _PLAYER_ELEMENT.sub("", text[:5000]).strip():
        yield MarkupFragment(parent, text)


def _is_lazy_container(parent: HtmlElement) -> bool:
    """Return whether *parent* looks like a container that stores its player in a comment until the reader starts it."""
    names = f"{parent.get('class') or ''} {' '.join(map(str, parent.attrib))}"
    return (
        bool(_LAZY_LOADING_NAME.search(names))
        and len(parent) <= 3
        and parent.tag not in ("body", "html", "article", "main")
    )
