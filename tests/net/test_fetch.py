"""Fetching pages from a real server."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.clocks import FakeClock
from tests.loopback import Answer
from tests.processes import HANG_S
from vidindex.errors import FetchError, NotHtmlError
from vidindex.net.fetch import FetchedPage, FetchOptions, fetch_page
from vidindex.net.ssrf import ANY_HOST, infer_private_hosts
from vidindex.net.throttle import HostThrottle

HTML = b"<!doctype html><title>Tides</title>"
LIMITED = FetchOptions(timeout_s=HANG_S, total_s=HANG_S, max_bytes=100_000)
"""A limit of size that a test can exceed, and limits of time that no machine reaches."""


def refused(url: str, options: FetchOptions = LIMITED) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetch_page(url, options=options)
    return caught.value


def test_a_page_has_its_url_and_charset(site: Any) -> None:
    url = site.put("/p", HTML, "text/html; charset=windows-1252")
    assert fetch_page(url + "#part") == FetchedPage(url, HTML, "text/html", "windows-1252", 200)


def test_a_request_has_the_user_agent_and_no_cookies(site: Any) -> None:
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
def test_content_is_decompressed(site: Any, coding: str, body: bytes) -> None:
    assert fetch_page(site.put("/p", body, Content_Encoding=coding)).content == HTML


def test_broken_gzip_is_reported(site: Any) -> None:
    assert "invalid gzip data" in str(refused(site.put("/p", b"nonsense", Content_Encoding="gzip")))


@pytest.mark.parametrize("content_type", ["text/plain", "text/plain; charset=utf-8", "application/octet-stream"])
@pytest.mark.parametrize(
    "body",
    [
        HTML,
        b"\xef\xbb\xbf\r\n <HTML lang=en><title>Tides</title>",
        HTML.decode().encode("utf-16"),
        b"<!-- saved --><p>Tides</p>",
        b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN"><html></html>',
        b"<p>" + b"Tides and kettles. " * 4000,
    ],
    ids=["doctype", "mark and space", "utf-16", "comment", "xhtml", "long"],
)
def test_a_page_that_is_served_as_a_vague_type_is_read(site: Any, content_type: str, body: bytes) -> None:
    assert fetch_page(site.put("/p", body, content_type), options=LIMITED).content == body


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/plain", b"Just words about <html>."),
        ("text/plain", b""),
        ("text/plain", b"<?xml version='1.0'?><!-- feed --><rss></rss>"),
        ("text/plain", b"<html>\0\1\2"),
        ("application/octet-stream", b"\x1aE\xdf\xa3webm<html>" + bytes(200_000)),
        ("application/octet-stream", b"%PDF-1.7 <html>"),
        ("image/svg+xml", b"<html></html>"),
        ("video/mp4", HTML),
    ],
)
def test_what_does_not_look_like_a_page_is_refused(site: Any, content_type: str, body: bytes) -> None:
    with pytest.raises(NotHtmlError, match=f"the response is {content_type.replace('+', '.')}, not a web page"):
        fetch_page(site.put("/p", body, content_type), options=LIMITED)


def test_a_page_without_a_content_type_is_read_unless_it_is_binary(site: Any) -> None:
    site.pages["/page"] = Answer(HTML)
    site.pages["/file"] = Answer(b"%PDF-1.7")
    assert fetch_page(site.url("/page")).content == HTML
    assert "binary data" in str(refused(site.url("/file")))


def test_a_page_that_states_a_size_above_the_limit_is_not_read(site: Any) -> None:
    headers = {"Content-Type": "text/html", "Content-Length": "500000000"}
    site.pages["/p"] = Answer(headers=headers, steps=(b"",), pause_s=2 * HANG_S)  # waiting for the body would time out
    assert "500,000,000 bytes" in str(refused(site.url("/p")))


def test_a_page_above_the_limit_that_states_no_size_is_abandoned(site: Any) -> None:
    site.stream("/p", b"x" * 20_000, times=1000)
    assert "larger than" in str(refused(site.url("/p")))


def test_a_decompression_bomb_is_abandoned(site: Any) -> None:
    assert "larger than" in str(refused(site.put("/p", gzip.compress(bytes(50_000_000)), Content_Encoding="gzip")))


def test_a_server_that_sends_slowly_is_abandoned_at_the_deadline(site: Any) -> None:
    """The limit for the whole page applies: each byte comes long before the limit for one wait."""
    site.stream("/p", b"x", times=50_000, pause_s=0.05)
    assert "timed out" in str(refused(site.url("/p"), replace(LIMITED, total_s=0.5)))


def test_a_server_that_sends_nothing_is_abandoned(site: Any) -> None:
    site.stream("/p", b"", times=1, pause_s=2 * HANG_S)
    assert "timed out" in str(refused(site.url("/p"), replace(LIMITED, timeout_s=0.5)))


def test_a_truncated_page_is_an_error(site: Any) -> None:
    assert "closed before the response was complete" in str(refused(site.put("/p", HTML, Content_Length="5000")))


@pytest.mark.parametrize(
    ("status", "step"),
    [(404, "check the address"), (410, "removed permanently"), (403, "save the page"), (429, "later"), (500, "later")],
)
def test_an_error_status_is_reported_with_a_next_step(site: Any, status: int, step: str) -> None:
    site.say("/p", status)
    error = refused(site.url("/p"))
    assert error.status == status
    assert str(status) in str(error)
    assert step in str(error)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [(b"%PDF-1.7", "application/pdf"), (b"{}", "application/json"), (bytes(10), "video/mp4"),
     (b"%PDF-1.7", "text/html"), (b"\0\0\0 ftyp", "text/html"), (b"\x1f\x8b\x08", "text/html")],
)  # fmt: skip
def test_a_response_that_is_not_a_page_is_reported_with_its_type(site: Any, body: bytes, content_type: str) -> None:
    with pytest.raises(NotHtmlError, match=content_type) as caught:
        fetch_page(site.put("/p", body, content_type))
    assert caught.value.content_type == content_type


def test_other_content_types_can_be_accepted(site: Any) -> None:
    url = site.put("/feed", b"<rss/>", "application/rss+xml")
    assert fetch_page(url, options=FetchOptions(accept=("*/*",))).content == b"<rss/>"
    assert fetch_page(url, options=FetchOptions(accept=("application/rss+xml",))).content_type == "application/rss+xml"


def test_utf_16_is_not_binary(site: Any) -> None:
    assert fetch_page(site.put("/p", HTML.decode().encode("utf-16"))).status == 200


def test_redirects_are_followed_to_the_final_address(site: Any) -> None:
    site.put("/end", HTML)
    site.redirect("/middle", "/end", 308)
    assert fetch_page(site.redirect("/start", site.url("/middle"))).url == site.url("/end")


def test_a_redirect_loop_ends(site: Any) -> None:
    site.redirect("/b", "/a")
    assert "too many redirects" in str(refused(site.redirect("/a", "/b")))


@pytest.mark.parametrize("target", ["file:///etc/hostname", "ftp://127.0.0.1/x", "gopher://x/", "data:text/html,x"])
def test_a_redirect_to_another_scheme_is_refused(site: Any, target: str) -> None:
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
    ("start", "end", "is_sent"),
    [
        ("http://me:pw@a.example/1", "http://a.example/2", True),
        ("http://me:pw@a.example/1", "http://a.example:81/2", False),
        ("http://me:pw@a.example/1", "http://b.example/2", False),
        ("http://me:pw@a.example/1", "http://sub.a.example/2", False),
    ],
)
def test_credentials_are_sent_to_no_other_site(site: Any, start: str, end: str, is_sent: bool) -> None:
    site.redirect(start.replace("me:pw@", ""), end)
    site.put(end, HTML)

    fetch_page(start, options=FetchOptions(proxy=site.base))

    assert ["Authorization" in headers for _, headers in site.asked] == [True, is_sent]


def test_a_private_address_must_be_named_by_the_user(site: Any) -> None:
    url = site.put("/p", HTML)
    assert fetch_page(url).content == HTML
    assert "private address" in str(refused(url, FetchOptions(allowed_private_hosts=frozenset())))
    assert "private address" in str(
        refused(url, FetchOptions(allowed_private_hosts=infer_private_hosts("http://10.0.0.1/")))
    )


def test_a_public_name_with_a_private_address_is_refused(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the resolver is replaced: its answer decides, and the name is resolved once."""
    import socket

    resolved: list[str] = []
    getaddrinfo = socket.getaddrinfo

    def resolve(host: str, port: int, **rest: Any) -> Any:
        resolved.append(host)
        return getaddrinfo("127.0.0.1" if host == "rebind.example" else host, port, **rest)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    url = site.put("/p", HTML).replace("127.0.0.1", "rebind.example")

    assert "private address" in str(refused(url))
    assert (resolved, site.asked) == (["rebind.example"], [])
    assert fetch_page(url, options=FetchOptions(allowed_private_hosts=ANY_HOST)).content == HTML


