"""Which parts of a page are its article, and which are sidebar, related rail, advertising."""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from .document import Page

_TAGS = frozenset(("aside", "nav", "footer"))
_ROLES = frozenset(("complementary", "navigation", "contentinfo", "banner"))
_WORDS = re.compile(
    r"(?i)(?:^|[\s_-])(?:sidebar\w*|side-?bar|side-?rail|right-?rail|left-?rail|rail|related\w*|recommend\w*|recirc\w*|promos?|promotion|"
    r"advert\w*|ads?|adsense|adbox|sponsor\w*|footer|nav|navbar|navigation|menu|trending|popular|most-?(?:read|viewed|watched)|"
    r"outbrain\w*|taboola\w*|read-?more|more-?(?:stories|videos|from|news|on)|also-?(?:read|like|on)|you-?may\w*|up-?next|newsletter|"
    r"comments?|comment-?list|respond|disqus\w*|breadcrumbs?|masthead|site-?header|widget-?area|playlist-?rail|carousel-related|"
    r"latest-?(?:news|videos|posts)|teasers?|next-?(?:article|post|video))(?=$|[\s_-])"
)
_MAIN = frozenset(("html", "body", "main", "article"))
_SHARE = 0.4


class Regions:
    """The regions of one page, decided once for each container."""

    def __init__(self, page: Page) -> None:
        self._known: dict[HtmlElement, bool] = {}
        self._page = page
        self._size = 0

    def chrome(self, element: HtmlElement) -> bool:
        """Tell whether *element* stands in what surrounds the article."""
        path: list[HtmlElement] = []
        verdict = False
        for node in (element, *element.iterancestors()):
            if node in self._known:
                verdict = self._known[node]
                break
            path.append(node)
        for node in reversed(path):
            verdict = verdict or self._surrounds(node)
            self._known[node] = verdict
        return verdict

    def _surrounds(self, node: HtmlElement) -> bool:
        if not isinstance(node.tag, str) or node.tag in _MAIN:
            return False
        named = (
            node.tag in _TAGS
            or node.get("role") in _ROLES
            or bool(_WORDS.search(f"{node.get('class') or ''} {node.get('id') or ''}"[:400]))
        )
        return named and not self._holds_the_article(node)

    def _holds_the_article(self, node: HtmlElement) -> bool:
        """Tell whether *node* holds so much of the page's text that its name must mean something else."""
        self._size = self._size or _size(self._page.root)
        return _size(node) > _SHARE * self._size


def _size(node: HtmlElement) -> int:
    return sum(len(" ".join((p.text or "").split())) for p in node.iter("p", "h1", "h2", "blockquote"))
