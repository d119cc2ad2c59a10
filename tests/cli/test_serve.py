"""`vidindex serve` prints its address, stops cleanly, and explains errors."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

import vidindex
from tests.processes import HANG_S, ROOT, Process, read_until, start_process, wait_until

pytest.importorskip("uvicorn")
pytest.importorskip("jinja2")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An index of one talk."""
    talk = tmp_path / "talk.en.vtt"
    talk.write_text("WEBVTT\n\n00:00.000 --> 00:04.000\nherons never hurry at all\n")
    with vidindex.open(tmp_path / "index") as index:
        index.add(talk)
    return tmp_path / "index"


def command(folder: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "vidindex", "--index", str(folder), "serve", *options]


@contextmanager
def running(folder: Path, *options: str, path: str = "", is_ready: bool = True) -> Iterator[tuple[Process, str]]:
    """Run the server, and yield its process and its address, which it prints when it *is_ready*."""
    variables = {"PYTHONPATH": f"{path}{os.pathsep}{ROOT}"} if path else {}
    with start_process(command(folder, *options), start_new_session=True, environment=variables) as server:
        try:
            *_, line = read_until(server, server.stdout, "http://") if is_ready else ["http:// later"]
            yield server, line[line.index("http://") :].split()[0]
        finally:
            server.terminate()


def search(address: str) -> int:
    """Return the number of hits; retry until the server responds."""
    totals: list[int] = []

    def has_answered() -> bool:
        with suppress(OSError), urlopen(f"{address}api/search?q=herons+never+hurry", timeout=HANG_S) as answer:
            totals.append(int(json.load(answer)["total"]))
        return bool(totals)

    wait_until(has_answered)
    return totals[0]


def refused(folder: Path, *options: str) -> str:
    done = subprocess.run(command(folder, *options), capture_output=True, text=True, timeout=HANG_S, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize("workers", ["1", "2"])
def test_it_serves_until_it_is_interrupted_and_stops_cleanly(folder: Path, workers: str) -> None:
    with running(folder, "--port", "0", "--workers", workers) as (server, address):
        assert search(address) == 1
        os.killpg(server.pid, signal.SIGINT)  # Ctrl-C also signals the worker processes
        _, said = server.communicate(timeout=HANG_S)
        assert server.returncode == 0
        assert said == ""


def test_clips_can_be_embedded_and_addresses_begin_with_https_if_that_is_asked_for(folder: Path) -> None:
    with running(folder, "--port", "0", "--workers", "1", "--embeddable", "--name", "https://clips.example") as started:
        address = started[1]
        assert search(address) == 1
        with urlopen(f"{address}api/videos", timeout=HANG_S) as answer:
            (video,) = json.load(answer)["videos"]
        request = Request(f"{address}embed/{video['id']}?t=0&end=4", headers={"Host": "clips.example"})
        with urlopen(request, timeout=HANG_S) as answer:
            assert "X-Frame-Options" not in answer.headers
            assert f"https://clips.example/video/{video['id']}?t=0&amp;end=4" in answer.read().decode()


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_cleanly_while_its_workers_are_starting(folder: Path, tmp_path: Path, stop: signal.Signals) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import os, pathlib, sys, time\n"
        "if 'spawn_main' in str(sys.orig_argv):\n"
        "    (pathlib.Path(__file__).parent / f'{os.getpid()}.started').touch()\n"
        f"    time.sleep({HANG_S})\n"
    )
    with running(folder, "--port", "0", "--workers", "2", path=str(tmp_path), is_ready=False) as (server, _):
        wait_until(lambda: len(list(tmp_path.glob("*.started"))) == 2, process=server)
        os.killpg(server.pid, stop)
        printed, said = server.communicate(timeout=HANG_S)
        assert server.returncode == 0
        assert said == printed == ""  # no address: the server was not ready


def processes_of(server: int) -> list[int]:
    """Return the worker processes of the server."""
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    return [int(child) for child in children if b"spawn_main" in command_line(int(child))]


def command_line(process: int) -> bytes:
    """Read the command line of a process; empty if it has ended."""
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""


