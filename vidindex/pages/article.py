"""HTML in, the article out: what it is called, who wrote it when and where, and what it says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from ..model import Article
from .dates import find_date, find_date_in_path
from .headline import find_headline, page_title
from .markup import element_text, parse_html, strip_wayback_prefix

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
_BOILERPLATE_CLASS = re.compile(
    r"(?i)(?:^|[\s_-])(?:sidebar|related|recommend|footer|nav|menu|comments?|share|social|promo|advert|ads?|newsletter|cookie|breadcrumbs?|"
    r"byline|caption|widget|trending|popular|tags?|masthead|respond)(?=$|[\s_-])"
)
_BLOCK_TAGS = ("p", "h2", "h3", "h4", "li", "blockquote", "pre", "dd")
_MAX_TEXT_CHARS = 400_000
_MAX_JSON_CHARS = 500_000


def read_article(html: bytes | str, *, url: str | None = None) -> Article:
    """Read who wrote what when from the page *html*; what it does not state is empty.

    The date is ISO, of day precision; *url* is where the page was read.
    """
    source = url or ""
    root = parse_html(html)
    if root is None:
        return Article(url=source, fetched_from=source)
    meta, news = _collect_meta(root), _collect_json_ld(root)
    canonical = _find_canonical_url(root, meta, source)
    return Article(
        url=canonical,
        fetched_from=source,
        title=find_headline(root, meta=meta, json_ld_title=news.get("title", ""), url=canonical or source),
        author=_find_author(root, meta, news),
        site=_find_site(meta, news, canonical),
        date=_find_date(root, meta, news, canonical or source),
        language=_find_language(root, meta, news),
        text=_extract_text(root),
    )


def _collect_meta(root: HtmlElement) -> dict[str, str]:
    """Collect the first content of each meta name."""
    found: dict[str, str] = {}
    for element in root.iter("meta"):
        name = (
            element.get("property") or element.get("name") or element.get("itemprop") or element.get("http-equiv") or ""
        )
        content = " ".join((element.get("content") or element.get("value") or "").split())
        if name and content:
            found.setdefault(name.lower(), content[:2000])
    return found


def _collect_json_ld(root: HtmlElement) -> dict[str, str]:
    """Collect headline, author, date, site and language from the page's JSON-LD, articles before videos."""
    found: dict[str, str] = {}
    for script in root.iter("script"):
        if "ld+json" in (script.get("type") or ""):
            try:
                stated = json.loads((script.text or "")[:_MAX_JSON_CHARS], strict=False)
            except (ValueError, RecursionError):
                continue
            for thing in _find_article_objects(stated):
                for key, value in _read_article_object(thing):
                    found.setdefault(key, value)
    return found


def _find_article_objects(stated: object, depth: int = 0) -> Iterator[dict[str, object]]:
    if isinstance(stated, list) and depth < 4:
        for one in stated[:50]:
            yield from _find_article_objects(one, depth + 1)
    elif isinstance(stated, dict):
        if _ARTICLE_TYPES.search(str(stated.get("@type", ""))):
            yield stated
        if depth < 4:
            yield from _find_article_objects(stated.get("@graph"), depth + 1)


def _read_article_object(thing: dict[str, object]) -> Iterator[tuple[str, str]]:
    wanted = {
        "headline": "title", "name": "name", "author": "author", "creator": "author", "datePublished": "date",
        "uploadDate": "date", "publisher": "site", "inLanguage": "language",
    }  # fmt: skip
    for key, ours in wanted.items():
        if value := _extract_name(thing.get(key)):
            yield ours, " ".join(value.split())[:500]


def _extract_name(value: object) -> str:
    """Give the name of what JSON-LD says as a string, an object, or a list of either."""
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


def _find_author(root: HtmlElement, meta: dict[str, str], news: dict[str, str]) -> str:
    stated = [news.get("author", ""), *(meta.get(name, "") for name in _AUTHOR_META)]
    for name in stated:
        if name and "://" not in name and not name.startswith("@"):
            return _unescape_text(_BYLINE_PREFIX.sub("", name))[:200]
    for element in root.iter("a", "span", "div", "p", "address", "cite"):
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


def _find_site(meta: dict[str, str], news: dict[str, str], url: str) -> str:
    stated = next(filter(None, (meta.get(name) for name in _SITE_META)), "") or news.get("site", "")
    return _unescape_text(stated).lstrip("@") or (urlsplit(url).hostname or "").removeprefix("www.")


