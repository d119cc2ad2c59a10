"""Kill operations on an index at many points, and check after each kill that nothing is lost.

    python -m tests.kills FOLDER ENGINE POINTS TIMES [OPERATION…]

Each operation runs in a child process, which kills itself before one of its steps: a SQL statement, or a change of a
file.  POINTS of the steps are tried, 0 for all of them.  Commits of tantivy have no steps that Python sees, so TIMES
further children are killed at a random time.  The number of kills is printed for each operation.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import vidindex
from tests.conftest import webvtt
from vidindex.engines.folders import delete_folder
from vidindex.library import rebuild_index
from vidindex.store.sqlite import connection

OLD, NEW = 6, 6
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_FILE_EVENTS = frozenset({"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate"})

Answers = dict[str, list[str]]


class Operations:
    """The operations, on copies of an index of the talks 0 to 5 in *folder*; talks 6 to 11 are not in it yet."""

    def __init__(self, folder: Path, engine: str) -> None:
        self.engine = engine
        self.source = folder / "source"
        self.index = folder / "index"
        self.other = folder / "other"
        self.file = folder / "backup"
        self.talks = [folder / f"talk{number}.en.vtt" for number in range(OLD + NEW)]
        for number, talk in enumerate(self.talks):
            lines = [f"in talk {number} the speaker said word{number}x{at}" for at in range(60)]
            talk.write_text(webvtt(lines), encoding="utf-8")
        with vidindex.open(self.source, engine=engine) as index:
            for talk in self.talks[:OLD]:  # a commit each, so that whoosh merges in the next one or two
                index.add(talk)
        vidindex.backup(self.source, folder / "first")

    def prepare(self) -> None:
        for place in (self.index, self.other):
            delete_folder(place)
        shutil.copytree(self.source, self.index)
        shutil.copy(self.file.with_name("first"), self.file)

    def add(self) -> None:
        with vidindex.open(self.index) as index:
            for talk in self.talks[OLD:]:
                index.add(talk)

    def first_add(self) -> None:
        """Add to a new index: a run that is killed must not forget the engine."""
        vidindex.open(self.other, engine=self.engine).close()
        with vidindex.open(self.other) as index:
            index.add(*self.talks)

    def remove(self) -> None:
        with vidindex.open(self.index) as index:
            for number in range(2):
                if any(video.id == f"file:talk{number}" for video in index.videos()):
                    index.remove(f"file:talk{number}")

    def rebuild(self) -> None:
        rebuild_index(self.index)

    def migrate(self) -> None:
        assert vidindex.migrate(self.index, self.other).verified

    def backup(self) -> None:
        vidindex.backup(self.index, self.file)

    def restore(self) -> None:
        if not self.other.exists():
            vidindex.restore(self.file, self.other)

    def check(self, name: str, *, is_done: bool) -> None:
        """Check that everything that was there is found, and, if the operation is done, that its result is, too."""
        kept = range(2 if name == "remove" else 0, OLD)
        if name in ("add", "remove", "rebuild", "migrate", "backup", "restore"):
            added = range(OLD, OLD + NEW) if name == "add" and is_done else ()
            check_found(self.index, self.engine, [*kept, *added])
        if name in ("migrate", "restore", "first_add") and (is_done or (name == "restore" and self.other.exists())):
            check_found(self.other, self.engine, [*range(OLD + (NEW if name == "first_add" else 0))])
        if name == "backup":
            delete_folder(self.other)
            vidindex.restore(self.file, self.other)
            check_found(self.other, self.engine, kept)
        if is_done:
            left = [path.name for path in self.index.parent.iterdir() if path.name.startswith(".")]
            assert not left or name in ("backup", "restore"), left


def report(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def check_found(folder: Path, engine: str, talks: Any) -> None:
    with vidindex.open(folder, create=False) as index:
        assert index.engine == engine
        damage = index.find_damage()
        assert all("vidindex rebuild" in line for line in damage), damage
        if damage:
            report("rebuild needed", damage)
            index.rebuild()
            assert index.find_damage() == []
        for number in talks:
            hits = index.search(f'"said word{number}x30"')
            assert [hit.video.id for hit in hits] == [f"file:talk{number}"], (number, hits)


class StepCounter:
    """Counts the steps of this process, and kills it before step number *kill_at*."""

    def __init__(self, kill_at: int) -> None:
        self.steps = 0
        self._kill_at = kill_at
        execute = connection._SurrogateSafeConnection.execute

        def counted(sql: Any, *args: Any) -> Any:
            self._count()
            return execute(sql, *args)

        connection._SurrogateSafeConnection.execute = counted  # type: ignore[method-assign]
        sys.addaudithook(self._audit)

    def _audit(self, event: str, args: tuple[Any, ...]) -> None:
        if event in _FILE_EVENTS or (event == "open" and isinstance(args[2], int) and args[2] & _WRITING):
            self._count()

    def _count(self) -> None:
        self.steps += 1
        if self.steps == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)


def run_in_child(operation: Callable[[], None], *, kill_at: int = 0, kill_after_s: float = 0.0) -> tuple[int, int]:
    """Run *operation* in a child; return its exit code (-9 if it was killed) and the number of its steps."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            counter = StepCounter(kill_at)
            operation()
            os.write(writer, b"%d" % counter.steps)
            code = 0
        finally:
            os._exit(code)
    os.close(writer)
    if kill_after_s:
        time.sleep(kill_after_s)
        os.kill(child, signal.SIGKILL)
    with os.fdopen(reader, "rb") as pipe:
        steps = pipe.read()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), int(steps or 0)


def choose_points(steps: int, points: int) -> Iterator[int]:
    yield from (
        range(1, steps + 1)
        if not points
        else sorted({1 + (2 * at + 1) * steps // (2 * points) for at in range(points)})
    )


def kill_everywhere(operations: Operations, name: str, *, points: int, times: int) -> int:
    """Kill the operation *name* at many points and times; return the number of kills."""
    operation = getattr(operations, name)
    operations.prepare()
    started = time.monotonic()
    code, steps = run_in_child(operation)
    took_s = time.monotonic() - started
    assert code == 0
    operations.check(name, is_done=True)
    kills = 0
    chance = random.Random(name)
    plans: list[dict[str, Any]] = [{"kill_at": at} for at in choose_points(steps, points)]
    plans += [{"kill_after_s": chance.uniform(0.001, took_s)} for _ in range(times)]
    for plan in plans:
        operations.prepare()
        try:
            code, _ = run_in_child(operation, **plan)
            assert code in (0, -signal.SIGKILL)
            kills += code != 0
            operations.check(name, is_done=False)
            operation()  # the next run completes the work
            operations.check(name, is_done=True)
        except BaseException:
            report(name, "failed after", plan)
            raise
    return kills


if __name__ == "__main__":
    _folder, _engine, _points, _times, *_names = sys.argv[1:]
    _operations = Operations(Path(_folder), _engine)
    for _name in _names or ("first_add", "add", "remove", "rebuild", "migrate", "backup", "restore"):
        _kills = kill_everywhere(_operations, _name, points=int(_points), times=int(_times))
        report(_name, _kills)
