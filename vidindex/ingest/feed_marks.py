"""Tell by the first bytes of a file or a response that it is a feed or another list of links, whatever its name."""

from __future__ import annotations

import re
from typing import Literal

from ..net.text import split_byte_order_mark

_PROLOGUE = re.compile(
    r"\s*+(?:<\?[^<>]*+>\s*+|<!--(?:[^-]|-(?!->))*+-->\s*+|<!DOCTYPE\s[^<>\[]*+(?:\[[^\]]*+\]\s*+)?>\s*+)*+",
    re.IGNORECASE,
)
_XML_ROOT = re.compile(r"<(?:[a-z][\w.-]{0,40}:)?(rss|rdf|feed|opml|urlset|sitemapindex)(?=[\s>/])", re.IGNORECASE)
_FEED_ROOTS = frozenset({"rss", "rdf", "feed"})
_JSON_FEED = re.compile(r"\s*\{(?=[\s\S]{0,4000}\"https?:\\?/\\?/(?:www\.)?jsonfeed\.org\\?/version)")


def find_list_mark(head: bytes) -> Literal["feed", "list", ""]:
    """Return whether *head*, the start of a file, is that of a feed (RSS, Atom, JSON Feed), or of a sitemap or OPML."""
    codec, content = split_byte_order_mark(head)
    text = content.decode(codec or "utf-8", "replace").replace("\0", "")
    if _JSON_FEED.match(text):
        return "feed"
    prologue = _PROLOGUE.match(text)
    root = _XML_ROOT.match(text, prologue.end()) if prologue else None
    if root is None:
        return ""
    return "feed" if root[1].lower() in _FEED_ROOTS else "list"
