"""Which proxy addresses are supported."""

from __future__ import annotations

from urllib.parse import urlsplit

from ..errors import OptionError

_SOCKS_SCHEMES = ("socks4", "socks4a", "socks5", "socks5h")
_PROXY_SCHEMES = ("http", "https", *_SOCKS_SCHEMES)


def normalize_proxy_url(proxy: str) -> str:
    """Return *proxy* as a URL; `http://` is the default scheme.  An empty *proxy* stays empty.

    Raises `OptionError` if the scheme is not supported, or the host or port is not valid.
    """
    if not proxy:
        return ""
    url = proxy if "://" in proxy else f"http://{proxy}"
    try:
        parts = urlsplit(url)
        is_supported = parts.scheme in _PROXY_SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_supported = False
    if not is_supported:
        # The address may contain a password, so that it is not repeated here.
        raise OptionError("the proxy address is not valid: use --proxy http://HOST:PORT or --proxy socks5://HOST:PORT")
    return url


def is_socks_proxy(url: str) -> bool:
    """Return whether *url*, which `normalize_proxy_url` returned, is the address of a SOCKS proxy."""
    return urlsplit(url).scheme in _SOCKS_SCHEMES
