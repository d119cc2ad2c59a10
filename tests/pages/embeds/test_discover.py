"""Discovery in a worker process: the same result as without one, and limits for hostile pages."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from vidindex import DiscoveryError
from vidindex.pages.embeds import discover_page, find_embeds
from vidindex.pages.embeds.sandbox import _SANDBOX

GOOD = (
    b'<title>Story</title><article><h1>Story</h1><iframe src="//www.youtube.com/embed/aB3dE6gH9jK"></iframe></article>'
)
URL = "https://news.example.org/story"


def test_the_worker_returns_article_and_embeds() -> None:
    found = discover_page(GOOD, url=URL)

    assert found.article.title == "Story"
    assert list(found.embeds) == find_embeds(GOOD, URL)


HOSTILE = {
    "unclosed frames": b"<iframe " * 10_000,
    "frames": b"".join(b'<iframe src="https://www.youtube.com/embed/%011d"></iframe>' % n for n in range(10_000)),
    "unknown frames": b"".join(b'<iframe src="https://tv%d.example.com/embed/1"></iframe>' % n for n in range(5_000)),
    "frames in a script": b"<script>" + b"<iframe " * 40_000 + b"</script>",
    "attributes": b"<div " + b"".join(b'a%d="https://youtu.be/aB3dE6gH9jK" ' % n for n in range(30_000)) + b">",
    "one long attribute": b'<iframe src="' + b"https://www.youtube.com/embed/" * 100_000 + b'">',
    "deep nesting": b"<div>" * 200_000,
    "null bytes": b"\0" * 2_000_000 + GOOD,
    "entities": b"&amp;" * 500_000,
    "entity bomb": b'<!DOCTYPE x [<!ENTITY a0 "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12))
    + b"]><p>&a11;</p>",
    "deep json": b'<script type="application/json">' + b"[" * 200_000 + b"</script>",
    "deep metadata": b'<script type="application/ld+json">' + b'{"a":' * 100_000 + b"</script>",
    "brackets": b"<p>" + b"[youtube " * 100_000 + b"[" * 200_000,
    "frames in frames": b'<iframe srcdoc="' + b"&lt;iframe srcdoc=&amp;quot;" * 20_000 + b'">',
    "sentences": b"<p>" + b". " * 500_000 + GOOD,
}  # fmt: skip


@pytest.mark.parametrize("html", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_page_is_read_or_abandoned_in_time(html: bytes) -> None:
    try:
        found = discover_page(html, url=URL)
    except DiscoveryError:  # its reason names the deadline or the memory
        found = None

    assert found is None or len(found.embeds) <= 500
    assert discover_page(GOOD, url=URL).embeds[0].id == "aB3dE6gH9jK"


def test_a_page_over_the_limit_is_not_read() -> None:
    with pytest.raises(DiscoveryError, match="more than the 1,000"):
        discover_page(b"x" * 1_001, url=URL, max_bytes=1_000)


def test_after_a_page_that_misses_the_deadline_the_next_one_is_read() -> None:
    slow = b"<div " + b"".join(b'data-a%d="https://youtu.be/aB3dE6gH9jK" ' % n for n in range(150_000)) + b">"
    discover_page(GOOD, url=URL)
    worker = _SANDBOX._child
    with pytest.raises(DiscoveryError, match=r"not read within 0\.3 s"):
        discover_page(slow, url=URL, deadline_s=0.3)

    assert worker is not None
    assert worker.returncode == -signal.SIGKILL, "it does not go on with the page"
    assert len(discover_page(GOOD, url=URL).embeds) == 1


def test_a_killed_worker_leaves_nothing_behind() -> None:
    """A killed worker leaves no zombie process and no open pipe."""
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        with pytest.raises(DiscoveryError):
            discover_page(b"<p>" * 200_000, url=URL, deadline_s=0.0)
    discover_page(GOOD, url=URL)

    assert len(list(Path("/proc/self/fd").iterdir())) <= before + 2
