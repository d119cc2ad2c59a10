"""Measure how each operation of an index grows with its words, on indexes of several sizes.

    python bench/growth.py INDEX… [--quotes 100] [--runs 5] [--no-doctor]

INDEX are folders, smallest first, such as those that `scale.py --keep FOLDER` leaves; each must contain the captions of
the first one.  The quotes are eight consecutive words of the first index (`exact`), the same with a fifth of the words
replaced (`near`), and as claims to verify.  Each index is measured in a process of its own that has opened it and
answered a few other quotes before; nothing is written.  A line has the median and the 95th percentile of the wall-clock
time and the mean of the CPU time, in ms, for each index, and how much the CPU time grew from the first index to the
last.  A `command` is a whole process.  `rare` words occur 1 to 30 times in a million words of the captions of Talk
Python, `common` ones 200 to 5,000 times; other captions need other words.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import vidindex

QUOTE_WORDS = 8
WARM_UP = 5
COMMON = ("python", "machine learning", "open source", "the data", "test")
RARE = ("garbage collector", "telescope", "lighthouse", "fibonacci", "microscope")


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a talk; *misheard* has a fifth of them replaced by words of other talks."""

    video: str
    words: str
    misheard: str


@dataclass(frozen=True, slots=True)
class Line:
    """The times of one operation on one index, in ms, and the share of quotes that it found, or -1."""

    operation: str
    words: int
    p50: float
    p95: float
    cpu: float
    found: float = -1.0


def sample_quotes(index: vidindex.Index, number: int) -> list[Quote]:
    """Return quotes from the transcripts of *index*; the same index gives the same quotes."""
    chooser = random.Random(11)
    ids = sorted(video.id for video in index.videos() if index.tracks(video.id))
    talks = [(name, index.transcript(name).tokens) for name in chooser.sample(ids, min(50, len(ids)))]
    return [_quote(talks, chooser) for _ in range(number)]


def _quote(talks: Sequence[tuple[str, Sequence[str]]], chooser: random.Random) -> Quote:
    video, tokens = chooser.choice(talks)
    start = chooser.randrange(len(tokens) - QUOTE_WORDS)
    words = list(tokens[start : start + QUOTE_WORDS])
    heard = [chooser.choice(chooser.choice(talks)[1]) if chooser.random() < 0.2 else word for word in words]
    return Quote(video, " ".join(words), " ".join(heard))


