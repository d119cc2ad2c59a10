"""Measure how long commands take as whole processes, including the start of Python.

    python bench/startup.py INDEX… [--runs 15]

Runs `vidindex --help`, and `vidindex search` on each INDEX for eight consecutive words of a transcript (`exact`) and
for the same words with two of them replaced (`near`).  A Python process that does nothing is measured for comparison.
Install the package into this Python without `-e`, because an editable installation takes about 15 ms longer.  Bytecode
is written even if PYTHONDONTWRITEBYTECODE is set, because an ordinary installation has it.
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
    """Return the median and minimum duration and the median CPU time in ms, after one run to warm up."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    wall_ms, cpu_ms = [], []
    for _ in range(runs + 1):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        started = time.perf_counter()
        done = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)
        wall_ms.append(1_000 * (time.perf_counter() - started))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu_ms.append(1_000 * (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime))
        if done.returncode:  # a failed command, or a search without hits, takes another time
            sys.exit(f"error: exit code {done.returncode} of {command}")
    return statistics.median(wall_ms[1:]), min(wall_ms[1:]), statistics.median(cpu_ms[1:])


def commands(indexes: Sequence[Path]) -> Iterator[tuple[str, list[str]]]:
    """Yield the commands to measure, each with its name in the table."""
    program = str(Path(sys.executable).with_name("vidindex"))
    yield "python", [sys.executable, "-c", "pass"]
    yield "vidindex --help", [program, "--help"]
    for path in indexes:
        with vidindex.open(path, create=False) as index:
            stats = index.stats()
            words = _sample_words(index)
        name = f"search, {stats.engine}, {stats.words:,} words"
        wrong = [*words[:2], "umbrella", *words[3:5], "teapot", *words[6:]]
        yield f"{name}, exact", [program, "--index", str(path), "search", *words]
        yield f"{name}, near", [program, "--index", str(path), "search", *wrong]


def _sample_words(index: vidindex.Index) -> list[str]:
    """Return consecutive tokens from the middle of a transcript."""
    for video in index.videos():
        if index.tracks(video.id):
            tokens = index.transcript(video.id).tokens
            if len(tokens) > 4 * _WORDS:
                return list(tokens[len(tokens) // 2 :][:_WORDS])
    sys.exit("error: the index has no captions")


def main() -> None:
    """Measure each command and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", metavar="INDEX", type=Path, nargs="*", help="folders of the indexes to search")
    parser.add_argument("--runs", metavar="N", type=int, default=15, help="runs of each command (default: 15)")
    args = parser.parse_args()
    print("| process | median ms | minimum ms | CPU ms |\n|---|---|---|---|")
    for name, command in commands(args.index):
        wall, minimum, cpu = measure(command, args.runs)
        print(f"| {name} | {wall:.0f} | {minimum:.0f} | {cpu:.0f} |", flush=True)


if __name__ == "__main__":
    main()
