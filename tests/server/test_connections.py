"""Clients that send or read slowly are disconnected, and never lock out the others: with real servers."""

from __future__ import annotations

import asyncio
import http.client
import resource
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

pytest.importorskip("uvicorn")

import uvicorn
from uvicorn.server import ServerState

import vidindex
from tests.conftest import webvtt
from tests.processes import HANG_S, Process, kill, read_until, start_process, wait_until
from vidindex.server.connections import ConnectionLimits, ConnectionTable, LimitedProtocol

needs_proc = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")

HALF_HEAD = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n"
HEAD = HALF_HEAD + b"\r\n"

SERVER = """
import sys
from vidindex.server.connections import ConnectionLimits
from vidindex.server.run import ServeOptions, serve_index

if __name__ == "__main__":
    index, host, workers, limits = sys.argv[1], sys.argv[2], int(sys.argv[3]), eval(sys.argv[4])
    options = ServeOptions(host, 0, workers, limits=ConnectionLimits(**limits))
    serve_index(index, options=options, on_ready=lambda url: print("ready", url, flush=True))
"""

LARGE_RESPONSES = """
import asyncio, socket, sys
import uvicorn
from vidindex.server.connections import ConnectionLimits, make_protocol_factory

BODY = bytes(5_000_000)

async def answer(scope, receive, send):
    body = BODY[:-1] + b"." if scope["path"] == "/large" else b"small"  # a new one for each response
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})

factory = make_protocol_factory(ConnectionLimits(**eval(sys.argv[1])))
server = uvicorn.Server(uvicorn.Config(answer, http=factory, lifespan="off", log_config=None, ws="none"))
with socket.create_server(("127.0.0.1", 0)) as listener:
    print(f"ready http://127.0.0.1:{listener.getsockname()[1]}/", flush=True)
    server.run([listener])
"""
"""A server with responses of five megabytes, which cost no time to make."""

LARGE = b"GET /large HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"

Starter = Callable[..., "Served"]


class Served:
    """A running server."""

    def __init__(self, process: Process, port: int) -> None:
        self.process = process
        self.port = port

    def connect(self, data: bytes = b"", *, receive_buffer: int = 0) -> socket.socket:
        """Open a connection and send *data*."""
        opened = socket.socket()
        if receive_buffer:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        opened.settimeout(HANG_S)
        opened.connect(("127.0.0.1", self.port))
        opened.sendall(data)
        return opened

    def ask(self, path: str = "/api/stats") -> int:
        """Return the status of an honest request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=HANG_S)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()

    def peak_mb(self) -> int:
        """Return the maximum of the memory of the process."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) // 1024


def read_all(opened: socket.socket) -> bytes:
    """Return what the server sends until it closes the connection."""
    received = b""
    try:
        while part := opened.recv(65_536):
            received += part
    except ConnectionError:
        pass
    return received


def is_closed(opened: socket.socket) -> bool:
    """Return whether the server has closed a connection on which it sent nothing."""
    opened.setblocking(False)
    try:
        return opened.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


@pytest.fixture(scope="module")
def index_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("connections")
    (folder / "talk.en.vtt").write_text(webvtt(["the kettle is on"] * 20))
    with vidindex.open(folder / "index", engine="whoosh") as index:
        index.add(folder / "talk.en.vtt")
    return folder / "index"


@contextmanager
def serving(script: Path, *words: str | Path) -> Iterator[Served]:
    """Run a server in a process of its own."""
    process = start_process([sys.executable, script, *words])
    try:
        url = read_until(process, process.stdout, "ready")[-1].split()[1]
        yield Served(process, int(url.rstrip("/").rpartition(":")[2]))
    finally:
        kill(process)


@pytest.fixture
def start(index_folder: Path, tmp_path: Path) -> Iterator[Starter]:
    """Return a function that serves an index with given limits."""
    script = tmp_path / "server.py"
    script.write_text(SERVER)
    with ExitStack() as running:

        def start_server(*, host: str = "127.0.0.1", workers: int = 1, **limits: float) -> Served:
            return running.enter_context(serving(script, index_folder, host, str(workers), repr(limits)))

        yield start_server


