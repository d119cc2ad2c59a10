"""What a request says about the page that led to it."""

from __future__ import annotations

import pytest

from vidindex.net.referer import limit_referer

DRAFT = "https://me:pw@cms.example/draft/7?token=SECRET#top"


@pytest.mark.parametrize(
    "url",
    [
        "https://player.example/v/1",
        "https://evil.cms.example/v/1",
        "https://cms.example.evil.example/v/1",
        "https://cms.example:8443/v/1",
        "https://cms.example@evil.example/v/1",
        "https://evilvimeo.com/1",
        "https://vimeo.com.evil.example/1",
    ],
)
def test_another_origin_gets_the_origin_of_the_page(url: str) -> None:
    assert limit_referer(DRAFT, url) == "https://cms.example/"


@pytest.mark.parametrize("url", ["https://cms.example/v/1", "https://CMS.example.:443/v/1"])
def test_the_same_origin_gets_the_page_without_login_and_fragment(url: str) -> None:
    assert limit_referer(DRAFT, url) == "https://cms.example/draft/7?token=SECRET"


@pytest.mark.parametrize("url", ["https://vimeo.com/1", "https://player.vimeo.com/video/1"])
def test_a_provider_that_needs_the_page_gets_it_without_its_query(url: str) -> None:
    assert limit_referer(DRAFT, url) == "https://cms.example/draft/7"


@pytest.mark.parametrize("url", ["http://cms.example/v/1", "http://player.example/v/1", "http://player.vimeo.com/1"])
def test_a_page_with_tls_is_not_named_without_tls(url: str) -> None:
    assert limit_referer(DRAFT, url) == ""


@pytest.mark.parametrize(
    "page",
    ["", "file:///home/me/diary.html", "http://files.vidindex.invalid/home/me/diary.html", "http://[", "data:,x"],
)
def test_a_local_file_is_never_named(page: str) -> None:
    assert limit_referer(page, "https://player.example/v/1") == ""


def test_an_invalid_address_gets_nothing() -> None:
    assert limit_referer(DRAFT, "https://[") == limit_referer(DRAFT, "https://cms.example:port/") == ""
