"""The one door to HTTP: who may be asked, for how long, for how much, how often."""

from .fetch import FetchOptions, NotHtmlError, Page, fetch
from .robots import Permission, Robots
from .ssrf import ANY_HOST, private_hosts
from .throttle import Gate

__all__ = ["ANY_HOST", "FetchOptions", "Gate", "NotHtmlError", "Page", "Permission", "Robots", "fetch", "private_hosts"]
