"""Find the elements of a page that state something about its article, and not about another one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from .dates import find_date
from .markup import element_text

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_OTHER_HINT = re.compile(
    r"(?i)(?:^|[\s_-])(?:side-?bars?|rail|related\w*|recommend\w*|recirc\w*|promo\w*|trending|popular|most-?(?:read|viewed)|"
    r"read-?(?:more|next)|more-?(?:stories|from|news|on)|also-?(?:read|like)|you-?may\w*|up-?next|latest\w*|teasers?|"
    r"ticker|outbrain\w*|taboola\w*|comments?|comment-?\w+|commentlist|respond|replies|disqus\w*|footer|copyright|nav|menu|"
    r"archives?|calendar|events?|weather|widgets?)(?=$|[\s_-])"
)
_CARD_HINT = re.compile(r"(?i)(?:^|[\s_-])cards?(?=$|[\s_-])")
_OWN_HINT = re.compile(r"(?i)author|byline|article-?head|post-?meta|entry-?(?:meta|head)|(?:post|entry)-?footer")
_OTHER_TAGS = frozenset(("nav", "aside", "footer"))
_WHOLE_PAGE_TAGS = frozenset(("html", "body", "main"))
_MAX_ELEMENTS = 50_000
_MAX_DEPTH = 40
_MAX_NAME_CHARS = 300
_MAX_TEASER_CHARS = 1_500
_MIN_TITLE_WORDS = 3


class ArticleParts:
    """The elements of one page, by whether they are about its article."""

    def __init__(self, root: HtmlElement) -> None:
        self._root = root
        self._heading = next(root.iter("h1"), None)
        self._teasers: dict[HtmlElement, bool] = {}
        self._around = set() if self._heading is None else {self._heading, *self._heading.iterancestors()}

    def find(self, *tags: str) -> Iterator[HtmlElement]:
        """Yield the elements with one of *tags*: those behind the first `<h1>`, then those before it."""
        before: list[HtmlElement] = []
        is_behind = self._heading is None
        for element in islice(self._root.iter("h1", *tags), _MAX_ELEMENTS):
            is_behind = is_behind or element is self._heading
            if element.tag not in tags:
                continue
            if is_behind:
                yield element
            else:
                before.append(element)
        yield from before

    def is_about_another(self, element: HtmlElement) -> bool:
        """Return whether *element* stands in a teaser, a comment, a rail or a link to another article.

        Whatever also contains the `<h1>` is about this one.
        """
        for node in islice((element, *element.iterancestors()), _MAX_DEPTH):
            if node in self._around or node.tag in _WHOLE_PAGE_TAGS:
                return False
            if node.tag in _OTHER_TAGS or self._is_teaser(node):
                return True
            if node.tag != "article" and _is_named_as_another(node):
                return True
            if node.tag == "a" and node is not element and _says_more(node, element):
                return True
        return False

    def _is_teaser(self, node: HtmlElement) -> bool:
        names = _names_of(node)
        is_card = _CARD_HINT.search(names) is not None and not _OWN_HINT.search(names)
        if node.tag not in ("article", "li") and not is_card:
            return False
        if node not in self._teasers:
            self._teasers[node] = _is_short(node) if is_card else _is_teaser(node)
        return self._teasers[node]


def _names_of(node: HtmlElement) -> str:
    return f"{node.get('class') or ''} {node.get('id') or ''}"[:_MAX_NAME_CHARS]


def _is_short(node: HtmlElement) -> bool:
    """Return whether *node* has no more text than leads to an article."""
    return len(element_text(node, limit=_MAX_TEASER_CHARS)) < _MAX_TEASER_CHARS


def _is_named_as_another(node: HtmlElement) -> bool:
    names = _names_of(node)
    return _OTHER_HINT.search(names) is not None and not _OWN_HINT.search(names)


def _says_more(link: HtmlElement, element: HtmlElement) -> bool:
    """Return whether *link* says more than a name or a date in it: it leads to another article."""
    text, part = element_text(link), element_text(element)
    rest = text.replace(part, "", 1).strip(" ,|·•-–—:")
    return any(char.isalpha() for char in rest) and not find_date(rest)


def _is_teaser(node: HtmlElement) -> bool:
    """Return whether *node* leads to another article: its heading is a link, or it is an item with a long link."""
    heading = next(node.iter("h1", "h2", "h3", "h4"), None)
    if heading is None:
        link = next(node.iter("a"), None) if node.tag == "li" else None
        return link is not None and len(element_text(link).split()) >= _MIN_TITLE_WORDS
    parent = heading.getparent()
    is_linked = next(heading.iter("a"), None) is not None or (parent is not None and parent.tag == "a")
    return heading.tag != "h1" and is_linked and _is_short(node)
