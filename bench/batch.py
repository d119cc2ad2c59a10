"""Measure the speed, memory use and crash safety of `vidindex batch` on slow, partly broken hosts.

    python bench/batch.py [--articles 2000] [--latency 0.1] [--jobs 1 4 16] [--kills 20]

Starts a local site (see batch_site.py) and prints three results:

- links per second and memory for each number of jobs;
- whether an index whose runs were killed with SIGKILL and continued equals one that was never interrupted;
- how politely the hosts were treated, from the site's own log.

A run takes several minutes: with one job, every request waits for the previous one.
"""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import vidindex

sys.path.insert(0, str(Path(__file__).parents[1]))
from bench.batch_site import WAYS, host, way

_QUERY = '"nobody who came here ever"'
_POLITE = ("--sleep", "0.2", "--per-host", "2", "--wait", "0", "--timeout", "3")


@dataclass(frozen=True)
class Site:
    """A running test site."""

    port: int
    log: Path

    def links(self, count: int) -> list[str]:
        """Return the URLs of the first *count* articles."""
        return [f"http://{host(number)}:{self.port}/a/{number}" for number in range(count)]

    def count_requests(self) -> int:
        """Return the number of requests that the site has received."""
        with urllib.request.urlopen(f"http://{host(0)}:{self.port}/count") as response:
            return int(response.read())


