"""Pages from a real server, good and bad."""

from __future__ import annotations

import gzip
import time
import zlib
from pathlib import Path
from typing import Any

import pytest

from vidindex.errors import FetchError, NotHtmlError
from vidindex.net import ANY_HOST, FetchedPage, FetchOptions, HostThrottle, fetch_page, infer_private_hosts

HTML = b"<!doctype html><title>Tides</title>"
QUICK = FetchOptions(timeout_s=0.5, total_s=1.0, max_bytes=100_000)


def refused(url: str, options: FetchOptions = QUICK) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetch_page(url, options=options)
    return caught.value


def test_a_page_comes_with_its_address_and_charset(site: Any) -> None:
    url = site.put("/p", HTML, "text/html; charset=windows-1252")
    assert fetch_page(url + "#part") == FetchedPage(url, HTML, "text/html", "windows-1252", 200)


def test_a_page_is_asked_for_politely_and_without_cookies(site: Any) -> None:
    fetch_page(site.put("/p", HTML), options=FetchOptions(user_agent="kettle/1"))
    ((_, headers),) = site.asked
    assert headers["User-Agent"] == "kettle/1"
    assert "Cookie" not in headers


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(HTML)),
        ("deflate", zlib.compress(HTML)),
        ("deflate", zlib.compress(HTML)[2:-4]),
        ("identity", HTML),
    ],
    ids=["gzip", "zlib", "raw deflate", "identity"],
)
def test_content_codings_are_undone(site: Any, coding: str, body: bytes) -> None:
    assert fetch_page(site.put("/p", body, Content_Encoding=coding)).content == HTML


def test_broken_gzip_is_said(site: Any) -> None:
    assert "encoding is broken" in str(refused(site.put("/p", b"nonsense", Content_Encoding="gzip")))


def test_a_page_too_large_is_not_read(site: Any) -> None:
    site.put("/p", b"", Content_Length="500000000")
    start = time.monotonic()
    assert "500,000,000 bytes" in str(refused(site.url("/p")))
    assert time.monotonic() - start < 1


def test_a_page_too_large_without_stating_it_is_given_up(site: Any) -> None:
    site.stream("/p", b"x" * 20_000, times=1000)
    assert "larger than" in str(refused(site.url("/p")))


def test_a_bomb_is_given_up(site: Any) -> None:
    assert "larger than" in str(refused(site.put("/p", gzip.compress(bytes(50_000_000)), Content_Encoding="gzip")))


def test_a_server_that_drips_is_given_up_in_time(site: Any) -> None:
    site.stream("/p", b"x", times=100, pause_s=0.1)
    start = time.monotonic()
    assert "timed out" in str(refused(site.url("/p")))
    assert time.monotonic() - start < 3


def test_a_server_that_says_nothing_is_given_up(site: Any) -> None:
    site.stream("/p", b"", times=1, pause_s=5)
    assert "timed out" in str(refused(site.url("/p")))


def test_a_page_cut_short_is_no_page(site: Any) -> None:
    assert "ended" in str(refused(site.put("/p", HTML, Content_Length="5000")))


@pytest.mark.parametrize(
    ("status", "step"),
    [(404, "check the address"), (410, "gone for good"), (403, "save the page"), (429, "later"), (500, "later")],
)
def test_a_status_is_told_with_a_next_step(site: Any, status: int, step: str) -> None:
    site.say("/p", status)
    error = refused(site.url("/p"))
    assert error.status == status
    assert str(status) in str(error)
    assert step in str(error)


@pytest.mark.parametrize(
    ("body", "stated"),
    [(b"%PDF-1.7", "application/pdf"), (b"{}", "application/json"), (bytes(10), "video/mp4"),
     (b"%PDF-1.7", "text/html"), (b"\0\0\0 ftyp", "text/html"), (b"\x1f\x8b\x08", "text/html")],
)  # fmt: skip
def test_what_is_no_page_is_named(site: Any, body: bytes, stated: str) -> None:
    with pytest.raises(NotHtmlError, match=stated) as caught:
        fetch_page(site.put("/p", body, stated))
    assert caught.value.content_type == stated


