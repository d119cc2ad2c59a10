"""Read the article of an HTML page: its title, author, site, date, language and text."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..model import Article
from .article_text import extract_text
from .authors import find_author
from .headline import find_headline
from .markup import parse_html
from .page_metadata import collect_json_ld, collect_meta
from .page_urls import choose_article_url, find_stated_urls
from .publication_date import find_publication_date
from .saved_page import LoadedPage, load_page, load_pages

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_SITE_META = ("og:site_name", "application-name", "dc.publisher", "publisher", "twitter:site")


def read_article(source: bytes | str | os.PathLike[str], *, url: str | None = None) -> Article:
    """Return the article of a page: title, author, site, date, language and text; a field that it does not state is "".

    *source* is HTML, as bytes or text, or the path of a saved page or of an archive (docs/archives.md), whose first
    page is read.  A string is HTML if it is empty or contains `<`, otherwise a path.  *url* is the URL that the page
    was read from; the default is the one that the archive states, or the `file:` URL of the path.
    Reading a hostile page can take very long: do not use this on untrusted pages if that matters.

    Raises `TargetError` if the file cannot be read.
    """
    return _read_loaded(load_page(source, url))


def read_articles(source: bytes | str | os.PathLike[str], *, url: str | None = None) -> Iterator[Article]:
    """Yield the article of each page in *source*, as `read_article` does."""
    return map(_read_loaded, load_pages(source, url))


def _read_loaded(page: LoadedPage) -> Article:
    root, fetched_from = parse_html(page.content), page.url or ""
    if root is None:
        return page.describe(Article(url=fetched_from, fetched_from=fetched_from))
    return page.describe(extract_article(root, find_stated_urls(root, fetched_from), fetched_from))


def extract_article(root: HtmlElement, stated_urls: Iterable[str], fetched_from: str) -> Article:
    """Return the article of a parsed page.

    *stated_urls* are the canonical URLs that it states; *fetched_from* is "" if the URL of the page is not known.
    """
    meta, json_ld = collect_meta(root), collect_json_ld(root)
    canonical = choose_article_url(stated_urls, fetched_from)
    title = find_headline(root, meta=meta, json_ld_title=json_ld.get("title", ""), url=canonical or fetched_from)
    return Article(
        url=canonical,
        fetched_from=fetched_from,
        title=title,
        author=find_author(root, meta, json_ld.get("author", "")),
        site=_find_site(meta, json_ld, canonical),
        date=find_publication_date(root, meta, json_ld, canonical or fetched_from),
        language=_find_language(root, meta, json_ld),
        text=extract_text(root, title=title),
    )


def _find_site(meta: dict[str, str], json_ld: dict[str, str], url: str) -> str:
    site_name = next(filter(None, (meta.get(name) for name in _SITE_META)), "") or json_ld.get("site", "")
    return html.unescape(site_name).lstrip("@") or (urlsplit(url).hostname or "").removeprefix("www.")


def _find_language(root: HtmlElement, meta: dict[str, str], json_ld: dict[str, str]) -> str:
    tree = root.getroottree().getroot()
    stated = (tree.get("lang") or tree.get("xml:lang") or meta.get("content-language") or meta.get("language")
              or meta.get("og:locale") or json_ld.get("language") or "")  # fmt: skip
    match = re.match(r"\s*([a-zA-Z]{2,3})(?:[-_]([a-zA-Z]{2}))?\b", stated)
    return "" if match is None else match[1].lower() + (f"-{match[2].upper()}" if match[2] else "")
