"""Read the article of an HTML page: its title, author, site, date, language and text."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..model import Article
from .article_text import extract_text
from .dates import find_date, find_date_in_path
from .headline import find_headline, page_title
from .json_ld import load_json_ld
from .markup import element_text, parse_html
from .page_urls import choose_article_url, find_stated_urls
from .saved_page import load_page

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_AUTHOR_META = (
    "author", "article:author", "dc.creator", "parsely-author", "sailthru.author", "citation_author", "byl",
    "twitter:creator",
)  # fmt: skip
_PUBLISHED_META = (
    "article:published_time", "datepublished", "og:article:published_time", "dc.date.issued", "parsely-pub-date",
    "sailthru.date", "article.published", "citation_date", "originalpublicationdate", "article_date_original",
    "publication_date", "publishdate", "pubdate", "og:pubdate", "ptime", "cxenseparse:recs:publishtime",
)  # fmt: skip
_OTHER_DATE_META = ("dc.date", "dcterms.created", "dcterms.date", "dc.date.created", "date", "last-modified")
_SITE_META = ("og:site_name", "application-name", "dc.publisher", "publisher", "twitter:site")
_ARTICLE_TYPES = re.compile(r"(?i)article|posting|report|webpage|videoobject|review|recipe|episode")
_BYLINE_CLASS = re.compile(r"(?i)(?:^|[\s_-])(?:byline|author|author-?name|post-author|writer|vcard|fn)(?=$|[\s_-])")
_BYLINE_PREFIX = re.compile(r"(?i)^(?:by|written by|posted by|von|par|por|di|door|av|author|published by)\b[:\s]+")
_DATE_CLASS = re.compile(
    r"(?i)(?:^|[\s_-])(?:date|published|pubdate|post-?date|entry-?date|timestamp|time|dateline|posted(?:-on)?)(?=$|[\s_-])"
)
_MAX_BLOCKS = 50_000


def read_article(source: bytes | str | os.PathLike[str], *, url: str | None = None) -> Article:
    """Return the article of a page: title, author, site, date, language and text; a field that it does not state is "".

    *source* is HTML, as bytes or text, or the path of a saved page.  A string is HTML if it is empty or contains
    `<`, otherwise a path.  *url* is the URL that the page was read from; the default for a path is its `file:` URL.
    Reading a hostile page can take very long: do not use this on untrusted pages if that matters.

    Raises `TargetError` if the file cannot be read.
    """
    html, url = load_page(source, url)
    root = parse_html(html)
    fetched_from = url or ""
    if root is None:
        return Article(url=fetched_from, fetched_from=fetched_from)
    return extract_article(root, find_stated_urls(root, fetched_from), fetched_from)


def extract_article(root: HtmlElement, stated_urls: Iterable[str], fetched_from: str) -> Article:
    """Return the article of a parsed page.

    *stated_urls* are the canonical URLs that it states; *fetched_from* is "" if the URL of the page is not known.
    """
    meta, json_ld = _collect_meta(root), _collect_json_ld(root)
    canonical = choose_article_url(stated_urls, fetched_from)
    title = find_headline(root, meta=meta, json_ld_title=json_ld.get("title", ""), url=canonical or fetched_from)
    return Article(
        url=canonical,
        fetched_from=fetched_from,
        title=title,
        author=_find_author(root, meta, json_ld),
        site=_find_site(meta, json_ld, canonical),
        date=_find_date(root, meta, json_ld, canonical or fetched_from),
        language=_find_language(root, meta, json_ld),
        text=extract_text(root, title=title),
    )


def _collect_meta(root: HtmlElement) -> dict[str, str]:
    """Return the first content of each `<meta>` name, by the name in lower case."""
    contents: dict[str, str] = {}
    for element in root.iter("meta"):
        name = (
            element.get("property") or element.get("name") or element.get("itemprop") or element.get("http-equiv") or ""
        )
        content = " ".join((element.get("content") or element.get("value") or "").split())
        if name and content:
            contents.setdefault(name.lower(), content[:2000])
    return contents


def _collect_json_ld(root: HtmlElement) -> dict[str, str]:
    """Return title, author, date, site and language from the JSON-LD of the page; the first value of each counts."""
    fields: dict[str, str] = {}
    for script in root.iter("script"):
        if "ld+json" in (script.get("type") or ""):
            for item in _find_article_objects(load_json_ld(script.text or "")):
                for key, value in _read_article_object(item):
                    fields.setdefault(key, value)
    return fields


def _find_article_objects(data: object, depth: int = 0) -> Iterator[dict[str, object]]:
    if isinstance(data, list) and depth < 4:
        for item in data[:50]:
            yield from _find_article_objects(item, depth + 1)
    elif isinstance(data, dict):
        if _ARTICLE_TYPES.search(str(data.get("@type", ""))):
            yield data
        if depth < 4:
            yield from _find_article_objects(data.get("@graph"), depth + 1)


def _read_article_object(item: dict[str, object]) -> Iterator[tuple[str, str]]:
    field_names = {
        "headline": "title", "name": "name", "author": "author", "creator": "author", "datePublished": "date",
        "uploadDate": "date", "publisher": "site", "inLanguage": "language",
    }  # fmt: skip
    for key, field in field_names.items():
        if value := _extract_name(item.get(key)):
            yield field, " ".join(value.split())[:500]


def _extract_name(value: object) -> str:
    """Return the name in a JSON-LD value: a string, an object with a name, or a list of these."""
    if isinstance(value, list):
        return ", ".join(filter(None, map(_extract_name, value[:10])))
    if isinstance(value, dict):
        return _extract_name(value.get("name") or value.get("@value"))
    return value.strip() if isinstance(value, str) else ""


def _unescape_text(text: str) -> str:
    if "&" not in text:
        return text
    import html

    return html.unescape(text)


def _find_author(root: HtmlElement, meta: dict[str, str], json_ld: dict[str, str]) -> str:
    names = [json_ld.get("author", ""), *(meta.get(name, "") for name in _AUTHOR_META)]
    for name in names:
        if name and "://" not in name and not name.startswith("@"):
            return _unescape_text(_BYLINE_PREFIX.sub("", name))[:200]
    for element in islice(root.iter("a", "span", "div", "p", "address", "cite"), _MAX_BLOCKS):
        if (
            element.get("rel") == "author"
            or element.get("itemprop") == "author"
            or _BYLINE_CLASS.search(element.get("class") or "")
        ):
            name = (
                _BYLINE_PREFIX.sub("", element_text(element, limit=200))
                .partition("|")[0]
                .partition(" on ")[0]
                .strip(" ,–-")
            )
            if 2 < len(name) < 80 and not any(c.isdigit() for c in name):
                return name
    return ""


def _find_site(meta: dict[str, str], json_ld: dict[str, str], url: str) -> str:
    site_name = next(filter(None, (meta.get(name) for name in _SITE_META)), "") or json_ld.get("site", "")
    return _unescape_text(site_name).lstrip("@") or (urlsplit(url).hostname or "").removeprefix("www.")


def _find_date(root: HtmlElement, meta: dict[str, str], json_ld: dict[str, str], url: str) -> str:
    published = [json_ld.get("date", ""), *(meta.get(name, "") for name in _PUBLISHED_META)]
    other = [meta.get(name, "") for name in _OTHER_DATE_META]
    first = _first_date(published) or find_date_in_path(urlsplit(url).path) or _first_date(other)
    return first or _find_date_in_text(root) or find_date(page_title(root)[-200:])


def _first_date(texts: Iterable[str]) -> str:
    return next(filter(None, map(find_date, texts)), "")


def _find_date_in_text(root: HtmlElement) -> str:
    for element in islice(root.iter("time", "abbr", "span", "div", "p", "td", "small", "em", "h2", "li"), _MAX_BLOCKS):
        if element.tag in ("time", "abbr"):
            stated = element.get("datetime") or element.get("title") or element_text(element, limit=80)
        elif _DATE_CLASS.search(
            f"{element.get('class') or ''} {element.get('id') or ''} {element.get('itemprop') or ''}"
        ):
            stated = element.get("content") or element_text(element, limit=120)
        else:
            continue
        if date := find_date(stated):
            return date
    return ""


def _find_language(root: HtmlElement, meta: dict[str, str], json_ld: dict[str, str]) -> str:
    tree = root.getroottree().getroot()
    stated = (tree.get("lang") or tree.get("xml:lang") or meta.get("content-language") or meta.get("language")
              or meta.get("og:locale") or json_ld.get("language") or "")  # fmt: skip
    match = re.match(r"\s*([a-zA-Z]{2,3})(?:[-_]([a-zA-Z]{2}))?\b", stated)
    return "" if match is None else match[1].lower() + (f"-{match[2].upper()}" if match[2] else "")
