"""Discovery in a process of its own, that can be killed: pages are hostile, and parsers written in C cannot be stopped.

The worker stays for the next page, so that a page costs no start-up.  It is killed when a page takes too long,
or when the memory it may use does not suffice, and another takes its place.
"""

from __future__ import annotations

import atexit
import os
import pickle
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from selectors import EVENT_READ, EVENT_WRITE, DefaultSelector
from typing import BinaryIO

from ...errors import DiscoveryError
from .discovered import DiscoveredPage

MAX_MEMORY_BYTES = 700_000_000
_LENGTH_HEADER = struct.Struct("!Q")
_MAX_PAGES_PER_CHILD = 500
_START_TIMEOUT_S = 20.0
_MAX_ANSWER_BYTES = 64_000_000


def discover_in_sandbox(html: bytes, *, url: str | None, deadline_s: float, max_bytes: int) -> DiscoveredPage:
    """Have the worker read *html*; see `vidindex.pages.embeds.discover`."""
    if len(html) > max_bytes:
        raise DiscoveryError(
            url or "the page", f"it has {len(html):,} bytes, more than the {max_bytes:,} that are read"
        )
    with _SANDBOX_LOCK:
        return _SANDBOX.discover(html, url, deadline_s)


class _SandboxTimeoutError(Exception):
    pass


class _SandboxDiedError(Exception):
    pass


class PageSandbox:
    """One child process that reads pages, started when first needed and after each kill."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._page_count = 0
        self._owner_pid = os.getpid()

    def discover(self, html: bytes, url: str | None, deadline_s: float) -> DiscoveredPage:
        """Send one page and wait for its answer until the deadline."""
        child = self._ensure_child()
        self._page_count += 1
        try:
            answer = _exchange_message(child, pickle.dumps((html, url)), time.monotonic() + deadline_s)
        except _SandboxTimeoutError:
            self.stop()
            raise DiscoveryError(url or "the page", f"it was not read within {deadline_s:g} s") from None
        except (_SandboxDiedError, OSError) as cause:
            self.stop()
            raise DiscoveryError(url or "the page", "it needs more memory than it may have") from cause
        except BaseException:
            self.stop()
            raise
        if isinstance(answer, str):
            raise DiscoveryError(url or "the page", answer)
        return answer

    def stop(self) -> None:
        """Kill the child, if there is one."""
        child, self._child = self._child, None
        if child is None or self._owner_pid != os.getpid():
            return
        _kill_child(child)

    def _ensure_child(self) -> subprocess.Popen[bytes]:
        if self._owner_pid != os.getpid():
            # After a fork the child is the parent's: leave it alone.
            self._child, self._owner_pid = None, os.getpid()
        # A worker that has read many pages is replaced: what leaks in it goes with it.
        if self._child is None or self._child.poll() is not None or self._page_count >= _MAX_PAGES_PER_CHILD:
            self.stop()
            self._child, self._page_count = _start_child(), 0
        return self._child


def _start_child() -> subprocess.Popen[bytes]:
    """Start a child and wait until it has imported what it needs: that is not the page's fault."""
    root = str(Path(__file__).resolve().parents[3])
    code = f"import sys; sys.path.insert(0, {root!r}); from vidindex.pages.embeds.sandbox import serve_pages; serve_pages()"
    # -P: nothing that lies in the working directory is imported.
    command = [sys.executable, "-P", "-c", code]
    child = subprocess.Popen(  # noqa: S603 - ourselves
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
    )
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            os.set_blocking(pipe.fileno(), False)
    try:
        _exchange_message(child, b"", time.monotonic() + _START_TIMEOUT_S)
    except (_SandboxTimeoutError, _SandboxDiedError, OSError) as cause:
        _kill_child(child)
        raise DiscoveryError("the page", "the worker process does not start; see `vidindex doctor`") from cause
    return child


def _kill_child(child: subprocess.Popen[bytes]) -> None:
    child.kill()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            pipe.close()
    child.wait()


def _exchange_message(child: subprocess.Popen[bytes], message: bytes, deadline: float) -> DiscoveredPage | str:
    """Write *message* to *child* and read its answer, both before *deadline*."""
    if child.stdin is None or child.stdout is None:
        raise _SandboxDiedError
    waiting = memoryview(_LENGTH_HEADER.pack(len(message)) + message)
    received = bytearray()
    with DefaultSelector() as selector:
        selector.register(child.stdout, EVENT_READ)
        selector.register(child.stdin, EVENT_WRITE)
        while not _is_complete(received):
            ready = selector.select(deadline - time.monotonic()) if time.monotonic() < deadline else []
            if not ready:
                raise _SandboxTimeoutError
            for key, _ in ready:
                if key.fileobj is child.stdin:
                    waiting = waiting[os.write(key.fd, waiting[:65536]) :]
                    if not waiting:
                        selector.unregister(child.stdin)
                else:
                    _receive_block(key.fd, received)
    answer: DiscoveredPage | str = pickle.loads(received[_LENGTH_HEADER.size :])  # noqa: S301 - from our own child
    return answer


def _receive_block(fd: int, received: bytearray) -> None:
    block = os.read(fd, 1 << 20)
    if not block or len(received) > _MAX_ANSWER_BYTES:
        raise _SandboxDiedError
    received += block


def _is_complete(received: bytearray) -> bool:
    return (
        len(received) >= _LENGTH_HEADER.size
        and len(received) - _LENGTH_HEADER.size >= _LENGTH_HEADER.unpack_from(received)[0]
    )


def serve_pages(source_file: BinaryIO | None = None, sink_file: BinaryIO | None = None) -> None:
    """Answer pages until the parent goes away: the worker's own main loop."""
    source, sink = source_file or sys.stdin.buffer, sink_file or sys.stdout.buffer
    _limit_resources()
    warm = _preload()
    while len(head := source.read(_LENGTH_HEADER.size)) == _LENGTH_HEADER.size:
        message = source.read(_LENGTH_HEADER.unpack(head)[0])
        answer = pickle.dumps(_answer_request(message, warm) if message else "")
        sink.write(_LENGTH_HEADER.pack(len(answer)) + answer)
        sink.flush()


def _preload() -> Callable[[bytes, str | None], DiscoveredPage]:
    """Import what reading a page needs, and give the function that reads one."""
    from ..article import read_article
    from .finder import find_page_embeds
    from .ytdlp import match_extractor

    match_extractor("https://example.invalid/video/1")
    find_page_embeds(b"<p>warm</p>", None)

    def read_article_and_embeds(html: bytes, url: str | None) -> DiscoveredPage:
        return DiscoveredPage(read_article(html, url=url), tuple(find_page_embeds(html, url)))

    return read_article_and_embeds


def _answer_request(message: bytes, read_page: Callable[[bytes, str | None], DiscoveredPage]) -> DiscoveredPage | str:
    html, url = pickle.loads(message)  # noqa: S301 - from our own parent
    try:
        return read_page(html, url)
    except MemoryError:
        return "it needs more memory than it may have"
    except RecursionError:
        return "it is nested too deeply"


def _limit_resources() -> None:
    """Bound what this process may use, and leave interrupts to the parent."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)


_SANDBOX_LOCK = threading.Lock()
_SANDBOX = PageSandbox()
atexit.register(_SANDBOX.stop)
