"""Measure engines as an index grows: speed of indexing, size, memory, latency; beside SQLite FTS5.

    python bench/scale.py CAPTIONS_DIR… [--words 1e6 --words 3e6 --words 10e6] [--engine tantivy]

Every subject indexes the same WebVTT files in a process of its own, stops at each mark, and looks for the
same quotes: eight words cut from what it holds (`exact`), and the same with a fifth of the words wrong
(`near`).  Only indexing and searching are timed, not reading and folding.  Figures are of this machine;
compare them within one run.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from vidindex.engines import installed, open_engine
from vidindex.fold import fold
from vidindex.model import (
    PASSAGE_OVERLAP,
    PASSAGE_STRIDE,
    Fields,
    Passage,
    Phrase,
    Words,
    passage_id,
    passage_place,
)

BATCH_WORDS = 500_000  # in one commit
QUOTES = 200
QUOTE_WORDS = 8
LIMIT = 100


@dataclass(frozen=True, slots=True)
class Talk:
    """One caption file: its tokens, and how many of them each cue has."""

    number: int
    name: str
    tokens: tuple[str, ...]
    cues: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured of one subject at one mark; times in ms."""

    subject: str
    words: int
    words_per_s: float
    bytes_per_word: float
    peak_mb: float
    exact_p50: float
    exact_p95: float
    exact_found: float
    near_p50: float
    near_p95: float
    near_found: float


class Subject(Protocol):
    """Something that indexes talks and finds them: an engine here, anything that has these three."""

    def add(self, talks: Sequence[Talk]) -> None:
        """Index *talks* in one commit."""

    def exact(self, tokens: tuple[str, ...]) -> list[int]:
        """Give the numbers of the talks in which *tokens* stand side by side, as far as the limit goes."""

    def near(self, tokens: tuple[str, ...]) -> list[int]:
        """Give the numbers of the talks most like *tokens*."""


class EngineSubject:
    """An engine alone, over passages cut as the index cuts them."""

    def __init__(self, name: str, folder: Path) -> None:
        self._engine = open_engine(name, folder)

    def add(self, talks: Sequence[Talk]) -> None:
        """Index *talks* in one commit."""
        self._engine.replace([talk.number for talk in talks], _passages(talks))

    def exact(self, tokens: tuple[str, ...]) -> list[int]:
        """Look for a phrase."""
        found = self._engine.candidates(Phrase(tokens), limit=LIMIT)
        return [passage_place(each.passage)[0] for each in found]

    def near(self, tokens: tuple[str, ...]) -> list[int]:
        """Look for the candidates of a quote."""
        found = self._engine.candidates(Words(tokens), limit=LIMIT)
        return [passage_place(each.passage)[0] for each in found]


def _passages(talks: Iterable[Talk]) -> Iterator[Passage]:
    for talk in talks:
        fields = Fields(title=talk.name.replace("-", " "), site="example.org", kind="other", lang="en")
        last = max(1, len(talk.tokens) - PASSAGE_OVERLAP)
        for number, start in enumerate(range(0, last, PASSAGE_STRIDE)):
            tokens = talk.tokens[start : start + PASSAGE_STRIDE + PASSAGE_OVERLAP]
            yield Passage(passage_id(talk.number, number), talk.number, tokens, fields)


class FtsSubject:
    """SQLite FTS5 with one row a cue: what one would build first."""

    def __init__(self, folder: Path) -> None:
        self._db = sqlite3.connect(folder / "cues.db")
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("CREATE VIRTUAL TABLE cue USING fts5(text, talk UNINDEXED)")

    def add(self, talks: Sequence[Talk]) -> None:
        """Index *talks* in one commit."""
        with self._db:
            self._db.executemany("INSERT INTO cue VALUES (?, ?)", _cues(talks))

    def exact(self, tokens: tuple[str, ...]) -> list[int]:
        """Look for a phrase."""
        return self._found(f'"{" ".join(tokens)}"')

    def near(self, tokens: tuple[str, ...]) -> list[int]:
        """Look for any of the words."""
        return self._found(" OR ".join(f'"{token}"' for token in dict.fromkeys(tokens)))

    def _found(self, query: str) -> list[int]:
        asked = "SELECT talk FROM cue WHERE cue MATCH ? ORDER BY rank LIMIT ?"
        return [int(talk) for (talk,) in self._db.execute(asked, (query, LIMIT))]


def _cues(talks: Iterable[Talk]) -> Iterator[tuple[str, int]]:
    for talk in talks:
        start = 0
        for size in talk.cues:
            yield " ".join(talk.tokens[start : start + size]), talk.number
            start += size


SUBJECTS: dict[str, Callable[[Path], Subject]] = {
    **{name: partial(EngineSubject, name) for name in installed()},
    "fts5-cues": FtsSubject,
}


def talks(folders: Iterable[Path]) -> Iterator[Talk]:
    """Read WebVTT files, in the order of their names: crudely, for what is measured comes after this."""
    files = (file for folder in folders for file in sorted(folder.rglob("*.vtt")))
    for number, file in enumerate(files, 1):
        cues = [fold(words)[0] for words in _blocks(file.read_text("utf-8", "replace"))]
        tokens = tuple(token for cue in cues for token in cue)
        if len(tokens) > QUOTE_WORDS:
            yield Talk(number, file.stem, tokens, tuple(map(len, cues)))