def measure(place: Path, quotes: Sequence[Quote], *, runs: int, doctor: bool) -> Iterator[Line]:
    """Yield a line for each operation on the index *place*."""
    with vidindex.open(place, create=False) as index:
        words = index.stats().words
        for quote in quotes[:WARM_UP]:
            index.search(quote.words)
        quotes = quotes[WARM_UP:]

        def found(quote: Quote, text: str) -> bool:
            return quote.video in [hit.video.id for hit in index.search(text)]

        def verified(quote: Quote, text: str) -> bool:
            return any(hit.verdict in ("verbatim", "faithful") for hit in index.verify([{"quote": text}]))

        def line(operation: str, calls: Sequence[Callable[[], object]], *, counts: bool = False) -> Line:
            return _timed(operation, words, calls, counts=counts)

        yield line("search, exact", [partial(found, q, q.words) for q in quotes], counts=True)
        yield line("search, near", [partial(found, q, q.misheard) for q in quotes], counts=True)
        few = quotes[: len(quotes) // 3]
        yield line("search_page, exact", [partial(index.search_page, q.words) for q in few])
        yield line("search_page, near", [partial(index.search_page, q.misheard) for q in few])
        for name, texts in (("rare", RARE), ("common", COMMON)):
            yield line(f"search, {name} words", [partial(index.search, t) for t in texts])
            yield line(f"search_page, {name} words", [partial(index.search_page, t) for t in texts])
            yield line(f"trend, {name} words", [partial(index.trend, t, by="year") for t in texts])
        yield line("search_videos, common words", [partial(index.search_videos, t) for t in COMMON])
        yield line("verify, exact", [partial(verified, q, q.words) for q in few], counts=True)
        yield line("verify, near", [partial(verified, q, q.misheard) for q in few])
        yield line("stats", [index.stats] * runs)
        yield line("tracks of a video", [partial(index.tracks, q.video) for q in few])
        if doctor:
            yield line("find_damage (doctor)", [index.find_damage])
        yield Line("memory, MB, of the process", words, *[_memory_mb("RssAnon")] * 3)
        yield Line("memory, MB, of mapped files", words, *[_memory_mb("RssFile")] * 3)
    yield _command("command, --help", words, ["--help"], runs)
    yield _command("command, search exact", words, ["--index", str(place), "search", *quotes[0].words.split()], runs)
    yield _command("command, search near", words, ["--index", str(place), "search", *quotes[1].misheard.split()], runs)
    yield _command("command, status", words, ["--index", str(place), "status"], runs)


def _timed(operation: str, words: int, calls: Sequence[Callable[[], object]], *, counts: bool) -> Line:
    wall, right = [], 0
    began = time.process_time()
    for call in calls:
        started = time.perf_counter()
        answer = call()
        wall.append(1_000 * (time.perf_counter() - started))
        right += answer is True
    cpu = 1_000 * (time.process_time() - began) / len(calls)
    return Line(operation, words, *_quantiles(wall), cpu, right / len(calls) if counts else -1.0)


def _quantiles(times: Sequence[float]) -> tuple[float, float]:
    """Return p50 and p95; of a few times, p95 is the longest one."""
    return statistics.median(times), statistics.quantiles(times, n=20)[-1] if len(times) >= 20 else max(times)


def _command(operation: str, words: int, arguments: Sequence[str], runs: int) -> Line:
    """Time a whole process, after one run to warm up; bytecode is written, as in an ordinary installation."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-c", "from vidindex.cli import run; run()", *arguments]
    wall, cpu = [], []
    for _ in range(runs + 1):
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        done = subprocess.run(command, env=environment, capture_output=True, check=False)
        wall.append(1_000 * (time.perf_counter() - started))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu.append(1_000 * (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime))
        assert done.returncode in (0, 1), (command, done.stderr)
    return Line(operation, words, *_quantiles(wall[1:]), statistics.mean(cpu[1:]))


def _memory_mb(kind: str) -> float:
    """Return resident memory of this process: its own (RssAnon), or of files (RssFile), which the system may drop."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition(f"{kind}:")[2].split()[0]) / 1024


def table(lines: Sequence[Line]) -> Iterator[str]:
    """Yield the rows of a Markdown table: an operation in each row, a size in each column."""
    sizes = list(dict.fromkeys(line.words for line in lines))
    yield "| operation | " + " | ".join(f"{size / 1e6:,.1f} M words" for size in sizes) + " | growth of CPU |"
    yield "|---|" + "---|" * (len(sizes) + 1)
    for operation in dict.fromkeys(line.operation for line in lines):
        row = {line.words: line for line in lines if line.operation == operation}
        cells = [_cell(row[size]) if size in row else "–" for size in sizes]
        first, last = (row.get(size) for size in (sizes[0], sizes[-1]))
        growth = f"× {last.cpu / first.cpu:.1f}" if first and last and first.cpu else "–"
        yield f"| {operation} | " + " | ".join(cells) + f" | {growth} |"


def _cell(line: Line) -> str:
    found = f", found {line.found:.2f}" if line.found >= 0 else ""
    if line.operation.startswith("memory"):
        return f"{line.p50:.0f}"
    return f"{line.p50:.1f} / {line.p95:.1f}, CPU {line.cpu:.1f}{found}"


def main() -> None:
    """Measure each index in a process of its own and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", metavar="INDEX", type=Path, nargs="+", help="folders of indexes, smallest first")
    parser.add_argument("--quotes", metavar="N", type=int, default=100, help="number of quotes (default: 100)")
    parser.add_argument("--runs", metavar="N", type=int, default=5, help="runs of a command (default: 5)")
    parser.add_argument("--no-doctor", action="store_true", help="leave out the check for damage (it reads all)")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        quotes = [Quote(**row) for row in json.loads(sys.stdin.read())]
        for line in measure(args.child, quotes, runs=args.runs, doctor=not args.no_doctor):
            print(json.dumps(asdict(line)), flush=True)
        return
    with vidindex.open(args.index[0], create=False) as index:
        asked = json.dumps([asdict(quote) for quote in sample_quotes(index, args.quotes + WARM_UP)])
    lines = [line for place in args.index for line in _run(place, asked, args)]
    print("\n".join(table(lines)))


def _run(place: Path, quotes: str, args: argparse.Namespace) -> Iterator[Line]:
    flags = ["--runs", str(args.runs), *(["--no-doctor"] if args.no_doctor else [])]
    command = [sys.executable, __file__, str(place), "--child", str(place), *flags]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(quotes)
        child.stdin.close()
        for row in child.stdout:
            print(row, end="", file=sys.stderr)  # so that an interrupted run keeps these results
            yield Line(**json.loads(row))
    if child.returncode:
        sys.exit(f"error: measuring {place} failed")


if __name__ == "__main__":
    main()
