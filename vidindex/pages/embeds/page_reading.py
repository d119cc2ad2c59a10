"""Read the article and the embeds of a page, parsing it once."""

from __future__ import annotations

from ...model import Article
from ..article import extract_article
from ..markup import parse_html
from ..page_urls import find_stated_urls
from .discovered import DiscoveredPage
from .finder import find_tree_embeds


def read_page(html: bytes, url: str | None) -> DiscoveredPage:
    """Return what a page contains; *url* is None if it is not known."""
    root, read_from = parse_html(html), url or ""
    if root is None:
        return DiscoveredPage(Article(url=read_from, fetched_from=read_from), ())
    stated_urls = find_stated_urls(root, read_from)
    article = extract_article(root, stated_urls, read_from)
    return DiscoveredPage(article, tuple(find_tree_embeds(root, url)), next(iter(stated_urls), ""))