def _blocks(text: str) -> Iterator[list[str]]:
    for block in text.split("\n\n"):
        _, arrow, tail = block.partition(" --> ")
        if arrow:
            yield tail.partition("\n")[2].split()


def measure(name: str, folders: Sequence[Path], marks: Sequence[int], folder: Path) -> Iterator[Figures]:
    """Index up to each mark and measure there; the last mark is where the captions end, if they do before."""
    subject = SUBJECTS[name](folder)
    kept: list[Talk] = []  # a sample to cut quotes from, so that memory stays flat
    words = since = 0
    spent = 0.0
    chooser = random.Random(7)
    left = list(marks)
    for batch in _batches(talks(folders)):
        started = time.perf_counter()
        subject.add(batch)
        spent += time.perf_counter() - started
        words += sum(len(talk.tokens) for talk in batch)
        kept += chooser.sample(batch, min(5, len(batch)))
        if words >= left[0]:
            yield _figures(name, subject, folder, words, (words - since) / spent, kept)
            since, spent = words, 0.0
            left = [mark for mark in left if mark > words]
        if not left:
            return
    if words > since:
        yield _figures(name, subject, folder, words, (words - since) / spent, kept)


def _batches(found: Iterable[Talk]) -> Iterator[list[Talk]]:
    batch: list[Talk] = []
    words = 0
    for talk in found:
        batch.append(talk)
        words += len(talk.tokens)
        if words >= BATCH_WORDS:
            yield batch
            batch, words = [], 0
    if batch:
        yield batch


def _figures(name: str, subject: Subject, folder: Path, words: int, speed: float, kept: Sequence[Talk]) -> Figures:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    chooser = random.Random(words)
    quotes = [_quote(chooser.choice(kept), chooser) for _ in range(QUOTES)]
    wrong = [(talk, _misheard(tokens, kept, chooser)) for talk, tokens in quotes]
    exact, near = _timed(subject.exact, quotes), _timed(subject.near, wrong)
    return Figures(name, words, speed, size / words, peak, *exact, *near)


def _quote(talk: Talk, chooser: random.Random) -> tuple[int, tuple[str, ...]]:
    start = chooser.randrange(len(talk.tokens) - QUOTE_WORDS)
    return talk.number, talk.tokens[start : start + QUOTE_WORDS]


def _misheard(tokens: tuple[str, ...], kept: Sequence[Talk], chooser: random.Random) -> tuple[str, ...]:
    heard = (chooser.choice(chooser.choice(kept).tokens) if chooser.random() < 0.2 else t for t in tokens)
    return tuple(heard)


def _timed(
    ask: Callable[[tuple[str, ...]], list[int]], quotes: Sequence[tuple[int, tuple[str, ...]]]
) -> tuple[float, float, float]:
    """Give p50 and p95 in ms, and the share of quotes whose talk was found."""
    times, found = [], 0
    for talk, tokens in quotes:
        started = time.perf_counter()
        answer = ask(tokens)
        times.append(1_000 * (time.perf_counter() - started))
        found += talk in answer
    return statistics.median(times), statistics.quantiles(times, n=20)[-1], found / len(quotes)


def table(figures: Sequence[Figures]) -> Iterator[str]:
    """Write *figures* as a Markdown table, with the growth of the latencies from mark to mark."""
    yield "| subject | words | words/s | bytes/word | peak MB | exact p50/p95 ms | found | near p50/p95 ms | found |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for each in figures:
        yield (
            f"| {each.subject} | {each.words:,} | {each.words_per_s:,.0f} | {each.bytes_per_word:.1f} "
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
    """Run each subject in a process of its own and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("captions", type=Path, nargs="+", help="folders of WebVTT files")
    parser.add_argument("--words", type=float, action="append", help="where to measure (default 1, 3, 10 million)")
    parser.add_argument("--engine", choices=SUBJECTS, action="append", help="what to measure (default: all)")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    marks = sorted(int(mark) for mark in asked.words or (1e6, 3e6, 1e7))
    names = asked.engine or list(SUBJECTS)
    if asked.child:
        with tempfile.TemporaryDirectory() as folder:
            for each in measure(names[0], asked.captions, marks, Path(folder)):
                print(json.dumps(asdict(each)), flush=True)
        return
    print("\n".join(table([each for name in names for each in _run(name, asked.captions, marks)])))


def _run(name: str, captions: Sequence[Path], marks: Sequence[int]) -> Iterator[Figures]:
    words = [option for mark in marks for option in ("--words", str(mark))]
    command = [sys.executable, __file__, "--child", "--engine", name, *words, *map(str, captions)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for line in child.stdout:
            print(line, end="", file=sys.stderr)  # what was measured is not lost if the rest is broken off
            yield Figures(**json.loads(line))
    if child.returncode:
        sys.exit(f"measuring {name} failed")


if __name__ == "__main__":
    main()
