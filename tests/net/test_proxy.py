"""Addresses of proxies."""

from __future__ import annotations

import pytest

from vidindex.errors import OptionError
from vidindex.net.proxy import is_socks_proxy, normalize_proxy_url


@pytest.mark.parametrize(
    ("proxy", "url"),
    [
        ("", ""),
        ("proxy.example:3128", "http://proxy.example:3128"),
        ("http://me:pw@proxy.example", "http://me:pw@proxy.example"),
        ("socks5h://127.0.0.1:9050", "socks5h://127.0.0.1:9050"),
    ],
)
def test_http_is_the_default_scheme(proxy: str, url: str) -> None:
    assert normalize_proxy_url(proxy) == url


@pytest.mark.parametrize("proxy", ["ftp://me:secret@a.example", "http://", "http://a.example:0", "http://a.example:x"])
def test_an_address_that_is_not_valid_is_an_option_error_without_its_password(proxy: str) -> None:
    with pytest.raises(OptionError, match="use --proxy") as caught:
        normalize_proxy_url(proxy)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(("url", "is_socks"), [("socks4://a:1", True), ("socks5h://a:1", True), ("http://a:1", False)])
def test_socks_proxies_are_recognized(url: str, is_socks: bool) -> None:
    assert is_socks_proxy(url) is is_socks
