"""Measure the server under load: searches a second, and how long the slowest of a hundred waits.

    python bench/serve.py INDEX [--clients 1 8 32] [--seconds 20] [--workers 2]

A real server process answers clients of another process, each of which asks again as soon as it has its answer, over
one connection that stays open.  The queries are eight words cut from what the index holds: half of them as they are
(`exact`), half with a fifth of the words wrong (`near`), no two alike.  `--repeat` asks a few over and over instead.
Figures are of this machine, which the clients share with the server: compare them within one run.
"""

from __future__ import annotations

import argparse
import http.client
import json
import multiprocessing
import random
import re
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import vidindex

WORDS = 8
QUERIES = 200_000  # more than are asked in five minutes
TALKS = 150
_WORD = re.compile(r"[\w']+")


@dataclass(frozen=True, slots=True)
class Load:
    """What one number of clients came to; times in ms."""

    clients: int
    answers: int
    errors: int
    per_s: float
    p50: float
    p95: float
    p99: float
    found: float
    megabytes: float


def queries(folder: Path, *, count: int) -> list[str]:
    """Cut queries from what the index in *folder* holds."""
    chooser = random.Random(7)
    with vidindex.open(folder, create=False) as index:
        videos = [video.id for video in index.videos()]
        chooser.shuffle(videos)
        talks = [words for video in videos[:TALKS] if len(words := _words(index, video)) > 10 * WORDS]
    return list(dict.fromkeys(_query(talks, chooser, near=number % 2 == 1) for number in range(count)))


def _words(index: vidindex.Index, video: str) -> list[str]:
    try:
        return [bare for word in index.transcript(video).words for bare in _WORD.findall(word)]
    except vidindex.NotIndexedError:
        return []


def _query(talks: Sequence[Sequence[str]], chooser: random.Random, *, near: bool) -> str:
    talk = chooser.choice(talks)
    start = chooser.randrange(len(talk) - WORDS)
    words = talk[start : start + WORDS]
    heard = [chooser.choice(chooser.choice(talks)) if near and chooser.random() < 0.2 else word for word in words]
    return " ".join(heard)


class Client(threading.Thread):
    """Asks again and again until it is time."""

    def __init__(self, port: int, asked: Iterator[str], until: float) -> None:
        super().__init__()
        self.times_ms: list[float] = []
        self.errors = 0
        self.found = 0
        self._port, self._asked, self._until = port, asked, until

    def run(self) -> None:
        """Ask."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        while time.monotonic() < self._until:
            began = time.perf_counter()
            try:
                connection.request("GET", f"/api/search?q={quote(next(self._asked))}")
                answer = connection.getresponse()
                body = answer.read()
            except (OSError, http.client.HTTPException):
                self.errors += 1
                connection.close()
                continue
            self.times_ms.append((time.perf_counter() - began) * 1000)
            self.errors += answer.status != 200
            self.found += b'"total":0,' not in body
        connection.close()


class Turn:
    """The queries, one for each who asks."""

    def __init__(self, asked: Sequence[str]) -> None:
        self._asked = asked
        self._at = 0

    def __iter__(self) -> Turn:
        return self

    def __next__(self) -> str:
        self._at += 1  # two threads may take the same: nothing is wrong with that
        return self._asked[self._at % len(self._asked)]


def load(port: int, asked: Iterator[str], *, clients: int, seconds: float, server: int) -> Load:
    """Let *clients* ask for so many *seconds*."""
    began = time.monotonic()
    asking = [Client(port, asked, began + seconds) for _ in range(clients)]
    for client in asking:
        client.start()
    for client in asking:
        client.join()
    took = time.monotonic() - began
    times = sorted(each for client in asking for each in client.times_ms)
    cuts = statistics.quantiles(times, n=100) if len(times) > 1 else [0.0] * 99
    errors, found = (sum(getattr(client, name) for client in asking) for name in ("errors", "found"))
    return Load(
        clients, len(times), errors, len(times) / took, cuts[49], cuts[94], cuts[98],
        found / max(1, len(times)), _megabytes(server),
    )  # fmt: skip


def _megabytes(process: int) -> float:
    """Add up what a process and its children hold."""
    total = 0.0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        except OSError:
            continue
        if process in (int(fields["Pid"]), int(fields["PPid"])) and "VmRSS" in fields:
            total += int(fields["VmRSS"].split()[0]) / 1024
    return total


def serving(folder: Path, workers: int) -> tuple[subprocess.Popen[str], int]:
    """Start a server; give it with its port."""
    command = [sys.executable, "-m", "vidindex", "--index", str(folder), "serve", "--port", "0"]
    server = subprocess.Popen([*command, "--workers", str(workers)], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    said = server.stdout.readline()
    found = re.search(r":(\d+)/", said)
    if found is None:
        sys.exit("the server did not start")
    return server, int(found[1])


def _wait(port: int) -> None:
    for _ in range(100):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("GET", "/api/stats")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    sys.exit("the server does not answer")


def main() -> None:
    """Start the server, load it with each number of clients, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", type=Path)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=QUERIES, help="how many different queries there are")
    asked = parser.parse_args()
    with multiprocessing.Pool(1) as other:  # what reading the index takes is no part of the clients
        mix = other.apply(queries, (asked.index,), {"count": asked.repeat})
    server, port = serving(asked.index, asked.workers)
    try:
        _wait(port)
        print("| clients | answers | errors | answers/s | p50 ms | p95 ms | p99 ms | found | MB |")
        print("|---|---|---|---|---|---|---|---|---|")
        turn = Turn(mix)
        for clients in asked.clients:
            each = load(port, turn, clients=clients, seconds=asked.seconds, server=server.pid)
            print(
                f"| {each.clients} | {each.answers:,} | {each.errors} | {each.per_s:.0f} | {each.p50:.1f} "
                f"| {each.p95:.1f} | {each.p99:.1f} | {each.found:.2f} | {each.megabytes:.0f} |",
                flush=True,
            )
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(20)
    print(json.dumps({"server_exit": server.returncode}), file=sys.stderr)


if __name__ == "__main__":
    main()
