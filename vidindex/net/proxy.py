"""Which proxies can be asked, and what it means that one fails."""

from __future__ import annotations

from urllib.parse import urlsplit

from ..errors import VidindexError

_SOCKS_SCHEMES = ("socks4", "socks4a", "socks5", "socks5h")
_PROXY_SCHEMES = ("http", "https", *_SOCKS_SCHEMES)


def normalize_proxy_url(stated: str) -> str:
    """Spell the proxy *stated* as a URL, empty for none.  Raises: VidindexError."""
    if not stated:
        return ""
    url = stated if "://" in stated else f"http://{stated}"
    try:
        parts = urlsplit(url)
        known = parts.scheme in _PROXY_SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        known = False
    if not known:
        raise VidindexError("there is no such kind of proxy: give --proxy as http://HOST:PORT or socks5://HOST:PORT")
    return url


def is_socks_proxy(url: str) -> bool:
    """Tell whether *url*, as `proxy_url` spells it, is a SOCKS proxy."""
    return urlsplit(url).scheme in _SOCKS_SCHEMES
