"""Read the article of an HTML page: its title, author, site, date, language and text."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Iterable, Iterator
from itertools import takewhile
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..model import Article
from .article_text import extract_all_text, extract_text
from .authors import find_author, find_author_in_lines
from .headline import find_headline
from .markup import parse_html
from .page_metadata import collect_json_ld, collect_meta, find_article_body
from .page_urls import choose_article_url, find_stated_urls
from .publication_date import find_date_in_lines, find_publication_date
from .saved_page import LoadedPage, load_page, load_pages

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_MAX_SHELL_WORDS = 60
_MAX_FIRST_LINES, _MAX_FIRST_LINE_CHARS, _MAX_FIRST_CHARS = 5, 120, 4_000
_MAX_DECK_CHARS = 300
"""The length of a summary that may stand above the byline; what is longer is the article."""
_MIN_ARTICLE_CHARS = 400
"""The length of an article that certainly has no words of the page around it."""
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
    text = _read_text(root, title)
    first_lines = _read_first_lines(text)
    return Article(
        url=canonical,
        fetched_from=fetched_from,
        title=title,
        author=find_author(root, meta, json_ld.get("author", "")) or find_author_in_lines(first_lines),
        site=_find_site(meta, json_ld, canonical),
        date=find_publication_date(root, meta, json_ld, canonical or fetched_from) or find_date_in_lines(first_lines),
        language=_find_language(root, meta, json_ld),
        text=text,
    )


def _read_text(root: HtmlElement, title: str) -> str:
    """Return the text of the article; that of its metadata if the page shows next to nothing without its scripts."""
    text = extract_text(root, title=title)
    words = len(text.split())
    if words > _MAX_SHELL_WORDS:
        return text
    body = find_article_body(root)
    if "<" in body and (parsed := parse_html(body)) is not None:
        body = extract_all_text(parsed)
    return body if len(body.split()) > 2 * words else text


def _read_first_lines(text: str) -> list[str]:
    """Return the short lines with which *text* starts: the byline and the date, if no markup names them."""
    if len(text) < _MIN_ARTICLE_CHARS:
        return []
    lines = [line.strip() for line in text[:_MAX_FIRST_CHARS].splitlines() if line.strip()][:_MAX_FIRST_LINES]
    opening = takewhile(lambda line: len(line) <= _MAX_DECK_CHARS, lines)
    return [line for line in opening if len(line) <= _MAX_FIRST_LINE_CHARS]


def _find_site(meta: dict[str, str], json_ld: dict[str, str], url: str) -> str:
    site_name = next(filter(None, (meta.get(name) for name in _SITE_META)), "") or json_ld.get("site", "")
    return html.unescape(site_name).lstrip("@") or (urlsplit(url).hostname or "").removeprefix("www.")


def _find_language(root: HtmlElement, meta: dict[str, str], json_ld: dict[str, str]) -> str:
    tree = root.getroottree().getroot()
    stated = (tree.get("lang") or tree.get("xml:lang") or meta.get("content-language") or meta.get("language")
              or meta.get("og:locale") or json_ld.get("language") or "")  # fmt: skip
    match = re.match(r"\s*([a-zA-Z]{2,3})(?:[-_]([a-zA-Z]{2}))?\b", stated)
    return "" if match is None else match[1].lower() + (f"-{match[2].upper()}" if match[2] else "")
