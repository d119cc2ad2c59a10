"""URLs of the same site: the same registrable domain by the Public Suffix List."""

from __future__ import annotations

import pytest

from vidindex.net.sites import is_same_site, normalize_host, registrable_domain

LONG_HOST = "a." * 2_000 + "example.org"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://daily.example.org/a", "https://daily.example.org/b"),
        ("https://www.daily.org/", "http://daily.org/"),
        ("https://m.daily.co.uk/", "https://amp.daily.co.uk:8443/"),
        ("https://DAILY.org./", "https://www.daily.ORG/"),
        ("https://ann:secret@daily.org/", "https://daily.org/"),
        ("https://MÜNCHEN.de/", "https://www.xn--mnchen-3ya.de/"),
        ("https://www.हिन्दी.com/", "https://हिन्दी.com/"),
        ("https://a.daily.香港/", "https://b.daily.xn--j6w193g/"),
        ("http://a.daily.internal/", "http://b.daily.internal/"),
        ("http://127.0.0.1/", "https://127.0.0.1:443/"),
        ("http://[::1]:8000/a", "http://[::1]:8000/b"),
        ("http://localhost:8000/", "http://LOCALHOST:8000/"),
    ],
)
def test_these_are_one_site(one: str, other: str) -> None:
    assert is_same_site(one, other)
    assert is_same_site(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://daily.org/", "https://daily.com/"),
        ("https://daily.co.uk/", "https://other.co.uk/"),
        ("https://a.blogspot.com/", "https://b.blogspot.com/"),
        ("https://ann.github.io/", "https://ben.github.io/"),
        ("https://github.io/", "https://ann.github.io/"),
        ("https://a.kawasaki.jp/", "https://b.a.kawasaki.jp/"),
        ("https://daily.org/", "https://daily.org.other.com/"),
        ("https://daily.org/", "https://other-daily.org/"),
        ("https://daily.org/", "https://daily.org\\.other.com/"),
        ("https://daily.org/", "https://daily.org@other.com/"),
        ("https://daily.org/", "https://daily.org%2f.other.com/"),
        ("https://straße.de/", "https://strasse.de/"),  # browsers treat them as two
        ("https://раypal.com/", "https://paypal.com/"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8001/"),
        ("http://1.2.3.4/", "http://5.6.3.4/"),
        ("http://127.1/", "http://127.0.0.1/"),
        ("http://0x7f.1/", "http://1.0x7f.1/"),
        ("http://localhost:8000/", "http://localhost:8001/"),
        ("http://wiki/", "http://intranet/"),
        ("http://daily.org:0/", "http://daily.org:0/"),
        ("http://daily.org:99999/", "http://daily.org/"),
        ("file:///tmp/a.html", "file:///tmp/a.html"),
        ("javascript:daily.org", "https://daily.org/"),
        ("", ""),
        ("http://[::1/", "http://[::1/"),
        (f"http://{LONG_HOST}/", "http://example.org/"),
    ],
)
def test_these_are_two_sites_or_none(one: str, other: str) -> None:
    assert not is_same_site(one, other)
    assert not is_same_site(other, one)


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("a.b.daily.co.uk", "daily.co.uk"),
        ("x.city.kawasaki.jp", "city.kawasaki.jp"),
        ("co.uk", ""),
        ("localhost", ""),
        ("10.0.0.1", ""),
        ("y.z.xn--55qx5d.xn--j6w193g", "z.xn--55qx5d.xn--j6w193g"),
    ],
)
def test_the_registrable_domain_is_one_label_below_the_public_suffix(host: str, domain: str) -> None:
    assert registrable_domain(host) == domain


@pytest.mark.parametrize("host", ["", ".", "a..b", "a b.org", "a\\b.org", "a。b.org", "\ud800.org", "a." * 200 + "org"])
def test_a_host_that_has_no_certain_spelling_is_none(host: str) -> None:
    assert normalize_host(host) == ""