@pytest.mark.parametrize("url", ["", "talk", "ftp://a.example/", "http://", "http://[::1", "http://a.example:x/",
                                 "https://" + "a" * 70 + ".example/", "javascript:alert(1)"])  # fmt: skip
def test_an_invalid_address_is_rejected(url: str) -> None:
    refused(url)


def test_paths_outside_ascii_are_encoded(site: Any) -> None:
    site.put("/caf%C3%A9%20noir", HTML)
    assert fetch_page(site.url("/café noir")).url == site.url("/caf%C3%A9%20noir")


def test_a_refused_connection_and_an_unknown_host_have_their_own_messages() -> None:
    assert "refused" in str(refused("http://127.0.0.1:1/"))
    assert "cannot be resolved" in str(refused("http://kettle.invalid/"))


def test_a_server_without_tls_is_reported(site: Any) -> None:
    assert "TLS" in str(refused(site.url("/").replace("http:", "https:")))


def test_a_page_comes_through_a_proxy(site: Any) -> None:
    """The proxy gets the whole URL; private addresses are still refused by their spelling."""
    site.put("http://tides.example/p", HTML)
    options = FetchOptions(proxy=site.url("/"))

    assert fetch_page("http://tides.example/p", options=options).content == HTML
    assert "private address" in str(
        refused("http://10.0.0.7/p", FetchOptions(proxy=site.url("/"), allowed_private_hosts=frozenset()))
    )


