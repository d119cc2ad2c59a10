"""The label of an embed: the caption, heading or line that introduces it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from lxml.html import HtmlElement

from ..markup import text_of
from ..model import Embed
from ..providers import recognise

_HEADINGS = frozenset((
    "h1", "h2", "h3", "h4", "h5", "h6", "legend", "caption", "dt", "summary",
))  # fmt: skip
_CAPTION = re.compile(
    r"(?i)(?:^|[\s_-])(?:figcaption|(?:wp-)?caption\w*|(?:video|media|clip|player|entry|story|post|embed)?[_-]{0,2}(?:title|headline|heading|hed))(?=$|[\s_-])|\w(?:Headline|Title|Caption)(?=$|[\s_-])"
)
_TITLED = re.compile(
    r"(?i)(?:^|[\s_-])(?:entry|post|story|video|clip|section)?[_-]?(?:title|headline|heading)(?=$|[\s_-])"
)
_DULL = re.compile(
    r"(?i)^(?:(?:the|this|a|zum|das|hier|le|la|el|il|lo|ver|voir|see|watch|view|play|guarda|assista|im|new)?\s*"
    r"(?:(?:embedded|youtube|vimeo|dailymotion|brightcove|html5|flash|external|wistia|twitch|facebook|media|jw|kaltura|online|full|our)\s*)*"
    r"(?:video|vidéo|vídeo|media|player|embed|content|clip|film|movie|trailer|iframe|youtube|vimeo)?s?(?:\s*(?:player|embed|iframe|content|here|now|below|clip))?"
    r"|\W*|x|t|here|this|link|click here|click to (?:play|watch).*|via|source|share|tweet|download(?: video)?|"
    r"loading.*|(?:https?:)?//\S+|www\.\S+|"
    r"lazy loaded component|advertisement|image|none|null|undefined|untitled|\d+)[.:!\s]*$"
)
_POINTS = re.compile(
    r"(?i)\b(?:video|watch|clip|trailer|footage|below|above|here|following|interview|performance|screencast|episode|"
    r"vidéo|vídeo|siehe|hier|talk|film)\b"
)
_SENTENCE = re.compile(r"(?<=[.!?…])[\"”»)]*\s+(?=[\"“«(]?[^\W\d_a-z])")
_ASIDE = frozenset(("script", "style", "noscript", "link", "meta", "template", "hr", "br", "img"))
_LONG = 220
_SHORT_LINE = 140
_STEPS = 12
_CLIMB = 10
_BOX_TEXT = 400


class Labels:
    """The labels of one page; *linked* holds the words with which its text links to a video, by address."""

    def __init__(self, linked: dict[str, str]) -> None:
        self._linked = linked

    def of(self, at: HtmlElement, embed: Embed) -> str:
        """Give the label of *embed* at *at*; it comes with what its own markup calls it."""
        own = useful(embed.label)
        if embed.kind != "embed":
            return own
        return _boxed(at) or own or _linked_after(at) or useful(self._linked.get(embed.url, "")) or _lead_in(at)


def useful(text: str) -> str:
    """Clean a label; empty where it says nothing of what is played."""
    text = " ".join(text.split())[:_LONG].strip()
    return "" if _DULL.match(text) else text.rstrip(" :").lstrip("•|-– ")


def _boxed(at: HtmlElement) -> str:
    """Give the caption or heading in the box around the player, which holds little else."""
    for box in islice(at.iterancestors(), 6):
        if box.tag in ("body", "html", "article", "main", "td"):
            return ""
        if box.tag != "figure" and len(text_of(box, limit=_BOX_TEXT)) >= _BOX_TEXT:
            return ""
        for inside in box.iter():
            named = isinstance(inside.tag, str) and inside is not at and _names(inside)
            if named and (text := useful(text_of(inside, limit=_LONG))):
                return text
        if box.tag == "figure" or _several_players(box):
            return ""
    return ""


def _names(element: HtmlElement) -> bool:
    return element.tag in _HEADINGS or element.tag == "figcaption" or bool(_CAPTION.search(element.get("class") or ""))


def _several_players(box: HtmlElement) -> bool:
    return len(list(islice(box.iter("iframe", "video", "object"), 3))) > 2


def _lead_in(at: HtmlElement) -> str:
    """Walk back from *at* to the nearest heading, or the line of text that leads to it."""
    lines = 0
    for node in _before(at):
        if isinstance(node, str):
            text, heading = " ".join(node.split()), False
        else:
            text, heading = text_of(node, limit=3000), _is_heading(node)
        if not text:
            continue
        if heading:
            return useful(text[:_LONG])
        if not lines and (line := _leading_line(text)):
            return line
        if (lines := lines + 1) > 3:
            return ""
    return ""


def _is_heading(node: HtmlElement) -> bool:
    if node.tag in _HEADINGS or _TITLED.search(node.get("class") or ""):
        return True
    bold = [child for child in node if child.tag in ("strong", "b", *_HEADINGS)]
    return len(bold) == 1 and text_of(bold[0]) == text_of(node)


def _before(at: HtmlElement) -> Iterator[HtmlElement | str]:
    """Yield what stands before *at*, nearest first: elements, and texts between them."""
    node, climbed = at, 0
    while climbed < _CLIMB and node.tag not in ("body", "html"):
        previous = node.getprevious()
        for _ in range(_STEPS):
            if previous is None:
                break
            if previous.tail and previous.tail.strip():
                yield previous.tail
            if isinstance(previous.tag, str) and previous.tag not in _ASIDE:
                yield previous
            previous = previous.getprevious()
        parent = node.getparent()
        if parent is None:
            return
        if parent.text and parent.text.strip():
            yield parent.text
        node, climbed = parent, climbed + 1


def _leading_line(text: str) -> str:
    """Give the last sentence of *text* if it leads to what follows: a short line, a colon, a word that points."""
    sentences = [s for s in _SENTENCE.split(text[-2000:]) if s.strip(" .:")]
    last = (sentences[-1] if sentences else text).strip()
    if last.endswith((":", "…", "...")) or len(text) <= _SHORT_LINE or _POINTS.search(last):
        return useful(last[-_LONG:])
    return ""


def _linked_after(at: HtmlElement) -> str:
    """Give the words of a link to a video that opens the line right after the player."""
    node: HtmlElement | None = at
    for _ in range(4):
        if node is None:
            return ""
        following = node.getnext()
        if following is not None and isinstance(following.tag, str):
            for anchor in islice(following.iter("a"), 1):
                words = text_of(anchor, limit=_LONG)
                if recognise(anchor.get("href") or "") and text_of(following, limit=400).find(words) < 15:
                    return useful(words)
            return ""
        node = node.getparent()
    return ""
