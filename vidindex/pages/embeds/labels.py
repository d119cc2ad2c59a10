"""Find the label of an embed: the caption, heading or line that introduces it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from itertools import islice

from lxml.html import HtmlElement

from ...model import Embed
from ..markup import element_text
from ..providers import recognize_url
from .label_words import MAX_LABEL_CHARS, caption_text, clean_label, is_teaser, leads_elsewhere

_HEADING_TAGS = frozenset((
    "h1", "h2", "h3", "h4", "h5", "h6", "legend", "caption", "dt", "summary",
))  # fmt: skip
_CAPTION_CLASS = re.compile(
    r"(?i)(?:^|[\s_-])(?:figcaption|(?:wp-)?caption\w*|(?:video|media|clip|player|entry|story|post|embed)?[_-]{0,2}(?:title|headline|heading|hed))(?=$|[\s_-])|\w(?:Headline|Title|Caption)(?=$|[\s_-])"
)
_TITLE_CLASS = re.compile(
    r"(?i)(?:^|[\s_-])(?:entry|post|story|video|clip|section)?[_-]?(?:title|headline|heading)(?=$|[\s_-])"
)
_POINTING_WORD = re.compile(
    r"(?i)\b(?:video|watch|clip|trailer|footage|below|above|here|following|interview|performance|screencast|episode|"
    r"vidéo|vídeo|siehe|hier|talk|film)\b"
)
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”»)]*\s+(?=[\"“«(]?[^\W\d_a-z])")
_IGNORED_TAGS = frozenset(("script", "style", "noscript", "link", "meta", "template", "hr", "br", "img"))
_MAX_SHORT_LINE_CHARS = 140
_MAX_SIBLINGS = 12
_MAX_ANCESTORS = 10
_MAX_BOX_CHARS = 400
_MAX_BOX_NODES = 400
_MAX_BOX_TITLES = 6


class LabelFinder:
    """A finder for the labels of one page; *players* are the elements of its players.

    *link_texts* are the texts of its links to videos, by canonical URL.
    """

    def __init__(self, link_texts: dict[str, str], players: Set[HtmlElement]) -> None:
        self._link_texts = link_texts
        self._player_elements = players

    def find_label(self, player: HtmlElement, embed: Embed) -> str:
        """Return the label of *embed*, whose element is *player*; `embed.label` is the name in its own markup."""
        markup_label = clean_label(embed.label)
        if embed.kind != "embed":
            return markup_label
        link_text = _find_following_link_text(player, embed) or clean_label(self._link_texts.get(embed.url, ""))
        return (
            self._find_box_title(player)
            or markup_label
            or link_text
            or _find_table_title(player)
            or _find_preceding_text(player)
            or _find_slanted_text_below(player)
            or self._find_box_text(player)
        )

    def _find_box_title(self, player: HtmlElement) -> str:
        """Return the caption or heading in the box around the player, if the box contains little other text."""
        for box in islice(player.iterancestors(), 6):
            if box.tag in ("body", "html", "article", "main", "td"):
                return ""
            if box.tag != "figure" and len(element_text(box, limit=_MAX_BOX_CHARS)) >= _MAX_BOX_CHARS:
                return ""
            title_elements = [
                node
                for node in islice(box.iter(), _MAX_BOX_NODES)
                if isinstance(node.tag, str) and _is_title_element(node) and not _contains(node, player)
            ]
            titles = dict.fromkeys(filter(None, map(_title_text, title_elements[:_MAX_BOX_TITLES])))
            # If several players share a box, several titles in it belong to one player each.
            if titles:
                return next(iter(titles)) if len(titles) == 1 or not self._count_other_players(box, player) else ""
            if box.tag == "figure" or self._count_other_players(box, player) > 1:
                return ""
        return ""

    def _find_box_text(self, player: HtmlElement) -> str:
        """Return the short text in the box of the player, which is its caption if nothing introduces it."""
        for box in islice(player.iterancestors(), 3 if player.tag != "script" else 0):
            if box.tag in ("body", "html", "article", "main") or self._count_other_players(box, player):
                return ""
            if text := caption_text(box):
                return clean_label(text) if 4 < len(text) < _MAX_SHORT_LINE_CHARS and not is_teaser(box, text) else ""
        return ""

    def _count_other_players(self, box: HtmlElement, player: HtmlElement) -> int:
        """Return the number of players in *box* other than *player*."""
        return sum(node in self._player_elements and node is not player for node in islice(box.iter(), _MAX_BOX_NODES))


def _title_text(element: HtmlElement) -> str:
    text = caption_text(element)
    return (
        ""
        if leads_elsewhere(text)
        else clean_label(text, is_heading=element.tag in _HEADING_TAGS or element.tag == "figcaption")
    )


def _contains(element: HtmlElement, player: HtmlElement) -> bool:
    return element is player or any(node is element for node in islice(player.iterancestors(), _MAX_ANCESTORS))


def _is_title_element(element: HtmlElement) -> bool:
    return (
        element.tag in _HEADING_TAGS
        or element.tag == "figcaption"
        or bool(_CAPTION_CLASS.search(element.get("class") or ""))
    )


def _find_table_title(player: HtmlElement) -> str:
    """Return the title in the row above or below the player, if a table has rows of titles and rows of players."""
    cell = next((node for node in islice(player.iterancestors(), 4) if node.tag == "td"), None)
    row = cell.getparent() if cell is not None else None
    if cell is None or row is None or len(row) < 2:
        return ""
    for title_row in (row.getprevious(), row.getnext()):
        if title_row is not None and title_row.tag == "tr" and len(title_row) == len(row):
            titles = [element_text(title, limit=MAX_LABEL_CHARS) for title in title_row]
            if all(0 < len(title) < _MAX_SHORT_LINE_CHARS for title in titles):
                return clean_label(titles[row.index(cell)])
    return ""


def _find_preceding_text(player: HtmlElement) -> str:
    """Return the nearest heading before *player*, or the line of text that introduces it, or ""."""
    line_count = 0
    for node in _preceding_nodes(player):
        if isinstance(node, str):
            text, heading = " ".join(node.split()), False
        else:
            text, heading = element_text(node, limit=3000), _is_heading(node)
        if not text or (leads_elsewhere(text) if isinstance(node, str) or heading else is_teaser(node, text)):
            continue
        if not isinstance(node, str) and _is_list(node):
            continue
        if heading:
            return clean_label(text[:MAX_LABEL_CHARS], is_heading=True)
        if not line_count and (line := _find_leading_line(text)):
            return line
        if (line_count := line_count + 1) > 3:
            return ""
    return ""


def _find_slanted_text_below(player: HtmlElement) -> str:
    """Return the short paragraph below *player* if all of it is in italics, like captions without a figure."""
    for node in (player, *islice(player.iterancestors(), 2)):
        below = node.getnext()
        if below is None or not isinstance(below.tag, str):
            continue
        text = element_text(below, limit=2 * _MAX_SHORT_LINE_CHARS)
        is_slanted = len(below) == 1 and below[0].tag in ("em", "i", "small") and element_text(below[0]) == text
        return clean_label(text) if is_slanted and len(text) < _MAX_SHORT_LINE_CHARS else ""
    return ""


def _is_list(node: HtmlElement) -> bool:
    """Return whether *node* is a list of several lines, none of which introduces a player: titles of tabs…"""
    return node.tag in ("ul", "ol", "nav") and len(list(islice(node.iter("li"), 2))) > 1


def _is_heading(node: HtmlElement) -> bool:
    if node.tag in _HEADING_TAGS or _TITLE_CLASS.search(node.get("class") or ""):
        return True
    bold = [child for child in node if child.tag in ("strong", "b", *_HEADING_TAGS)]
    return len(bold) == 1 and element_text(bold[0]) == element_text(node)


def _preceding_nodes(player: HtmlElement) -> Iterator[HtmlElement | str]:
    """Yield the elements before *player*, and the texts between them, nearest first."""
    node, level = player, 0
    while level < _MAX_ANCESTORS and node.tag not in ("body", "html"):
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
        node, level = parent, level + 1


def _find_leading_line(text: str) -> str:
    """Return the last sentence of *text* if it introduces a player: a short line, a colon, a word such as "watch"."""
    sentences = [s for s in _SENTENCE_END.split(text[-2000:]) if s.strip(" .:")]
    last = (sentences[-1] if sentences else text).strip()
    if last.endswith((":", "…", "...")) or len(text) <= _MAX_SHORT_LINE_CHARS or _POINTING_WORD.search(last):
        return clean_label(last[-MAX_LABEL_CHARS:])
    return ""


def _find_following_link_text(player: HtmlElement, embed: Embed) -> str:
    """Return the text of a link to a video at the start of the element after the player, unless it is another one."""
    node: HtmlElement | None = player
    for _ in range(4):
        if node is None:
            return ""
        following = node.getnext()
        if following is not None and isinstance(following.tag, str):
            for anchor in islice(following.iter("a"), 1):
                link_text = element_text(anchor, limit=MAX_LABEL_CHARS)
                video = recognize_url(anchor.get("href") or "")
                # Defunct providers had several ids for one video.
                is_other = video and not embed.dead and video.provider == embed.provider and video.id != embed.id
                if video and not is_other and element_text(following, limit=400).find(link_text) < 15:
                    return clean_label(link_text)
            return ""
        node = node.getparent()
    return ""
