"""Measure what searches by meaning cost: time, memory and disk, beside the same index without vectors.

    python bench/gist_cost.py INDEX CAPTIONS_DIR… [--queries 100] [--rounds 5] [--files 80]

INDEX has vectors.  The queries are those of `gist.py`, in an order of their own.  `warm` are searches of a process that
has searched before, `whole process` is `vidindex search --gist`, beside a Python process that does nothing.  Then up to
--files caption files are added to an index with vectors and to one without, in turn, each in a process of its own; the
time is that of `Index.add`, with the workers.  Wall-clock times compare only on an idle machine; CPU times include
those of threads.
"""

from __future__ import annotations

import argparse
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import vidindex
from vidindex import SearchOptions

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.changed_words import find_captions

_DATA = Path(__file__).parent / "data"
_QUERIES = ("gist_paraphrases.tsv", "gist_loose.tsv", "gist_questions.tsv")
_WHOLE_RUNS = 15


def main() -> None:
    """Measure searches, whole processes and indexing, and print the results."""
    args = _arguments()
    if args.child == "search":
        _measure_searches(args.index, _read_queries(args.queries))
    elif args.child:
        _measure_adding(args.index, args.captions[0], has_vectors=args.child == "with")
    else:
        _run_child(args.index, args.captions, "--child", "search", "--queries", str(args.queries))
        _measure_processes(args.index, _read_queries(_WHOLE_RUNS))
        with tempfile.TemporaryDirectory() as scratch:
            _compare_adding(Path(scratch), args.captions, files=args.files, rounds=args.rounds)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", metavar="INDEX", type=Path, help="folder of an index with vectors")
    parser.add_argument("captions", metavar="CAPTIONS_DIR", type=Path, nargs="+", help="folders of WebVTT files")
    parser.add_argument("--queries", metavar="N", type=int, default=100, help="queries (default: 100)")
    parser.add_argument("--rounds", metavar="N", type=int, default=5, help="pairs of indexes (default: 5)")
    parser.add_argument("--files", metavar="N", type=int, default=80, help="files to add (default: 80)")
    parser.add_argument("--child", choices=("search", "with", "without"), help=argparse.SUPPRESS)
    return parser.parse_args()


def _read_queries(count: int) -> list[str]:
    lines = [line for name in _QUERIES for line in (_DATA / name).read_text(encoding="utf-8").splitlines()]
    random.Random(7).shuffle(lines)
    return [line.split("\t")[1] for line in lines[:count]]


def _measure_searches(path: Path, queries: Sequence[str]) -> None:
    with vidindex.open(path, create=False) as index:
        stats = index.stats()
        print(f"{stats.words:,} words, {stats.engine}, {stats.vectors:,} vectors of {stats.gist_model}")
        sizes = [file.stat().st_size for file in path.glob("gist-*/*")]
        print(f"vectors on disk: {sum(sizes) / stats.words:.2f} bytes a word")
        _print_times("first", index.search_gist, queries[:1])
        _print_times("words", index.search, queries)
        _print_times("meaning, cold words", index.search_gist, queries)
        _print_times("meaning, warm", index.search_gist, queries)
        video = next(iter(index.videos()))
        one = SearchOptions(videos=frozenset({video.id}))
        _print_times("meaning, one video", lambda text: index.search_gist(text, options=one), queries)
        channel = SearchOptions(channel=video.channel) if video.channel else SearchOptions(kind=video.kind or "talk")
        _print_times("meaning, a channel or kind", lambda text: index.search_gist(text, options=channel), queries)
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    sizes_mb = {
        name: int(status.partition(f"{name}:")[2].split()[0]) / 1024 for name in ("VmHWM", "RssAnon", "RssFile")
    }
    print("memory in MB: {VmHWM:.0f} at most; now {RssAnon:.0f}, and {RssFile:.0f} of mapped files".format(**sizes_mb))


def _print_times(name: str, search: Callable[[str], object], queries: Sequence[str]) -> None:
    wall_ms, cpu_ms = [], []
    for text in queries:
        wall, cpu = time.perf_counter(), time.process_time()
        search(text)
        wall_ms.append(1_000 * (time.perf_counter() - wall))
        cpu_ms.append(1_000 * (time.process_time() - cpu))
    columns = [f"{statistics.median(times):.1f} / {_percentile_95(times):.1f}" for times in (cpu_ms, wall_ms)]
    print(f"{name}: p50 / p95 {columns[0]} ms of CPU, {columns[1]} ms")


def _percentile_95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20)[-1] if len(values) > 1 else values[0]


def _measure_processes(path: Path, queries: Sequence[str]) -> None:
    program = [sys.executable, "-c", "from vidindex.cli import run; run()", "--index", str(path), "search", "--gist"]
    bare = [_process_ms([sys.executable, "-c", "pass"]) for _ in queries]
    whole = [_process_ms([*program, *text.split()]) for text in queries]
    for name, times in (("python -c pass", bare), ("whole process", whole)):
        cpu, wall = (statistics.median(column) for column in zip(*times, strict=True))
        print(f"{name}: median {cpu:.0f} ms of CPU, {wall:.0f} ms")


def _process_ms(command: Sequence[str]) -> tuple[float, float]:
    """Return the CPU time and the duration of a command."""
    cpu, wall = _cpu_s(), time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    assert done.returncode in (0, 1), command
    return 1_000 * (_cpu_s() - cpu), 1_000 * (time.perf_counter() - wall)


def _compare_adding(scratch: Path, captions: Sequence[Path], *, files: int, rounds: int) -> None:
    """Add the same files to an index without vectors and to one with vectors, several times."""
    found = find_captions(captions)
    folder = scratch / "captions"
    folder.mkdir()
    for file in found[:: max(1, len(found) // files)][:files]:
        shutil.copy(file, folder / file.name)
    ratios = []
    for number in range(rounds):
        pair = [_run_child(scratch / f"{kind}-{number}", [folder], "--child", kind) for kind in ("without", "with")]
        without, with_vectors = (float(lines.split()[0]) for lines in pair)
        ratios.append(with_vectors / without)
    print(f"CPU with vectors / without: median {statistics.median(ratios):.2f}, least {min(ratios):.2f}")


def _run_child(index: Path, captions: Sequence[Path], *options: str) -> str:
    command = [sys.executable, __file__, str(index), *map(str, captions), *options]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    print(done.stdout, end="", flush=True)
    return done.stdout


def _measure_adding(path: Path, folder: Path, *, has_vectors: bool) -> None:
    seed = next(iter(sorted(folder.iterdir())))
    with vidindex.open(path) as index:
        index.add(seed)
        index.rebuild(gist=has_vectors)
        cpu, wall = _cpu_s(), time.perf_counter()
        index.add(folder)
        taken = _cpu_s() - cpu, time.perf_counter() - wall
        words = index.stats().words
    size = sum(file.stat().st_size for file in _files_below(path)) / words
    peak = int(Path("/proc/self/status").read_text(encoding="utf-8").partition("VmHWM:")[2].split()[0]) / 1024
    name = "with vectors" if has_vectors else "without vectors"
    print(f"{taken[0]:.2f} s of CPU, {taken[1]:.2f} s, {name}: {words:,} words, {size:.2f} bytes each, {peak:.0f} MB")


def _files_below(path: Path) -> Iterator[Path]:
    return (file for file in path.rglob("*") if file.is_file())


def _cpu_s() -> float:
    """Return the CPU time of this process and of those that have ended below it."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


if __name__ == "__main__":
    main()
