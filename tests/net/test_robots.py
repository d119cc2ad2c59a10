"""robots.txt: its rules, and how it is fetched from a real server."""

from __future__ import annotations

import gzip
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.clocks import check_linear_time
from tests.processes import HANG_S
from vidindex.net.fetch import USER_AGENT, FetchOptions
from vidindex.net.robots import RobotsCache, RobotsPermission
from vidindex.net.robots_parser import MAX_CRAWL_DELAY_S, PRODUCT_TOKEN, RobotsRules, parse_robots_txt

PATIENT = FetchOptions(timeout_s=HANG_S, total_s=HANG_S)
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
def test_groups_that_name_vidindex_apply_otherwise_those_for_all_agents(text: str, allowed: bool) -> None:
    assert allows(text, "/a") is allowed


@pytest.mark.parametrize(
    ("value", "delay"), [("2", 2), ("0.5", 0.5), ("1e9", MAX_CRAWL_DELAY_S), ("nan", 0), ("-1", 0), ("soon", 0)]
)
def test_a_crawl_delay_is_limited(value: str, delay: float) -> None:
    assert parse_robots_txt(f"User-agent: *\nCrawl-delay: {value}").delay_s == delay


@given(st.text(max_size=200), st.text(max_size=50))
def test_any_text_can_be_parsed(text: str, path: str) -> None:
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
    def match_rules(text: str) -> None:
        parse_robots_txt(text).matching_disallow(HOST + "/" + "a" * 2000)

    check_linear_time(match_rules, hostile)


def test_a_site_without_rules_allows_everything(site: Any) -> None:
    robots = RobotsCache(PATIENT)
    assert robots.check_permission(site.url("/a")) == RobotsPermission(True, "", "")
    assert robots.crawl_delay_s(site.url("/a")) == 0
    assert site.paths() == ["/robots.txt"]


@pytest.mark.parametrize("status", [401, 403, 404, 410, 451])
def test_a_site_that_refuses_its_rules_has_none(site: Any, status: int) -> None:
    site.say("/robots.txt", status)
    assert RobotsCache(PATIENT).is_allowed(site.url("/a"))


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_site_that_fails_is_retried_later(site: Any, status: int) -> None:
    site.say("/robots.txt", status)
    permission = RobotsCache(PATIENT).check_permission(site.url("/a"))
    assert (permission.allowed, permission.verdict) == (False, "later")
    assert f"HTTP {status}" in permission.reason


def test_a_site_that_refuses_connections_is_retried_later() -> None:
    permission = RobotsCache(PATIENT).check_permission("http://127.0.0.1:1/a")
    assert (permission.allowed, permission.verdict) == (False, "later")
    assert "refused" in permission.reason


def test_a_refusal_states_the_rule_and_the_next_step(site: Any) -> None:
    site.put("/robots.txt", b"User-agent: *\nDisallow: /private\nCrawl-delay: 3", "text/plain")
    robots = RobotsCache(PATIENT)
    permission = robots.check_permission(site.url("/private/1"))
    assert (permission.allowed, permission.verdict) == (False, "robots")
    assert "Disallow: /private" in permission.reason
    assert "--ignore-robots" in permission.reason
    assert robots.is_allowed(site.url("/open"))
    assert robots.crawl_delay_s(site.url("/open")) == 3
    assert len(site.asked) == 1


def test_redirects_are_followed_and_rules_are_decompressed(site: Any) -> None:
    site.put("/rules", gzip.compress(b"User-agent: *\nDisallow: /"), "text/plain", Content_Encoding="gzip")
    for at in range(5):
        site.redirect(f"/{at}", f"/{at + 1}" if at < 4 else "/rules")
    site.redirect("/robots.txt", "/0")
    assert not RobotsCache(PATIENT).is_allowed(site.url("/a"))


def test_a_redirect_loop_means_no_rules(site: Any) -> None:
    site.redirect("/robots.txt", "/robots.txt")
    assert RobotsCache(PATIENT).is_allowed(site.url("/a"))


def test_only_the_start_of_an_endless_file_is_read(site: Any) -> None:
    site.stream("/robots.txt", b"User-agent: *\nDisallow: /a\n" * 1000, times=10_000)
    robots = RobotsCache(PATIENT)
    assert not robots.is_allowed(site.url("/a"))
    assert robots.is_allowed(site.url("/b"))


def test_the_start_of_a_file_that_states_a_large_size_is_read(site: Any) -> None:
    site.put("/robots.txt", b"User-agent: *\nDisallow: /a\n" + b"#" * 600_000 + b"\nDisallow: /b", "text/plain")
    robots = RobotsCache(PATIENT)
    assert not robots.is_allowed(site.url("/a"))
    assert robots.is_allowed(site.url("/b"))


def test_robots_txt_of_a_private_site_is_not_requested(site: Any) -> None:
    """The request for the page itself is refused for the same reason, with a message."""
    assert RobotsCache(FetchOptions(allowed_private_hosts=frozenset())).is_allowed(site.url("/a"))
    assert site.asked == []


def test_many_threads_request_robots_txt_once(site: Any) -> None:
    site.put("/robots.txt", b"User-agent: *\nDisallow: /a", "text/plain")
    robots = RobotsCache(PATIENT)
    answers: list[bool] = []
    threads = [threading.Thread(target=lambda: answers.append(robots.is_allowed(site.url("/a")))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (answers, site.paths()) == ([False] * 12, ["/robots.txt"])


@pytest.mark.parametrize("given_url", ["", "talk.html", "file:///etc/hosts", "http://[::1", "ftp://a.example/x"])
def test_other_addresses_than_http_are_allowed(given_url: str) -> None:
    assert RobotsCache(PATIENT).is_allowed(given_url)


def test_the_user_agent_contains_the_product_token() -> None:
    assert PRODUCT_TOKEN in USER_AGENT.lower()
    assert RobotsRules().matching_disallow(HOST) == ""
