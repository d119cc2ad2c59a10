"""Index captions and search them with one tool, for `peers.py`, which runs this file with the Python of the tool.

    python bench/peer_tools.py TOOL CAPTIONS_DIR QUOTES_JSON WORK_DIR

Every tool is driven by its own functions.  What is ours, and not the tool's, is said in the docstring of its class.
Apart from the standard library, a tool imports only itself, at first use.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import resource
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

LIMIT = 10
COMMAND_RUNS = 5

Place = tuple[str, int]
"""The name of a video, and where a hit starts in it, in ms."""

Search = Callable[[str], list[Place]]


class Vidindex:
    """This project, with one of its engines.  Its own code: all."""

    def __init__(self, engine: str, captions: Path, work: Path) -> None:
        self._engine, self._captions, self._place = engine, captions, work / "index"

    def version(self) -> str:
        """Return the version of the package."""
        return version("vidindex")

    def index(self) -> None:
        """Add the folder."""
        import vidindex

        self._index = vidindex.open(self._place, engine=self._engine)
        report = self._index.add(self._captions)
        assert not report.failures, report.failures[0]

    def searches(self) -> dict[str, Search]:
        """Return the one search that there is."""
        return {"quote": self._search}

    def _search(self, words: str) -> list[Place]:
        hits = self._index.search(words, limit=LIMIT)
        return [(hit.video.id.rpartition(":")[2], hit.start_ms) for hit in hits]

    def command(self, words: str) -> list[str]:
        """Return the command that searches for *words*."""
        program = "from vidindex.cli import run; run()"
        return [sys.executable, "-c", program, "--index", str(self._place), "search", *words.split()]

    def size(self) -> int:
        """Return the size of the index in bytes."""
        self._index.close()
        return _folder_size(self._place)


class Fts5:
    """SQLite FTS5 with a row a cue, as a script of a few lines would do it.  Ours: the script."""

    _SCRIPT = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
for row in db.execute("SELECT text, video, start_ms FROM cue WHERE cue MATCH ? ORDER BY rank LIMIT 10", sys.argv[2:]):
    print(*row)
"""

    def __init__(self, captions: Path, work: Path) -> None:
        self._captions, self._file = captions, work / "cues.db"
        self._db = sqlite3.connect(self._file)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("CREATE VIRTUAL TABLE cue USING fts5(text, video UNINDEXED, start_ms UNINDEXED)")

    def version(self) -> str:
        """Return the version of SQLite."""
        return sqlite3.sqlite_version

    def index(self) -> None:
        """Insert the cues, a transaction a file."""
        for file in sorted(self._captions.glob("*.vtt")):
            rows = [(text, _stem(file), start_ms) for start_ms, text in _read_cues(file)]
            with self._db:
                self._db.executemany("INSERT INTO cue VALUES (?, ?, ?)", rows)

    def searches(self) -> dict[str, Search]:
        """Return the search for the phrase, and for any of the words, ranked."""
        return {
            "phrase": lambda words: self._search(_phrase(words)),
            "any word": lambda words: self._search(_any(words)),
        }

    def _search(self, query: str) -> list[Place]:
        sql = "SELECT video, start_ms FROM cue WHERE cue MATCH ? ORDER BY rank LIMIT ?"
        return list(self._db.execute(sql, (query, LIMIT)))

    def command(self, words: str) -> list[str]:
        """Return a command that searches for the phrase."""
        return [sys.executable, "-c", self._SCRIPT, str(self._file), _phrase(words)]

    def size(self) -> int:
        """Return the size of the database in bytes."""
        self._db.close()
        return self._file.stat().st_size


