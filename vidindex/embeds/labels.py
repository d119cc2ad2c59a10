"""The label of an embed: the caption, heading or line that introduces it."""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from ..markup import text_of
from ..model import EmbedKind
from .page import Page

_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "legend", "caption", "dt", "summary"))
_CAPTION = re.compile(r"(?i)(?:^|[\s_-])(?:caption|title|headline|heading|video-?name)(?=$|[\s_-])")
_BLOCK = frozenset(("p", "div", "li", "td", "th", "blockquote", "section", "article", "center", "ul", "ol", "table", "tr", "figure", "header", "pre", "hr", "dd", "tbody"))
_DULL = re.compile(
    r"(?i)^(?:(?:youtube|vimeo|dailymotion|embedded|video|media|brightcove|html5|flash|external|wistia|twitch)*\s*(?:video|media|player|embed|content|clip)*"
    r"(?:\s*(?:player|embed|iframe|content))?|\W*|x|here|this|watch|play|link|click here|via|source|share|tweet|download|embed|iframe|loading.*|"
    r"watch (?:the |this )?(?:video|now)(?: here)?|(?:https?:)?//\S+|www\.\S+|lazy loaded component|advertisement|image|youtube|vimeo)\.?$"
)
_SENTENCE = re.compile(r"(?<=[.!?…])[\"”»)]?\s+(?=[\"“«(]?[^\W\d_a-z])")
_LONG = 220
_STEPS = 60
_CLIMB = 8


class Labels:
    """The labels of one page."""

    def __init__(self, page: Page) -> None:
        self._title = next((text_of(h) for h in page.tagged("title")), "")

    def of(self, at: HtmlElement, stated: str, kind: EmbedKind) -> str:
        """Give the label of the embed at *at*; *stated* is what its own markup calls it."""
        own = "" if _DULL.match(stated.strip()) else stated.strip()[:_LONG]
        if kind != "embed":
            return own
        return _figcaption(at) or own or _lead_in(at)


def _figcaption(at: HtmlElement) -> str:
    for node in at.iterancestors("figure"):
        for caption in node.iter("figcaption"):
            return _useful(text_of(caption, limit=_LONG))
    return ""


def _lead_in(at: HtmlElement) -> str:
    """Walk back from *at* through the page to the nearest heading or line of text."""
    node: HtmlElement | None = at
    for _ in range(_CLIMB):
        if node is None or node.tag in ("body", "html"):
            return ""
        before: list[str] = []
        for sibling in _before(node):
            text = _before_text(sibling, node)
            if text:
                return text
            del before[:]
        parent = node.getparent()
        if parent is not None and (parent.text or "").strip() and parent.tag not in ("body", "html"):
            return _last_line(parent.text or "")
        node = parent
    return ""


def _before(node: HtmlElement) -> list[HtmlElement]:
    siblings: list[HtmlElement] = []
    previous = node.getprevious()
    while previous is not None and len(siblings) < _STEPS:
        siblings.append(previous)
        previous = previous.getprevious()
    return siblings


def _before_text(sibling: HtmlElement, _node: HtmlElement) -> str:
    if (sibling.tail or "").strip():
        return _last_line(sibling.tail or "")
    if not isinstance(sibling.tag, str) or sibling.tag in ("script", "style", "noscript"):
        return ""
    text = text_of(sibling, limit=2000)
    if not text:
        return ""
    return text[:_LONG] if sibling.tag in _HEADINGS else _last_line(text)


def _last_line(text: str) -> str:
    """Give the last sentence of *text*: what stands right before the player."""
    text = " ".join(text.split())
    sentences = [s for s in _SENTENCE.split(text[-2000:]) if s.strip(" .:")]
    last = sentences[-1] if sentences else text
    return _useful(last.strip()[:_LONG])


def _useful(text: str) -> str:
    return "" if _DULL.match(text) else text.strip(" :")
