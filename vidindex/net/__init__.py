"""The one door to HTTP: who may be asked, for how long, for how much, how often."""

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
