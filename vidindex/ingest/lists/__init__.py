"""Lists of links: text, tables, JSON, feeds, sitemaps, OPML, bookmarks, told apart by what is in them."""

from .entry import Listed
from .reader import read_list

__all__ = ["Listed", "read_list"]
