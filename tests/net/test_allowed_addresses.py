"""`--allow-host HOST:PORT` opens one private address, and nothing else."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from tests.loopback import serving
from vidindex.errors import FetchError, OptionError, PrivateAddressError
from vidindex.net.fetch import FetchOptions, fetch_page
from vidindex.net.ssrf import check_host_name, is_allowed_name, parse_allowed_addresses, resolve_host


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("127.0.0.1:4416", "127.0.0.1:4416"),
        ("[::1]:4416", "[::1]:4416"),
        ("[0:0:0:0:0:0:0:1]:4416", "[::1]:4416"),
        (" Tokens.LAN.:80 ", "tokens.lan:80"),
        ("localhost:65535", "localhost:65535"),
        ("tökens.lan:80", "xn--tkens-jua.lan:80"),
    ],
)
def test_a_host_with_a_port_has_one_spelling(text: str, entry: str) -> None:
    assert parse_allowed_addresses([text]) == {entry}


@pytest.mark.parametrize(
    "text",
    [
        "", "127.0.0.1", ":4416", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:http", "::1:4416", "::1",
        "http://127.0.0.1:4416", "127.0.0.1:4416/", "me@127.0.0.1:4416", "*", "*:80", "*:80x", "127.0.0.1:-1", "[]:80",
        ".:80", "a b:80", "127.0.0.1:44 16", "127.0.0.1:４４１６", "a/b:80", "a?b:80", "a#b:80",
        "[::1:4416", "::1]:4416", "[1.2.3.4]:80", "[:]:80",
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(OptionError, match=r"use --allow-host HOST:PORT, such as 127\.0\.0\.1:4416 or \[::1\]:4416"):
        parse_allowed_addresses([text])


ALLOWED = parse_allowed_addresses(["127.0.0.1:4416", "[::1]:4416", "10.1.2.3:80"])


@pytest.mark.parametrize(("host", "port"), [("127.0.0.1", 4416), ("::1", 4416), ("10.1.2.3", 80)])
def test_the_named_address_is_open(host: str, port: int) -> None:
    assert [address for _, address in resolve_host(host, port, ALLOWED)] == [host]
    check_host_name(host, port, ALLOWED)


@pytest.mark.parametrize(
    ("host", "port"),
    [
        ("127.0.0.1", 4417), ("127.0.0.1", 80), ("127.0.0.2", 4416), ("localhost", 4416), ("::1", 80),
        ("10.1.2.3", 443), ("10.1.2.4", 80), ("127.1", 4416), ("0x7f000001", 4416),
        ("::ffff:127.0.0.1", 4416), ("169.254.169.254", 80),
        ("0.0.0.0", 4416),
    ],
)  # fmt: skip
def test_every_other_private_address_stays_closed(host: str, port: int) -> None:
    with pytest.raises(PrivateAddressError):
        resolve_host(host, port, ALLOWED)
    with pytest.raises(PrivateAddressError):
        check_host_name(host, port, ALLOWED)


@pytest.mark.parametrize(
    ("address", "is_open"),
    [
        ("192.168.1.7", True), ("127.0.0.1", True), ("fd00::7", True), ("93.184.215.14", True),
        ("169.254.169.254", False), ("100.100.100.200", False), ("168.63.129.16", False), ("192.0.0.192", False),
        ("fd00:ec2::254", False), ("fe80::1", False), ("::ffff:169.254.169.254", False),
    ],
)  # fmt: skip
def test_a_named_host_may_not_lead_to_the_credentials_of_a_cloud(
    monkeypatch: pytest.MonkeyPatch, address: str, is_open: bool
) -> None:
    """Whoever answers for a name chooses its address, and may choose another one each time."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    answer = (family, socket.SOCK_STREAM, 6, "", (address, 80))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [answer])
    allowed = parse_allowed_addresses(["tokens.lan:80"])
    if is_open:
        assert resolve_host("tokens.lan", 80, allowed) == [(family, address)]
    else:
        with pytest.raises(PrivateAddressError):
            resolve_host("tokens.lan", 80, allowed)
    if address != "93.184.215.14":
        with pytest.raises(PrivateAddressError):
            resolve_host("tokens.lan", 81, allowed)


def test_a_metadata_address_that_the_user_names_itself_is_open() -> None:
    allowed = parse_allowed_addresses(["169.254.1.1:80"])
    assert [address for _, address in resolve_host("169.254.1.1", 80, allowed)] == ["169.254.1.1"]


@pytest.mark.parametrize(
    ("url", "is_allowed"),
    [
        ("http://127.0.0.1:4416/ping", True), ("http://127.0.0.1/", False), ("https://10.1.2.3/", False),
        ("http://10.1.2.3/", True), ("http://[::1]:4416/", True), ("https://news.example/", True),
        ("http://127.0.0.1:x/", False),
    ],
)  # fmt: skip
def test_a_link_is_judged_by_host_and_port(url: str, is_allowed: bool) -> None:
    assert is_allowed_name(url, ALLOWED) is is_allowed


def test_a_redirect_may_lead_to_the_named_address_and_to_no_other(site: Any) -> None:
    site.put("/here", "<p>Tea.</p>")
    with serving() as other:
        there = other.put("/there", "<p>Coffee.</p>")
        start = site.redirect("/start", there)
        open_both = FetchOptions(
            allowed_private_hosts=frozenset(),
            allowed_addresses=parse_allowed_addresses([site.base[7:], other.base[7:]]),
        )
        assert fetch_page(start, options=open_both).content == b"<p>Coffee.</p>"
        open_one = FetchOptions(
            allowed_private_hosts=frozenset(), allowed_addresses=parse_allowed_addresses([site.base[7:]])
        )
        assert fetch_page(site.url("/here"), options=open_one).content == b"<p>Tea.</p>"
        with pytest.raises(FetchError, match=r"private address.*--allow-host HOST:PORT"):
            fetch_page(start, options=open_one)
        assert other.paths() == ["/there"]


def test_through_a_proxy_the_address_is_judged_by_its_spelling(site: Any) -> None:
    site.put("http://127.0.0.1:4416/ping", "<p>pong</p>")
    options = FetchOptions(proxy=site.base, allowed_private_hosts=frozenset(), allowed_addresses=ALLOWED)
    assert fetch_page("http://127.0.0.1:4416/ping", options=options).content == b"<p>pong</p>"
    with pytest.raises(FetchError, match="private address"):
        fetch_page("http://127.0.0.1:4417/ping", options=options)
