"""Measure how an index scales: indexing speed, size, memory and latency, compared with SQLite FTS5.

    python bench/scale.py CAPTIONS_DIR… [--words 1e6 --words 3e6 --words 10e6] [--engine tantivy]
        [--engine opensearch --at opensearch+http://127.0.0.1:9200/bench] [--keep FOLDER]

Each engine, and FTS5 for comparison, runs in a process of its own and indexes the same WebVTT files.  At each size in
--words, it searches for the same quotes: eight consecutive words of the indexed files (`exact`), and the same quotes
with a fifth of the words replaced (`near`).  If there are too few files, `changed_words.py` makes more of them; the
last line states how many.  `words/s` is measured with the wall clock, `words/CPU s` with the CPU time of the process
and its workers, which excludes the work of a cluster.  Latencies are wall-clock times.  On a cluster, each run
creates a new index whose name starts with the one in --at; it is not deleted.  --keep copies each index at each size to
FOLDER/ENGINE-SIZE, for `growth.py`.  Compare figures only within one run.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import vidindex
from vidindex.engines import installed_engines

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.changed_words import Talk, find_captions, read_cues, write_talks

QUOTES = 200
QUOTE_WORDS = 8
LIMIT = 10
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a talk; *misheard* has a fifth of them replaced by words of other talks."""

    talk: str
    words: str
    misheard: str


@dataclass(frozen=True, slots=True)
class Stage:
    """The files that are added up to *mark* words; *words* is the approximate total after adding them."""

    folder: Path
    mark: int
    words: int
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """The measurements of one subject at one size; times are in ms."""

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
    """A search tool that is measured."""

    def add(self, folder: Path) -> None:
        """Index all files of *folder*."""

    def exact(self, words: str) -> list[str]:
        """Return up to `LIMIT` talks with the phrase *words*."""

    def near(self, words: str) -> list[str]:
        """Return up to `LIMIT` talks with words similar to *words*."""

    def size(self) -> int:
        """Return its size on disk in bytes."""

    def keep(self, folder: Path) -> None:
        """Copy it to *folder*."""


class IndexSubject:
    """A vidindex index in a folder or at the address of a cluster."""

    def __init__(self, engine: str, place: Path | str) -> None:
        self._place, self._engine = place, engine
        self._index = vidindex.open(place, engine=engine)

    def add(self, folder: Path) -> None:
        """Index all files of *folder*."""
        report = self._index.add(folder)
        assert not report.failures, report.failures[0]

    def exact(self, words: str) -> list[str]:
        """Search for a quote."""
        return [hit.video.id.rpartition(":")[2] for hit in self._index.search(words, limit=LIMIT)]

    near = exact

    def size(self) -> int:
        """Return the size of the store and the engine in bytes."""
        return self._index.stats().bytes

    def keep(self, folder: Path) -> None:
        """Close the index, copy its folder, and open it again."""
        self._index.close()
        shutil.copytree(self._place, folder)
        self._index = vidindex.open(self._place, engine=self._engine)


class FtsSubject:
    """SQLite FTS5 with one row per cue: a simple solution for comparison."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._db = sqlite3.connect(folder / "cues.db")
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("CREATE VIRTUAL TABLE cue USING fts5(text, talk UNINDEXED)")

    def add(self, folder: Path) -> None:
        """Insert all cues of *folder*, one transaction per file."""
        for file in sorted(folder.glob("*.vtt")):
            rows = [(" ".join(words), file.stem) for _, words in read_cues(file)]
            with self._db:
                self._db.executemany("INSERT INTO cue VALUES (?, ?)", rows)

    def exact(self, words: str) -> list[str]:
        """Search for a phrase."""
        return self._search(f'"{" ".join(_WORD.findall(words))}"')

    def near(self, words: str) -> list[str]:
        """Search for any of the words, ranked."""
        return self._search(" OR ".join(f'"{word}"' for word in dict.fromkeys(_WORD.findall(words))))

    def size(self) -> int:
        """Return the size of the files in bytes."""
        return sum(file.stat().st_size for file in self._folder.rglob("*") if file.is_file())

    def keep(self, folder: Path) -> None:
        """Copy the database; the files beside it are empty between transactions."""
        shutil.copytree(self._folder, folder)

    def _search(self, query: str) -> list[str]:
        sql = "SELECT talk FROM cue WHERE cue MATCH ? ORDER BY rank LIMIT ?"
        return [str(talk) for (talk,) in self._db.execute(sql, (query, LIMIT))]


FOLDERS: dict[str, Callable[[Path], Subject]] = {
    **{name: partial(IndexSubject, name) for name in installed_engines()},
    "fts5-cues": FtsSubject,
}
CLUSTER = "opensearch"


def open_subject(name: str, folder: Path, at: str) -> Subject:
    """Return the subject *name* with an empty index in *folder* or at the cluster address *at*."""
    return IndexSubject("auto", f"{at}-{uuid4().hex[:8]}") if name == CLUSTER else FOLDERS[name](folder)


def stages(sources: Sequence[Path], marks: Sequence[int], place: Path) -> Iterator[Stage]:
    """Yield a folder of files for each size: those of *sources*, then files with changed words."""
    chooser = random.Random(7)
    folder = [place]
    talks = write_talks(find_captions(sources), iter(lambda: folder[0], None))
    words, quotable = 0, []
    for mark in marks:
        folder[0] = place / str(mark)
        folder[0].mkdir()
        while words < mark:
            talk = next(talks)
            words += len(talk.spoken)
            if talk.is_original and len(talk.spoken) > 10 * QUOTE_WORDS and chooser.random() < 0.3:
                quotable.append(talk)
        yield Stage(folder[0], mark, words, tuple(_quote(quotable, chooser) for _ in range(QUOTES)))


def _quote(talks: Sequence[Talk], chooser: random.Random) -> Quote:
    talk = chooser.choice(talks)
    start = chooser.randrange(len(talk.spoken) - QUOTE_WORDS)
    words = talk.spoken[start : start + QUOTE_WORDS]
    heard = [chooser.choice(chooser.choice(talks).spoken) if chooser.random() < 0.2 else word for word in words]
    return Quote(talk.path.stem, *(" ".join(_WORD.findall(" ".join(each))) for each in (words, heard)))


def measure(name: str, plan: Sequence[Stage], subject: Subject, keep: Path | None) -> Iterator[Figures]:
    """Add one stage after the other, and measure after each; copy the subject to *keep* at each size."""
    before = 0
    for stage in plan:
        started = time.perf_counter(), _cpu_s()
        subject.add(stage.folder)
        taken = time.perf_counter() - started[0], _cpu_s() - started[1]
        speed, own_speed = ((stage.words - before) / seconds for seconds in taken)
        before = stage.words
        exact = _timed(subject.exact, [(quote.talk, quote.words) for quote in stage.quotes])
        near = _timed(subject.near, [(quote.talk, quote.misheard) for quote in stage.quotes])
        yield Figures(name, stage.words, speed, own_speed, subject.size() / stage.words, _peak_mb(), *exact, *near)
        if keep:
            subject.keep(keep / f"{name}-{stage.mark}")


def _cpu_s() -> float:
    """Return the CPU time of this process and of the worker processes that have ended."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


