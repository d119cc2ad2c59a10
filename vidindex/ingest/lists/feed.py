"""Read RSS 0.9 to 2.0, RDF and Atom, including malformed feeds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from ...pages.dates import parse_day
from .changes import later_date
from .entry import ListEntry, clean_title
from .links import resolve_web_link
from .source import ListSource
from .xml_stream import XmlTag, iter_tags

_ENTRY_TAGS = frozenset({"item", "entry"})
_FEED_TAGS = frozenset({"channel", "feed"})
_DATE_RANKS = {
    "pubdate": 0, "published": 0, "issued": 0, "created": 1, "date": 1, "updated": 2, "modified": 2,
}  # fmt: skip
"""The tags that date an entry; the lowest rank is the best source for the day of publication."""

_READ_TAGS = frozenset({*_ENTRY_TAGS, *_FEED_TAGS, *_DATE_RANKS, "title", "link", "guid", "id", "origlink"})


class _Ranked(NamedTuple):
    """A value with its rank; the lowest rank wins, and of equal ones, the first."""

    rank: int
    value: str

    def or_better(self, rank: int, value: str) -> _Ranked:
        """Return the better one of this and another value."""
        return _Ranked(rank, value) if rank < self.rank else self


_NO_VALUE = _Ranked(1000, "")


@dataclass(slots=True)
class _FeedEntry:
    """An entry that is being read."""

    link: _Ranked = _NO_VALUE
    date: _Ranked = _NO_VALUE
    title: str = ""
    changed: str = ""


def read_feed(source: ListSource) -> Iterator[ListEntry]:
    """Yield the entries of a feed; links are relative to the URL that the feed states."""
    base, entry = source.url, None
    for tag in iter_tags(source, _READ_TAGS):
        if tag.name in _ENTRY_TAGS:
            # A new entry ends the previous one even if that was not closed: feeds are often malformed.
            if entry is not None:
                yield _to_list_entry(entry)
            entry = _FeedEntry(_about_link(tag, base)) if tag.is_opening else None
        elif entry is not None:
            _add_value(entry, tag, base)
        elif tag.parent in _FEED_TAGS or tag.name in _FEED_TAGS:
            base = _feed_base(tag, base)
    if entry is not None and entry.link.value:
        yield _to_list_entry(entry)


def _feed_base(tag: XmlTag, base: str) -> str:
    """Return the base URL of links: `xml:base`, else the URL of the feed, else the site that it names."""
    if tag.is_opening:
        return resolve_web_link(tag.attributes.get("base", ""), base) or base
    if tag.name == "link" and not base and tag.attributes.get("rel", "alternate") == "alternate":
        return resolve_web_link(tag.text or tag.attributes.get("href", ""))
    return base


def _about_link(tag: XmlTag, base: str) -> _Ranked:
    about = resolve_web_link(tag.attributes.get("about", ""), base) if tag.attributes.get("about") else ""
    return _Ranked(4, about) if about else _NO_VALUE


def _add_value(entry: _FeedEntry, tag: XmlTag, base: str) -> None:
    if tag.is_opening or tag.parent not in _ENTRY_TAGS:
        return
    if tag.name == "title" and not entry.title:
        entry.title = clean_title(tag.text)
    elif tag.name in _DATE_RANKS and (day := parse_day(tag.text)):
        entry.date = entry.date.or_better(_DATE_RANKS[tag.name], day)
        entry.changed = later_date(entry.changed, tag.text.strip()[:80])
    elif (rank := _link_rank(tag)) is not None and (link := _resolve_link(tag, base)):
        entry.link = entry.link.or_better(rank, link)


def _link_rank(tag: XmlTag) -> int | None:
    """Return the rank of a possible link of the entry; None for other links, such as enclosures and comments."""
    if tag.name == "origlink":  # a redirecting feed service keeps the original link here
        return 0
    if tag.name == "link":
        return {"alternate": 1, "": 1, "self": 5}.get(tag.attributes.get("rel", ""))
    if tag.name in ("guid", "id") and tag.attributes.get("ispermalink", "").lower() != "false":
        return 3
    return None


def _resolve_link(tag: XmlTag, base: str) -> str:
    text = tag.text or tag.attributes.get("href", "")
    if tag.name in ("guid", "id") and "://" not in text:  # an identifier, not a link
        return ""
    return resolve_web_link(text, resolve_web_link(tag.attributes.get("base", ""), base) or base) if text else ""


def _to_list_entry(entry: _FeedEntry) -> ListEntry:
    link, problem = entry.link.value, "" if entry.link.value else "the entry has no link"
    return ListEntry(
        link or entry.title, title=entry.title, date=entry.date.value, problem=problem, changed=entry.changed
    )
