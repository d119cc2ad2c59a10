"""Copies in web archives lead to their original, and only known archives vouch for where a page comes from."""

from __future__ import annotations

import pytest

from tests.clocks import check_linear_time
from vidindex.pages.archive_urls import strip_archive_prefix, strip_replay_prefix

ORIGINAL = "https://news.example.org/a?b=1"
STAMP = "20120304050607"


@pytest.mark.parametrize(
    "prefix",
    [
        f"https://web.archive.org/web/{STAMP}/",
        f"//web.archive.org/web/{STAMP}if_/",
        "http://web.archive.org/web/2012/",
        f"/web/{STAMP}oe_/",
        f"https://wayback.archive-it.org/1234/{STAMP}/",
        f"https://wayback.archive-it.org/all/{STAMP}/",
        f"https://archive.ph/{STAMP}/",
        "https://archive.is/o/AbCdE/",
        f"https://webarchive.nationalarchives.gov.uk/ukgwa/{STAMP}mp_/",
        f"https://arquivo.pt/wayback/{STAMP}/",
        f"https://swap.stanford.edu/was/{STAMP}/",
    ],
)
def test_the_prefix_of_a_known_archive_is_stripped(prefix: str) -> None:
    assert strip_archive_prefix(prefix + ORIGINAL) == ORIGINAL
    assert strip_archive_prefix(prefix + ORIGINAL.replace("://", ":/")) == ORIGINAL


@pytest.mark.parametrize(
    "prefix", [f"https://evil.example/{STAMP}/", f"/coll/{STAMP}if_/", f"https://evil.example/x/{STAMP}mp_/"]
)
def test_any_host_may_replay_what_a_page_embeds_but_not_the_page(prefix: str) -> None:
    assert strip_archive_prefix(prefix + ORIGINAL) == prefix + ORIGINAL
    assert strip_replay_prefix(prefix + ORIGINAL) == ORIGINAL


def test_a_copy_of_a_copy_leads_to_the_original() -> None:
    copies = f"https://web.archive.org/web/{STAMP}if_/https://arquivo.pt/wayback/{STAMP}/"

    assert strip_replay_prefix(copies + ORIGINAL) == ORIGINAL


@pytest.mark.parametrize(
    "url",
    [
        "https://news.example.org/2012/http-explained",
        "https://news.example.org/web/2012/story",
        "https://web.archive.org/about",
        "https://archive.org/details/talk",
        "",
    ],
)
def test_other_urls_are_kept(url: str) -> None:
    assert strip_replay_prefix(url) == url


@pytest.mark.parametrize("piece", ["/a", "/20120304050607", "/http:/", "/web/2012/"], ids=str)
def test_hostile_urls_take_linear_time(piece: str) -> None:
    check_linear_time(strip_replay_prefix, "https://web.archive.org" + piece * 20_000)