@pytest.fixture
def start_large(tmp_path: Path) -> Iterator[Starter]:
    """Return a function that serves large responses with given limits."""
    script = tmp_path / "large.py"
    script.write_text(LARGE_RESPONSES)
    with ExitStack() as running:
        yield lambda **limits: running.enter_context(serving(script, repr(limits)))


@contextmanager
def many_files() -> Iterator[None]:
    """Allow this process 3,000 open files, if the system does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 3_000:
        pytest.skip("the system does not allow this many open files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 3_000), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize(("host", "workers"), [("127.0.0.1", 1), ("0.0.0.0", 1), ("0.0.0.0", 2)])
def test_half_sent_requests_lock_nobody_out(host: str, workers: int, start: Starter) -> None:
    """The timeout is so long that only room for new connections can help."""
    server = start(host=host, workers=workers, head_timeout_s=1_000.0)
    with many_files(), ExitStack() as opened:
        for _ in range(1_200 * workers):
            opened.enter_context(server.connect(HALF_HEAD))
        assert [server.ask() for _ in range(5)] == [200] * 5


def test_half_sent_requests_are_timed_out(start: Starter) -> None:
    server = start(head_timeout_s=2.0)
    with ExitStack() as opened:
        halves = [opened.enter_context(server.connect(data)) for data in (b"", b"G", HALF_HEAD) for _ in range(20)]
        for half in halves:
            assert read_all(half) == b""
    assert server.ask() == 200


def test_sending_a_header_now_and_then_does_not_extend_the_time(start: Starter) -> None:
    server = start(head_timeout_s=0.5)
    with server.connect(HALF_HEAD) as trickling:

        def send_more() -> bool:
            try:
                trickling.sendall(b"X: y\r\n")
            except ConnectionError:
                return True
            return is_closed(trickling)

        wait_until(send_more)


def test_the_time_counts_from_the_previous_response(start: Starter) -> None:
    server = start(head_timeout_s=2.0)
    with server.connect(HEAD) as opened:
        answer = opened.recv(65_536)
        opened.sendall(b"G")  # stops the keep-alive timer of uvicorn
        assert answer.startswith(b"HTTP/1.1 200")
        read_all(opened)


def test_an_open_request_does_not_delay_an_answer_to_the_same_client(start: Starter) -> None:
    """A client that takes a while, but not too long, is served."""
    server = start()
    with server.connect(HALF_HEAD) as opened:
        assert server.ask() == 200
        opened.sendall(b"Connection: close\r\n\r\n")
        assert read_all(opened).startswith(b"HTTP/1.1 200")


def test_a_client_that_does_not_read_is_disconnected(start_large: Starter) -> None:
    server = start_large(read_timeout_s=0.3)
    with server.connect(LARGE, receive_buffer=2_048) as stalled:
        wait_until(lambda: stalled.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
    assert server.ask("/") == 200


class FakeTransport(asyncio.Transport):
    """A transport with bytes that its client has not read."""

    def __init__(self, unsent: int) -> None:
        super().__init__({"socket": socket.socket()})
        self.unsent = unsent

    def get_write_buffer_size(self) -> int:
        return self.unsent


@pytest.fixture
def slow_client() -> Iterator[tuple[LimitedProtocol, FakeTransport]]:
    """A connection with a response of a megabyte."""
    transport = FakeTransport(1_000_000)
    with asyncio.Runner() as runner:
        runner.run(asyncio.sleep(0))
        config = uvicorn.Config(lambda: None, log_config=None)
        table = ConnectionTable(ConnectionLimits())
        protocol = table.make_protocol(config=config, server_state=ServerState(), app_state={}, _loop=runner.get_loop())
        protocol.connection_made(transport)
        yield protocol, transport
        transport.get_extra_info("socket").close()


def test_a_client_that_reads_slowly_is_not_disconnected(slow_client: tuple[LimitedProtocol, FakeTransport]) -> None:
    protocol, transport = slow_client
    limits = ConnectionLimits(read_timeout_s=60.0)
    for minute in range(20):
        assert not protocol.is_overdue(1000.0 + 50 * minute, limits)
        transport.unsent -= 20_000


def test_a_client_that_reads_almost_nothing_is_disconnected(slow_client: tuple[LimitedProtocol, FakeTransport]) -> None:
    protocol, transport = slow_client
    limits = ConnectionLimits(read_timeout_s=60.0)
    overdue = []
    for second in range(100):
        overdue.append(protocol.is_overdue(1000.0 + second, limits))
        transport.unsent -= 10
    assert overdue.index(True) == 61


def test_the_last_request_counts_from_the_end_of_a_slow_response(
    slow_client: tuple[LimitedProtocol, FakeTransport],
) -> None:
    protocol, transport = slow_client
    limits = ConnectionLimits(head_timeout_s=10.0)
    assert not protocol.is_overdue(1000.0, limits)
    transport.unsent = 0
    assert [protocol.is_overdue(now, limits) for now in (1050.0, 1059.0, 1061.0)] == [False, False, True]


@needs_proc
def test_responses_that_nobody_reads_take_little_memory(start_large: Starter) -> None:
    """Each of 160 clients requests five megabytes, again and again."""
    server = start_large(max_unsent_bytes=20_000_000)
    with ExitStack() as opened:
        for _ in range(160):
            opened.enter_context(server.connect(LARGE * 20, receive_buffer=2_048))
            assert server.ask("/") == 200
        assert server.peak_mb() < 300


BAD_REQUESTS = {
    "null": b"GET /\0 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "bytes": b"GET /\xff\xfe HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "long-url": b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "long-name": HALF_HEAD + b"a" * 200_000 + b": b\r\n\r\n",
    "many-headers": HALF_HEAD + b"a:b\r\n" * 20_000 + b"\r\n",
    "201-headers": HALF_HEAD + b"a:b\r\n" * 201 + b"\r\n",
    "two-lengths": HALF_HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two-hosts": HALF_HEAD + b"Host: other\r\n\r\n",
    "http2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "folded": HALF_HEAD + b" folded\r\n\r\n",
    "no-host": b"GET / HTTP/1.1\r\n\r\n",
}


@pytest.mark.parametrize("name", BAD_REQUESTS)
def test_a_bad_request_is_refused_and_closed(name: str, start: Starter) -> None:
    server = start()
    with server.connect() as opened:
        try:
            opened.sendall(BAD_REQUESTS[name])
        except ConnectionError:  # refused before all of it was sent
            return
        received = read_all(opened)
    assert received == b"" or received.startswith((b"HTTP/1.1 400", b"HTTP/1.1 431"))
    assert server.ask() == 200


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GET /api/stats HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n", 200),
        (b"GET http://127.0.0.1/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", 404),
        (b"GET /%ff%00?q=%ff%00 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", 404),
        (b"GET /api/stats HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n", 200),
        (b"GET /api/stats HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", 200),
        (b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 999999999\r\n\r\nabc", 405),
        (b"CONNECT evil.example:443 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 405),
        (b"GET /api/search?q=" + b"a" * 9_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", 200),
    ],
    ids=["http/1.0", "absolute", "percent", "expect", "chunked", "post", "connect", "long"],
)
def test_an_unusual_request_is_answered_and_closed(request_bytes: bytes, status: int, start: Starter) -> None:
    server = start()
    with server.connect(request_bytes) as opened:
        assert read_all(opened).startswith(b"HTTP/1.1 %d" % status)


def test_pipelined_requests_are_answered_in_order(start: Starter) -> None:
    server = start()
    paths = [b"/api/stats", b"/nowhere"] * 20
    requests = b"".join(b"GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" % path for path in paths)
    with server.connect(requests + b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n") as opened:
        statuses = [part[:3] for part in read_all(opened).split(b"HTTP/1.1 ")[1:]]
    assert statuses == [b"200", b"404"] * 20 + [b"200"]


@needs_proc
def test_an_endless_body_ends_the_connection(start: Starter) -> None:
    server = start()
    head = b"GET /api/stats HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    with server.connect(head) as opened:

        def send_more() -> bool:
            try:
                opened.sendall(b"10000\r\n" + b"\n" * 65_536 + b"\r\n")
            except ConnectionError:
                return True
            return False

        wait_until(send_more)
    assert server.ask() == 200
    assert server.peak_mb() < 200
