"""Tell the format of a list by what is in it; the name decides only between text and table."""

from __future__ import annotations

import json
import re

from ...errors import ListError
from ...pages.markup import parse
from .json_lists import LINKS
from .links import web_link
from .source import Source
from .table import is_table

ROOT = re.compile(r"<(?:[a-z][\w.-]{0,40}:)?(rss|rdf|feed|opml|urlset|sitemapindex)(?=[\s>/])", re.IGNORECASE)
_HTML = re.compile(r"<(?:!doctype\s+html|(?:html|head|body|meta|script|title|div)(?=[\s>]))", re.IGNORECASE)
_BOOKMARKS = re.compile(r"<!doctype\s+netscape-bookmark|<dt>\s*<(?:a|h3)\s[^>]*add_date", re.IGNORECASE)
_MARKUP = re.compile(r"\s*<(?!https?:)[!?a-z]", re.IGNORECASE)
_ARRAY = re.compile(r"\s*\[\s*(?:[\"\[{\]]|\Z)")
_FORMATS = {"rss": "feed", "rdf": "feed", "feed": "feed", "urlset": "sitemap", "sitemapindex": "sitemap"}
_FEEDS = ("application/rss+xml", "application/atom+xml", "application/feed+json")
_PACKED = ("PK\x03\x04", "%PDF", "\x89PNG", "GIF8", "ÿØÿ", "7z¼¯")
_START = 20_000


def tell(source: Source, *, column: str = "") -> str:
    """Name the format of *source*.  Raises: ListError where it is none of those that can be read."""
    start = source.head[:_START]
    _check_text(source, start)
    if _MARKUP.match(start) or (ROOT.search(start) and not start.lstrip().startswith(("{", "[", "http"))):
        return _markup(source, start)
    if start.lstrip().startswith("{"):
        return "json lines" if _is_line_of_json(source.head) else "json"
    if _ARRAY.match(start):
        return "json"
    return "table" if is_table(source, column) else "text"


def _markup(source: Source, start: str) -> str:
    if _BOOKMARKS.search(start):
        return "bookmarks"
    root, page = ROOT.search(start), _HTML.search(start)
    if root and (not page or root.start() < page.start()):
        name = root[1].lower()
        return _FORMATS.get(name, name)
    if page:
        raise ListError(source.name, _page_reason(source))
    raise ListError(source.name, "it is XML, but neither feed, sitemap nor OPML: give one of those")


def _page_reason(source: Source) -> str:
    """Say that a page is no list, and where its feed is if it has one."""
    reason = f"it is a page, not a list of links: `vidindex add {source.name}` adds it"
    root = parse(source.head) if source.url else None
    for link in root.iter("link") if root is not None else ():
        feed = web_link(link.get("href") or "", source.url)
        if feed and (link.get("type") or "").lower() in _FEEDS:
            return f"{reason}; its feed is {feed}"
    return reason


def _is_line_of_json(head: str) -> bool:
    """Tell whether the first line is an object of its own, and no feed."""
    line = head.lstrip().partition("\n")[0]
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        # The line may be longer than the head, or the lines after it the rest of the object.
        return "\n" in head.strip() and '"url"' in line
    if not isinstance(value, dict) or isinstance(value.get("items"), list):
        return False
    return any(key in value for key in LINKS) or not any(isinstance(part, list) for part in value.values())


def _check_text(source: Source, start: str) -> None:
    odd = sum(1 for char in start if char < " " and char not in "\t\n\r\f\x1a") + start.count("\ufffd")
    if start.startswith(_PACKED) or odd * 20 > len(start):
        raise ListError(
            source.name, "it is no text: save it as text, CSV or OPML, or `vidindex add` it if it is a video"
        )