def test_other_types_come_where_they_are_asked_for(site: Any) -> None:
    url = site.put("/feed", b"<rss/>", "application/rss+xml")
    assert fetch_page(url, options=FetchOptions(accept=("*/*",))).content == b"<rss/>"
    assert fetch_page(url, options=FetchOptions(accept=("application/rss+xml",))).content_type == "application/rss+xml"


def test_utf_16_is_not_binary(site: Any) -> None:
    assert fetch_page(site.put("/p", HTML.decode().encode("utf-16"))).status == 200


def test_redirects_are_followed_to_the_final_address(site: Any) -> None:
    site.put("/end", HTML)
    site.redirect("/middle", "/end", 308)
    assert fetch_page(site.redirect("/start", site.url("/middle"))).url == site.url("/end")


def test_redirects_in_a_circle_end(site: Any) -> None:
    site.redirect("/b", "/a")
    assert "circle" in str(refused(site.redirect("/a", "/b")))


@pytest.mark.parametrize("target", ["file:///etc/hostname", "ftp://127.0.0.1/x", "gopher://x/", "data:text/html,x"])
def test_a_redirect_leaves_the_web_never(site: Any, target: str) -> None:
    refused(site.redirect("/p", target))


def test_a_redirect_reaches_no_other_private_host(site: Any) -> None:
    other = site.url("/secret").replace("127.0.0.1", "127.0.0.2")
    assert "127.0.0.2 is a private address" in str(refused(site.redirect("/p", other)))
    assert site.paths() == ["/p"]


def test_credentials_stay_with_their_host(site: Any) -> None:
    site.put("/end", HTML)
    site.redirect("/start", site.url("/end").replace("127.0.0.1", "localhost"))
    url = site.url("/start").replace("http://", "http://me:se%20cret@")

    fetch_page(url, options=FetchOptions(allowed_private_hosts=ANY_HOST))

    first, second = (headers for _, headers in site.asked)
    assert first["Authorization"] == "Basic bWU6c2UgY3JldA=="
    assert "Authorization" not in second


@pytest.mark.parametrize(
    ("start", "end", "told"),
    [
        ("http://me:pw@a.example/1", "http://a.example/2", True),
        ("http://me:pw@a.example/1", "http://a.example:81/2", False),
        ("http://me:pw@a.example/1", "http://b.example/2", False),
        ("http://me:pw@a.example/1", "http://sub.a.example/2", False),
    ],
)
def test_what_is_for_one_site_is_told_no_other(site: Any, start: str, end: str, told: bool) -> None:
    site.redirect(start.replace("me:pw@", ""), end)
    site.put(end, HTML)

    fetch_page(start, options=FetchOptions(proxy=site.base))

    assert ["Authorization" in headers for _, headers in site.asked] == [True, told]


def test_a_private_address_is_for_those_who_name_it(site: Any) -> None:
    url = site.put("/p", HTML)
    assert fetch_page(url).content == HTML
    assert "private address" in str(refused(url, FetchOptions(allowed_private_hosts=frozenset())))
    assert "private address" in str(
        refused(url, FetchOptions(allowed_private_hosts=infer_private_hosts("http://10.0.0.1/")))
    )


