"""Links to videos, and addresses of videos that stand in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from lxml.html import HtmlElement

from ..markup import text_of
from ..providers import recognise
from .document import Page, Sighting, unescape

_URL = re.compile(r"(?i)\bhttps?://[^\s<>\"'\[\]{}|\\^`]{6,500}")
_QUIET = frozenset(
    ("script", "style", "textarea", "pre", "code", "xmp", "kbd", "samp", "noscript", "title", "option", "a")
)
_BOX = re.compile(
    r"(?i)light-?box|fancybox|venobox|lity|magnific|popup-(?:youtube|vimeo|video)|modal-?video|"
    r"video-?(?:popup|modal|play)|mfp-iframe|colorbox|js-video|video-link-embed|swipebox|shadowbox|prettyphoto|thickbox"
)
_ANCHOR_DATA = re.compile(r"(?i)^data-(?:lity|fancybox|glightbox|video|youtube|vimeo|embed|html5|lightbox|src)")
_PLAYER = re.compile(r"(?i)(?:^|[\s_-])(?:video-?player|player|video-?embed|embed-?video|video-?wrap\w*|media-?player)")
_WORD = re.compile(r"\w")
_BLOCKS = frozenset(("p", "div", "figure", "li", "td", "section", "article", "center", "body", "span"))


def find(page: Page) -> Iterator[Sighting]:
    """Yield anchors that lead to videos, then addresses in the text; one that stands alone is an embed."""
    for anchor in page.tagged("a", "area"):
        yield from _anchor(anchor, page)
    for element in page.elements:
        if element.tag not in _QUIET and element.text and "://" in element.text:
            yield from _in_text(element, element.text)
        if element.tail and "://" in element.tail:
            parent = element.getparent()
            if parent is not None and parent.tag not in _QUIET:
                yield from _in_text(parent, element.tail)


def _anchor(anchor: HtmlElement, page: Page) -> Iterator[Sighting]:
    opens_player = bool(_BOX.search(f"{anchor.get('class') or ''} {anchor.get('rel') or ''}")) or any(
        _ANCHOR_DATA.match(str(name)) for name in anchor.attrib
    )
    for name, value in anchor.items():
        if name == "href" or (name.startswith("data-") and "/" in value and "share" not in name):
            url = page.absolute(value)
            if url and recognise(url):
                opens_player = opens_player or (name == "href" and _is_facade(anchor))
                label = text_of(anchor, limit=200)
                yield Sighting(anchor, url, kind="embed" if opens_player or name != "href" else "link", label=label)


def _is_facade(anchor: HtmlElement) -> bool:
    """Tell what stands in a player's place from a link: it holds no words, and it or its boxes are called a player."""
    if text_of(anchor, limit=20):
        return False
    if next(anchor.iter("img", "picture", "svg"), None) is None:
        return bool(_PLAYER.search(f"{anchor.get('class') or ''} {anchor.get('id') or ''}"))
    boxes = [parent.get("class") or "" for parent in islice(anchor.iterancestors(), 3)]
    return any(_PLAYER.search(words) for words in boxes)


def _in_text(element: HtmlElement, text: str) -> Iterator[Sighting]:
    if any(parent.tag in _QUIET for parent in element.iterancestors()):
        return
    for match in _URL.finditer(text[:100_000]):
        url = unescape(match[0]).rstrip(".,;:!?)")
        if recognise(url):
            alone = (
                element.tag in _BLOCKS
                and len(text_of(element)) <= len(match[0]) + 4
                and not _WORD.search(text.replace(match[0], ""))
            )
            yield Sighting(element, url, kind="embed" if alone else "link")
