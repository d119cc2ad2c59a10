"""Find the day on which an article was published."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .article_parts import ArticleParts
from .dates import find_date, find_date_in_path
from .headline import page_title
from .markup import element_text

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_PUBLISHED_META = (
    "article:published_time", "datepublished", "og:article:published_time", "dc.date.issued", "dcterms.issued",
    "parsely-pub-date", "sailthru.date", "article.published", "citation_date", "citation_publication_date",
    "originalpublicationdate", "article_date_original", "publication_date", "publish-date", "publishdate", "pubdate",
    "og:pubdate", "ptime", "cxenseparse:recs:publishtime", "cxenseparse:publishtime",
)  # fmt: skip
_OTHER_DATE_META = ("dc.date", "dcterms.created", "dcterms.date", "dc.date.created", "date", "last-modified")
_DATE_CLASS = re.compile(
    r"(?i)(?:^|[\s_-])(?:date|published|pubdate|post-?date|entry-?date|timestamp|time|dateline|posted(?:-on)?|byline|fecha|datum|data)"
    r"(?=$|[\s_-])"
)
_PUBLISHED = re.compile(
    r"(?i)\b(?:published|posted|publié|veröffentlicht|erschienen|erstellt|stand|publicado|pubblicato|gepubliceerd|publicerad|"
    r"publisert|offentliggjort|julkaistu|opublikowano|опубликовано)\b"
)
_DATE_LINE_WORD = re.compile(r"[^\W\d_]{3,}")
_MAX_DATE_LINE_WORDS = 3
"""The number of words in a line that is a date: the month, the day of the week and a time zone."""
_MODIFIED = re.compile(r"(?i)modified|updated|dtmodified")
_MAX_CANDIDATES = 200
_DATE_TAGS = (
    "time",
    "abbr",
    "span",
    "div",
    "p",
    "td",
    "small",
    "em",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "li",
    "font",
    "b",
    "i",
)


def find_publication_date(root: HtmlElement, meta: Mapping[str, str], json_ld: Mapping[str, str], url: str) -> str:
    """Return the day as `2021-09-06`, or "" if the page states none."""
    published = [json_ld.get("date", ""), *(meta.get(name, "") for name in _PUBLISHED_META)]
    other = [
        json_ld.get("created", ""),
        *(meta.get(name, "") for name in _OTHER_DATE_META),
        json_ld.get("uploaded", ""),
    ]
    first = _first_date(published) or find_date_in_path(urlsplit(url).path) or _first_date(other)
    return first or _find_date_in_text(root) or find_date(page_title(root)[-200:])


def find_date_in_lines(lines: Iterable[str]) -> str:
    """Return the date of the first of *lines*, with which an article starts, that states when it was published."""
    for line in lines:
        is_date = len(_DATE_LINE_WORD.findall(line)) <= _MAX_DATE_LINE_WORDS
        if (is_date or _PUBLISHED.search(line)) and (date := find_date(line)):
            return date
    return ""


def _first_date(texts: Iterable[str]) -> str:
    return next(filter(None, map(find_date, texts)), "")


def _find_date_in_text(root: HtmlElement) -> str:
    """Return the first date that an element of the article states; one that says when it was changed comes last."""
    parts, modified = ArticleParts(root), ""
    for element, names, date in islice(_stated_dates(parts), _MAX_CANDIDATES):
        if parts.is_about_another(element):
            continue
        if not _MODIFIED.search(names):
            return date
        modified = modified or date
    return modified


def _stated_dates(parts: ArticleParts) -> Iterator[tuple[HtmlElement, str, str]]:
    """Yield the elements that state a date, with their names and the date."""
    for element in parts.find(*_DATE_TAGS):
        names = f"{element.get('class') or ''} {element.get('id') or ''} {element.get('itemprop') or ''}"[:300]
        if date := find_date(_stated_date(element, names)):
            yield element, names, date


def _stated_date(element: HtmlElement, names: str) -> str:
    if element.tag in ("time", "abbr"):
        return element.get("datetime") or element.get("title") or element_text(element, limit=80)
    if _DATE_CLASS.search(names):
        return element.get("content") or element_text(element, limit=160)
    return ""
