"""Lists of links: text, tables, JSON, feeds, sitemaps, OPML, bookmarks, told apart by what is in them."""

from .entry import ListEntry
from .reader import read_list

__all__ = ["ListEntry", "read_list"]
