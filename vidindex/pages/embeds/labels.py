"""The label of an embed: the caption, heading or line that introduces it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from itertools import islice

from lxml.html import HtmlElement

from ...model import Embed
from ..markup import element_text
from ..providers import recognize_url

_HEADING_TAGS = frozenset((
    "h1", "h2", "h3", "h4", "h5", "h6", "legend", "caption", "dt", "summary",
))  # fmt: skip
_CAPTION_CLASS = re.compile(
    r"(?i)(?:^|[\s_-])(?:figcaption|(?:wp-)?caption\w*|(?:video|media|clip|player|entry|story|post|embed)?[_-]{0,2}(?:title|headline|heading|hed))(?=$|[\s_-])|\w(?:Headline|Title|Caption)(?=$|[\s_-])"
)
_TITLE_CLASS = re.compile(
    r"(?i)(?:^|[\s_-])(?:entry|post|story|video|clip|section)?[_-]?(?:title|headline|heading)(?=$|[\s_-])"
)
_UNINFORMATIVE_LABEL = re.compile(
    r"(?i)^(?:(?:the|this|a|zum|das|hier|le|la|el|il|lo|ver|voir|see|watch|view|play|guarda|assista|im|new)?\s*"
    r"(?:(?:embedded|youtube|vimeo|dailymotion|brightcove|html5|flash|external|wistia|twitch|facebook|media|jw|kaltura|online|full|our)\s*)*"
    r"(?:video|vidéo|vídeo|media|player|embed|content|clip|film|movie|trailer|iframe|youtube|vimeo)?s?(?:\s*(?:player|embed|iframe|content|here|now|below|clip))?"
    r"|\W*|x|t|here|this|link|click here|click to (?:play|watch).*|via|source|share|tweet|download(?: video)?|"
    r"loading.*|(?:https?:)?//\S+|www\.\S+|"
    r"lazy loaded component|advertisement|image|none|null|undefined|untitled|\d+)[.:!\s]*$"
)
_POINTING_WORD = re.compile(
    r"(?i)\b(?:video|watch|clip|trailer|footage|below|above|here|following|interview|performance|screencast|episode|"
    r"vidéo|vídeo|siehe|hier|talk|film)\b"
)
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”»)]*\s+(?=[\"“«(]?[^\W\d_a-z])")
_IGNORED_TAGS = frozenset(("script", "style", "noscript", "link", "meta", "template", "hr", "br", "img"))
_MAX_LABEL_CHARS = 220
_MAX_SHORT_LINE_CHARS = 140
_MAX_SIBLINGS = 12
_MAX_ANCESTORS = 10
_MAX_BOX_CHARS = 400
_MAX_BOX_NODES = 400
_MAX_BOX_TITLES = 6


class LabelFinder:
    """The labels of one page whose *players* stand at these elements.

    *linked* holds the words with which its text links to a video, by address.
    """

    def __init__(self, link_texts: dict[str, str], players: Set[HtmlElement]) -> None:
        self._link_texts = link_texts
        self._player_elements = players

    def find_label(self, at: HtmlElement, embed: Embed) -> str:
        """Give the label of *embed* at *at*; it comes with what its own markup calls it."""
        own = clean_label(embed.label)
        if embed.kind != "embed":
            return own
        linked = _find_following_link_text(at) or clean_label(self._link_texts.get(embed.url, ""))
        return (
            self._find_box_title(at)
            or own
            or linked
            or _find_table_title(at)
            or _find_preceding_text(at)
            or self._find_box_text(at)
        )

    def _find_box_title(self, at: HtmlElement) -> str:
        """Give the caption or heading in the box around the player, which holds little else."""
        for box in islice(at.iterancestors(), 6):
            if box.tag in ("body", "html", "article", "main", "td"):
                return ""
            if box.tag != "figure" and len(element_text(box, limit=_MAX_BOX_CHARS)) >= _MAX_BOX_CHARS:
                return ""
            inside = [
                node
                for node in islice(box.iter(), _MAX_BOX_NODES)
                if isinstance(node.tag, str) and node is not at and _is_title_element(node)
            ]
            titles = dict.fromkeys(
                filter(
                    None, (clean_label(element_text(node, limit=_MAX_LABEL_CHARS)) for node in inside[:_MAX_BOX_TITLES])
                )
            )
            # Where several players share a box, several titles in it are one each.
            if titles:
                return next(iter(titles)) if len(titles) == 1 or not self._count_other_players(box, at) else ""
            if box.tag == "figure" or self._count_other_players(box, at) > 1:
                return ""
        return ""

    def _find_box_text(self, at: HtmlElement) -> str:
        """Give the few words that share a small box with the player: its caption, where nothing introduces it."""
        for box in islice(at.iterancestors(), 3 if at.tag != "script" else 0):
            if box.tag in ("body", "html", "article", "main") or self._count_other_players(box, at):
                return ""
            if text := element_text(box, limit=_MAX_SHORT_LINE_CHARS):
                return clean_label(text) if 4 < len(text) < _MAX_SHORT_LINE_CHARS else ""
        return ""

    def _count_other_players(self, box: HtmlElement, at: HtmlElement) -> int:
        """Count the players in *box* beside the one at *at*."""
        return sum(node in self._player_elements and node is not at for node in islice(box.iter(), _MAX_BOX_NODES))


def clean_label(text: str) -> str:
    """Clean a label; empty where it says nothing of what is played."""
    text = " ".join(text.split())[:_MAX_LABEL_CHARS].strip()
    return "" if _UNINFORMATIVE_LABEL.match(text) else text.rstrip(" :").lstrip("•|-– ")


def _is_title_element(element: HtmlElement) -> bool:
    return (
        element.tag in _HEADING_TAGS
        or element.tag == "figcaption"
        or bool(_CAPTION_CLASS.search(element.get("class") or ""))
    )


def _find_table_title(at: HtmlElement) -> str:
    """Give the title in the row above, where a table sets titles over players, one each in a row."""
    cell = next((node for node in islice(at.iterancestors(), 4) if node.tag == "td"), None)
    row = cell.getparent() if cell is not None else None
    before = row.getprevious() if row is not None else None
    if cell is None or row is None or before is None or before.tag != "tr" or len(row) < 2 or len(before) != len(row):
        return ""
    titles = [element_text(title, limit=_MAX_LABEL_CHARS) for title in before]
    return (
        clean_label(titles[row.index(cell)]) if all(0 < len(title) < _MAX_SHORT_LINE_CHARS for title in titles) else ""
    )


def _find_preceding_text(at: HtmlElement) -> str:
    """Walk back from *at* to the nearest heading, or the line of text that leads to it."""
    lines = 0
    for node in _preceding_nodes(at):
        if isinstance(node, str):
            text, heading = " ".join(node.split()), False
        else:
            text, heading = element_text(node, limit=3000), _is_heading(node)
        if not text:
            continue
        if heading:
            return clean_label(text[:_MAX_LABEL_CHARS])
        if not lines and (line := _find_leading_line(text)):
            return line
        if (lines := lines + 1) > 3:
            return ""
    return ""


def _is_heading(node: HtmlElement) -> bool:
    if node.tag in _HEADING_TAGS or _TITLE_CLASS.search(node.get("class") or ""):
        return True
    bold = [child for child in node if child.tag in ("strong", "b", *_HEADING_TAGS)]
    return len(bold) == 1 and element_text(bold[0]) == element_text(node)


def _preceding_nodes(at: HtmlElement) -> Iterator[HtmlElement | str]:
    """Yield what stands before *at*, nearest first: elements, and texts between them."""
    node, climbed = at, 0
    while climbed < _MAX_ANCESTORS and node.tag not in ("body", "html"):
        previous = node.getprevious()
        for _ in range(_MAX_SIBLINGS):
            if previous is None:
                break
            if previous.tail and previous.tail.strip():
                yield previous.tail
            if isinstance(previous.tag, str) and previous.tag not in _IGNORED_TAGS:
                yield previous
            previous = previous.getprevious()
        parent = node.getparent()
        if parent is None:
            return
        if parent.text and parent.text.strip():
            yield parent.text
        node, climbed = parent, climbed + 1


def _find_leading_line(text: str) -> str:
    """Give the last sentence of *text* if it leads to what follows: a short line, a colon, a word that points."""
    sentences = [s for s in _SENTENCE_END.split(text[-2000:]) if s.strip(" .:")]
    last = (sentences[-1] if sentences else text).strip()
    if last.endswith((":", "…", "...")) or len(text) <= _MAX_SHORT_LINE_CHARS or _POINTING_WORD.search(last):
        return clean_label(last[-_MAX_LABEL_CHARS:])
    return ""


def _find_following_link_text(at: HtmlElement) -> str:
    """Give the words of a link to a video that opens the line right after the player."""
    node: HtmlElement | None = at
    for _ in range(4):
        if node is None:
            return ""
        following = node.getnext()
        if following is not None and isinstance(following.tag, str):
            for anchor in islice(following.iter("a"), 1):
                words = element_text(anchor, limit=_MAX_LABEL_CHARS)
                if recognize_url(anchor.get("href") or "") and element_text(following, limit=400).find(words) < 15:
                    return clean_label(words)
            return ""
        node = node.getparent()
    return ""
