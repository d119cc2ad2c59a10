"""Measure the whole index as it grows: speed of adding, size, memory, latency; beside SQLite FTS5.

    python bench/scale.py CAPTIONS_DIR… [--words 1e6 --words 3e6 --words 10e6] [--engine tantivy]
        [--engine opensearch --at opensearch+http://127.0.0.1:9200/bench]

Every subject takes the same WebVTT files in a process of its own, from the files on disk to searchable, stops
at each mark, and looks for the same quotes: eight words cut from what it holds (`exact`), and the same with a
fifth of the words wrong (`near`).  Where there are too few files they come again under other names, and the
table says so.  Words a second are of the wall clock, and (`own`) of the process's own time, all threads together,
which leaves out what a cluster does; latencies are of the wall clock.  A cluster's index is a new one beside the name
in *--at*, and stays.  Figures are of this machine: compare them within one run.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import vidindex
from vidindex.engines import installed_engines

QUOTES = 200
QUOTE_WORDS = 8
LIMIT = 10
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a talk; *misheard* are the same with a fifth of them from elsewhere."""

    talk: str
    words: str
    misheard: str


@dataclass(frozen=True, slots=True)
class Stage:
    """What is added up to one mark: a folder of files; *words* are all that are there then, crudely counted."""

    folder: Path
    words: int
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured of one subject at one mark; times in ms."""

    subject: str
    words: int
    words_per_s: float
    words_per_cpu_s: float
    bytes_per_word: float
    peak_mb: float
    exact_p50: float
    exact_p95: float
    exact_found: float
    near_p50: float
    near_p95: float
    near_found: float


class Subject(Protocol):
    """Something that takes folders of captions and finds quotes in them."""

    def add(self, folder: Path) -> None:
        """Take all files of *folder*, so that they can be searched."""

    def exact(self, words: str) -> list[str]:
        """Name the talks in which *words* were said, as far as the limit goes."""

    def near(self, words: str) -> list[str]:
        """Name the talks in which *words* may have been said, as far as the limit goes."""

    def size(self) -> int:
        """Count the bytes that it takes on disk."""


class IndexSubject:
    """The index as its users have it, in a folder or at the address of a cluster."""

    def __init__(self, engine: str, place: Path | str) -> None:
        self._index = vidindex.open(place, engine=engine)

    def add(self, folder: Path) -> None:
        """Take all files of *folder*."""
        report = self._index.add(folder)
        assert not report.failures, report.failures[0]

    def exact(self, words: str) -> list[str]:
        """Look for a quote."""
        return [hit.video.id.removeprefix("file:") for hit in self._index.search(words, limit=LIMIT)]

    near = exact

    def size(self) -> int:
        """Count the bytes of the store and the engine."""
        return self._index.stats().bytes


class FtsSubject:
    """SQLite FTS5 with one row a cue, read crudely: what one would build first."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._db = sqlite3.connect(folder / "cues.db")
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("CREATE VIRTUAL TABLE cue USING fts5(text, talk UNINDEXED)")

    def add(self, folder: Path) -> None:
        """Insert all cues of *folder*, one transaction a file."""
        for file in sorted(folder.iterdir()):
            rows = [(" ".join(cue), file.stem) for cue in _cues(file)]
            with self._db:
                self._db.executemany("INSERT INTO cue VALUES (?, ?)", rows)

    def exact(self, words: str) -> list[str]:
        """Look for a phrase."""
        return self._found(f'"{" ".join(_WORD.findall(words))}"')

    def near(self, words: str) -> list[str]:
        """Look for any of the words, ranked."""
        return self._found(" OR ".join(f'"{word}"' for word in dict.fromkeys(_WORD.findall(words))))

    def size(self) -> int:
        """Count the bytes of the files."""
        return sum(file.stat().st_size for file in self._folder.rglob("*") if file.is_file())

    def _found(self, query: str) -> list[str]:
        asked = "SELECT talk FROM cue WHERE cue MATCH ? ORDER BY rank LIMIT ?"
        return [str(talk) for (talk,) in self._db.execute(asked, (query, LIMIT))]


FOLDERS: dict[str, Callable[[Path], Subject]] = {
    **{name: partial(IndexSubject, name) for name in installed_engines()},
    "fts5-cues": FtsSubject,
}
CLUSTER = "opensearch"


def opened(name: str, folder: Path, at: str) -> Subject:
    """Make the subject *name*, empty: in *folder*, or on the cluster *at* an address."""
    return IndexSubject("auto", f"{at}-{uuid4().hex[:8]}") if name == CLUSTER else FOLDERS[name](folder)


def _cues(file: Path) -> Iterator[list[str]]:
    for block in file.read_text("utf-8", "replace").split("\n\n"):
        _, arrow, tail = block.partition(" --> ")
        if arrow:
            yield tail.partition("\n")[2].split()


def stages(sources: Sequence[Path], marks: Sequence[int], place: Path) -> Iterator[Stage]:
    """Lay out links to the files of *sources*, a folder for each mark, all of them again where they are too few."""
    files = sorted(file for source in sources for file in source.rglob("*.vtt"))
    chooser = random.Random(7)
    numbers = count()
    words, kept = 0, []
    for mark in marks:
        folder = place / str(mark)
        folder.mkdir()
        while words < mark:
            number = next(numbers)
            file = files[number % len(files)]
            link = folder / f"t{number:06d}.vtt"
            link.symlink_to(file.resolve())
            said = [word for cue in _cues(file) for word in cue]
            words += len(said)
            if number < len(files) and len(said) > 10 * QUOTE_WORDS and chooser.random() < 0.3:
                kept.append((link.stem, said))
        yield Stage(folder, words, tuple(_quote(kept, chooser) for _ in range(QUOTES)))


