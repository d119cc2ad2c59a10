"""Read sitemaps, news sitemaps and sitemap indexes."""

from __future__ import annotations

from collections.abc import Iterator

from ...pages.dates import parse_day
from .changes import later_date
from .entry import ListEntry, NestedList, clean_title
from .links import resolve_web_link
from .source import ListSource
from .xml_stream import iter_tags

_NESTED_FORMATS = frozenset({"sitemap", "text", "feed"})
_ENTRY_FIELDS = frozenset({("url", "loc"), ("url", "lastmod"), ("sitemap", "loc"), ("sitemap", "lastmod"),
                     ("news", "title"), ("news", "publication_date")})  # fmt: skip
_READ_TAGS = frozenset({"url", "sitemap", *(name for _, name in _ENTRY_FIELDS)})


def read_sitemap(source: ListSource) -> Iterator[ListEntry | NestedList]:
    """Yield the pages of a sitemap, or the sitemaps of a sitemap index."""
    stated: dict[str, str] = {}
    for tag in iter_tags(source, _READ_TAGS):
        if tag.name in ("url", "sitemap") and tag.is_opening:
            stated = {}
        elif tag.name in ("url", "sitemap") and stated:
            yield _build_entry(tag.name, stated, source.url)
            stated = {}
        elif not tag.is_opening and (tag.parent, tag.name) in _ENTRY_FIELDS:
            stated.setdefault(tag.name, tag.text)


def _build_entry(kind: str, stated: dict[str, str], base: str) -> ListEntry | NestedList:
    link = resolve_web_link(stated.get("loc", ""), base) if stated.get("loc") else ""
    date = parse_day(stated.get("publication_date", "")) or parse_day(stated.get("lastmod", ""))
    if kind == "sitemap" and link:
        return NestedList(link, _NESTED_FORMATS, date)
    problem = "" if link else "the entry has no link"
    changed = later_date(stated.get("publication_date", "").strip()[:80], stated.get("lastmod", "").strip()[:80])
    return ListEntry(
        link or stated.get("loc", "")[:200],
        title=clean_title(stated.get("title", "")),
        date=date,
        problem=problem,
        changed=changed,
    )
