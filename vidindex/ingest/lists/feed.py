"""RSS 0.9 to 2.0, RDF and Atom, as sites really write them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from .dates import iso_day
from .entry import Listed, plain
from .links import web_link
from .source import Source
from .xml_stream import Tag, tags

_ENTRIES = frozenset({"item", "entry"})
_TOPS = frozenset({"channel", "feed"})
_DATES = {
    "pubdate": 0, "published": 0, "issued": 0, "created": 1, "date": 1, "updated": 2, "modified": 2,
}  # fmt: skip
"""The tags that date an entry; those that come first say best when it was published."""

_NAMES = frozenset({*_ENTRIES, *_TOPS, *_DATES, "title", "link", "guid", "id", "origlink"})


@dataclass(slots=True)
class _Entry:
    """An entry while it is read: each value with its rank, the lowest counts."""

    links: list[tuple[int, str]] = field(default_factory=list)
    dates: list[tuple[int, str]] = field(default_factory=list)
    title: str = ""


def read(source: Source) -> Iterator[Listed]:
    """Read the entries of a feed; links are relative to where it says it is from."""
    base, entry = source.url, None
    for tag in tags(source, _NAMES):
        if tag.name in _ENTRIES:
            # One that opens before the last has closed ends that one: feeds are often broken.
            if entry is not None:
                yield _listed(entry)
            entry = _Entry(links=_about(tag, base)) if tag.opens else None
        elif entry is not None:
            _take(entry, tag, base)
        elif tag.parent in _TOPS or tag.name in _TOPS:
            base = _base(tag, base)
    if entry is not None and entry.links:
        yield _listed(entry)


def _base(tag: Tag, base: str) -> str:
    """Learn what links are relative to: `xml:base`, else where the feed is, else the site that it names."""
    if tag.opens:
        return web_link(tag.attributes.get("base", ""), base) or base
    if tag.name == "link" and not base and tag.attributes.get("rel", "alternate") == "alternate":
        return web_link(tag.text or tag.attributes.get("href", ""))
    return base


def _about(tag: Tag, base: str) -> list[tuple[int, str]]:
    about = web_link(tag.attributes.get("about", ""), base) if tag.attributes.get("about") else ""
    return [(4, about)] if about else []


def _take(entry: _Entry, tag: Tag, base: str) -> None:
    if tag.opens or tag.parent not in _ENTRIES:
        return
    if tag.name == "title" and not entry.title:
        entry.title = plain(tag.text)
    elif tag.name in _DATES and (day := iso_day(tag.text)):
        entry.dates.append((_DATES[tag.name], day))
    elif (rank := _rank(tag)) is not None and (link := _link(tag, base)):
        entry.links.append((rank, link))


def _rank(tag: Tag) -> int | None:
    """Rank what may be the entry's link, None where it is something else: an enclosure, the comments."""
    if tag.name == "origlink":  # what a redirecting feed service leaves of the site's own link
        return 0
    if tag.name == "link":
        return {"alternate": 1, "": 1, "self": 5}.get(tag.attributes.get("rel", ""))
    if tag.name in ("guid", "id") and tag.attributes.get("ispermalink", "").lower() != "false":
        return 3
    return None


def _link(tag: Tag, base: str) -> str:
    text = tag.text or tag.attributes.get("href", "")
    if tag.name in ("guid", "id") and "://" not in text:  # a name, not a link
        return ""
    return web_link(text, web_link(tag.attributes.get("base", ""), base) or base) if text else ""


def _listed(entry: _Entry) -> Listed:
    link = min(entry.links, key=lambda ranked: ranked[0], default=(0, ""))[1]
    date = min(entry.dates, key=lambda ranked: ranked[0], default=(0, ""))[1]
    return Listed(link or entry.title, title=entry.title, date=date, problem="" if link else "the entry has no link")