def is_alive(process: int) -> bool:
    """Return whether a process is running; a zombie is not."""
    return bool(command_line(process))


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="requires /proc")
def test_a_process_that_dies_is_replaced(folder: Path) -> None:
    with running(folder, "--port", "0", "--workers", "2") as (server, address):
        assert search(address) == 1
        before = processes_of(server.pid)
        for process in before:
            os.kill(process, signal.SIGKILL)
        wait_until(lambda: len(set(processes_of(server.pid)) - set(before)) == 2, process=server)
        assert search(address) == 1


def ask_and_wait_for_the_end(address: str) -> None:
    """Ask over a connection of its own, and read until the server has closed it."""
    host, port = address.removeprefix("http://").rstrip("/").split(":")
    with socket.create_connection((host, int(port)), timeout=HANG_S) as connection:
        connection.sendall(f"GET /api/stats HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert answer.startswith(b"HTTP/1.1 200 ")


def sockets_of(process: int) -> int:
    targets: list[str] = []
    for file in Path(f"/proc/{process}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            targets.append(str(file.readlink()))
    return sum(target.startswith("socket:") for target in targets)


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="requires /proc")
def test_workers_get_connections_in_turn(folder: Path) -> None:
    with running(folder, "--port", "0", "--workers", "2") as (server, address), ExitStack() as opened:
        wait_until(lambda: len(processes_of(server.pid)) == 2, process=server)
        for _ in range(8):
            ask_and_wait_for_the_end(address)  # both workers have started
        before = {process: sockets_of(process) for process in processes_of(server.pid)}
        for _ in range(8):
            connection = opened.enter_context(closing(HTTPConnection(address[7:-1], timeout=HANG_S)))
            connection.request("GET", "/api/search?q=herons")
            assert connection.getresponse().read()
        assert [sockets_of(process) - count for process, count in before.items()] == [4, 4]


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="requires /proc")
def test_workers_stop_when_the_server_is_killed(folder: Path) -> None:
    with running(folder, "--port", "0", "--workers", "2") as (server, address):
        assert search(address) == 1
        left = processes_of(server.pid)
        server.kill()
        wait_until(lambda: not any(map(is_alive, left)))


def test_failing_workers_stop_the_server_with_a_reason(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\nif 'spawn_main' in str(sys.orig_argv): sys.exit(7)\n")
    with running(folder, "--port", "0", "--workers", "2", path=str(tmp_path), is_ready=False) as (server, _):
        _, said = server.communicate(timeout=HANG_S)
    assert server.returncode == 2
    assert "a worker process of the server failed at start-up (exit code " in said


def test_it_stops_cleanly_on_sigterm(folder: Path) -> None:
    with running(folder, "--port", "0") as (server, address):
        assert search(address) == 1
        server.terminate()
        _, said = server.communicate(timeout=HANG_S)
        assert "Traceback" not in said


def test_a_port_that_is_taken_is_named(folder: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        assert f"port {port}: another program uses it; choose another port with --port" in refused(
            folder, "--port", port
        )


def test_an_invalid_host_is_named(folder: Path) -> None:
    assert "choose another with --host" in refused(folder, "--host", "192.0.2.1", "--port", "0")


def test_without_an_index_it_says_how_to_make_one(tmp_path: Path) -> None:
    assert "create one with `vidindex add TARGET`" in refused(tmp_path / "nothing", "--port", "0")


def test_it_warns_if_others_can_reach_it(folder: Path) -> None:
    with running(folder, "--host", "0.0.0.0", "--port", "0") as (server, address):
        assert search(address) == 1
        server.send_signal(signal.SIGINT)
        assert "everyone who can reach 0.0.0.0 can read this index" in server.communicate(timeout=HANG_S)[1]


def test_without_the_extra_it_says_how_to_get_it(folder: Path, tmp_path: Path) -> None:
    # As in an installation without the extra, importing uvicorn fails.
    code = "import sys; sys.modules['uvicorn'] = None\nfrom vidindex.cli.main import main\nmain()"
    asked = [sys.executable, "-c", code, "--index", str(folder), "serve"]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=HANG_S, check=False)
    assert done.returncode == 2
    assert "pip install 'vidindex[web]'" in done.stderr
