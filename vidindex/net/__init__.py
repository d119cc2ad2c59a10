"""Send HTTP requests safely: checks of addresses, limits of time and size, throttling, robots.txt."""

from ..errors import NotHtmlError
from .fetch import FetchedPage, FetchOptions, fetch_page
from .robots import RobotsCache, RobotsPermission
from .ssrf import ANY_HOST, infer_private_hosts
from .throttle import HostThrottle

__all__ = [
    "ANY_HOST",
    "FetchOptions",
    "FetchedPage",
    "HostThrottle",
    "NotHtmlError",
    "RobotsCache",
    "RobotsPermission",
    "fetch_page",
    "infer_private_hosts",
]
