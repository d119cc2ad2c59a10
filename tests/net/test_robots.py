"""robots.txt from a real server, and its rules."""

from __future__ import annotations

import gzip
import threading
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidindex.net import FetchOptions, RobotsCache, RobotsPermission
from vidindex.net.fetch import USER_AGENT
from vidindex.net.robots_parser import MAX_CRAWL_DELAY_S, PRODUCT_TOKEN, RobotsRules, parse_robots_txt

QUICK = FetchOptions(timeout_s=0.5, total_s=1.0)
HOST = "https://kettle.example"


def allows(text: str, path: str) -> bool:
    return not parse_robots_txt(text).matching_disallow(HOST + path)


@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [
        ("Disallow: /", "/a", False),
        ("Disallow:", "/a", True),
        ("Disallow: /a", "/ab", False),
        ("Disallow: /a/", "/a", True),
        ("Disallow: /a$", "/a", False),
        ("Disallow: /a$", "/ab", True),
        ("Disallow: /*.pdf$", "/x/y.pdf", False),
        ("Disallow: /*.pdf$", "/x/y.pdf?z", True),
        ("Disallow: /a*b*c", "/a1b2c3", False),
        ("Disallow: /a*b*c", "/acb", True),
        ("Disallow: *b", "/ab", False),
        ("Disallow: /a*a$", "/a", True),
        ("Disallow: /\nAllow: /news", "/news/1", True),
        ("Allow: /news\nDisallow: /news/1", "/news/1", False),
        ("Disallow: /page\nAllow: /page", "/page", True),
        ("Disallow: /a?x=", "/a?x=1", False),
        ("Disallow: /caf%C3%A9", "/café", False),
        ("Disallow: /café", "/caf%c3%a9", False),
        ("Disallow: /%7Eme", "/~me", False),
        ("Disallow: /a%2Fb", "/a/b", True),
        ("Disallow: /a%2A", "/ab", True),
        ("Disallow: /a%2A", "/a*", False),
        ("Disallow: /x$y", "/x$y", False),
        ("Disallow: /robots.txt", "/robots.txt", True),
        ("  disallow : /a # why", "/a", False),
        ("Disallow: /A", "/a", True),
        ("Disallow: /\r\nAllow: /a", "/a", True),
        ("Disallow: /", "", False),
    ],
)
def test_the_longest_rule_that_matches_decides(rules: str, path: str, allowed: bool) -> None:
    assert allows("User-agent: *\n" + rules, path) is allowed


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("User-agent: *\nDisallow: /\nUser-agent: Vidindex\nDisallow: /b", True),
        ("User-agent: *\nDisallow: /b\nUser-agent: VIDINDEX/2.0\nDisallow: /", False),
        ("User-agent: vid\nDisallow: /", True),
        ("User-agent: vidindexer\nDisallow: /", True),
        ("User-agent: kettle\nUser-agent: vidindex\nDisallow: /", False),
        ("User-agent: vidindex\nSitemap: x\n\nUser-agent: kettle\nDisallow: /", False),
        ("User-agent: vidindex\nDisallow: /b\nUser-agent: kettle\nDisallow: /", True),
        ("User-agent: vidindex\nAllow: /b\nUser-agent: x\nAllow: /\nUser-agent: vidindex\nDisallow: /", False),
        ("User-agent: *\nDisallow: /\nUser-agent: vidindex", True),
        ("Disallow: /", True),
        ("\ufeffUser-agent: *\nDisallow: /", False),
        ("<html>User-agent: *\nDisallow: /</html>", True),
        ("", True),
    ],
)
def test_the_groups_that_name_vidindex_count_else_those_for_everybody(text: str, allowed: bool) -> None:
    assert allows(text, "/a") is allowed


@pytest.mark.parametrize(
    ("value", "delay"), [("2", 2), ("0.5", 0.5), ("1e9", MAX_CRAWL_DELAY_S), ("nan", 0), ("-1", 0), ("soon", 0)]
)
def test_a_delay_is_taken_within_reason(value: str, delay: float) -> None:
    assert parse_robots_txt(f"User-agent: *\nCrawl-delay: {value}").delay_s == delay


@given(st.text(max_size=200), st.text(max_size=50))
def test_any_text_can_be_read(text: str, path: str) -> None:
    parse_robots_txt("User-agent: *\n" + text).matching_disallow(f"{HOST}/{path}")


@given(st.text("ab/*", min_size=1, max_size=12), st.text("ab/", max_size=12))
def test_wildcards_stand_for_anything(pattern: str, path: str) -> None:
    import re

    means = re.compile(".*".join(map(re.escape, ("/" + pattern).split("*"))))
    assert allows(f"User-agent: *\nDisallow: /{pattern}", f"/{path}") is not bool(means.match("/" + path))


