"""Measure the web server under load: searches per second and latency.

    python bench/serve.py INDEX [--clients 1 8 32] [--seconds 20] [--workers 2] [--adding DIR]
        [--send search|page|typing] [--repeat N]

A real server process answers the clients of this process.  Each client sends the next request as soon as it has the
response, over one persistent connection.  The queries are eight consecutive words of indexed transcripts: half of them
unchanged (`exact`), half with a fifth of the words replaced (`near`), all of them different, so that the cache of the
server answers none.  --repeat sends fewer queries again and again instead, which it answers; `cached` is the share of
responses from the cache.  --send selects what is requested: `search` (the API), `page` (the results of the search page)
or `typing` (the same after every second letter of a query).  With
--adding, each number of clients is measured once more while another process adds the captions in DIR to the index,
merges of segments included: use a copy of an index, and a folder that takes longer than the measurement.  Clients,
server and that process share the machine: compare figures only within one run.
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
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from urllib.parse import quote

import vidindex

WORDS = 8
QUERIES = 200_000  # more than a run of five minutes needs
TALKS = 150
_TYPED_QUERIES = 10_000
_WORD = re.compile(r"[\w']+")


@dataclass(frozen=True, slots=True)
class Load:
    """The result for one number of clients; times are in ms."""

    clients: int
    responses: int
    errors: int
    per_s: float
    p50: float
    p95: float
    p99: float
    found: float
    cached: float
    megabytes: float


def queries(folder: Path, *, count: int) -> list[str]:
    """Return different queries, cut from the transcripts of the index in *folder*."""
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
    """A client that sends requests until a deadline."""

    def __init__(self, port: int, queries: Iterator[str], until: float) -> None:
        super().__init__()
        self.times_ms: list[float] = []
        self.errors = 0
        self.found = 0
        self.cached = 0
        self._port, self._queries, self._until = port, queries, until

    def run(self) -> None:
        """Send requests and record the latencies."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        while time.monotonic() < self._until:
            began = time.perf_counter()
            try:
                connection.request("GET", next(self._queries))
                response = connection.getresponse()
                body = response.read()
            except (OSError, http.client.HTTPException):
                self.errors += 1
                connection.close()
                continue
            self.times_ms.append((time.perf_counter() - began) * 1000)
            self.errors += response.status != 200
            self.found += b'"total":0,' not in body and b"<strong>No matches</strong>" not in body
            self.cached += "hit" in response.headers.get("Server-Timing", "")
        connection.close()


class QueryCycle:
    """An endless iterator over the queries, shared by all clients."""

    def __init__(self, queries: Sequence[str]) -> None:
        self._queries = queries
        self._at = 0

    def __iter__(self) -> QueryCycle:
        return self

    def __next__(self) -> str:
        self._at += 1  # two threads may get the same query, which does no harm
        return self._queries[self._at % len(self._queries)]


def load(port: int, queries: Iterator[str], *, clients: int, seconds: float, server: int) -> Load:
    """Run *clients* clients for *seconds*; *server* is the process id of the server."""
    began = time.monotonic()
    running = [Client(port, queries, began + seconds) for _ in range(clients)]
    for client in running:
        client.start()
    for client in running:
        client.join()
    took = time.monotonic() - began
    times = sorted(each for client in running for each in client.times_ms)
    cuts = statistics.quantiles(times, n=100) if len(times) > 1 else [0.0] * 99
    errors, found, cached = (sum(getattr(client, name) for client in running) for name in ("errors", "found", "cached"))
    return Load(
        clients, len(times), errors, len(times) / took, cuts[49], cuts[94], cuts[98],
        found / max(1, len(times)), cached / max(1, len(times)), _megabytes(server),
    )  # fmt: skip


def _megabytes(process: int) -> float:
    """Return the memory of a process and its children in MB."""
    total = 0.0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        except OSError:
            continue
        if process in (int(fields["Pid"]), int(fields["PPid"])) and "VmRSS" in fields:
            total += int(fields["VmRSS"].split()[0]) / 1024
    return total


def paths(queries: Sequence[str], kind: str) -> list[str]:
    """Return the paths that request *queries*: of the API, of the search page, or of that page while they are typed."""
    if kind == "search":
        return [f"/api/search?q={quote(text)}" for text in queries]
    if kind == "page":
        return [f"/results?q={quote(text)}" for text in queries]
    return [f"/results?q={quote(text[:size])}" for text in queries for size in range(3, len(text) + 1, 2)]


def start_server(folder: Path, workers: int) -> tuple[subprocess.Popen[str], int]:
    """Start a server, and return its process and its port."""
    command = [sys.executable, "-m", "vidindex", "--index", str(folder), "serve", "--port", "0"]
    server = subprocess.Popen([*command, "--workers", str(workers)], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    line = server.stdout.readline()
    found = re.search(r":(\d+)/", line)
    if found is None:
        sys.exit("error: the server did not start")
    return server, int(found[1])


@contextmanager
def adding(folder: Path, captions: Path | None) -> Iterator[None]:
    """Add *captions* to the index in another process until the block ends; say if that was done before."""
    if captions is None:
        yield
        return
    command = [sys.executable, "-m", "vidindex", "--index", str(folder), "add", str(captions)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as writer:
        yield
        if writer.poll() is not None:
            print(f"warning: adding ended before the measurement did (exit code {writer.returncode})", file=sys.stderr)
        writer.send_signal(signal.SIGINT)


def _wait(port: int) -> None:
    for _ in range(100):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("GET", "/api/stats")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    sys.exit("error: the server does not respond")


def main() -> None:
    """Start the server, run each number of clients, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", metavar="INDEX", type=Path, help="folder of the index")
    parser.add_argument(
        "--clients", metavar="N", type=int, nargs="+", default=[1, 8, 32], help="numbers of clients (default: 1 8 32)"
    )
    parser.add_argument(
        "--seconds", metavar="N", type=float, default=20.0, help="duration for each number of clients (default: 20)"
    )
    parser.add_argument("--workers", metavar="N", type=int, default=2, help="worker processes (default: 2)")
    parser.add_argument("--adding", metavar="DIR", type=Path, help="captions to add during a second measurement")
    parser.add_argument("--send", choices=("search", "page", "typing"), default="search", help="what to request")
    parser.add_argument("--repeat", metavar="N", type=int, default=QUERIES, help="number of different queries")
    args = parser.parse_args()
    with multiprocessing.Pool(1) as other:  # keeps the memory for reading the index out of this process
        texts = other.apply(queries, (args.index,), {"count": args.repeat})
    server, port = start_server(args.index, args.workers)
    try:
        _wait(port)
        print(
            "| clients | adding | responses | errors | responses/s | p50 ms | p95 ms | p99 ms | found | cached | MB |"
        )
        print("|---|---|---|---|---|---|---|---|---|---|---|")
        cycle = QueryCycle(paths(texts if args.send != "typing" else texts[:_TYPED_QUERIES], args.send))
        for clients, captions in product(args.clients, (None, args.adding) if args.adding else (None,)):
            with adding(args.index, captions):
                each = load(port, cycle, clients=clients, seconds=args.seconds, server=server.pid)
            print(
                f"| {each.clients} | {'yes' if captions else 'no'} | {each.responses:,} | {each.errors} "
                f"| {each.per_s:.0f} | {each.p50:.1f} | {each.p95:.1f} | {each.p99:.1f} | {each.found:.2f} "
                f"| {each.cached:.2f} | {each.megabytes:.0f} |",
                flush=True,
            )
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(20)
    print(json.dumps({"server_exit": server.returncode}), file=sys.stderr)


if __name__ == "__main__":
    main()
