"""Read RSS 0.9 to 2.0, RDF and Atom, including malformed feeds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from ...pages.dates import parse_day
from ..targets import MEDIA_SUFFIXES
from .changes import later_date
from .entry import ListEntry, clean_title
from .links import resolve_web_link
from .source import ListSource
from .xml_stream import XmlTag, iter_tags

_ENTRY_TAGS = frozenset({"item", "entry"})
_FEED_TAGS = frozenset({"channel", "feed"})
_BASE_TAGS = frozenset({*_FEED_TAGS, "rss", "rdf"})
_DATE_RANKS = {
    "pubdate": 0, "published": 0, "issued": 0, "created": 1, "date": 1, "updated": 2, "modified": 2,
}  # fmt: skip
"""The tags that date an entry; the lowest rank is the best source for the day of publication."""

_EXPORT_TAGS = frozenset({"post_type", "status", "type", "draft", "category", "filename"})
_PODCAST_TAGS = frozenset({
    "itunes:author", "itunes:category", "itunes:duration", "itunes:episode", "itunes:explicit", "itunes:image",
    "itunes:owner", "itunes:summary", "itunes:type",
})  # fmt: skip
_READ_TAGS = frozenset({
    *_PODCAST_TAGS, "enclosure",
    *_ENTRY_TAGS, *_BASE_TAGS, *_DATE_RANKS, *_EXPORT_TAGS, "control", "title", "link", "guid", "id", "origlink",
})  # fmt: skip
_NO_ARTICLE_TYPES = frozenset((
    "attachment", "nav_menu_item", "revision", "custom_css", "customize_changeset", "oembed_cache", "user_request",
    "wp_block", "wp_template", "wp_template_part", "wp_global_styles", "wp_navigation", "wp_font_family",
    "wp_font_face", "acf-field", "acf-field-group", "feedback", "safecss", "shop_order", "shop_coupon",
    "elementor_library",
))  # fmt: skip
"""What a WordPress export contains besides posts and pages."""

_NO_ARTICLE_STATES = frozenset(
    ("draft", "auto-draft", "pending", "private", "trash", "future", "inherit", "soft_trashed")
)
_BLOGGER_KINDS = "schemas.google.com/blogger/2008/kind#"


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
    base: str = ""
    post_type: str = ""
    state: str = ""
    is_article: bool = True
    media: str = ""


def read_feed(source: ListSource) -> Iterator[ListEntry]:
    """Yield the entries of a feed; links are relative to the URL that the feed states.

    The links of episodes of a podcast are those of their files.
    """
    base, entry, is_podcast = source.url, None, False
    for tag in iter_tags(source, _READ_TAGS):
        is_podcast = is_podcast or tag.name in _PODCAST_TAGS
        if tag.name in _ENTRY_TAGS:
            # A new entry ends the previous one even if that was not closed: feeds are often malformed.
            if entry is not None and _is_published(entry):
                yield _to_list_entry(entry, source, is_podcast=is_podcast)
            entry = _open_entry(tag, base) if tag.is_opening else None
        elif entry is not None:
            _add_value(entry, tag)
        elif tag.parent in _FEED_TAGS or tag.name in _BASE_TAGS:
            base = _feed_base(tag, base)
    if entry is not None and (entry.link.value or entry.media) and _is_published(entry):
        yield _to_list_entry(entry, source, is_podcast=is_podcast)


def _open_entry(tag: XmlTag, base: str) -> _FeedEntry:
    base = resolve_web_link(tag.attributes.get("base", ""), base) or base
    return _FeedEntry(_about_link(tag, base), base=base)


def _is_published(entry: _FeedEntry) -> bool:
    """Return false for what a blog exports besides its articles: drafts, comments, menus, attachments."""
    is_export = bool(entry.post_type)
    return (
        entry.is_article
        and entry.post_type not in _NO_ARTICLE_TYPES
        and not (is_export and entry.state in _NO_ARTICLE_STATES)
    )


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


def _add_value(entry: _FeedEntry, tag: XmlTag) -> None:
    if tag.name in _EXPORT_TAGS:
        _add_export_value(entry, tag)
        return
    if tag.is_opening or tag.parent not in _ENTRY_TAGS:
        return
    if tag.name == "enclosure" or (tag.name == "link" and tag.attributes.get("rel") == "enclosure"):
        entry.media = entry.media or media_link(tag, entry.base)
    elif tag.name == "title" and not entry.title:
        entry.title = clean_title(tag.text)
    elif tag.name in _DATE_RANKS and (day := parse_day(tag.text)):
        entry.date = entry.date.or_better(_DATE_RANKS[tag.name], day)
        entry.changed = later_date(entry.changed, tag.text.strip()[:80])
    elif (rank := _link_rank(tag)) is not None and (link := _resolve_link(tag, entry.base)):
        entry.link = entry.link.or_better(rank, link)


def _add_export_value(entry: _FeedEntry, tag: XmlTag) -> None:
    """Add what the export of a blog states: `wp:post_type`, `wp:status`, the kind of a Blogger entry, `app:draft`."""
    text = tag.text.strip()
    if tag.name == "category":
        kind = tag.attributes.get("term", "").partition(_BLOGGER_KINDS)[2]
        entry.is_article = entry.is_article and kind in ("", "post", "page")
    elif tag.is_opening:
        return
    elif tag.name == "draft":
        entry.is_article = entry.is_article and text.casefold() not in ("yes", "true")
    elif tag.parent not in _ENTRY_TAGS:
        return
    elif tag.name == "post_type":
        entry.post_type = text.casefold()
    elif tag.name == "status":
        entry.state = text.casefold()
    elif tag.name == "type" and text in ("POST", "PAGE", "COMMENT"):
        entry.post_type = text.casefold()
        entry.is_article = entry.is_article and text != "COMMENT"
    elif tag.name == "filename" and text.startswith("/") and (link := resolve_web_link(text, entry.base)):
        entry.link = entry.link.or_better(2, link)


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


def media_link(tag: XmlTag, base: str) -> str:
    """Return the URL of the audio or video file that an enclosure names, "" for other files."""
    url = resolve_web_link(tag.attributes.get("url") or tag.attributes.get("href", ""), base)
    stated = tag.attributes.get("type", "").lower()
    if not url or stated.startswith(("image/", "text/", "application/pdf")):
        return ""
    is_media = stated.startswith(("audio/", "video/")) or Path(urlsplit(url).path).suffix.lower() in MEDIA_SUFFIXES
    return url if is_media else ""


def _to_list_entry(entry: _FeedEntry, source: ListSource, *, is_podcast: bool) -> ListEntry:
    link = entry.link.value
    is_episode = bool(entry.media) and (is_podcast or not link)
    link = entry.media if is_episode else link
    return ListEntry(
        link or entry.title,
        title=entry.title,
        date=entry.date.value,
        problem="" if link else "the entry has no link",
        changed="" if is_episode else entry.changed,
        feed=source.address if is_episode else "",
    )