def _quote(kept: Sequence[tuple[str, list[str]]], chooser: random.Random) -> Quote:
    talk, said = chooser.choice(kept)
    start = chooser.randrange(len(said) - QUOTE_WORDS)
    words = said[start : start + QUOTE_WORDS]
    heard = [chooser.choice(chooser.choice(kept)[1]) if chooser.random() < 0.2 else word for word in words]
    return Quote(talk, *(" ".join(_WORD.findall(" ".join(each))) for each in (words, heard)))


def measure(name: str, laid: Sequence[Stage], subject: Subject) -> Iterator[Figures]:
    """Add stage by stage, and measure after each."""
    before = 0
    for stage in laid:
        started = time.perf_counter(), time.process_time()
        subject.add(stage.folder)
        taken = time.perf_counter() - started[0], time.process_time() - started[1]
        speed, own_speed = ((stage.words - before) / seconds for seconds in taken)
        before = stage.words
        exact = _timed(subject.exact, [(quote.talk, quote.words) for quote in stage.quotes])
        near = _timed(subject.near, [(quote.talk, quote.misheard) for quote in stage.quotes])
        yield Figures(name, stage.words, speed, own_speed, subject.size() / stage.words, _peak_mb(), *exact, *near)


def _peak_mb() -> float:
    """Give the most that this process has held; what `getrusage` tells includes what its parent held before."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def _timed(ask: Callable[[str], list[str]], quotes: Sequence[tuple[str, str]]) -> tuple[float, float, float]:
    """Give p50 and p95 in ms, and the share of quotes whose talk was found."""
    times, found = [], 0
    for talk, words in quotes:
        started = time.perf_counter()
        answer = ask(words)
        times.append(1_000 * (time.perf_counter() - started))
        found += talk in answer
    return statistics.median(times), statistics.quantiles(times, n=20)[-1], found / len(quotes)


def table(figures: Sequence[Figures]) -> Iterator[str]:
    """Write *figures* as a Markdown table, with what grew from the first mark to the last."""
    yield "| subject | words | words/s | own | bytes/word | peak MB | exact p50/p95 | found | near p50/p95 ms | found |"
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for each in figures:
        yield (
            f"| {each.subject} | {each.words:,} | {each.words_per_s:,.0f} | {each.words_per_cpu_s:,.0f} "
            f"| {each.bytes_per_word:.1f} "
            f"| {each.peak_mb:.0f} | {each.exact_p50:.2f} / {each.exact_p95:.2f} | {each.exact_found:.2f} "
            f"| {each.near_p50:.1f} / {each.near_p95:.1f} | {each.near_found:.2f} |"
        )
    yield ""
    for subject in dict.fromkeys(each.subject for each in figures):
        first, *_, last = [each for each in figures if each.subject == subject] * 2
        yield (
            f"{subject}: words × {last.words / first.words:.1f}, exact p50 × {last.exact_p50 / first.exact_p50:.1f}, "
            f"near p50 × {last.near_p50 / first.near_p50:.1f}, peak memory × {last.peak_mb / first.peak_mb:.2f}"
        )


def main() -> None:
    """Lay out the files, run each subject in a process of its own, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("captions", type=Path, nargs="+", help="folders of WebVTT files")
    parser.add_argument("--words", type=float, action="append", help="where to measure (default 1, 3, 10 million)")
    choices = [*FOLDERS, CLUSTER]
    parser.add_argument("--engine", choices=choices, action="append", help="what to measure (default: all)")
    parser.add_argument("--at", default="", help="the address of an index on a cluster, for opensearch")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    names = asked.engine or [*FOLDERS, *([CLUSTER] if asked.at else [])]
    if CLUSTER in names and not asked.at:
        parser.error("--engine opensearch wants --at")
    with tempfile.TemporaryDirectory() as scratch:
        if asked.child:
            for each in measure(names[0], _read_stages(asked.captions[0]), opened(names[0], Path(scratch), asked.at)):
                print(json.dumps(asdict(each)), flush=True)
            return
        marks = sorted(int(mark) for mark in asked.words or (1e6, 3e6, 1e7))
        laid = [asdict(stage) for stage in stages(asked.captions, marks, Path(scratch))]
        plan = Path(scratch, "stages.json")
        plan.write_text(json.dumps(laid, default=str))
        print("\n".join(table([each for name in names for each in _run(name, plan, asked.at)])))
        print(_repeats([Path(stage["folder"]) for stage in laid]))


def _repeats(folders: Sequence[Path]) -> str:
    """Say how often files came again."""
    links = [link.resolve() for folder in folders for link in folder.iterdir()]
    return f"{len(links)} files, of which {len(links) - len(set(links))} came again under other names"


def _read_stages(plan: Path) -> list[Stage]:
    found = json.loads(plan.read_text())
    return [Stage(Path(one["folder"]), one["words"], tuple(Quote(**each) for each in one["quotes"])) for one in found]


def _run(name: str, plan: Path, at: str) -> Iterator[Figures]:
    command = [sys.executable, __file__, "--child", "--engine", name, "--at", at, str(plan)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for line in child.stdout:
            print(line, end="", file=sys.stderr)  # what was measured is not lost if the rest is broken off
            yield Figures(**json.loads(line))
    if child.returncode:
        sys.exit(f"measuring {name} failed")


if __name__ == "__main__":
    main()
