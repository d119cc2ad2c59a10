"""The label of an embed: the caption, heading or line that introduces it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from itertools import islice

from lxml.html import HtmlElement

from ...model import Embed
from ..markup import text_of
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
_BOX_NODES = 400
_TITLES = 6


class Labels:
    """The labels of one page whose *players* stand at these elements.

    *linked* holds the words with which its text links to a video, by address.
    """

    def __init__(self, linked: dict[str, str], players: Set[HtmlElement]) -> None:
        self._linked = linked
        self._players = players

    def of(self, at: HtmlElement, embed: Embed) -> str:
        """Give the label of *embed* at *at*; it comes with what its own markup calls it."""
        own = useful(embed.label)
        if embed.kind != "embed":
            return own
        linked = _linked_after(at) or useful(self._linked.get(embed.url, ""))
        return self._boxed(at) or own or linked or _above(at) or _lead_in(at) or self._beside(at)

    def _boxed(self, at: HtmlElement) -> str:
        """Give the caption or heading in the box around the player, which holds little else."""
        for box in islice(at.iterancestors(), 6):
            if box.tag in ("body", "html", "article", "main", "td"):
                return ""
            if box.tag != "figure" and len(text_of(box, limit=_BOX_TEXT)) >= _BOX_TEXT:
                return ""
            inside = [
                node
                for node in islice(box.iter(), _BOX_NODES)
                if isinstance(node.tag, str) and node is not at and _names(node)
            ]
            titles = dict.fromkeys(filter(None, (useful(text_of(node, limit=_LONG)) for node in inside[:_TITLES])))
            # Where several players share a box, several titles in it are one each.
            if titles:
                return next(iter(titles)) if len(titles) == 1 or not self._others(box, at) else ""
            if box.tag == "figure" or self._others(box, at) > 1:
                return ""
        return ""

    def _beside(self, at: HtmlElement) -> str:
        """Give the few words that share a small box with the player: its caption, where nothing introduces it."""
        for box in islice(at.iterancestors(), 3 if at.tag != "script" else 0):
            if box.tag in ("body", "html", "article", "main") or self._others(box, at):
                return ""
            if text := text_of(box, limit=_SHORT_LINE):
                return useful(text) if 4 < len(text) < _SHORT_LINE else ""
        return ""

    def _others(self, box: HtmlElement, at: HtmlElement) -> int:
        """Count the players in *box* beside the one at *at*."""
        return sum(node in self._players and node is not at for node in islice(box.iter(), _BOX_NODES))


def useful(text: str) -> str:
    """Clean a label; empty where it says nothing of what is played."""
    text = " ".join(text.split())[:_LONG].strip()
    return "" if _DULL.match(text) else text.rstrip(" :").lstrip("•|-– ")


def _names(element: HtmlElement) -> bool:
    return element.tag in _HEADINGS or element.tag == "figcaption" or bool(_CAPTION.search(element.get("class") or ""))


def _above(at: HtmlElement) -> str:
    """Give the title in the row above, where a table sets titles over players, one each in a row."""
    cell = next((node for node in islice(at.iterancestors(), 4) if node.tag == "td"), None)
    row = cell.getparent() if cell is not None else None
    before = row.getprevious() if row is not None else None
    if cell is None or row is None or before is None or before.tag != "tr" or len(row) < 2 or len(before) != len(row):
        return ""
    titles = [text_of(title, limit=_LONG) for title in before]
    return useful(titles[row.index(cell)]) if all(0 < len(title) < _SHORT_LINE for title in titles) else ""


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