class YtFts:
    """yt-fts.  Its own code: the schema, the reading of the files, the database, the queries and the command.

    Ours: the call of `DownloadHandler.vtt_to_db` on a folder of files that are named as its download names them, since
    there is no command that adds local files.  `search_all` is what its command calls; the limit of the command, 40
    characters, is not applied to it.  The semantic search (`vsearch`) needs a paid service and is left out.
    """

    MAX_CHARS = 40

    def __init__(self, captions: Path, work: Path) -> None:
        self._captions, self._home = captions, work / "home"
        (self._home / ".config" / "yt-fts").mkdir(parents=True)
        os.environ["HOME"] = str(self._home)

    def version(self) -> str:
        """Return the version of the package."""
        return version("yt-fts")

    def index(self) -> None:
        """Read the files into the database."""
        from yt_fts.db_utils import add_channel_info  # type: ignore[import-not-found]
        from yt_fts.download.download_handler import DownloadHandler  # type: ignore[import-not-found]

        with contextlib.redirect_stdout(sys.stderr):
            add_channel_info("channel", "Channel", "https://www.youtube.com/channel/channel/videos")
            handler = DownloadHandler()
            handler.tmp_dir = str(self._captions)
            handler.vtt_to_db()

    def searches(self) -> dict[str, Search]:
        """Return the search for the words as they are typed (all in one cue), and joined by `OR`."""
        return {"all words": self._search, "any word": lambda words: self._search(" OR ".join(words.split()))}

    def _search(self, words: str) -> list[Place]:
        from yt_fts.db_utils import search_all

        try:
            with contextlib.redirect_stdout(sys.stderr):
                rows = search_all(words, LIMIT)
        except SystemExit:  # its answer to a query that SQLite refuses
            return []
        return [(row["video_id"], _to_ms(row["start_time"])) for row in rows]

    def command(self, words: str) -> list[str]:
        """Return the command that searches for as many of *words* as it accepts."""
        while len(words) > self.MAX_CHARS:
            words = words.rpartition(" ")[0]
        return [str(Path(sys.executable).with_name("yt-fts")), "search", words]

    def size(self) -> int:
        """Return the size of its folder in bytes."""
        return _folder_size(self._home / ".config" / "yt-fts")


class Videogrep:
    """videogrep, which has no index: each search reads all files.  Its own code: the search and the command.

    Ours: the regular expression, which ignores case and what stands between the words.  `fragment` searches need the
    time of each word, which these captions do not state.  The files are linked in a folder of their own, because it
    takes an `info.json` file for captions.  One call searches for all quotes, and we sort the cues by quote: the
    answers are those of a call for each, in the same order.
    """

    TIMED = 3
    MAX_EACH = 30
    """The number of quotes of each kind that it is asked for: a search for each of them reads all files."""

    def __init__(self, captions: Path, work: Path) -> None:
        self._videos = []
        for file in sorted(captions.glob("*.vtt")):
            (work / file.name).symlink_to(file)
            self._videos.append(str(work / f"{_stem(file)}.mp4"))

    def version(self) -> str:
        """Return the version of the package."""
        return version("videogrep")

    def index(self) -> None:
        """Do nothing: there is no index."""
        import videogrep  # type: ignore[import-not-found]  # noqa: F401

    def searches(self) -> dict[str, Search]:
        """Return the search for the words in a cue."""
        return {"regular expression": self._search}

    def search_all(self, quotes: Sequence[str]) -> list[list[Place]]:
        """Return the answers to all *quotes* from one pass."""
        patterns = [_pattern(words) for words in quotes]
        cues = self._find(patterns)
        return [[_place(cue) for cue in cues if re.search(pattern, cue["content"])][:LIMIT] for pattern in patterns]

    def _search(self, words: str) -> list[Place]:
        return [_place(cue) for cue in self._find(_pattern(words))][:LIMIT]

    def _find(self, query: str | list[str]) -> list[dict[str, Any]]:
        import videogrep

        return list(videogrep.search(self._videos, query, "sentence"))

    def command(self, words: str) -> list[str]:
        """Return the command that lists the cues, and cuts nothing."""
        program = str(Path(sys.executable).with_name("videogrep"))
        return [program, "--input", *self._videos, "--search", _pattern(words), "--demo"]

    def size(self) -> int:
        """Return zero: there is no index."""
        return 0


TOOLS: dict[str, Callable[[Path, Path], Any]] = {
    "vidindex tantivy": lambda captions, work: Vidindex("tantivy", captions, work),
    "vidindex whoosh": lambda captions, work: Vidindex("whoosh", captions, work),
    "SQLite FTS5": Fts5,
    "yt-fts": YtFts,
    "videogrep": Videogrep,
}
PEERS = ("yt-fts", "videogrep")


def _stem(file: Path) -> str:
    return file.name.partition(".")[0]


