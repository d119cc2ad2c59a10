"""Canonical URLs: a page has any URL of the site that it was read from, and none of another site."""

from __future__ import annotations

import pytest

from vidindex.pages.article import read_article
from vidindex.pages.page_urls import is_in_page_folder

OWN = "https://www.daily.org/2009/jay?page=2"


def article_url(html: str, url: str | None) -> str:
    return read_article(f"<html><head>{html}</head><body><p>x</p></body></html>", url=url).url


@pytest.mark.parametrize(
    ("canonical", "expected"),
    [
        ("https://www.daily.org/2009/jay", "https://www.daily.org/2009/jay"),
        ("http://daily.org/2009/jay", "http://daily.org/2009/jay"),
        ("https://amp.daily.org/jay", "https://amp.daily.org/jay"),
        ("/2009/jay#top", "https://www.daily.org/2009/jay"),
        ("jay", "https://www.daily.org/2009/jay"),
        ("//m.daily.org/jay", "https://m.daily.org/jay"),
        ("https://ann:secret@www.daily.org/jay", "https://www.daily.org/jay"),
        ("https://WWW.Daily.ORG:443/jay", "https://www.daily.org/jay"),
        ("https://www.daily.org./jay", "https://www.daily.org/jay"),
        ("https://www.daily.org:8443/jay", "https://www.daily.org:8443/jay"),
        ("https://other.org\\@www.daily.org/jay", "https://www.daily.org/jay"),
    ],
)
def test_a_canonical_url_of_the_same_site_counts(canonical: str, expected: str) -> None:
    assert article_url(f'<link rel="canonical" href="{canonical}">', OWN) == expected
    assert article_url(f'<meta property="og:url" content="{canonical}">', OWN) == expected


FOREIGN = [
    "https://other.org/2009/jay",
    "https://www.daily.org.other.org/jay",
    "//other.org/jay",
    "https://www.daily.org@other.org/jay",
    "https://www.daily.org\\.other.org/jay",
    "https:other.org/jay",
    "https:///other.org/jay",
    "/web/20090101000000/https://other.org/jay",
    "https://web.archive.org/web/20090101000000/https://other.org/jay",
    "https://web.archive.org/save/jay",
    "file:///etc/passwd",
    "javascript:alert(1)//www.daily.org/jay",
    "https://[::1/jay",
    "https://www.daily.org/" + "x" * 5_000,
]


@pytest.mark.parametrize("canonical", FOREIGN)
def test_a_canonical_url_of_another_site_does_not_count(canonical: str) -> None:
    url = article_url(f'<link rel="canonical" href="{canonical}"><meta property="og:url" content="{canonical}">', OWN)

    assert url == OWN or url.startswith("https://www.daily.org/")


def test_users_of_one_host_do_not_have_each_others_urls() -> None:
    link = '<link rel="canonical" href="https://victim.github.io/jay">'

    assert article_url(link, "https://other.github.io/jay") == "https://other.github.io/jay"


def test_a_refused_canonical_url_does_not_hide_a_good_one() -> None:
    html = '<link rel="canonical" href="https://other.org/x"><meta property="og:url" content="https://daily.org/jay">'

    assert article_url(html, OWN) == "https://daily.org/jay"


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("https://www.daily.org/", "https://www.daily.org/jay"),
        ("/print/", "https://www.daily.org/print/jay"),
        ("https://other.org/", OWN),
        ("//other.org/", OWN),
    ],
)
def test_a_relative_canonical_url_refers_to_the_base_of_the_page(base: str, expected: str) -> None:
    assert article_url(f'<base href="{base}"><link rel="canonical" href="jay">', OWN) == expected


@pytest.mark.parametrize(
    "copy",
    [
        "https://web.archive.org/web/20090915000000/http://daily.org/jay",
        "http://web.archive.org/web/20090915000000id_/http://daily.org/jay",
        "https://wayback.archive-it.org/123/web/20090915000000/http://daily.org/jay",
        "https://web.archive.org/web/2015/https://web.archive.org/web/2009/http://daily.org/jay",
        "https://web.archive.org/web/20090915000000/daily.org/jay",
    ],
)
def test_an_archived_copy_is_of_the_site_that_was_archived(copy: str) -> None:
    assert article_url("", copy) == "http://daily.org/jay"
    assert article_url('<link rel="canonical" href="https://www.daily.org/kay">', copy) == "https://www.daily.org/kay"
    assert article_url('<link rel="canonical" href="https://other.org/kay">', copy) == "http://daily.org/jay"


def test_a_site_cannot_pretend_to_be_an_archive() -> None:
    url = "https://other.org/web/20090915000000/http://daily.org/jay"

    assert article_url('<link rel="canonical" href="http://daily.org/jay">', url) == url


def test_a_page_without_a_url_of_its_own_has_its_canonical_url() -> None:
    link = '<link rel="canonical" href="https://daily.org/jay">'

    assert article_url(link, None) == "https://daily.org/jay"
    assert article_url(link, "file:///tmp/jay.html") == "https://daily.org/jay"
    assert (
        article_url('<link rel="canonical" href="https://a b/jay">', "file:///tmp/jay.html") == "file:///tmp/jay.html"
    )


@pytest.mark.parametrize(
    ("url", "inside"),
    [
        ("file:///pages/a/b.mp4", True),
        ("file:///pages/b.mp4", True),
        ("file:///etc/passwd", False),
        ("file:///pages/../etc/passwd", False),
        ("file:///pages/%2e%2e/etc/passwd", False),
        ("file://other/pages/b.mp4", False),
    ],
)
def test_a_file_is_in_the_folder_of_the_page_or_not(url: str, inside: bool) -> None:
    assert is_in_page_folder(url, "file:///pages/jay.html") == inside
    assert not is_in_page_folder(url, "https://daily.org/pages/jay.html")
