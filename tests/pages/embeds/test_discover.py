"""Discovery in a worker process: the same result as without one, and limits for hostile pages."""

from __future__ import annotations

import os
import pickle
import signal
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.processes import HANG_S
from vidindex import DiscoveryError
from vidindex.pages.embeds import DISCOVERY_DEADLINE_S, DiscoveredPage, discover_page, find_embeds, sandbox
from vidindex.pages.embeds.page_codec import MAX_ANSWER_BYTES
from vidindex.pages.embeds.sandbox import _SANDBOX, PageSandbox
from vidindex.pages.ytdlp_plugins import allowed_plugin_folders

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


class _Exploit:
    """Executes a program where it is unpickled."""

    def __init__(self, sign: Path) -> None:
        self.sign = sign

    def __reduce__(self) -> tuple[object, ...]:
        return os.system, (f"touch {self.sign}",)


def _framed(answer: bytes) -> bytes:
    return struct.pack("!I", len(answer)) + answer


_INVALID = "an invalid answer"
_ENDED = "too much memory"
TAKEN_OVER = {
    "no JSON": (_framed(b"x" * 100), _INVALID),
    "another type": (_framed(b"[1]"), _INVALID),
    "article of another site": (
        _framed(
            b'{"article":{"url":"https://victim.example.net/x","title":"","author":"","site":"","date":"",'
            b'"language":"","text":""},"embeds":[],"stated_url":""}'
        ),
        _INVALID,
    ),
    "huge length": (struct.pack("!I", 0xFFFFFFFF) + b"x" * 1_000_000, _ENDED),
    "length over the limit": (struct.pack("!I", MAX_ANSWER_BYTES + 1), _ENDED),
    "two answers": (_framed(b'{"failure":"memory"}') * 2, _ENDED),
    "half an answer": (struct.pack("!I", 100) + b"x", _ENDED),
}


@pytest.fixture
def taken_over() -> Iterator[PageSandbox]:
    """A sandbox without a worker: the test sets one."""
    made = PageSandbox()
    made._plugin_folders = allowed_plugin_folders()  # a test before this one may have allowed some for the process
    yield made
    made.stop()


def _start_worker(answer: bytes, folder: Path) -> subprocess.Popen[bytes]:
    (folder / "answer").write_bytes(answer)
    code = (
        "import sys, pathlib\n"
        "header = sys.stdin.buffer.read(8)\n"
        "sys.stdin.buffer.read(int.from_bytes(header[:4], 'big') + int.from_bytes(header[4:], 'big'))\n"
        f"sys.stdout.buffer.write(pathlib.Path({str(folder / 'answer')!r}).read_bytes())\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-S", "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
    )
    for pipe in (child.stdin, child.stdout):
        assert pipe is not None
        os.set_blocking(pipe.fileno(), False)
    return child


@pytest.mark.parametrize(("answer", "reason"), TAKEN_OVER.values(), ids=TAKEN_OVER.keys())
def test_a_worker_that_was_taken_over_can_only_make_the_page_fail(
    taken_over: PageSandbox, tmp_path: Path, answer: bytes, reason: str
) -> None:
    taken_over._child = worker = _start_worker(answer, tmp_path)
    with pytest.raises(DiscoveryError, match=reason):
        taken_over.discover(GOOD, URL, HANG_S)

    assert worker.returncode is not None, "it gets no other page"


def test_the_answer_of_a_worker_is_never_executed(taken_over: PageSandbox, tmp_path: Path) -> None:
    sign = tmp_path / "executed"
    taken_over._child = _start_worker(_framed(pickle.dumps(_Exploit(sign))), tmp_path)
    with pytest.raises(DiscoveryError, match=_INVALID):
        taken_over.discover(GOOD, URL, HANG_S)

    assert not sign.exists()


def test_the_worker_can_neither_write_to_files_nor_create_processes() -> None:
    discover_page(GOOD, url=URL)
    assert _SANDBOX._child is not None
    limits = Path(f"/proc/{_SANDBOX._child.pid}/limits").read_text()
    values = {line[:26].strip(): line[26:47].strip() for line in limits.splitlines()}

    assert (values["Max file size"], values["Max processes"], values["Max core file size"]) == ("0", "0", "0")
    assert int(values["Max data size"]) == sandbox.MAX_MEMORY_BYTES


LARGE: dict[str, Callable[[], bytes]] = {
    "paragraphs": lambda: b"<p>x" * 1_900_000,
    "attributes": lambda: b"<a b c d e f g h i j>" * 370_000,
    "attributes with values": lambda: b"<a b=c d=e>" * 700_000,
    "attributes of one element": lambda: b"<div " + b"".join(b"a%x " % number for number in range(300_000)) + b">",
    "comments": lambda: b"<!-->" * 1_500_000,
    "links": lambda: b"".join(b'<a href="/%x" b c>x</a>' % number for number in range(300_000)),
    "one text": lambda: b"word " * 1_580_000,
    "state": lambda: b'<script type="application/json">["<iframe",' + b'{"a":{}},' * 800_000 + b"1]</script>",
}


@pytest.mark.parametrize("make_html", LARGE.values(), ids=LARGE.keys())
def test_no_page_takes_more_memory_than_allowed(make_html: Callable[[], bytes]) -> None:
    """The worker is new for each page, so that its peak is that of the page."""
    worker = PageSandbox()
    try:
        worker.discover(GOOD, URL, HANG_S)
        child, peak_kb = worker._child, 0
        with suppress(DiscoveryError):  # its reason names the deadline or the memory
            worker.discover(make_html(), URL, DISCOVERY_DEADLINE_S)
            assert child is not None
            status = Path(f"/proc/{child.pid}/status").read_text()
            peak_kb = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
        assert peak_kb < 350_000
    finally:
        worker.stop()


def test_a_large_honest_page_is_read_to_its_end() -> None:
    paragraph = b'<p class="text">It was a long evening, <a href="/who">they</a> said, and everybody spoke.</p>\n'
    frame = b'<iframe src="https://www.youtube.com/embed/%011d"></iframe>'
    html = b"<article>" + b"".join(frame % number + paragraph * 550 for number in range(100)) + GOOD + b"</article>"
    found = discover_page(html, url=URL, deadline_s=HANG_S)

    assert len(html) > 5_000_000
    assert len(found.embeds) == 101
    assert len(found.article.text) > 100_000


def test_a_defect_of_a_finder_is_not_reported_as_a_lack_of_memory() -> None:
    def fail(html: bytes, url: str | None) -> DiscoveredPage:
        raise KeyError(html)

    assert b"markup" in sandbox._answer_request(GOOD, URL, fail)
