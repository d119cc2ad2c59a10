"""Discovery in a worker process, which can be killed: pages can be hostile, and C parsers cannot be interrupted.

The worker is reused for the next page to save start-up time.  If a page takes too long or needs too much memory, the
worker is killed, and the next page starts another one.
"""

from __future__ import annotations

import atexit
import os
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
from ...transcripts.process_limits import limit_process, renew_cpu_limit
from ..ytdlp_plugins import allowed_plugin_folders
from .discovered import DiscoveredPage
from .page_codec import FAILURE_REASONS, MAX_ANSWER_BYTES, decode_page, encode_failure, encode_page

MAX_MEMORY_BYTES = 280_000_000
_MAX_ADDRESS_SPACE_BYTES = 700_000_000
_REQUEST_HEADER = struct.Struct("!II")  # the lengths of the URL and of the page
_ANSWER_HEADER = struct.Struct("!I")
_NO_URL = 0xFFFFFFFF
_READY = b"ready"
_MAX_PAGES_PER_CHILD = 500
_START_TIMEOUT_S = 60.0
_MAX_CPU_S_PER_PAGE = 60


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
        self._plugin_folders: tuple[str, ...] = ()
        self._owner_pid = os.getpid()

    def discover(self, html: bytes, url: str | None, deadline_s: float) -> DiscoveredPage:
        """Read one page in the child process within *deadline_s*.

        Raises `DiscoveryError` if the page takes too long or too much memory, or the answer is not valid.
        """
        child = self._ensure_child()
        self._page_count += 1
        try:
            answer = _exchange_message(child, _encode_request(html, url), time.monotonic() + deadline_s)
            found = decode_page(answer, url)
        except TimeoutError:
            self.stop()
            raise DiscoveryError(url or "the page", f"it was not read within {deadline_s:g} s") from None
        except (EOFError, OSError) as exc:
            self.stop()
            raise DiscoveryError(url or "the page", "reading it takes too much memory") from exc
        except ValueError as exc:
            self.stop()
            raise DiscoveryError(url or "the page", "the worker process gave an invalid answer about it") from exc
        except BaseException:
            self.stop()
            raise
        if isinstance(found, str):
            raise DiscoveryError(url or "the page", FAILURE_REASONS[found])
        return found

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
        is_used_up = self._page_count >= _MAX_PAGES_PER_CHILD or self._plugin_folders != allowed_plugin_folders()
        if self._child is None or self._child.poll() is not None or is_used_up:
            self.stop()
            self._plugin_folders = allowed_plugin_folders()
            self._child, self._page_count = _start_child(), 0
        return self._child


def _start_child() -> subprocess.Popen[bytes]:
    """Start a child process and wait until its imports are done: they must not count against the deadline of a page.

    Raises `DiscoveryError` if it does not start.
    """
    root = str(Path(__file__).resolve().parents[3])
    code = (
        f"import sys; sys.path.insert(0, {root!r}); "
        "from vidindex.pages.ytdlp_plugins import allow_plugin_folders; allow_plugin_folders(sys.argv[1:]); "
        "from vidindex.pages.embeds.sandbox import serve_pages; serve_pages()"
    )
    # -P: import nothing from the working directory.
    command = [sys.executable, "-P", "-c", code, *allowed_plugin_folders()]
    child = subprocess.Popen(  # noqa: S603 - this program itself
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
    )
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            os.set_blocking(pipe.fileno(), False)
    try:
        if _exchange_message(child, b"", time.monotonic() + _START_TIMEOUT_S) != _READY:
            raise EOFError
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


def _encode_request(html: bytes, url: str | None) -> bytes:
    encoded = b"" if url is None else url.encode("utf-8", "surrogatepass")
    header = _REQUEST_HEADER.pack(_NO_URL if url is None else len(encoded), len(html))
    return b"".join((header, encoded, html))


def _exchange_message(child: subprocess.Popen[bytes], message: bytes, deadline: float) -> bytes:
    """Write *message* to *child*, unless it is empty, and return its answer, both before *deadline*.

    Raises `TimeoutError` after the deadline, and `EOFError` or `OSError` if the child process ended or wrote more than
    an answer.
    """
    if child.stdin is None or child.stdout is None:
        raise EOFError
    unsent = memoryview(message)
    received = bytearray()
    with DefaultSelector() as selector:
        selector.register(child.stdout, EVENT_READ)
        if unsent:
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
    if unsent:  # it answered before it could know the page
        raise EOFError
    return bytes(memoryview(received)[_ANSWER_HEADER.size :])


def _receive_block(fd: int, received: bytearray) -> None:
    block = os.read(fd, 1 << 16)
    if not block:
        raise EOFError
    received += block


def _is_complete(received: bytearray) -> bool:
    """Return whether *received* is a whole answer.  Raises `EOFError` if it is too long."""
    if len(received) < _ANSWER_HEADER.size:
        return False
    expected: int = _ANSWER_HEADER.unpack_from(received)[0]
    if expected > MAX_ANSWER_BYTES or len(received) > _ANSWER_HEADER.size + expected:
        raise EOFError
    return len(received) == _ANSWER_HEADER.size + expected


def serve_pages(source_file: BinaryIO | None = None, sink_file: BinaryIO | None = None) -> None:
    """Run the main loop of the worker: answer requests until the parent closes the pipe."""
    source, sink = source_file or sys.stdin.buffer, sink_file or sys.stdout.buffer
    read_page = _preload()
    limit_process(memory_bytes=MAX_MEMORY_BYTES, address_space_bytes=_MAX_ADDRESS_SPACE_BYTES)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles interrupts
    _send_answer(sink, _READY)
    while len(header := source.read(_REQUEST_HEADER.size)) == _REQUEST_HEADER.size:
        renew_cpu_limit(_MAX_CPU_S_PER_PAGE)
        url_length, html_length = _REQUEST_HEADER.unpack(header)
        url = None if url_length == _NO_URL else source.read(url_length).decode("utf-8", "surrogatepass")
        _send_answer(sink, _answer_request(source.read(html_length), url, read_page))


def _send_answer(sink: BinaryIO, answer: bytes) -> None:
    sink.write(_ANSWER_HEADER.pack(len(answer)) + answer)
    sink.flush()


def _preload() -> Callable[[bytes, str | None], DiscoveredPage]:
    """Import everything that reading a page needs, and return the function that reads one."""
    from .page_reading import read_page
    from .ytdlp import match_extractor

    match_extractor("https://example.invalid/video/1")
    read_page(b"<p>warm</p>", None)
    return read_page


def _answer_request(html: bytes, url: str | None, read_page: Callable[[bytes, str | None], DiscoveredPage]) -> bytes:
    try:
        return encode_page(read_page(html, url), url)
    except MemoryError:
        return encode_failure("memory")
    except RecursionError:
        return encode_failure("nesting")
    except Exception:  # a defect in a finder must neither look like a lack of memory nor end the process
        return encode_failure("markup")


_SANDBOX_LOCK = threading.Lock()
_SANDBOX = PageSandbox()
atexit.register(_SANDBOX.stop)
