"""The proxy of the browser: every address is checked once and for all, and everything is limited."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.loopback import Site, serving, site
from tests.processes import HANG_S
from vidindex.errors import OptionError
from vidindex.net.guard_proxy import GuardProxy, TrafficBudget

__all__ = ["site"]


@contextmanager
def proxy_of(*allowed: str, connections: int = 9, max_bytes: int = 1_000_000, proxy: str = "") -> Iterator[GuardProxy]:
    budget = TrafficBudget(connections, max_bytes, time.monotonic() + HANG_S)
    with GuardProxy(budget, frozenset(allowed), proxy=proxy) as running:
        yield running


def ask(proxy: GuardProxy, request: str) -> bytes:
    """Send *request*, and return everything that comes back."""
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=HANG_S) as client:
        client.sendall(request.encode())
        blocks = []
        while block := client.recv(1 << 16):
            blocks.append(block)
        return b"".join(blocks)


def get(proxy: GuardProxy, url: str) -> bytes:
    return ask(proxy, f"GET {url} HTTP/1.1\r\nHost: x\r\nProxy-Connection: keep-alive\r\n\r\n")


def test_an_allowed_host_is_reached(site: Site) -> None:
    url = site.put("/a?b=1", "hello")
    with proxy_of("127.0.0.1") as proxy:
        assert get(proxy, url).endswith(b"hello")
        tunnel = f"CONNECT {url.split('/')[2]} HTTP/1.1\r\n\r\nGET /a?b=1 HTTP/1.0\r\n\r\n"
        answer = ask(proxy, tunnel)
        assert b"200 Connection established" in answer
        assert answer.endswith(b"hello")
    assert "Proxy-Connection" not in site.asked[0][1]


@pytest.mark.parametrize(
    "target",
    [
        "127.0.0.1:{port}",
        "localhost:{port}",
        "[::1]:{port}",
        "2130706433:{port}",
        "0x7f000001:{port}",
        "169.254.169.254:80",
    ],
)
def test_a_private_host_is_refused(site: Site, target: str) -> None:
    name = target.format(port=site.base.rpartition(":")[2])
    with proxy_of() as proxy:
        assert b" 403 " in get(proxy, f"http://{name}/")
        assert b" 403 " in ask(proxy, f"CONNECT {name} HTTP/1.1\r\n\r\n")
        assert len(proxy.refused) == 2
    assert site.asked == []


def test_a_public_name_that_leads_to_a_private_address_is_refused(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name is resolved once, so that a second answer makes no difference."""
    answers = iter(["93.184.216.34", "127.0.0.1"])
    asked: list[str] = []

    def resolve(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    with proxy_of() as proxy:
        real = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest, **more: (
            resolve(host, *rest, **more) if host == "rebind.example" else real(host, *rest, **more)
        ))  # fmt: skip
        next(answers)  # the browser's own look-up, if it made one
        assert b" 403 " in get(proxy, f"http://rebind.example:{site.base.rpartition(':')[2]}/")
    assert (asked, site.asked) == (["rebind.example"], [])


def test_a_second_request_on_a_connection_does_not_choose_another_host(site: Site) -> None:
    with serving("127.0.0.2") as other, proxy_of("127.0.0.1") as proxy:
        first = f"GET {site.put('/a', 'hello')} HTTP/1.1\r\nHost: x\r\n\r\n"
        ask(proxy, f"{first}GET {other.url('/secret')} HTTP/1.1\r\nHost: x\r\n\r\n")
        assert other.asked == []


def test_connections_and_bytes_are_limited(site: Site) -> None:
    url = site.put("/a", "x" * 100_000)
    with proxy_of("127.0.0.1", connections=2) as proxy:
        assert [b" 429 " in get(proxy, url)[:40] for _ in range(4)] == [False, False, True, True]
    with proxy_of("127.0.0.1", max_bytes=50_000) as proxy:
        assert len(get(proxy, url)) < 100_000


@pytest.mark.parametrize(
    "request_head", ["GET / HTTP/1.1", "nonsense", "GET ftp://a.example/ HTTP/1.1", "CONNECT :: HTTP/1.1"]
)
def test_what_is_not_a_request_to_a_proxy_is_refused(request_head: str) -> None:
    with proxy_of("127.0.0.1") as proxy:
        assert ask(proxy, f"{request_head}\r\n\r\n")[9:12] in (b"400", b"429")


def test_the_proxy_of_the_user_gets_the_connections(site: Site) -> None:
    """The test's server does not know `CONNECT`, so that the browser is told of a bad gateway."""
    with proxy_of(proxy=site.base) as proxy:
        assert b" 502 " in get(proxy, "http://public.example/")
        assert b" 403 " in get(proxy, "http://127.0.0.3/")
    with pytest.raises(OptionError, match="SOCKS"):
        GuardProxy(TrafficBudget(1, 1, 0.0), frozenset(), proxy="socks5://127.0.0.1:1")
