"""Private addresses and names, in every spelling."""

from __future__ import annotations

import ipaddress

import pytest

from vidindex.errors import PrivateAddressError
from vidindex.net.ssrf import (
    check_host_name,
    infer_private_hosts,
    is_private_name,
    is_public_address,
    resolve_host,
    sanitize_referer,
)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1",
     "240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "::ffff:127.0.0.1",
     "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b:1::7f00:1",
     "2001:db8::1", "fec0::1", "::127.0.0.1", "::ffff:0:127.0.0.1", "2001:0:4136:e378:8000:63bf:80ff:fffe"],
)  # fmt: skip
def test_private_addresses(address: str) -> None:
    assert not is_public_address(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_public_addresses(address: str) -> None:
    assert is_public_address(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST", "localhost.", "wiki", "nas.local", "db.internal", "127.1", "0x7f000001", "2130706433",
     "017700000001", "[::1]", "::1", "fe80::1%eth0", "10.0.0.1", "127.0.0.1.", "%31%32%37.0.0.1", "①②⑦.0.0.1",
     "127。0。0。1", "localhost.localdomain", "::ffff:7f00:1"],
)  # fmt: skip
def test_names_that_are_private_by_their_spelling(host: str) -> None:
    assert is_private_name(host)
    with pytest.raises(PrivateAddressError):
        check_host_name(host, frozenset())


@pytest.mark.parametrize("host", ["example.org", "8.8.8.8", "local.example.org", "internal.example", "a\0.example"])
def test_names_that_are_not_private_by_their_spelling(host: str) -> None:
    assert not is_private_name(host)


def test_a_target_allows_its_own_private_host_alone() -> None:
    assert infer_private_hosts("http://127.0.0.1:8000/x") == {"127.0.0.1"}
    assert infer_private_hosts("http://Wiki/x") == {"wiki"}
    assert (
        infer_private_hosts("https://example.org/")
        == infer_private_hosts("nonsense")
        == infer_private_hosts("http://[")
        == frozenset()
    )


def test_a_name_with_a_private_address_is_refused() -> None:
    with pytest.raises(PrivateAddressError):
        resolve_host("localhost", 80, frozenset())
    assert resolve_host("localhost", 80, frozenset({"localhost"}))


@pytest.mark.parametrize(
    ("page", "referer"),
    [
        ("https://me:secret@news.example:8000/a?b=c#d", "https://news.example:8000/a?b=c"),
        ("http://news.example/", "http://news.example/"),
        ("file:///home/me/diary.html", ""),
        ("http://[", ""),
        ("", ""),
    ],
)
def test_a_referer_contains_no_secret(page: str, referer: str) -> None:
    assert sanitize_referer(page) == referer
