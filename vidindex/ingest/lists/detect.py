"""Detect the format of a list from its content; the name matters only for text or table."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...errors import ListError
from ...net.bounded_json import load_bounded_json
from ...pages.markup import element_text, parse_html
from . import markdown
from .json_lists import LINK_KEYS
from .links import resolve_web_link
from .source import ListSource
from .table import is_table

if TYPE_CHECKING:
    from lxml.html import HtmlElement

ROOT_TAG = re.compile(
    r"<(?:[a-z][\w.-]{0,40}:)?(rss|rdf|feed|opml|urlset|sitemapindex|plist|posts|entries|response)(?=[\s>/])",
    re.IGNORECASE,
)
_HTML_START = re.compile(r"<(?:!doctype\s+html|(?:html|head|body|meta|script|title|div)(?=[\s>]))", re.IGNORECASE)
_BOOKMARKS_START = re.compile(
    r"<!doctype\s+netscape-bookmark|<dt>\s*<(?:a|h3)\s[^>]*add_date"
    r"|<a\s[^<>]{0,2000}\stime_added\s?=|<title>\s{0,9}(?:Pocket Export|Instapaper: Export)",
    re.IGNORECASE,
)
_SHORTCUT_START = re.compile(r"\s*\[(?:InternetShortcut|Desktop Entry)\]", re.IGNORECASE)
_MARKDOWN_NAMES = (".md", ".markdown", ".mdown", ".mkd", ".org")
_MIN_LINKS_OF_LIST = 2
_MAX_OTHER_TEXT_SHARE = 0.3
_MARKUP_START = re.compile(r"\s*<(?!https?:)[!?a-z]", re.IGNORECASE)
_JSON_ARRAY_START = re.compile(r"\s*\[\s*(?:[\"\[{\]]|\Z)")
_ROOT_FORMATS = {
    "plist": "property list",
    "posts": "delicious",
    "entries": "wallabag",
    "response": "wallabag",
    "rss": "feed",
    "rdf": "feed",
    "feed": "feed",
    "urlset": "sitemap",
    "sitemapindex": "sitemap",
}
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json")
_BINARY_SIGNATURES = ("PK\x03\x04", "%PDF", "\x89PNG", "GIF8", "ÿØÿ", "7z¼¯")
_START_CHARS = 20_000


def detect_list_format(source: ListSource, *, column: str = "") -> str:
    """Return the name of the format of *source*.  Raises `ListError` if the format is not supported."""
    start = source.head[:_START_CHARS]
    if start.startswith("bplist0"):
        return "binary property list"
    _check_is_text(source, start)
    if _SHORTCUT_START.match(start):
        return "shortcut"
    if _MARKUP_START.match(start) or (ROOT_TAG.search(start) and not start.lstrip().startswith(("{", "[", "http"))):
        return _detect_markup(source, start)
    if start.lstrip().startswith("{"):
        return "json lines" if _is_json_line(source.head) else "json"
    if _JSON_ARRAY_START.match(start):
        return "json"
    name = source.name.lower().removesuffix(".gz")
    if name.endswith(_MARKDOWN_NAMES) and not column:
        return "markdown"
    if is_table(source, column):
        return "table"
    return "markdown" if markdown.SIGN.search(start) else "text"


def _detect_markup(source: ListSource, start: str) -> str:
    if _BOOKMARKS_START.search(start):
        return "bookmarks"
    root, page = ROOT_TAG.search(start), _HTML_START.search(start)
    if root and (not page or root.start() < page.start()):
        name = root[1].lower()
        return _ROOT_FORMATS.get(name, name)
    if page and not source.url and _is_list_of_links(source):
        return "bookmarks"
    if page:
        raise ListError(source.name, _html_page_reason(source))
    raise ListError(source.name, "it is XML, but not a feed, a sitemap or OPML: give one of those")


def _is_list_of_links(source: ListSource) -> bool:
    """Return whether a page is nothing but a list of links to other sites, as programs export one."""
    root = parse_html(source.head)
    if root is None:
        return False
    links = [
        element_text(link)
        for link in root.iter("a")
        if resolve_web_link(link.get("href") or "") and _is_item(link.getparent())
    ]
    body = next(root.iter("body"), root)
    linked_chars = sum(map(len, links))
    other_chars = len(element_text(body, limit=100_000)) - linked_chars - len(links)
    return len(links) >= _MIN_LINKS_OF_LIST and other_chars <= _MAX_OTHER_TEXT_SHARE * max(linked_chars, 40)


def _is_item(element: HtmlElement | None) -> bool:
    return element is not None and element.tag in ("li", "dt", "td", "p")


def _html_page_reason(source: ListSource) -> str:
    """Return a message that a page is not a list, with the URL of its feed if it has one."""
    reason = f"it is a page, not a list of links: `vidindex add {source.name}` adds it"
    root = parse_html(source.head) if source.url else None
    for link in root.iter("link") if root is not None else ():
        feed = resolve_web_link(link.get("href") or "", source.url)
        if feed and (link.get("type") or "").lower() in _FEED_TYPES:
            return f"{reason}; its feed is {feed}"
    return reason


def _is_json_line(head: str) -> bool:
    """Return whether the first line is an object by itself, and not a feed."""
    line = head.lstrip().partition("\n")[0]
    try:
        value = load_bounded_json(line)
    except ValueError:
        # The line may be longer than the head, or the object may continue on the next lines.
        return "\n" in head.strip() and '"url"' in line
    if not isinstance(value, dict) or isinstance(value.get("items"), list):
        return False
    if any(key in value for key in LINK_KEYS):
        return True
    return head.lstrip().partition("\n")[2].lstrip().startswith("{") or not any(
        isinstance(part, list | dict) for part in value.values()
    )


def _check_is_text(source: ListSource, start: str) -> None:
    odd = sum(1 for char in start if char < " " and char not in "\t\n\r\f\x1a") + start.count("\ufffd")
    if start.startswith(_BINARY_SIGNATURES) or odd * 20 > len(start):
        raise ListError(
            source.name, "it is not text: save it as text, CSV or OPML, or `vidindex add` it if it is a video"
        )
