"""The one door to HTTP: who may be asked, for how long, for how much, how often."""

from vidindex.web.address import ANY_HOST, private_hosts
from vidindex.web.fetch import FetchOptions, NotHtmlError, Page, fetch
from vidindex.web.polite import Gate
from vidindex.web.robots import Permission, Robots

__all__ = ["ANY_HOST", "FetchOptions", "Gate", "NotHtmlError", "Page", "Permission", "Robots", "fetch", "private_hosts"]