def _peak_mb() -> float:
    """Return the peak memory of this process; that of `getrusage` includes the memory of its parent before the fork."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def _timed(ask: Callable[[str], list[str]], quotes: Sequence[tuple[str, str]]) -> tuple[float, float, float]:
    """Return p50 and p95 in ms, and the share of quotes whose talk was found."""
    times, found = [], 0
    for talk, words in quotes:
        started = time.perf_counter()
        found_talks = ask(words)
        times.append(1_000 * (time.perf_counter() - started))
        found += talk in found_talks
    return statistics.median(times), statistics.quantiles(times, n=20)[-1], found / len(quotes)


def table(figures: Sequence[Figures]) -> Iterator[str]:
    """Yield *figures* as the lines of a Markdown table, then the growth from the first size to the last."""
    yield (
        "| subject | words | words/s | words/CPU s | bytes/word | peak MB "
        "| exact p50/p95 ms | found | near p50/p95 ms | found |"
    )
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
    """Prepare the files, run each subject in a process of its own, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("captions", metavar="CAPTIONS_DIR", type=Path, nargs="+", help="folders of WebVTT files")
    parser.add_argument(
        "--words",
        metavar="N",
        type=float,
        action="append",
        help="size at which to measure (repeatable; default: 1e6, 3e6 and 10e6)",
    )
    choices = [*FOLDERS, CLUSTER]
    parser.add_argument("--engine", choices=choices, action="append", help="what to measure (repeatable; default: all)")
    parser.add_argument("--at", metavar="ADDRESS", default="", help="index on a cluster, for --engine opensearch")
    parser.add_argument("--keep", metavar="FOLDER", type=Path, help="folder for copies of the indexes at each size")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    names = args.engine or [*FOLDERS, *([CLUSTER] if args.at else [])]
    if CLUSTER in names and not args.at:
        parser.error("--engine opensearch requires --at")
    with tempfile.TemporaryDirectory() as scratch:
        if args.child:
            subject = open_subject(names[0], Path(scratch), args.at)
            for each in measure(names[0], _read_stages(args.captions[0]), subject, args.keep):
                print(json.dumps(asdict(each)), flush=True)
            return
        marks = sorted(int(mark) for mark in args.words or (1e6, 3e6, 1e7))
        prepared = [asdict(stage) for stage in stages(args.captions, marks, Path(scratch))]
        plan = Path(scratch, "stages.json")
        plan.write_text(json.dumps(prepared, default=str))
        print("\n".join(table([each for name in names for each in _run(name, plan, args)])))
        written = sum(len(list(Path(stage["folder"]).glob("*.vtt"))) for stage in prepared)
        print(f"{written} files, {max(0, written - len(find_captions(args.captions)))} of them with changed words")


def _read_stages(plan: Path) -> list[Stage]:
    rows = json.loads(plan.read_text())
    return [
        Stage(Path(one["folder"]), one["mark"], one["words"], tuple(Quote(**each) for each in one["quotes"]))
        for one in rows
    ]


def _run(name: str, plan: Path, args: argparse.Namespace) -> Iterator[Figures]:
    command = [sys.executable, __file__, "--child", "--engine", name, "--at", args.at, str(plan)]
    command += ["--keep", str(args.keep)] if args.keep else []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for line in child.stdout:
            print(line, end="", file=sys.stderr)  # so that an interrupted run keeps these results
            yield Figures(**json.loads(line))
    if child.returncode:
        sys.exit(f"error: measuring {name} failed")


if __name__ == "__main__":
    main()
