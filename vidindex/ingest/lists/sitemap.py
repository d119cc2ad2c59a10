"""Sitemaps, those of news too, and indexes of sitemaps."""

from __future__ import annotations

from collections.abc import Iterator

from .dates import iso_day
from .entry import Listed, Nested, plain
from .links import web_link
from .source import Source
from .xml_stream import tags

_FORMATS = frozenset({"sitemap", "text", "feed"})
_FIELDS = frozenset({("url", "loc"), ("url", "lastmod"), ("sitemap", "loc"), ("sitemap", "lastmod"),
                     ("news", "title"), ("news", "publication_date")})  # fmt: skip
_NAMES = frozenset({"url", "sitemap", *(name for _, name in _FIELDS)})


def read(source: Source) -> Iterator[Listed | Nested]:
    """Read the pages that a sitemap lists, or the sitemaps that an index does."""
    stated: dict[str, str] = {}
    for tag in tags(source, _NAMES):
        if tag.name in ("url", "sitemap") and tag.opens:
            stated = {}
        elif tag.name in ("url", "sitemap") and stated:
            yield _entry(tag.name, stated, source.url)
            stated = {}
        elif not tag.opens and (tag.parent, tag.name) in _FIELDS:
            stated.setdefault(tag.name, tag.text)


def _entry(kind: str, stated: dict[str, str], base: str) -> Listed | Nested:
    link = web_link(stated.get("loc", ""), base) if stated.get("loc") else ""
    date = iso_day(stated.get("publication_date", "")) or iso_day(stated.get("lastmod", ""))
    if kind == "sitemap" and link:
        return Nested(link, _FORMATS, date)
    problem = "" if link else "the entry has no link"
    return Listed(link or stated.get("loc", "")[:200], title=plain(stated.get("title", "")), date=date, problem=problem)
