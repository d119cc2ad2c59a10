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
from . import Found

MAX_MEMORY = 700_000_000
_HEAD = struct.Struct("!Q")
_PAGES_EACH = 500
_START_S = 20.0
_MAX_ANSWER = 64_000_000


def discover_in_worker(html: bytes, *, url: str | None, deadline_s: float, max_bytes: int) -> Found:
    """Have the worker read *html*; see `vidindex.pages.embeds.discover`."""
    if len(html) > max_bytes:
        raise DiscoveryError(
            url or "the page", f"it has {len(html):,} bytes, more than the {max_bytes:,} that are read"
        )
    with _LOCK:
        return _WORKER.ask(html, url, deadline_s)


class _TimeoutError(Exception):
    pass


class _DiedError(Exception):
    pass


class Worker:
    """One child process that reads pages, started when first needed and after each kill."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._asked = 0
        self._owner = os.getpid()

    def ask(self, html: bytes, url: str | None, deadline_s: float) -> Found:
        """Send one page and wait for its answer until the deadline."""
        child = self._running()
        self._asked += 1
        try:
            answer = _exchange(child, pickle.dumps((html, url)), time.monotonic() + deadline_s)
        except _TimeoutError:
            self.stop()
            raise DiscoveryError(url or "the page", f"it was not read within {deadline_s:g} s") from None
        except (_DiedError, OSError) as cause:
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
        if child is None or self._owner != os.getpid():
            return
        _end(child)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._owner != os.getpid():
            # After a fork the child is the parent's: leave it alone.
            self._child, self._owner = None, os.getpid()
        # A worker that has read many pages is replaced: what leaks in it goes with it.
        if self._child is None or self._child.poll() is not None or self._asked >= _PAGES_EACH:
            self.stop()
            self._child, self._asked = _start(), 0
        return self._child


def _start() -> subprocess.Popen[bytes]:
    """Start a child and wait until it has imported what it needs: that is not the page's fault."""
    root = str(Path(__file__).resolve().parents[3])
    code = f"import sys; sys.path.insert(0, {root!r}); from vidindex.pages.embeds.sandbox import serve; serve()"
    # -P: nothing that lies in the working directory is imported.
    command = [sys.executable, "-P", "-c", code]
    child = subprocess.Popen(  # noqa: S603 - ourselves
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
    )
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            os.set_blocking(pipe.fileno(), False)
    try:
        _exchange(child, b"", time.monotonic() + _START_S)
    except (_TimeoutError, _DiedError, OSError) as cause:
        _end(child)
        raise DiscoveryError("the page", "the worker process does not start; see `vidindex doctor`") from cause
    return child


def _end(child: subprocess.Popen[bytes]) -> None:
    child.kill()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            pipe.close()
    child.wait()


def _exchange(child: subprocess.Popen[bytes], message: bytes, deadline: float) -> Found | str:
    """Write *message* to *child* and read its answer, both before *deadline*."""
    if child.stdin is None or child.stdout is None:
        raise _DiedError
    waiting = memoryview(_HEAD.pack(len(message)) + message)
    received = bytearray()
    with DefaultSelector() as selector:
        selector.register(child.stdout, EVENT_READ)
        selector.register(child.stdin, EVENT_WRITE)
        while not _complete(received):
            ready = selector.select(deadline - time.monotonic()) if time.monotonic() < deadline else []
            if not ready:
                raise _TimeoutError
            for key, _ in ready:
                if key.fileobj is child.stdin:
                    waiting = waiting[os.write(key.fd, waiting[:65536]) :]
                    if not waiting:
                        selector.unregister(child.stdin)
                else:
                    _receive(key.fd, received)
    answer: Found | str = pickle.loads(received[_HEAD.size :])  # noqa: S301 - from our own child
    return answer


def _receive(fd: int, received: bytearray) -> None:
    block = os.read(fd, 1 << 20)
    if not block or len(received) > _MAX_ANSWER:
        raise _DiedError
    received += block


def _complete(received: bytearray) -> bool:
    return len(received) >= _HEAD.size and len(received) - _HEAD.size >= _HEAD.unpack_from(received)[0]


def serve(read: BinaryIO | None = None, write: BinaryIO | None = None) -> None:
    """Answer pages until the parent goes away: the worker's own main loop."""
    source, sink = read or sys.stdin.buffer, write or sys.stdout.buffer
    _limit()
    warm = _warm()
    while len(head := source.read(_HEAD.size)) == _HEAD.size:
        message = source.read(_HEAD.unpack(head)[0])
        answer = pickle.dumps(_answer(message, warm) if message else "")
        sink.write(_HEAD.pack(len(answer)) + answer)
        sink.flush()


def _warm() -> Callable[[bytes, str | None], Found]:
    """Import what reading a page needs, and give the function that reads one."""
    from ..article import read_article
    from . import find_embeds
    from .ytdlp import known_to_ytdlp

    known_to_ytdlp("https://example.invalid/video/1")
    find_embeds(b"<p>warm</p>")

    def both(html: bytes, url: str | None) -> Found:
        return Found(read_article(html, url=url), tuple(find_embeds(html, url)))

    return both


def _answer(message: bytes, read_page: Callable[[bytes, str | None], Found]) -> Found | str:
    html, url = pickle.loads(message)  # noqa: S301 - from our own parent
    try:
        return read_page(html, url)
    except MemoryError:
        return "it needs more memory than it may have"
    except RecursionError:
        return "it is nested too deeply"


def _limit() -> None:
    """Bound what this process may use, and leave interrupts to the parent."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)


_LOCK = threading.Lock()
_WORKER = Worker()
atexit.register(_WORKER.stop)
