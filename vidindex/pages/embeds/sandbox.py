"""Discovery in a worker process, which can be killed: pages can be hostile, and C parsers cannot be interrupted.

The worker is reused for the next page to save start-up time.  If a page takes too long or needs too much memory, the
worker is killed, and the next page starts another one.
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
_START_TIMEOUT_S = 60.0
_MAX_ANSWER_BYTES = 64_000_000


def discover_in_sandbox(html: bytes, *, url: str | None, deadline_s: float, max_bytes: int) -> DiscoveredPage:
    """Read *html* in the worker process; see `vidindex.pages.embeds.discover_page`."""
    if len(html) > max_bytes:
        raise DiscoveryError(url or "the page", f"it has {len(html):,} bytes, more than the {max_bytes:,} allowed")
    with _SANDBOX_LOCK:
        return _SANDBOX.discover(html, url, deadline_s)


class PageSandbox:
    """A child process that reads pages; it is started at first use and after each kill."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._page_count = 0
        self._owner_pid = os.getpid()

    def discover(self, html: bytes, url: str | None, deadline_s: float) -> DiscoveredPage:
        """Read one page in the child process within *deadline_s*.

        Raises `DiscoveryError` if the page takes too long or too much memory.
        """
        child = self._ensure_child()
        self._page_count += 1
        try:
            answer = _exchange_message(child, pickle.dumps((html, url)), time.monotonic() + deadline_s)
        except TimeoutError:
            self.stop()
            raise DiscoveryError(url or "the page", f"it was not read within {deadline_s:g} s") from None
        except (EOFError, OSError) as exc:
            self.stop()
            raise DiscoveryError(url or "the page", "reading it takes too much memory") from exc
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
            # After a fork, the child process belongs to the parent: do not use or kill it.
            self._child, self._owner_pid = None, os.getpid()
        # Replace a worker after many pages to free memory that it leaked.
        if self._child is None or self._child.poll() is not None or self._page_count >= _MAX_PAGES_PER_CHILD:
            self.stop()
            self._child, self._page_count = _start_child(), 0
        return self._child


def _start_child() -> subprocess.Popen[bytes]:
    """Start a child process and wait until its imports are done: they must not count against the deadline of a page.

    Raises `DiscoveryError` if it does not start.
    """
    root = str(Path(__file__).resolve().parents[3])
    code = (
        f"import sys; sys.path.insert(0, {root!r}); "
        "from vidindex.pages.embeds.sandbox import serve_pages; serve_pages()"
    )
    # -P: import nothing from the working directory.
    command = [sys.executable, "-P", "-c", code]
    child = subprocess.Popen(  # noqa: S603 - this program itself
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
    )
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            os.set_blocking(pipe.fileno(), False)
    try:
        _exchange_message(child, b"", time.monotonic() + _START_TIMEOUT_S)
    except (EOFError, OSError) as exc:
        _kill_child(child)
        raise DiscoveryError("the page", "the worker process did not start; run `vidindex doctor`") from exc
    return child


def _kill_child(child: subprocess.Popen[bytes]) -> None:
    child.kill()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            pipe.close()
    child.wait()


def _exchange_message(child: subprocess.Popen[bytes], message: bytes, deadline: float) -> DiscoveredPage | str:
    """Write *message* to *child* and return its answer, both before *deadline*.

    The answer is the reason, as a string, if the page could not be read.

    Raises `TimeoutError` after the deadline, and `EOFError` or `OSError` if the child process ended.
    """
    if child.stdin is None or child.stdout is None:
        raise EOFError
    unsent = memoryview(_LENGTH_HEADER.pack(len(message)) + message)
    received = bytearray()
    with DefaultSelector() as selector:
        selector.register(child.stdout, EVENT_READ)
        selector.register(child.stdin, EVENT_WRITE)
        while not _is_complete(received):
            ready = selector.select(deadline - time.monotonic()) if time.monotonic() < deadline else []
            if not ready:
                raise TimeoutError
            for key, _ in ready:
                if key.fileobj is child.stdin:
                    unsent = unsent[os.write(key.fd, unsent[:65536]) :]
                    if not unsent:
                        selector.unregister(child.stdin)
                else:
                    _receive_block(key.fd, received)
    answer: DiscoveredPage | str = pickle.loads(received[_LENGTH_HEADER.size :])  # noqa: S301 - from our own child
    return answer


def _receive_block(fd: int, received: bytearray) -> None:
    block = os.read(fd, 1 << 20)
    if not block or len(received) > _MAX_ANSWER_BYTES:
        raise EOFError
    received += block


def _is_complete(received: bytearray) -> bool:
    return (
        len(received) >= _LENGTH_HEADER.size
        and len(received) - _LENGTH_HEADER.size >= _LENGTH_HEADER.unpack_from(received)[0]
    )


def serve_pages(source_file: BinaryIO | None = None, sink_file: BinaryIO | None = None) -> None:
    """Run the main loop of the worker: answer requests until the parent closes the pipe."""
    source, sink = source_file or sys.stdin.buffer, sink_file or sys.stdout.buffer
    _limit_resources()
    read_page = _preload()
    while len(header := source.read(_LENGTH_HEADER.size)) == _LENGTH_HEADER.size:
        message = source.read(_LENGTH_HEADER.unpack(header)[0])
        answer = pickle.dumps(_answer_request(message, read_page) if message else "")
        sink.write(_LENGTH_HEADER.pack(len(answer)) + answer)
        sink.flush()


def _preload() -> Callable[[bytes, str | None], DiscoveredPage]:
    """Import everything that reading a page needs, and return the function that reads one."""
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
        return "reading it takes too much memory"
    except RecursionError:
        return "its elements are nested too deeply"


def _limit_resources() -> None:
    """Limit the memory of this process, and ignore interrupts, which the parent handles."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)


_SANDBOX_LOCK = threading.Lock()
_SANDBOX = PageSandbox()
atexit.register(_SANDBOX.stop)