@contextmanager
def site(folder: Path, latency_s: float) -> Iterator[Site]:
    """Run the test site in a process of its own, with its log in *folder*."""
    with socket.socket() as free:
        free.bind(("127.0.0.2", 0))
        port = free.getsockname()[1]
    log = folder / f"site-{port}.log"
    script = str(Path(__file__).with_name("batch_site.py"))
    command = [sys.executable, script, "--port", str(port), "--latency", str(latency_s), "--log", str(log)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield Site(port, log)
        finally:
            process.kill()


def start(index: Path, links: Path, *, jobs: int, options: tuple[str, ...] = ()) -> subprocess.Popen[bytes]:
    """Start `vidindex batch` on the list *links*; *options* replace the default ones."""
    command = [sys.executable, "-m", "vidindex", "--index", str(index), "batch", str(links), "--jobs", str(jobs), "-q"]
    default_options = ("--sleep", "0", "--per-host", "4", "--wait", "0", "--timeout", "3")
    return subprocess.Popen(
        [*command, *(options or default_options)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def watch(run: subprocess.Popen[bytes]) -> list[float]:
    """Wait for *run* to end, and return its memory in MB, sampled twice a second."""
    memory_mb = []
    while run.poll() is None:
        status = Path(f"/proc/{run.pid}/status").read_text()
        memory_mb += [int(line.split()[1]) / 1000 for line in status.splitlines() if line.startswith("VmRSS")]
        time.sleep(0.5)
    return memory_mb


def dump(place: Path | str) -> dict[str, Sequence[object]]:
    """Return the whole content of an index, in an order that does not depend on the order of indexing."""
    with vidindex.open(place, create=False) as index:
        videos = sorted(index.videos(), key=lambda video: video.id)
        return {
            "articles": sorted(article.url for article in index.articles()),
            "embeds": sorted((state.article, state.embed.url, state.state, state.video) for state in index.embeds()),
            "videos": [(video.id, video.title, video.kind) for video in videos],
            "tracks": [
                (video.id, track.language, track.origin) for video in videos for track in index.tracks(video.id)
            ],
            "words": [index.transcript(video.id).words for video in videos if index.tracks(video.id)],
            "queue": sorted((task.url, task.kind, task.state, task.verdict) for task in index.tasks()),
            "damage": list(index.find_damage()),
            "pending": [index.pending_words()],
            "hits": sorted((hit.video.id, hit.start_ms) for hit in index.search(_QUERY, limit=100_000)),
        }


def measure_speed(folder: Path, links: Path, count: int, latency_s: float, jobs: int) -> Path:
    """Index *count* articles with *jobs* jobs, and print speed and memory."""
    index = folder / f"index-{jobs}"
    with site(folder, latency_s) as running:
        links.write_text("\n".join(running.links(count)))
        began = time.monotonic()
        memory_mb = watch(start(index, links, jobs=jobs))
        seconds = time.monotonic() - began
        requests = running.count_requests()
    samples = len(memory_mb)
    quarters = [max(memory_mb[at * samples // 4 : (at + 1) * samples // 4] or [0]) for at in range(4)]
    with vidindex.open(index, create=False) as opened:
        stats, status = opened.stats(), opened.status()
    print(
        f"{jobs:>3} jobs: {count / seconds:6.1f} links/s, {requests / seconds:6.1f} requests/s, {seconds:6.1f} s; "
        f"peak MB in each quarter of the run {', '.join(f'{mb:.0f}' for mb in quarters)}; {stats.articles:,} articles, "
        f"{stats.videos:,} videos, "
        f"{stats.words:,} words; {', '.join(f'{verdict} {number}' for verdict, number in status.reasons)}"
    )
    return index


def measure_kills(folder: Path, links: Path, count: int, latency_s: float, kills: int, seed: int) -> None:
    """Kill runs at random moments, continue them, and compare the index with one whose run was not killed."""
    random_source = random.Random(seed)
    with site(folder, latency_s) as running:
        links.write_text("\n".join(running.links(count)))
        uninterrupted, killed = folder / "uninterrupted", folder / "killed"
        start(uninterrupted, links, jobs=16).wait()
        total = running.count_requests()
        marks = sorted(random_source.uniform(0.01, 0.99) * total for _ in range(kills))
        done = 0
        for mark in marks:
            run = start(killed, links, jobs=16)
            while run.poll() is None and running.count_requests() - total < mark:
                time.sleep(0.02)
            if run.poll() is None:
                time.sleep(random_source.uniform(0, 0.05))
                run.send_signal(signal.SIGKILL)
                done += 1
            run.wait()
        start(killed, links, jobs=16).wait()
        killed_total = running.count_requests() - total
    expected, actual = dump(uninterrupted), dump(killed)
    differing = [name for name in expected if expected[name] != actual[name]]
    print(
        f"killed {done} times with SIGKILL and continued: "
        + ("the same index" if not differing else f"DIFFERS in {', '.join(differing)}")
        + f"; {len(expected['videos']):,} videos, {len(expected['hits']):,} hits; "
        f"{killed_total:,} requests instead of {total:,}"
    )


def measure_politeness(folder: Path, links: Path, latency_s: float) -> None:
    """Run with a delay and a limit for each host, and print what the log of the site shows of them."""
    with site(folder, latency_s) as running:
        links.write_text("\n".join(running.links(320)))
        start(folder / "polite", links, jobs=32, options=_POLITE).wait()
        lines = [line.split() for line in running.log.read_text().splitlines()]
    spans = defaultdict(list)
    for name, began, ended, _ in lines:
        spans[name].append((float(began), float(ended)))
    gaps = sorted(after - before for each in spans.values() for before, after in pairwise(sorted(b for b, _ in each)))
    print(
        f"politeness (--sleep 0.2 --per-host 2): {len(lines):,} requests to {len(spans)} hosts; "
        f"shortest gap {gaps[0]:.3f} s, 1 % under {gaps[len(gaps) // 100]:.3f} s; "
        f"at most {max(map(_max_concurrent, spans.values()))} requests at a time on one host"
    )


def _max_concurrent(spans: list[tuple[float, float]]) -> int:
    events = sorted([(began, 1) for began, _ in spans] + [(ended, -1) for _, ended in spans])
    now = most = 0
    for _, step in events:
        now += step
        most = max(most, now)
    return most


def main() -> None:
    """Run all measurements and print their results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", metavar="N", type=int, default=2000, help="number of articles (default: 2000)")
    parser.add_argument(
        "--latency", metavar="SECONDS", type=float, default=0.1, help="delay of each response (default: 0.1)"
    )
    parser.add_argument(
        "--jobs", metavar="N", type=int, nargs="*", default=[1, 4, 16], help="numbers of jobs (default: 1 4 16)"
    )
    parser.add_argument("--kills", metavar="N", type=int, default=20, help="number of kills, 0 for none (default: 20)")
    parser.add_argument("--seed", type=int, default=20, help="seed of the random moments of the kills")
    args = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="vidindex-batch-"))
    links = folder / "links.txt"
    broken = Counter(filter(None, map(way, range(args.articles))))
    print(f"{args.articles:,} articles, {args.articles * 3 // 2:,} videos, {args.latency * 1000:.0f} ms latency; "
          f"{sum(broken.values())} broken articles, {len(broken)} of {len(WAYS)} kinds of faults")  # fmt: skip
    try:
        for jobs in args.jobs:
            measure_speed(folder, links, args.articles, args.latency, jobs)
        if args.kills:
            measure_kills(folder, links, args.articles, args.latency, args.kills, args.seed)
        measure_politeness(folder, links, args.latency)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
