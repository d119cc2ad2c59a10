"""Detect the parts of a page outside its article: sidebars, related content, advertising, navigation."""

from __future__ import annotations

import re
from itertools import islice

from lxml.html import HtmlElement

from .document import PageDocument

_BOILERPLATE_TAGS = frozenset(("aside", "nav", "footer"))
_BOILERPLATE_ROLES = frozenset(("complementary", "navigation", "contentinfo", "banner"))
_BOILERPLATE_NAME = re.compile(
    r"(?i)(?:^|[\s_-])(?:sidebar\w*|side-?bar|side-?rail|right-?rail|left-?rail|rail|related\w*|recommend\w*|recirc\w*|promos?|promotion|"
    r"advert\w*|ads?|adsense|adbox|sponsor\w*|footer|nav|navbar|navigation|menu|trending|popular|most-?(?:read|viewed|watched)|"
    r"outbrain\w*|taboola\w*|read-?more|more-?(?:stories|videos|from|news|on)|also-?(?:read|like|on)|you-?may\w*|up-?next|newsletter|"
    r"comments?|comment-?list|respond|disqus\w*|breadcrumbs?|masthead|site-?header|widget-?area|playlist-?rail|carousel-related|"
    r"latest-?(?:news|videos|posts)|teasers?|teaser-?list|video-?teasers?\w*|(?:af-)?see-?also\w*|base-aside|ad-?engine\w*|vi-stories\w*|vi-?unit\w*|"
    r"in-?stream-native\w*|out-?stream\w*|connatix\w*|primis\w*|teads\w*|seedtag\w*|video-?(?:ads?|sponsor\w*|promo)|livetv\w*|"
    r"live-?tv\w*|modal-(?:live|newsletter|promo)\w*|featured-post-feed|next-?(?:article|post|video))(?=$|[\s_-])"
)
_MAIN_TAGS = frozenset(("html", "body", "main", "article"))
_MAX_BOILERPLATE_SHARE = 0.4
_MIN_TEASERS, _MAX_TEASER_CHARS, _MIN_ARTICLE_CHARS = 3, 250, 1500


class BoilerplateDetector:
    """A detector for the boilerplate of one page; the result for each container is cached."""

    def __init__(self, page: PageDocument) -> None:
        self._verdict_by_element: dict[HtmlElement, bool] = {}
        self._page = page
        self._page_chars = 0
        self._teaser_count = -1

    def is_boilerplate(self, element: HtmlElement) -> bool:
        """Return whether *element* is outside the article, in boilerplate."""
        path: list[HtmlElement] = []
        verdict = False
        for node in (element, *element.iterancestors()):
            if node in self._verdict_by_element:
                verdict = self._verdict_by_element[node]
                break
            path.append(node)
        for node in reversed(path):
            verdict = verdict or self._is_boilerplate_container(node)
            self._verdict_by_element[node] = verdict
        return verdict

    def _is_boilerplate_container(self, node: HtmlElement) -> bool:
        if not isinstance(node.tag, str):
            return False
        if node.tag in _MAIN_TAGS:
            return node.tag == "article" and self._is_teaser(node)
        looks_like_boilerplate = (
            node.tag in _BOILERPLATE_TAGS
            or node.get("role") in _BOILERPLATE_ROLES
            or bool(_BOILERPLATE_NAME.search(f"{node.get('class') or ''} {node.get('id') or ''}"[:400]))
        )
        return looks_like_boilerplate and not self._has_article_text(node)

    def _is_teaser(self, node: HtmlElement) -> bool:
        """Return whether an `<article>` is one of several short ones that lead from a long article to others."""
        if self._teaser_count < 0:
            chars = [_count_text_chars(article) for article in islice(self._page.elements_by_tag("article"), 100)]
            self._teaser_count = sum(count < _MAX_TEASER_CHARS for count in chars)
        self._page_chars = self._page_chars or _count_text_chars(self._page.root)
        return (
            self._teaser_count >= _MIN_TEASERS
            and self._page_chars > _MIN_ARTICLE_CHARS
            and _count_text_chars(node) < _MAX_TEASER_CHARS
            and next(node.iter("a"), None) is not None
            and next(node.iter("h1"), None) is None
        )

    def _has_article_text(self, node: HtmlElement) -> bool:
        """Return whether *node* contains so much of the text that it must be the article, despite its name."""
        self._page_chars = self._page_chars or _count_text_chars(self._page.root)
        return _count_text_chars(node) > _MAX_BOILERPLATE_SHARE * self._page_chars


def _count_text_chars(node: HtmlElement) -> int:
    return sum(len(" ".join((p.text or "").split())) for p in node.iter("p", "h1", "h2", "blockquote"))
