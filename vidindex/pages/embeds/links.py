"""Find links to videos, and video URLs in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from lxml.html import HtmlElement

from ..markup import element_text
from ..providers import recognize_url
from .buttons import is_button
from .document import EmbedCandidate, PageDocument, unescape_url

_URL_IN_TEXT = re.compile(r"(?i)\bhttps?://[^\s<>\"'\[\]{}|\\^`]{6,500}")
_IGNORED_TAGS = frozenset(
    ("script", "style", "textarea", "pre", "code", "xmp", "kbd", "samp", "noscript", "title", "option", "a")
)
_LIGHTBOX_CLASS = re.compile(
    r"(?i)light-?box|fancybox|venobox|lity|magnific|popup-(?:youtube|vimeo|video)|modal-?video|"
    r"video-?(?:popup|modal|play)|mfp-iframe|colorbox|uk-lightbox|js-video|video-link-embed|swipebox|shadowbox|prettyphoto|thickbox"
)
_PLAYER_DATA_ATTRIBUTE = re.compile(
    r"(?i)^data-(?:lity|fancybox|splash-screen|glightbox|video|youtube|vimeo|embed|html5|lightbox|src)"
)
_LINK_COPY = re.compile(
    r"data-(?:original|orig|version|saved|vars|link|track|ga|gtm|analytics|href|url|permalink|copy|outbound)"
)
"""Attributes that repeat the link for scripts that count clicks or look it up in an archive."""
_PLAYER_CLASS = re.compile(
    r"(?i)(?:^|[\s_-])(?:video-?player|player|video-?embed|embed-?video|video-?wrap\w*|media-?player)"
)
_WORD_CHAR = re.compile(r"\w")
_BLOCK_TAGS = frozenset(("p", "div", "figure", "li", "td", "section", "article", "center", "body", "span"))


def find_video_links(page: PageDocument) -> Iterator[EmbedCandidate]:
    """Yield links to videos, then video URLs in the text; a URL that is alone in its block is an embed."""
    for anchor in page.elements_by_tag("a", "area"):
        yield from _find_in_anchor(anchor, page)
    for element in page.elements:
        if element.tag not in _IGNORED_TAGS and element.text and "://" in element.text:
            yield from _find_in_text(element, element.text)
        if element.tail and "://" in element.tail:
            parent = element.getparent()
            if parent is not None and parent.tag not in _IGNORED_TAGS:
                yield from _find_in_text(parent, element.tail)


def _find_in_anchor(anchor: HtmlElement, page: PageDocument) -> Iterator[EmbedCandidate]:
    opens_player = (
        bool(_LIGHTBOX_CLASS.search(f"{anchor.get('class') or ''} {anchor.get('rel') or ''}"))
        or any(_PLAYER_DATA_ATTRIBUTE.match(str(name)) for name in anchor.attrib)
        or any("uk-lightbox" in box.attrib or "data-uk-lightbox" in box.attrib for box in _nearest(anchor))
    )
    for name, value in anchor.items():
        if name == "href" or (name.startswith("data-") and "/" in value and "share" not in name):
            url = page.absolute_url(value)
            if url and recognize_url(url) and (name == "href" or not is_button(anchor)):
                opens_player = opens_player or (name == "href" and _is_facade(anchor))
                label = element_text(anchor, limit=200)
                is_player = opens_player or (name != "href" and not _LINK_COPY.match(name))
                yield EmbedCandidate(anchor, url, kind="embed" if is_player else "link", label=label)


def _is_facade(anchor: HtmlElement) -> bool:
    """Return whether *anchor* stands for a player: it has no text, and it or its container has a player's class."""
    if element_text(anchor, limit=20):
        return False
    if next(anchor.iter("img", "picture", "svg"), None) is None:
        return bool(_PLAYER_CLASS.search(f"{anchor.get('class') or ''} {anchor.get('id') or ''}"))
    return any(_PLAYER_CLASS.search(box.get("class") or "") for box in _nearest(anchor))


def _nearest(anchor: HtmlElement) -> Iterator[HtmlElement]:
    """Yield the elements around *anchor* that may belong to the same player."""
    return islice(anchor.iterancestors(), 3)


def _find_in_text(element: HtmlElement, text: str) -> Iterator[EmbedCandidate]:
    if any(parent.tag in _IGNORED_TAGS for parent in element.iterancestors()):
        return
    for match in _URL_IN_TEXT.finditer(text[:100_000]):
        url = unescape_url(match[0]).rstrip(".,;:!?)")
        if recognize_url(url):
            is_alone = (
                element.tag in _BLOCK_TAGS
                and len(element_text(element)) <= len(match[0]) + 4
                and not _WORD_CHAR.search(text.replace(match[0], ""))
            )
            yield EmbedCandidate(element, url, kind="embed" if is_alone else "link")
