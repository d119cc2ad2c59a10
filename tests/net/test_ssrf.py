"""Private addresses and names, in every spelling."""

from __future__ import annotations

import ipaddress
import socket

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

# https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry: the block, and its value
# of "Globally Reachable" (None: not stated).
IANA_REGISTRY: dict[str, bool | None] = {
    "0.0.0.0/8": False,
    "0.0.0.0/32": False,
    "10.0.0.0/8": False,
    "100.64.0.0/10": False,
    "127.0.0.0/8": False,
    "169.254.0.0/16": False,
    "172.16.0.0/12": False,
    "192.0.0.0/24": False,
    "192.0.0.0/29": False,
    "192.0.0.8/32": False,
    "192.0.0.9/32": True,
    "192.0.0.10/32": True,
    "192.0.0.170/32": False,
    "192.0.0.171/32": False,
    "192.0.2.0/24": False,
    "192.31.196.0/24": True,
    "192.52.193.0/24": True,
    "192.88.99.0/24": None,
    "192.88.99.2/32": False,
    "192.168.0.0/16": False,
    "192.175.48.0/24": True,
    "198.18.0.0/15": False,
    "198.51.100.0/24": False,
    "203.0.113.0/24": False,
    "240.0.0.0/4": False,
    "255.255.255.255/32": False,
    "::1/128": False,
    "::/128": False,
    "::ffff:0:0/96": False,
    "64:ff9b::/96": True,
    "64:ff9b:1::/48": False,
    "100::/64": False,
    "100:0:0:1::/64": False,
    "2001::/23": False,
    "2001::/32": None,
    "2001:1::1/128": True,
    "2001:1::2/128": True,
    "2001:1::3/128": True,
    "2001:2::/48": False,
    "2001:3::/32": True,
    "2001:4:112::/48": True,
    "2001:10::/28": None,
    "2001:20::/28": True,
    "2001:30::/28": True,
    "2001:db8::/32": False,
    "2002::/16": None,
    "2620:4f:8000::/48": True,
    "3fff::/20": False,
    "5f00::/16": False,
    "fc00::/7": False,
    "fe80::/10": False,
}
OTHER_SPECIAL_BLOCKS = (
    "224.0.0.0/4",  # multicast
    "::/96",  # IPv4-compatible, deprecated
    "::ffff:0:0:0/96",  # IPv4-translated
    "fec0::/10",  # site-local, deprecated
    "ff00::/8",  # multicast
    "4000::/2",  # not allocated, as everything outside of 2000::/3
    "e000::/4",
)
TRANSLATED = ("::ffff:0:0/96", "64:ff9b::/96", "2002::/16")
"""Blocks whose addresses lead to the IPv4 addresses that they contain."""


@pytest.mark.parametrize("block", [*IANA_REGISTRY, *OTHER_SPECIAL_BLOCKS])
def test_special_blocks_are_private_from_their_first_address_to_their_last(block: str) -> None:
    """Also those that are globally reachable: they are services of the network itself, which serve no pages."""
    network = ipaddress.ip_network(block)
    addresses = {network[0], network[-1], network[network.num_addresses // 2]}
    if block in TRANSLATED:
        addresses = {network[0]}
    assert not any(map(is_public_address, addresses))


@pytest.mark.parametrize(
    "block",
    [block for block in (*IANA_REGISTRY, *OTHER_SPECIAL_BLOCKS) if ipaddress.ip_network(block).version == 4],
)
def test_translations_of_special_blocks_are_private(block: str) -> None:
    value = int(ipaddress.ip_network(block)[-1])
    prefixes = {"::ffff:0:0": 0, "64:ff9b::": 0, "2002::": 80, "2606:4700::5efe:0:0": 0, "2606:4700::200:5efe:0:0": 0}
    for prefix, shift in prefixes.items():
        address = ipaddress.IPv6Address(int(ipaddress.IPv6Address(prefix)) | value << shift)
        assert not is_public_address(address), address


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "169.254.169.254", "0.0.0.0", "100.64.0.1", "255.255.255.255", "::1", "::", "fe80::1",
     "fd12::1", "::ffff:127.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b:1::7f00:1", "::127.0.0.1",
     "::ffff:0:127.0.0.1", "2001:0:4136:e378:8000:63bf:80ff:fffe", "2001:0:808:808:0:0:f7f7:f7f7",
     "100.100.100.200", "168.63.129.16", "192.0.0.192", "192.0.0.8", "192.88.99.1", "fd00:ec2::254", "3fff::1",
     "fe80::1%eth0", "::ffff:168.63.129.16", "2002:a83f:8110::"],
)  # fmt: skip
def test_private_addresses(address: str) -> None:
    assert not is_public_address(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    ["93.184.216.34", "8.8.8.8", "1.1.1.1", "11.0.0.0", "9.255.255.255", "100.63.255.255", "100.128.0.0",
     "168.63.129.15", "168.63.129.17", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.0.3.0", "192.88.98.255",
     "192.167.255.255", "198.17.255.255", "198.20.0.0", "203.0.112.255", "223.255.255.255", "2606:4700::1111",
     "2001:200::1", "2001:4860:4860::8888", "2a00:1450:4001::200e", "2000::1", "3ffe:ffff::1", "::ffff:8.8.8.8",
     "64:ff9b::808:808", "2002:808:808::1", "2606:4700::5efe:808:808"],
)  # fmt: skip
def test_public_addresses(address: str) -> None:
    assert is_public_address(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST", "localhost.", "wiki", "nas.local", "db.internal", "127.1", "0x7f000001", "2130706433",
     "017700000001", "[::1]", "::1", "fe80::1%eth0", "10.0.0.1", "127.0.0.1.", "%31%32%37.0.0.1", "①②⑦.0.0.1",
     "127。0。0。1", "localhost.localdomain", "::ffff:7f00:1", "168.63.129.16", "0xa83f8110", "192.0.0.0300",
     "[3fff::1]", "[fd00:ec2::254%25eth0]"],
)  # fmt: skip
def test_names_that_are_private_by_their_spelling(host: str) -> None:
    assert is_private_name(host)
    with pytest.raises(PrivateAddressError):
        check_host_name(host, 80, frozenset())


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


@pytest.mark.parametrize("address", ["192.0.0.192", "168.63.129.16", "192.88.99.1"])
def test_a_public_name_that_resolves_to_a_special_address_is_refused(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *query, **options: [answer])
    with pytest.raises(PrivateAddressError):
        resolve_host("metadata.example.org", 80, frozenset())


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