def _find_date(root: HtmlElement, meta: dict[str, str], news: dict[str, str], url: str) -> str:
    published = [news.get("date", ""), *(meta.get(name, "") for name in _PUBLISHED_META)]
    dated = (find_date(meta.get(name, "")) for name in _OTHER_DATE_META)
    first = (
        next(filter(None, map(find_date, published)), "") or find_date_in_path(urlsplit(url).path) or next(filter(None, dated), "")
    )
    return first or _find_date_in_text(root) or find_date(page_title(root)[-200:])


def _find_date_in_text(root: HtmlElement) -> str:
    for element in root.iter("time", "abbr", "span", "div", "p", "td", "small", "em", "h2", "li"):
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


def _find_canonical_url(root: HtmlElement, meta: dict[str, str], source: str) -> str:
    """Give the page's own address as it states it, unless that is but the site's front page."""
    source = strip_wayback_prefix(source)
    links = [link.get("href") for link in root.iter("link") if "canonical" in (link.get("rel") or "").lower().split()]
    for stated in (*links, meta.get("og:url")):
        try:
            whole = strip_wayback_prefix(urljoin(source, strip_wayback_prefix((stated or "").strip())))
            parts = urlsplit(whole)
        except ValueError:
            continue
        if (
            stated
            and parts.scheme in ("http", "https")
            and (len(parts.path) > 1 or parts.query or len(urlsplit(source).path) < 2)
        ):
            return whole.partition("#")[0]
    return source


def _find_language(root: HtmlElement, meta: dict[str, str], news: dict[str, str]) -> str:
    tree = root.getroottree().getroot()
    stated = (tree.get("lang") or tree.get("xml:lang") or meta.get("content-language") or meta.get("language")
              or meta.get("og:locale") or news.get("language") or "")  # fmt: skip
    match = re.match(r"\s*([a-zA-Z]{2,3})(?:[-_]([a-zA-Z]{2}))?\b", stated)
    return "" if match is None else match[1].lower() + (f"-{match[2].upper()}" if match[2] else "")


def _extract_text(root: HtmlElement) -> str:
    """Give the paragraphs of the article, a blank line between them; block quotes start with `> `."""
    body = _find_container(root)
    parts: list[str] = []
    size = 0
    for block in body.iter(*_BLOCK_TAGS):
        if _is_in_boilerplate(block, body) or any(
            parent.tag in _BLOCK_TAGS for parent in block.iterancestors(*_BLOCK_TAGS)
        ):
            continue
        text = element_text(block, limit=20_000)
        if text and not _is_link_list(block, text):
            parts.append(f"> {text}" if _is_quotation(block) else text)
            size += len(text)
        if size > _MAX_TEXT_CHARS:
            break
    whole = "\n\n".join(parts)
    return whole if len(whole) > 200 else element_text(body, limit=_MAX_TEXT_CHARS // 10) or whole


def _is_quotation(block: HtmlElement) -> bool:
    """Check for a block quote that quotes: posts of other sites and pull quotes are block quotes, too."""
    return block.tag == "blockquote" and not re.search(r"tweet|instagram|tiktok|reddit|pull", block.get("class", ""))


def _find_container(root: HtmlElement) -> HtmlElement:
    """Find the element that holds the article: where the paragraphs are, not their links."""
    scores: dict[HtmlElement, float] = {}
    for block in root.iter("p", "blockquote", "pre"):
        text = " ".join((block.text or "", *(child.tail or "" for child in block)))
        worth = len(text.split()) + 3.0 * text.count(",")
        node, share = block.getparent(), 1.0
        while node is not None and share > 0.1:
            scores[node] = scores.get(node, 0.0) + worth * share
            node, share = node.getparent(), share * 0.6
    articles = [node for node in scores if node.tag in ("article", "main") or node.get("itemprop") == "articleBody"]
    body = root.find(".//body")
    best = max(scores, key=lambda node: scores[node] * (1.5 if node in articles else 1.0), default=None)
    return best if best is not None else body if body is not None else root


def _is_in_boilerplate(block: HtmlElement, body: HtmlElement) -> bool:
    for node in (block, *block.iterancestors()):
        if node is body:
            return False
        if node.tag in ("nav", "aside", "footer", "form") or _BOILERPLATE_CLASS.search(
            f"{node.get('class') or ''} {node.get('id') or ''}"[:300]
        ):
            return True
    return False


def _is_link_list(block: HtmlElement, text: str) -> bool:
    """Tell a list of links from a paragraph."""
    linked = sum(len(element_text(anchor, limit=500)) for anchor in block.iter("a"))
    return block.tag == "li" and linked > 0.6 * len(text)