@pytest.mark.parametrize(
    "hostile",
    [
        "User-agent: *\nDisallow: /" + "*a" * 250_000,
        "User-agent: *\n" + "Disallow: /*a*a*a*a*b\n" * 20_000,
        "".join(f"User-agent: {at}\n" for at in range(20_000)) + "Allow: /\n" * 20_000,
        "User-agent: *\nUser-agent: vidindex\n" * 12_000 + "Disallow: /\n" * 500,
        "User-agent: *\n" + "".join(f"Disallow: /{at}\n" for at in range(30_000)),
    ],
    ids=["wildcards", "rules", "agents", "both", "paths"],
)
def test_hostile_rules_cost_little(hostile: str) -> None:
    start = time.process_time()
    rules = parse_robots_txt(hostile)
    for _ in range(10):
        rules.matching_disallow(HOST + "/" + "a" * 2000)
    assert time.process_time() - start < 5


def test_a_site_without_rules_allows_everything(site: Any) -> None:
    robots = RobotsCache(QUICK)
    assert robots.check_permission(site.url("/a")) == RobotsPermission(True, "", "")
    assert robots.crawl_delay_s(site.url("/a")) == 0
    assert site.paths() == ["/robots.txt"]


@pytest.mark.parametrize("status", [401, 403, 404, 410, 451])
def test_a_site_that_refuses_its_rules_has_none(site: Any, status: int) -> None:
    site.say("/robots.txt", status)
    assert RobotsCache(QUICK).is_allowed(site.url("/a"))


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_site_that_fails_is_left_alone_for_now(site: Any, status: int) -> None:
    site.say("/robots.txt", status)
    said = RobotsCache(QUICK).check_permission(site.url("/a"))
    assert (said.allowed, said.verdict) == (False, "later")
    assert f"HTTP {status}" in said.reason


def test_a_site_that_is_not_there_is_left_alone_for_now() -> None:
    said = RobotsCache(QUICK).check_permission("http://127.0.0.1:1/a")
    assert (said.allowed, said.verdict) == (False, "later")
    assert "refused" in said.reason


def test_what_is_forbidden_says_the_rule_and_the_next_step(site: Any) -> None:
    site.put("/robots.txt", b"User-agent: *\nDisallow: /private\nCrawl-delay: 3", "text/plain")
    robots = RobotsCache(QUICK)
    said = robots.check_permission(site.url("/private/1"))
    assert (said.allowed, said.verdict) == (False, "robots")
    assert "Disallow: /private" in said.reason
    assert "--ignore-robots" in said.reason
    assert robots.is_allowed(site.url("/open"))
    assert robots.crawl_delay_s(site.url("/open")) == 3
    assert len(site.asked) == 1


def test_rules_are_found_behind_redirects_and_packed(site: Any) -> None:
    site.put("/rules", gzip.compress(b"User-agent: *\nDisallow: /"), "text/plain", Content_Encoding="gzip")
    for at in range(5):
        site.redirect(f"/{at}", f"/{at + 1}" if at < 4 else "/rules")
    site.redirect("/robots.txt", "/0")
    assert not RobotsCache(QUICK).is_allowed(site.url("/a"))


def test_rules_that_redirect_in_a_circle_are_none(site: Any) -> None:
    site.redirect("/robots.txt", "/robots.txt")
    assert RobotsCache(QUICK).is_allowed(site.url("/a"))


def test_of_rules_without_end_the_start_counts(site: Any) -> None:
    site.stream("/robots.txt", b"User-agent: *\nDisallow: /a\n" * 1000, times=10_000)
    robots = RobotsCache(FetchOptions(timeout_s=2, total_s=10))
    assert not robots.is_allowed(site.url("/a"))
    assert robots.is_allowed(site.url("/b"))


def test_rules_that_state_their_great_size_are_read_too(site: Any) -> None:
    site.put("/robots.txt", b"User-agent: *\nDisallow: /a\n" + b"#" * 600_000 + b"\nDisallow: /b", "text/plain")
    robots = RobotsCache(FetchOptions(timeout_s=2, total_s=10))
    assert not robots.is_allowed(site.url("/a"))
    assert robots.is_allowed(site.url("/b"))


def test_a_private_site_is_not_asked_for_pages_of_the_web(site: Any) -> None:
    """The page itself is refused by the same guard, and that says why."""
    assert RobotsCache(FetchOptions(allowed_private_hosts=frozenset())).is_allowed(site.url("/a"))
    assert site.asked == []


def test_many_threads_ask_a_site_once(site: Any) -> None:
    site.put("/robots.txt", b"User-agent: *\nDisallow: /a", "text/plain")
    robots = RobotsCache(QUICK)
    said: list[bool] = []
    threads = [threading.Thread(target=lambda: said.append(robots.is_allowed(site.url("/a")))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (said, site.paths()) == ([False] * 12, ["/robots.txt"])


@pytest.mark.parametrize("given_url", ["", "talk.html", "file:///etc/hosts", "http://[::1", "ftp://a.example/x"])
def test_what_is_no_page_of_the_web_needs_no_leave(given_url: str) -> None:
    assert RobotsCache(QUICK).is_allowed(given_url)


def test_pages_are_fetched_under_the_name_that_rules_are_read_for() -> None:
    assert PRODUCT_TOKEN in USER_AGENT.lower()
    assert RobotsRules().matching_disallow(HOST) == ""
