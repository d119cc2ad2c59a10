"""`vidindex serve` says where it is, ends quietly, and explains why it cannot."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

import vidindex

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
def running(folder: Path, *options: str, path: str = "") -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start the server; give it with its address."""
    with subprocess.Popen(
        command(folder, *options),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": path},
    ) as server:
        assert server.stdout is not None
        said = re.search(r"http://\S+", server.stdout.readline())
        try:
            assert said is not None
            yield server, said[0]
        finally:
            server.terminate()


def search(address: str) -> int:
    """Ask until the server answers."""
    for _ in range(200):
        try:
            with urllib.request.urlopen(f"{address}api/search?q=herons+never+hurry", timeout=10) as answer:
                return int(json.load(answer)["total"])
        except OSError:
            time.sleep(0.05)
    raise AssertionError("no answer")


def refused(folder: Path, *options: str) -> str:
    done = subprocess.run(command(folder, *options), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize("workers", ["1", "2"])
def test_it_serves_until_it_is_interrupted_and_ends_quietly(folder: Path, workers: str) -> None:
    with running(folder, "--port", "0", "--workers", workers) as (server, address):
        assert search(address) == 1
        os.killpg(server.pid, signal.SIGINT)  # as Ctrl-C does: its children are told too
        _, said = server.communicate(timeout=30)
        assert server.returncode == 0
        assert said == ""


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_quietly_while_its_processes_are_still_starting(
    folder: Path, tmp_path: Path, stop: signal.Signals
) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import pathlib, sys, time\n"
        "if 'spawn_main' in str(sys.orig_argv):\n"
        "    (pathlib.Path(__file__).parent / f'{time.monotonic_ns()}.started').touch()\n"
        "    time.sleep(60)\n"
    )
    with running(folder, "--port", "0", "--workers", "2", path=str(tmp_path)) as (server, _):
        while len(list(tmp_path.glob("*.started"))) < 2:
            time.sleep(0.01)
        os.killpg(server.pid, stop)
        _, said = server.communicate(timeout=30)
        assert server.returncode == 0
        assert said == ""


def processes_of(server: int) -> list[int]:
    """Tell which processes answer for the server."""
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    named = [(int(each), Path(f"/proc/{each}/cmdline").read_text()) for each in children]
    return [child for child, name in named if "spawn_main" in name]


def is_alive(process: int) -> bool:
    """Check that a process is there and has not ended, though nobody may have looked at how."""
    try:
        return bool(Path(f"/proc/{process}/cmdline").read_bytes())
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="the system does not tell its processes")
def test_a_process_that_dies_is_replaced(folder: Path) -> None:
    with running(folder, "--port", "0", "--workers", "2") as (server, address):
        assert search(address) == 1
        before = processes_of(server.pid)
        for process in before:
            os.kill(process, signal.SIGKILL)
        for _ in range(1000):
            if len(set(processes_of(server.pid)) - set(before)) == 2:
                break
            time.sleep(0.02)
        else:
            raise AssertionError("not all are replaced")
        assert search(address) == 1


def sockets_of(process: int) -> int:
    return sum(str(file.readlink()).startswith("socket:") for file in Path(f"/proc/{process}/fd").iterdir())


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="the system does not tell its processes")
def test_its_processes_are_given_connections_in_turn(folder: Path) -> None:
    with running(folder, "--port", "0", "--workers", "2") as (server, address), ExitStack() as opened:
        while len(processes_of(server.pid)) < 2:
            time.sleep(0.02)
        for _ in range(8):
            assert search(address) == 1  # both answer: none is about to be given another
        time.sleep(0.5)  # the connections that those came over are closed by then
        before = {process: sockets_of(process) for process in processes_of(server.pid)}
        for _ in range(8):
            connection = opened.enter_context(closing(HTTPConnection(address[7:-1], timeout=30)))
            connection.request("GET", "/api/search?q=herons")
            assert connection.getresponse().read()
        assert [sockets_of(process) - count for process, count in before.items()] == [4, 4]


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="the system does not tell its processes")
def test_its_processes_end_with_it_even_where_it_is_killed(folder: Path) -> None:
    with running(folder, "--port", "0", "--workers", "2") as (server, address):
        assert search(address) == 1
        left = processes_of(server.pid)
        server.kill()
        for _ in range(1000):
            if not any(map(is_alive, left)):
                return
            time.sleep(0.02)
        raise AssertionError("some live on")


def test_processes_that_cannot_work_end_it_with_a_reason(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\nif 'spawn_main' in str(sys.orig_argv): sys.exit(7)\n")
    with running(folder, "--port", "0", "--workers", "2", path=str(tmp_path)) as (server, _):
        _, said = server.communicate(timeout=30)
    assert server.returncode == 2
    assert "a worker process of the server failed at start-up (exit code " in said


def test_it_ends_quietly_when_it_is_told_to(folder: Path) -> None:
    with running(folder, "--port", "0") as (server, address):
        assert search(address) == 1
        server.terminate()
        _, said = server.communicate(timeout=30)
        assert "Traceback" not in said


def test_a_port_that_is_taken_is_named(folder: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        assert f"port {port}: another program uses it; choose another port with --port" in refused(
            folder, "--port", port
        )


def test_a_host_that_is_none_is_named(folder: Path) -> None:
    assert "choose another with --host" in refused(folder, "--host", "192.0.2.1", "--port", "0")


def test_without_an_index_it_says_how_to_make_one(tmp_path: Path) -> None:
    assert "create one with `vidindex add TARGET`" in refused(tmp_path / "nothing", "--port", "0")


def test_it_warns_where_others_reach_it(folder: Path) -> None:
    with running(folder, "--host", "0.0.0.0", "--port", "0") as (server, address):
        assert search(address) == 1
        server.send_signal(signal.SIGINT)
        assert "everyone who can reach 0.0.0.0 can read this index" in server.communicate(timeout=30)[1]


def test_without_the_extra_it_says_how_to_get_it(folder: Path, tmp_path: Path) -> None:
    # As an installation without it looks: the name leads nowhere.
    code = "import sys; sys.modules['uvicorn'] = None\nfrom vidindex.cli import main\nmain()"
    asked = [sys.executable, "-c", code, "--index", str(folder), "serve"]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "pip install 'vidindex[web]'" in done.stderr
