"""Cookies that the responses of a chain of redirects set: sent within the chain, by the rules of browsers."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from email.message import Message
from itertools import count
from pathlib import Path
from typing import Any
from urllib.request import Request

import pytest

from tests.loopback import Answer, Site, serving, site  # noqa: F401 - a fixture
from vidindex.errors import FetchError
from vidindex.net.cookies import MAX_SET_COOKIES, CookieHandler
from vidindex.net.fetch import FetchOptions, fetch_page

ARTICLE = Answer(b"<p>The words.</p>", headers={"Content-Type": "text/html"})


def gate(target: str, set_cookie: str, *, needs: str) -> Callable[[Any], Answer]:
    """Serve the article to requests with the cookie *needs*; redirect others to *target* with *set_cookie*."""

    def answer(request: Any) -> Answer:
        if needs in request.headers.get("Cookie", ""):
            return ARTICLE
        return Answer(status=302, headers={"Location": target, "Set-Cookie": set_cookie})

    return answer


def cookies_sent(site: Site, path: str) -> list[str]:  # noqa: F811 - the fixture
    return [headers.get("Cookie", "") for asked, headers in site.asked if asked == path]


def after(*set_cookies: str, at: str = "https://www.example.co.uk/a/b", then: str, file: str = "") -> str:
    """Return the `Cookie` header of a request to *then* after a response from *at* set cookies."""
    handler = CookieHandler(file)
    response = type("Response", (), {"headers": Message()})()
    for each in set_cookies:
        response.headers["Set-Cookie"] = each
    handler.http_response(Request(at), response)
    request = Request(then)
    handler.http_request(request)
    return str(request.get_header("Cookie", ""))


def test_a_page_that_sets_a_cookie_and_redirects_to_itself_is_read(site: Site) -> None:  # noqa: F811
    site.pages["/page"] = gate("/page", "seen=1; Path=/", needs="seen=1")
    assert fetch_page(site.url("/page")).content == ARTICLE.body
    assert cookies_sent(site, "/page") == ["", "seen=1"]


def test_cookies_are_forgotten_after_the_chain(site: Site) -> None:  # noqa: F811
    site.pages["/page"] = gate("/page", "seen=1", needs="seen=1")
    for _ in range(2):
        fetch_page(site.url("/page"))
    assert cookies_sent(site, "/page") == ["", "seen=1", "", "seen=1"]


def test_a_chain_through_a_consent_page_ends_at_the_article(site: Site) -> None:  # noqa: F811
    site.pages["/page"] = gate("/consent", "session=a", needs="consent=yes")
    site.say("/consent", 302, {"Location": "/page", "Set-Cookie": "consent=yes; Path=/"})
    assert fetch_page(site.url("/page")).content == ARTICLE.body
    assert cookies_sent(site, "/page") == ["", "session=a; consent=yes"]


def test_a_circle_is_reported_even_if_its_cookie_changes_each_time(site: Site) -> None:  # noqa: F811
    turns = count()

    def turn(_: Any) -> Answer:
        at = next(turns)
        return Answer(status=302, headers={"Location": f"/p{at % 7}", "Set-Cookie": f"turn{at}={at}; Path=/"})

    site.pages |= {f"/p{number}": turn for number in range(7)}
    with pytest.raises(FetchError, match="too many redirects"):
        fetch_page(site.url("/p0"))
    assert len(site.asked) == 21


def test_no_cookie_reaches_another_host(site: Site) -> None:  # noqa: F811
    with serving("127.0.0.2") as other:
        other.pages["/"] = ARTICLE
        for domain in ("", "; Domain=127.0.0.2", "; Domain=.0.0.2", "; Domain=0.0.2"):
            site.say("/page", 302, {"Location": other.url("/"), "Set-Cookie": f"secret=1; Path=/{domain}"})
            options = FetchOptions(allowed_private_hosts=frozenset({"127.0.0.1", "127.0.0.2"}))
            fetch_page(site.url("/page"), options=options)
        assert cookies_sent(other, "/") == [""] * 4


def test_the_users_own_cookies_go_along_and_their_file_does_not_change(
    site: Site,  # noqa: F811
    tmp_path: Path,
) -> None:
    file = tmp_path / "cookies.txt"
    file.write_text("# Netscape HTTP Cookie File\n127.0.0.1\tFALSE\t/\tFALSE\t0\tlogin\tmine\n")
    before = file.read_bytes(), file.stat().st_mtime_ns
    site.pages["/page"] = gate("/page", "login=theirs; Path=/", needs="login=theirs")
    for _ in range(2):
        fetch_page(site.url("/page"), options=FetchOptions(cookies=str(file)))
    assert cookies_sent(site, "/page") == ["login=mine", "login=theirs"] * 2
    assert (file.read_bytes(), file.stat().st_mtime_ns) == before


@pytest.mark.parametrize(
    ("set_cookie", "then", "sent"),
    [
        ("a=1", "https://www.example.co.uk/a/c", "a=1"),
        ("a=1", "https://example.co.uk/a/c", ""),
        ("a=1", "https://sub.www.example.co.uk/a/c", ""),
        ("a=1; Domain=example.co.uk", "https://news.example.co.uk/a/", "a=1"),
        ("a=1; Domain=example.co.uk", "https://badexample.co.uk/a/", ""),
        ("a=1; Domain=co.uk", "https://other.co.uk/a/", ""),
        ("a=1; Domain=co.uk", "https://www.example.co.uk/a/", ""),
        ("a=1; Domain=other.co.uk", "https://other.co.uk/a/", ""),
        ("a=1", "https://www.example.co.uk/other", ""),
        ("a=1; Path=/", "https://www.example.co.uk/other", "a=1"),
        ("a=1; Path=/; Secure", "http://www.example.co.uk/", ""),
        ("a=1; Path=/; Secure; HttpOnly; SameSite=None", "https://www.example.co.uk/", "a=1"),
        ("a=1; Max-Age=0", "https://www.example.co.uk/a/", ""),
        ("a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "https://www.example.co.uk/a/", ""),
        ("no cookie at all", "https://www.example.co.uk/a/", "no cookie at all"),
        ("", "https://www.example.co.uk/a/", ""),
    ],
)
def test_domain_path_and_life_of_a_cookie_are_those_of_browsers(set_cookie: str, then: str, sent: str) -> None:
    assert after(set_cookie, then=then) == sent


@pytest.mark.parametrize("host", ["github.io", "127.0.0.1", "wiki"])
def test_a_host_without_a_registrable_domain_may_name_itself(host: str) -> None:
    address = f"http://{host}/"
    assert after(f"a=1; Domain={host}", at=address, then=address) == "a=1"
    assert after(f"a=1; Domain={host}", at=address, then=f"http://me.{host}/" if "." in host else "http://wi/") == ""


def test_a_later_response_may_delete_a_cookie() -> None:
    address = "https://www.example.co.uk/a/"
    assert after("a=1", "b=2", "a=; Max-Age=0", then=address) == "b=2"


def test_large_and_many_cookies_are_ignored(site: Site) -> None:  # noqa: F811
    address = "https://www.example.co.uk/a/"
    assert after("big=" + "x" * 1_000_000, "a=1", then=address) == "a=1"
    many = after(*(f"c{number}=1" for number in range(10_000)), then=address)
    assert len(many.split("; ")) == MAX_SET_COOKIES
    site.say("/page", 302, {"Location": "/page", "Set-Cookie": "big=" + "x" * 1_000_000})
    with pytest.raises(FetchError, match="not valid HTTP") as caught:
        fetch_page(site.url("/page"))
    assert isinstance(caught.value.__cause__, http.client.LineTooLong)