def test_a_public_name_that_leads_home_is_refused(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The look-up is the only thing replaced: what it answers decides, and it is asked once."""
    import socket

    asked: list[str] = []
    real = socket.getaddrinfo

    def answers(host: str, port: int, **rest: Any) -> Any:
        asked.append(host)
        return real("127.0.0.1" if host == "rebind.example" else host, port, **rest)

    monkeypatch.setattr(socket, "getaddrinfo", answers)
    url = site.put("/p", HTML).replace("127.0.0.1", "rebind.example")

    assert "private address" in str(refused(url))
    assert (asked, site.asked) == (["rebind.example"], [])
    assert fetch_page(url, options=FetchOptions(allowed_private_hosts=ANY_HOST)).content == HTML


@pytest.mark.parametrize("url", ["", "talk", "ftp://a.example/", "http://", "http://[::1", "http://a.example:x/",
                                 "https://" + "a" * 70 + ".example/", "javascript:alert(1)"])  # fmt: skip
def test_what_is_no_address_is_said(url: str) -> None:
    refused(url)


def test_names_and_paths_outside_ascii_are_spelled_out(site: Any) -> None:
    site.put("/caf%C3%A9%20noir", HTML)
    assert fetch_page(site.url("/café noir")).url == site.url("/caf%C3%A9%20noir")


def test_a_host_without_server_and_a_name_without_host_are_told_apart() -> None:
    assert "refused" in str(refused("http://127.0.0.1:1/"))
    assert "not known" in str(refused("http://kettle.invalid/"))


def test_tls_that_is_none_is_said(site: Any) -> None:
    assert "TLS" in str(refused(site.url("/").replace("http:", "https:")))


def test_a_page_comes_through_a_proxy(site: Any) -> None:
    """A proxy is asked for the whole address; private ones are refused by their spelling all the same."""
    site.put("http://tides.example/p", HTML)
    options = FetchOptions(proxy=site.url("/"))

    assert fetch_page("http://tides.example/p", options=options).content == HTML
    assert "private address" in str(
        refused("http://10.0.0.7/p", FetchOptions(proxy=site.url("/"), allowed_private_hosts=frozenset()))
    )


def test_requests_through_a_proxy_wait_for_their_turn_too(site: Any) -> None:
    site.put("http://tides.example/p", HTML)
    site.say("http://busy.example/p", 429, Retry_After="300")
    options = FetchOptions(proxy=site.base, throttle=HostThrottle(delay_s=0.3))

    for _ in range(2):
        fetch_page("http://tides.example/p", options=options)
    for said in ("too many requests", "left alone for another"):
        assert said in str(refused("http://busy.example/p", options))

    assert site.asked_at[1] - site.asked_at[0] > 0.28
    assert site.paths()[2:] == ["http://busy.example/p"]


def test_a_page_that_drips_through_a_proxy_is_given_up_in_time(site: Any) -> None:
    site.stream("http://slow.example/p", b"x", times=100, pause_s=0.1)
    start = time.monotonic()
    assert "timed out" in str(refused("http://slow.example/p", FetchOptions(proxy=site.base, total_s=0.5)))
    assert time.monotonic() - start < 3


@pytest.mark.parametrize(
    ("proxy", "said", "verdict"),
    [
        ("http://127.0.0.1:1", "the proxy 127.0.0.1:1 fails", "later"),
        ("ftp://127.0.0.1:1", "no such kind of proxy", "failed"),
        ("http://", "no such kind of proxy", "failed"),
        ("socks5://127.0.0.1:1", "not read through SOCKS", "failed"),
    ],
)
def test_a_proxy_that_cannot_help_is_named(proxy: str, said: str, verdict: str) -> None:
    error = refused("http://tides.example/p", FetchOptions(proxy=proxy))
    assert said in str(error)
    assert "--proxy" in str(error)
    assert error.verdict == verdict


JAR = "# Netscape HTTP Cookie File\n" + "".join(
    f"{host}\tFALSE\t/\t{secure}\t0\t{name}\t12\n"
    for host, secure, name in (
        ("127.0.0.1", "FALSE", "seat"),
        ("127.0.0.1", "TRUE", "safe"),
        ("kettle.example", "FALSE", "k"),
        ("#HttpOnly_127.0.0.1", "FALSE", "row"),
    )
)


def test_cookies_go_to_their_own_host_and_none_are_taken(site: Any, tmp_path: Path) -> None:
    (tmp_path / "jar.txt").write_text(JAR)
    options = FetchOptions(cookies=str(tmp_path / "jar.txt"), allowed_private_hosts=ANY_HOST)
    site.put("/other", HTML)
    site.redirect("/away", site.url("/other").replace("127.0.0.1", "localhost"))
    fetch_page(site.put("/own", HTML, Set_Cookie="crumb=1"), options=options)
    fetch_page(site.url("/own"), options=options)
    fetch_page(site.url("/away"), options=options)

    assert [headers.get("Cookie") for _, headers in site.asked] == ["seat=12; row=12"] * 3 + [None]
    assert (tmp_path / "jar.txt").read_text() == JAR


@pytest.mark.parametrize("content", [None, b"no cookies", b"\xff\xfe\x00"])
def test_cookies_that_cannot_be_read_are_said(site: Any, tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "jar.txt").write_bytes(content)
    error = refused(site.put("/p", HTML), FetchOptions(cookies=str(tmp_path / "jar.txt")))
    assert "check --cookies" in str(error)
    assert error.verdict == "failed"
    assert site.asked == []
