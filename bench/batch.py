"""How fast, how flat and how safe a batch is: many links on slow, partly broken hosts; then killed again and again.

    python bench/batch.py [--articles 2000] [--latency 0.1] [--jobs 1 4 16] [--kills 20]

Prints links/s and memory for each number of jobs, whether an index that was killed equals one that was not, and
what the site's own log says of politeness.  A run needs minutes: with one job, each request waits for the last.
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

_SAID = '"nobody who came here ever"'
_POLITE = ("--sleep", "0.2", "--per-host", "2", "--wait", "0", "--timeout", "3")


@dataclass(frozen=True)
class Site:
    port: int
    log: Path

    def links(self, count: int) -> list[str]:
        return [f"http://{host(number)}:{self.port}/a/{number}" for number in range(count)]

    def asked(self) -> int:
        with urllib.request.urlopen(f"http://{host(0)}:{self.port}/count") as answer:
            return int(answer.read())


@contextmanager
def site(folder: Path, latency_s: float) -> Iterator[Site]:
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


def start(index: Path, links: Path, *, jobs: int, more: tuple[str, ...] = ()) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "vidindex", "--index", str(index), "batch", str(links), "--jobs", str(jobs), "-q"]
    usual = ("--sleep", "0", "--per-host", "4", "--wait", "0", "--timeout", "3")
    return subprocess.Popen([*command, *(more or usual)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def watch(run: subprocess.Popen[bytes]) -> list[float]:
    """Wait for *run*, and give the MB that it held, twice a second."""
    held = []
    while run.poll() is None:
        status = Path(f"/proc/{run.pid}/status").read_text()
        held += [int(line.split()[1]) / 1000 for line in status.splitlines() if line.startswith("VmRSS")]
        time.sleep(0.5)
    return held


def dump(place: Path | str) -> dict[str, Sequence[object]]:
    """Give all that an index holds, in an order that does not depend on who came first."""
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
            "wrong": list(index.find_damage()),
            "waiting": [index.pending_words()],
            "hits": sorted(
                (hit.video.id, hit.start_ms) for hit in index.search('"nobody who came here ever"', limit=100_000)
            ),
        }


def measure_speed(folder: Path, links: Path, count: int, latency_s: float, jobs: int) -> Path:
    index = folder / f"index-{jobs}"
    with site(folder, latency_s) as running:
        links.write_text("\n".join(running.links(count)))
        began = time.monotonic()
        held = watch(start(index, links, jobs=jobs))
        seconds = time.monotonic() - began
        requests = running.asked()
    quarters = [max(held[at * len(held) // 4 : (at + 1) * len(held) // 4] or [0]) for at in range(4)]
    with vidindex.open(index, create=False) as opened:
        stats, status = opened.stats(), opened.status()
    print(
        f"{jobs:>3} jobs: {count / seconds:6.1f} links/s, {requests / seconds:6.1f} requests/s, {seconds:6.1f} s; "
        f"MB by quarters {', '.join(f'{mb:.0f}' for mb in quarters)}; {stats.articles:,} articles, "
        f"{stats.videos:,} videos, "
        f"{stats.words:,} words; {', '.join(f'{verdict} {number}' for verdict, number in status.reasons)}"
    )
    return index


def measure_kills(folder: Path, links: Path, count: int, latency_s: float, kills: int, seed: int) -> None:
    """Kill runs at random moments, continue, and compare with one that nobody killed, on the same addresses."""
    chance = random.Random(seed)
    with site(folder, latency_s) as running:
        links.write_text("\n".join(running.links(count)))
        calm, stormy = folder / "calm", folder / "stormy"
        start(calm, links, jobs=16).wait()
        total = running.asked()
        marks = sorted(chance.uniform(0.01, 0.99) * total for _ in range(kills))
        done = 0
        for mark in marks:
            run = start(stormy, links, jobs=16)
            while run.poll() is None and running.asked() - total < mark:
                time.sleep(0.02)
            if run.poll() is None:
                time.sleep(chance.uniform(0, 0.05))
                run.send_signal(signal.SIGKILL)
                done += 1
            run.wait()
        start(stormy, links, jobs=16).wait()
        again = running.asked() - total
    one, other = dump(calm), dump(stormy)
    differing = [name for name in one if one[name] != other[name]]
    print(
        f"killed {done} times with SIGKILL and continued: "
        + ("the same index" if not differing else f"DIFFERS in {', '.join(differing)}")
        + f"; {len(one['videos']):,} videos, {len(one['hits']):,} hits; {again:,} requests in place of {total:,}"
    )


def measure_politeness(folder: Path, links: Path, latency_s: float) -> None:
    with site(folder, latency_s) as running:
        links.write_text("\n".join(running.links(320)))
        start(
            folder / "polite",
            links,
            jobs=32,
            more=_POLITE,
        ).wait()
        lines = [line.split() for line in running.log.read_text().splitlines()]
    spans = defaultdict(list)
    for name, began, ended, _ in lines:
        spans[name].append((float(began), float(ended)))
    gaps = sorted(after - before for each in spans.values() for before, after in pairwise(sorted(b for b, _ in each)))
    print(
        f"polite (0.2 s, 2 a host): {len(lines):,} requests to {len(spans)} hosts; least gap {gaps[0]:.3f} s, "
        f"1 % under {gaps[len(gaps) // 100]:.3f} s; most at once on one host {max(map(_most_at_once, spans.values()))}"
    )


def _most_at_once(spans: list[tuple[float, float]]) -> int:
    events = sorted([(began, 1) for began, _ in spans] + [(ended, -1) for _, ended in spans])
    now = most = 0
    for _, step in events:
        now += step
        most = max(most, now)
    return most


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--latency", type=float, default=0.1)
    parser.add_argument("--jobs", type=int, nargs="*", default=[1, 4, 16])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=20)
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="vidindex-batch-"))
    links = folder / "links.txt"
    broken = Counter(filter(None, map(way, range(asked.articles))))
    print(f"{asked.articles:,} articles, {asked.articles * 3 // 2:,} videos, {asked.latency * 1000:.0f} ms; broken: "
          f"{sum(broken.values())} in {len(broken)} of {len(WAYS)} ways")  # fmt: skip
    try:
        for jobs in asked.jobs:
            measure_speed(folder, links, asked.articles, asked.latency, jobs)
        if asked.kills:
            measure_kills(folder, links, asked.articles, asked.latency, asked.kills, asked.seed)
        measure_politeness(folder, links, asked.latency)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