def _read_cues(file: Path) -> Iterator[tuple[int, str]]:
    for block in file.read_text("utf-8", "replace").split("\n\n"):
        head, arrow, tail = block.partition(" --> ")
        if arrow:
            yield _to_ms(head.rpartition("\n")[2]), re.sub(r"<[^>]*>", "", tail.partition("\n")[2])


def _to_ms(stamp: str) -> int:
    return round(1_000 * sum(float(part) * 60.0**power for power, part in enumerate(reversed(stamp.split(":")))))


def _phrase(words: str) -> str:
    return f'"{words}"'


def _any(words: str) -> str:
    return " OR ".join(f'"{word}"' for word in dict.fromkeys(words.split()))


def _pattern(words: str) -> str:
    return r"(?i)\b" + r"\W+".join(map(re.escape, words.split())) + r"\b"


def _place(cue: dict[str, Any]) -> Place:
    return _stem(Path(cue["file"])), round(1_000 * cue["start"])


def _folder_size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def measure(name: str, captions: Path, quotes: dict[str, list[str]], work: Path) -> Iterator[dict[str, Any]]:
    """Index *captions*, search for all *quotes*, by kind, and yield a row for each way to search."""
    tool = TOOLS[name](captions, work)
    began = time.perf_counter(), _cpu_s()
    tool.index()
    index_s, index_cpu_s = time.perf_counter() - began[0], _cpu_s() - began[1]
    rows = [
        {"search": search_name, "answers": answers, **times}
        for search_name, search in tool.searches().items()
        for answers, times in [_answer(tool, search, quotes)]
    ]
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    shared = {"tool": name, "version": tool.version(), "index_s": index_s, "index_cpu_s": index_cpu_s}
    shared |= {"bytes": tool.size(), "peak_mb": peak_mb, **_time_commands(tool, quotes)}
    for row in rows:
        yield shared | row


def _cpu_s() -> float:
    """Return the CPU time of this process and of the worker processes that have ended."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


def _answer(tool: Any, search: Search, quotes: dict[str, list[str]]) -> tuple[dict[str, Any], dict[str, Any]]:
    wall, cpu = [], []

    def timed(words: str) -> list[Place]:
        began = time.perf_counter(), time.process_time()
        found = search(words)
        wall.append(1_000 * (time.perf_counter() - began[0]))
        cpu.append(1_000 * (time.process_time() - began[1]))
        return found

    if isinstance(tool, Videogrep):
        quotes = {kind: each[: tool.MAX_EACH] for kind, each in quotes.items()}
        asked = [words for each in quotes.values() for words in each]
        every = iter(tool.search_all(asked))
        answers = {kind: [next(every) for _ in each] for kind, each in quotes.items()}
        for words in asked[: tool.TIMED]:
            timed(words)
    else:
        answers = {kind: [timed(words) for words in each] for kind, each in quotes.items()}
    p95 = statistics.quantiles(wall, n=20)[-1] if len(wall) >= 20 else max(wall)
    cpu95 = statistics.quantiles(cpu, n=20)[-1] if len(cpu) >= 20 else max(cpu)
    times = {"p50": statistics.median(wall), "p95": p95, "cpu50": statistics.median(cpu), "cpu95": cpu95}
    return answers, times | {"timed": len(wall)}


def _time_commands(tool: Any, quotes: dict[str, list[str]]) -> dict[str, float]:
    """Return the median time of a whole command in ms; bytecode is written, as in an ordinary installation."""
    runs = 1 if isinstance(tool, Videogrep) else COMMAND_RUNS
    asked = next(iter(quotes.values()))[: runs + 1]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    wall, cpu = [], []
    for words in asked:
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        done = subprocess.run(tool.command(words), env=environment, capture_output=True, check=False)
        wall.append(1_000 * (time.perf_counter() - started))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu.append(1_000 * (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime))
        assert done.returncode in (0, 1), (tool.command(words)[:4], done.stderr[-500:])
    return {"command_ms": statistics.median(wall[1:]), "command_cpu_ms": statistics.median(cpu[1:])}


if __name__ == "__main__":
    tool_name, captions_dir, quotes_file, work_dir = sys.argv[1:]
    for row in measure(tool_name, Path(captions_dir), json.loads(Path(quotes_file).read_text("utf-8")), Path(work_dir)):
        print(json.dumps(row), flush=True)
