"""Measure whole processes, as a shell starts them: `python bench/startup.py INDEX… [--runs 15]`.

Runs `vidindex --help` and `vidindex search` on each INDEX, for eight words that were said there and for the same
with two of them wrong, beside a Python that does nothing.  The package should be installed plainly into this
Python: an editable install costs some 15 ms.  Byte code is written even where the environment forbids it,
as it is there for every user.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import vidindex

_WORDS = 8


def measure(command: Sequence[str], runs: int) -> tuple[float, float, float]:
    """Give the median, the least, and the median of processor time of a process in ms, after one run to warm up."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    walls, busy = [], []
    for _ in range(runs + 1):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        started = time.perf_counter()
        done = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)
        walls.append(1_000 * (time.perf_counter() - started))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        busy.append(1_000 * (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime))
        assert done.returncode in (0, 1), command
    return statistics.median(walls[1:]), min(walls[1:]), statistics.median(busy[1:])


def commands(indexes: Sequence[Path]) -> Iterator[tuple[str, list[str]]]:
    """Give the command lines to measure, with what to call them."""
    program = [sys.executable, "-c", "from vidindex.cli import main; main()"]
    yield "python", [sys.executable, "-c", "pass"]
    yield "vidindex --help", [*program, "--help"]
    for path in indexes:
        with vidindex.open(path, create=False) as index:
            stats = index.stats()
            said = _said(index)
        named = f"search, {stats.engine}, {stats.words:,} words"
        wrong = [*said[:2], "umbrella", *said[3:5], "teapot", *said[6:]]
        yield f"{named}, exact", [*program, "--index", str(path), "search", *said]
        yield f"{named}, near", [*program, "--index", str(path), "search", *wrong]


def _said(index: vidindex.Index) -> list[str]:
    """Cut words without marks from the middle of some transcript."""
    for video in index.videos():
        if index.tracks(video.id):
            tokens = index.transcript(video.id).tokens
            if len(tokens) > 4 * _WORDS:
                return list(tokens[len(tokens) // 2 :][:_WORDS])
    sys.exit("the index holds no captions")


def main() -> None:
    """Measure each command and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", type=Path, nargs="*", help="indexes to search")
    parser.add_argument("--runs", type=int, default=15)
    asked = parser.parse_args()
    print("| process | median ms | least ms | processor ms |\n|---|---|---|---|")
    for name, command in commands(asked.index):
        wall, least, busy = measure(command, asked.runs)
        print(f"| {name} | {wall:.0f} | {least:.0f} | {busy:.0f} |", flush=True)


if __name__ == "__main__":
    main()
