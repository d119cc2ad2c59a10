"""Split a page into its blocks of text, and into the regions that contain them, in one pass over its elements."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Literal

from .markup import INVISIBLE_TAGS, MAX_PAGE_TAGS

if TYPE_CHECKING:
    from lxml.html import HtmlElement

BlockKind = Literal["text", "heading", "item", "quote", "code"]

_BLOCK_TAGS = frozenset((
    "html", "body", "p", "div", "li", "td", "th", "tr", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote",
    "section", "article", "main", "header", "footer", "aside", "nav", "figure", "figcaption", "table", "tbody", "thead",
    "ul", "ol", "dl", "center", "pre", "form", "fieldset", "details", "summary", "address", "hr", "caption", "menu",
))  # fmt: skip
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
# Not `head`: without the tag `<body>`, the parser puts the article into it.
_SKIPPED_TAGS = INVISIBLE_TAGS | {"select", "button", "audio", "canvas", "map", "datalist", "dialog", "title"}
_CODE_TAGS = frozenset(("code", "kbd", "samp", "tt"))
_POST_HINT = re.compile(r"(?i)tweet|instagram|tiktok|reddit|bluesky|mastodon|pull|facebook|fb-")
"""Posts and pull quotes use `<blockquote>` too; nobody says them."""
_HIDDEN_STYLE = re.compile(r"(?i)(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)")
_WIDE_CHAR = re.compile(r"[぀-ヿ㐀-鿿가-힯฀-๿]")
_WORD_OF_WIDE_CHARS = 2
_LINE_END = re.compile(r"[.!?…:。！？][”\"’'»)\]]*\s*$|[”\"»」]\s*$")
_LINE_START = re.compile(r"^\s*[“\"„«「‘—–―-]|^\s*[^\W\d_a-zà-ÿ][\w.' -]{1,40}:\s")
_MAX_BLOCK_CHARS = 200_000
_MAX_HINT_CHARS = 300
_MAX_BLOCKS = 20_000
_MAX_EVENTS = MAX_PAGE_TAGS
_MANY_HYPHENS = 4
_BREAK = "\v"


@dataclass(slots=True)
class TextBlock:
    """Text without a paragraph break in it; *words* and *linked_words* are counts."""

    text: str
    kind: BlockKind
    words: int
    linked_words: int
    quote: int = 0
    """The number of the block quote that contains it, or 0."""


@dataclass(slots=True)
class Region:
    """A block element with its blocks: those from *start* up to *end*.  Counts include regions inside."""

    tag: str
    hint: str
    parent: int
    start: int
    role: str = ""
    itemprop: str = ""
    hidden: bool = False
    end: int = 0
    words: int = 0
    linked_words: int = 0
    children: list[int] = field(default_factory=list)


@dataclass(slots=True)
class BlockTree:
    """The blocks of a page in order; *regions* start with the whole page, and parents come before their children."""

    blocks: list[TextBlock] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)


def split_blocks(root: HtmlElement) -> BlockTree:
    """Return the blocks and regions of the visible text of *root*."""
    reader = _BlockReader()
    reader.read(root)
    return reader.tree


def count_words(text: str) -> int:
    """Return about how many words *text* contains; languages without spaces count by characters."""
    words = len(text.split())
    return words if text.isascii() else words + len(_WIDE_CHAR.findall(text)) // _WORD_OF_WIDE_CHARS


class _BlockReader:
    """Follows the elements of a page, and collects inline text until a block ends."""

    def __init__(self) -> None:
        self.tree = BlockTree()
        self._open_regions: list[int] = []
        self._open_tags: Counter[str] = Counter()
        self._quotes: list[int] = []
        self._quote_count = 0
        self._line = _Line()

    def read(self, root: HtmlElement) -> None:
        """Read the elements of *root* until there are too many."""
        from lxml import etree

        walker = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
        for event, node in islice(walker, _MAX_EVENTS):
            if event == "start":
                if node.tag in _SKIPPED_TAGS or (node.tag == "span" and _is_hidden(node)):
                    walker.skip_subtree()
                else:
                    self._start(node, str(node.tag))
                continue
            if event == "end" and node.tag not in _SKIPPED_TAGS:
                self._end(str(node.tag))
            if node is not root and node.tail:
                self._add(node.tail)
            if len(self.tree.blocks) > _MAX_BLOCKS:
                break
        self._end_block()
        while self._open_regions:
            self._close_region()

    def _start(self, node: HtmlElement, tag: str) -> None:
        self._open_tags[tag] += 1
        if tag in _BLOCK_TAGS or not self._open_regions:
            self._end_block()
            self._open_region(node, tag)
        elif tag == "br":
            self._break_line()
        elif tag == "cite" and self._open_tags["blockquote"] and _names_source(node):
            self._end_block()
        elif tag == "q":
            self._add("“" if self._open_tags["q"] % 2 else "‘")
        elif tag in _CODE_TAGS:
            self._line.is_code = self._open_tags["pre"] > 0
            if not self._line.is_code:
                self._add("`")
        if node.text:
            self._add(node.text)

    def _end(self, tag: str) -> None:
        if tag in _BLOCK_TAGS:
            self._end_block()
            self._close_region()
        elif tag == "q":
            self._add("”" if self._open_tags["q"] % 2 else "’")
        elif tag in _CODE_TAGS and not self._open_tags["pre"]:
            self._add("`")
        self._open_tags[tag] -= 1

    def _open_region(self, node: HtmlElement, tag: str) -> None:
        regions = self.tree.regions
        parent = self._open_regions[-1] if self._open_regions else -1
        if tag == "blockquote":
            self._quote_count += 1
            is_post = _POST_HINT.search(node.get("class") or "") is not None
            self._quotes.append(0 if is_post else self._quote_count)
        if parent >= 0:
            regions[parent].children.append(len(regions))
        self._open_regions.append(len(regions))
        regions.append(Region(
            tag, _hint(node), parent, len(self.tree.blocks),
            node.get("role") or "", node.get("itemprop") or "", _is_hidden(node),
        ))  # fmt: skip

    def _close_region(self) -> None:
        if not self._open_regions:
            return
        region = self.tree.regions[self._open_regions.pop()]
        region.end = len(self.tree.blocks)
        if region.tag == "blockquote":
            self._quotes.pop()
        if self._open_regions:
            parent = self.tree.regions[self._open_regions[-1]]
            parent.words += region.words
            parent.linked_words += region.linked_words

    def _add(self, text: str) -> None:
        if self._line.chars < _MAX_BLOCK_CHARS:
            self._line.add(text[:_MAX_BLOCK_CHARS], linked=self._open_tags["a"] > 0)

    def _break_line(self) -> None:
        if self._line.breaks:
            self._end_block()
        else:
            self._line.break_off()

    def _end_block(self) -> None:
        if self._line.is_empty:
            self._line.breaks = 0
            return
        line, self._line = self._line, _Line()
        text = line.text(keep_lines=bool(self._open_tags["pre"]))
        if not text or not self._open_regions:
            return
        words = count_words(text)
        linked = min(words, count_words(line.linked_text()))
        region = self.tree.regions[self._open_regions[-1]]
        region.words += words
        region.linked_words += linked
        self.tree.blocks.append(
            TextBlock(text, self._block_kind(line), words, linked, self._quotes[-1] if self._quotes else 0)
        )

    def _block_kind(self, line: _Line) -> BlockKind:
        if any(self._open_tags[tag] for tag in _HEADINGS):
            return "heading"
        if line.is_code:
            return "code"
        return "item" if self._open_tags["li"] else "text"


class _Line:
    """The text of a block so far."""

    __slots__ = ("_linked", "_parts", "breaks", "chars", "is_code")

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._linked: list[str] = []
        self.chars = 0
        self.is_code = False
        self.breaks = 0
        """The number of line breaks since the last text."""

    @property
    def is_empty(self) -> bool:
        """Whether it has no text yet."""
        return not self._parts

    def add(self, text: str, *, linked: bool) -> None:
        if not text.isspace():
            self.breaks = 0
        elif not self._parts:
            return
        self._parts.append(text)
        self.chars += len(text)
        if linked:
            self._linked.append(text)

    def break_off(self) -> None:
        self.breaks += 1
        if self._parts:
            self._parts.append(_BREAK)

    def text(self, *, keep_lines: bool) -> str:
        """Return the text; a line break stays one only where a new paragraph seems to start."""
        text = "".join(self._parts)
        if keep_lines:
            return "\n".join(line.rstrip() for line in text.replace(_BREAK, "\n").splitlines()).strip("\n")
        lines = [" ".join(line.split()) for line in text.split(_BREAK)]
        return _join_lines([line for line in lines if line])

    def linked_text(self) -> str:
        """Return the text inside links."""
        return " ".join(self._linked)


def _join_lines(lines: list[str]) -> str:
    """Join lines with a space where a sentence or a quotation goes on, otherwise with a line break."""
    joined: list[str] = []
    open_marks, before = 0, ""
    for line in lines:
        if joined:
            is_new = not open_marks and bool(_LINE_END.search(before[-4:]) or _LINE_START.match(line[:60]))
            joined.append("\n" if is_new else " ")
            open_marks = 0 if is_new else open_marks
        joined.append(line)
        open_marks = max(0, open_marks + line.count("“") - line.count("”") + line.count("«") - line.count("»"))
        open_marks = (open_marks + line.count('"')) % 2 if '"' in line and "“" not in line else open_marks
        before = line
    return "".join(joined)


def _hint(node: HtmlElement) -> str:
    """Return the names of *node*; an id of many words is made of a heading."""
    id_ = node.get("id") or ""
    return f"{node.get('class') or ''} {id_ if id_.count('-') < _MANY_HYPHENS else ''}"[:_MAX_HINT_CHARS]


def _names_source(node: HtmlElement) -> bool:
    parent = node.getparent()
    is_source = parent is not None and parent.tag in ("blockquote", "p")
    return is_source and node.getnext() is None and not (node.tail or "").strip()


def _is_hidden(node: HtmlElement) -> bool:
    style = node.get("style")
    return node.get("hidden") is not None or (style is not None and _HIDDEN_STYLE.search(style[:500]) is not None)
