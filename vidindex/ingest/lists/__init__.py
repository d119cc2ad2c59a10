"""Read lists of links: text, tables, JSON, feeds, sitemaps, OPML, bookmarks.  The content decides the format."""

from .entry import ListEntry
from .reader import read_list

__all__ = ["ListEntry", "read_list"]