def test_requests_through_a_proxy_are_throttled_too(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    site.put("http://tides.example/p", HTML)
    site.say("http://busy.example/p", 429, Retry_After="300")
    clock = FakeClock()
    monkeypatch.setattr("vidindex.net.throttle.time", clock)
    options = FetchOptions(proxy=site.base, throttle=HostThrottle(delay_s=0.3))

    for _ in range(2):
        fetch_page("http://tides.example/p", options=options)
    for text in ("too many requests", "asked for a pause of another"):
        assert text in str(refused("http://busy.example/p", options))

    assert clock.sleeps == pytest.approx([0.3])
    assert site.paths()[2:] == ["http://busy.example/p"]


def test_a_page_that_comes_slowly_through_a_proxy_is_abandoned_at_the_deadline(site: Any) -> None:
    site.stream("http://slow.example/p", b"x", times=50_000, pause_s=0.05)
    assert "timed out" in str(refused("http://slow.example/p", replace(LIMITED, proxy=site.base, total_s=0.5)))


@pytest.mark.parametrize(
    ("proxy", "text", "verdict"),
    [
        ("http://127.0.0.1:1", "the proxy 127.0.0.1:1 failed", "later"),
        ("ftp://127.0.0.1:1", "proxy address is not valid", "failed"),
        ("http://", "proxy address is not valid", "failed"),
        ("socks5://127.0.0.1:1", "cannot be fetched through a SOCKS proxy", "failed"),
    ],
)
def test_an_unusable_proxy_is_reported(proxy: str, text: str, verdict: str) -> None:
    error = refused("http://tides.example/p", FetchOptions(proxy=proxy))
    assert text in str(error)
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


def test_cookies_are_sent_to_their_own_host_and_none_are_stored(site: Any, tmp_path: Path) -> None:
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
def test_a_cookie_file_that_cannot_be_read_is_reported(site: Any, tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "jar.txt").write_bytes(content)
    error = refused(site.put("/p", HTML), FetchOptions(cookies=str(tmp_path / "jar.txt")))
    assert "check --cookies" in str(error)
    assert error.verdict == "failed"
    assert site.asked == []
