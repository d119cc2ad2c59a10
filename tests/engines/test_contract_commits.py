"""Commits of every engine: atomic, visible to all readers, with a limited number of files."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.damage import replace_file
from tests.processes import kill, read_until, start_process
from vidindex.engines import Engine, choose_local_engine, delete_engine, installed_engines, open_engine
from vidindex.errors import EngineError, EngineNotInstalledError, IndexLocationError
from vidindex.model import Passage, PassageFields, PhraseQuery, make_passage_id

Generate = Callable[..., Iterator[Passage]]


def passage(track: int, *tokens: str, number: int = 0) -> Passage:
    """Return a short passage."""
    return Passage(make_passage_id(track, number), track, tokens, PassageFields(title="A clip"))


def found(engine: Engine, *tokens: str) -> list[int]:
    """Return the tracks with the phrase *tokens*."""
    return [each.passage_id >> 20 for each in engine.find_candidates(PhraseQuery(tokens), limit=1_000)]


def test_an_empty_index_can_be_searched(empty: Engine) -> None:
    assert empty.count_passages() == 0
    assert found(empty, "hello") == []
    assert empty.find_similar_tokens("hello") == []
    assert empty.find_tokens_beside("hello", prefix_chars=2, limit=9) == []


def test_a_reader_opened_before_a_commit_sees_it(empty: Engine) -> None:
    assert found(empty, "hello") == []
    empty.replace_tracks([1], [passage(1, "hello", "there")])
    assert found(empty, "hello", "there") == [1]


def test_replacing_tracks_deletes_their_old_passages(empty: Engine) -> None:
    empty.replace_tracks([1, 2], [passage(1, "one"), passage(1, "two", number=1), passage(2, "one")])
    empty.replace_tracks([1], [passage(1, "three")])
    assert (found(empty, "one"), found(empty, "two"), found(empty, "three")) == ([2], [], [1])
    assert empty.count_passages() == 2
    empty.replace_tracks([1, 2, 99], [])
    assert empty.count_passages() == 0


def test_passages_are_read_lazily_and_once(empty: Engine) -> None:
    read: list[int] = []

    def passages() -> Iterator[Passage]:
        for number in range(3):
            read.append(number)
            yield passage(1, "word", number=number)

    empty.replace_tracks([1], passages())
    assert read == [0, 1, 2]
    assert empty.count_passages() == 3


def test_passages_may_be_in_any_order(empty: Engine) -> None:
    empty.replace_tracks([5, 2, 9], [passage(5, "a"), passage(2, "a"), passage(9, "a")])
    empty.replace_tracks([1], [passage(1, "a")])
    assert found(empty, "a") == [1, 2, 5, 9]


def test_a_failed_commit_leaves_the_old_state(empty: Engine) -> None:
    empty.replace_tracks([1], [passage(1, "old")])

    def failing() -> Iterator[Passage]:
        yield passage(1, "new")
        raise EOFError("the store is gone")

    with pytest.raises(Exception, match="the store is gone"):
        empty.replace_tracks([1], failing())
    assert (found(empty, "old"), found(empty, "new")) == ([1], [])
    empty.replace_tracks([1], [passage(1, "new")])
    assert (found(empty, "old"), found(empty, "new")) == ([], [1])


def test_a_closed_index_can_be_opened_again(engine_name: str, place: Path | str) -> None:
    engine = open_engine(engine_name, place)
    engine.replace_tracks([1], [passage(1, "kept")])
    engine.close()
    again = open_engine(engine_name, place, create=False)
    assert found(again, "kept") == [1]
    again.close()


def test_another_process_sees_the_last_commit(engine_name: str, place: Path | str) -> None:
    reader = open_engine(engine_name, place)
    assert found(reader, "hello") == []
    writing = f"""
from pathlib import PosixPath
from vidindex.engines import open_engine
from vidindex.model import Passage, PassageFields
engine = open_engine({engine_name!r}, {place!r})
for track in range(1, 30):
    engine.replace_tracks([track], [Passage(track << 20, track, ("hello", str(track)), PassageFields())])
"""
    subprocess.run([sys.executable, "-c", writing], check=True)
    assert found(reader, "hello") == list(range(1, 30))
    reader.close()


_WRITE_AGAIN_AND_AGAIN = """
import sys
from itertools import count
from pathlib import Path
from vidindex.engines import open_engine
from vidindex.model import Passage, PassageFields

name, place, first, stop_at = sys.argv[1:]

def report(point):
    print(point, flush=True)
    if point == stop_at:
        sys.stdin.readline()

def passages(turn):
    for at in range(200):
        report(f"{turn} passage {at}.")
        track = 2 + at // 10
        tokens = ("turn", str(turn), *(f"w{i * track % 97}" for i in range(100)))
        yield Passage(track << 20 | at % 10, track, tokens, PassageFields())
    report(f"{turn} written.")

engine = open_engine(name, place if "://" in place else Path(place), create=False)
for turn in count(int(first)):
    engine.replace_tracks(range(2, 22), passages(turn))
    report(f"{turn} committed.")
"""
"""Replaces the same tracks repeatedly, prints its progress, and at one point waits to be killed."""


def test_a_killed_writer_keeps_the_last_commit(engine_name: str, place: Path | str) -> None:
    """A real process that writes repeatedly is killed at several points."""
    engine = open_engine(engine_name, place)
    engine.replace_tracks([1], [passage(1, "always", "here")])
    stops = [(0, "committed"), (1, "passage 0"), (1, "passage 100"), (1, "written")]
    for number, (turn, what) in enumerate([*stops, (0, "committed"), (1, "written")]):
        first = 1 + 1000 * number
        where = f"{first + turn} {what}."
        stop_at = where if number < len(stops) else ""  # without a stop, it is killed slightly later
        command = [sys.executable, "-c", _WRITE_AGAIN_AND_AGAIN, engine_name, str(place), str(first), stop_at]
        process = start_process(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
        lines = "".join(read_until(process, process.stdout, where)) + kill(process)
        last = max([first, *map(int, re.findall(r"^(\d+) committed\.$", lines, re.M))])
        reader = open_engine(engine_name, place, create=False)
        assert found(reader, "always", "here") == [1]
        whole = [len(found(reader, "turn", str(each))) for each in range(first, last + 3)]
        assert sorted(whole)[-1] == 200, "one turn is there in full"
        assert len(found(reader, "turn")) == 200, "and nothing of another"
        reader.close()
    engine.replace_tracks([2], [passage(2, "after", "all")])
    assert found(engine, "after", "all") == [2]
    engine.close()


def test_many_small_commits_leave_few_files(empty: Engine, place: Path | str) -> None:
    for track in range(1, 41):
        empty.replace_tracks([track], [passage(track, "hello", str(track))])
    assert found(empty, "hello") == list(range(1, 41))
    assert empty.count_passages() == 40
    assert isinstance(place, str) or len(list(place.iterdir())) < 90


def test_merging_keeps_current_passages_and_deletes_replaced_ones(empty: Engine, generate: Generate) -> None:
    corpus = list(generate(range(1, 41), seed=4))
    for turn in range(2):
        for start in range(1, 41, 4):
            tracks = range(start, start + 4)
            mine = [p for p in corpus if p.track in tracks]
            stale = turn < 1
            empty.replace_tracks(tracks, [replace(p, tokens=("stale",)) for p in mine] if stale else mine)
    assert empty.count_passages() == len(corpus)
    assert found(empty, "stale") == []
    for each in corpus[::17]:
        if each.tokens:
            assert each.track in found(empty, *each.tokens[:20])


def test_opening_a_missing_index_is_an_error(engine_name: str, place: Path | str) -> None:
    with pytest.raises(EngineError, match="rebuild"):
        open_engine(engine_name, place, create=False)
    assert isinstance(place, str) or not place.exists()


def test_an_open_engine_is_searched_after_a_rebuild_has_deleted_its_folder(
    folder_engine: str, tmp_path: Path, generate: Generate
) -> None:
    corpus = [passage for passage in generate(range(1, 8)) if passage.tokens]
    folder = tmp_path / f"{folder_engine}-1"
    with closing(open_engine(folder_engine, folder)) as written:
        written.replace_tracks(range(1, 8), corpus)
    with closing(open_engine(folder_engine, folder, create=False)) as engine:
        delete_engine(folder)
        assert not folder.exists()
        for each in corpus:
            assert each.track in found(engine, *each.tokens[:20])


def test_an_engine_is_deleted_although_a_reader_creates_a_file_meanwhile(
    folder_engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / f"{folder_engine}-1"
    open_engine(folder_engine, folder).close()
    remove = os.rmdir

    def create_file_first(path: Any, **options: Any) -> None:
        monkeypatch.undo()
        (folder / ".tantivy-meta.lock").touch()
        remove(path, **options)

    monkeypatch.setattr(os, "rmdir", create_file_first)
    delete_engine(folder)
    assert not folder.exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only to root")
def test_a_folder_that_cannot_be_written_is_named(folder_engine: str, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(IndexLocationError, match=str(tmp_path)):
        open_engine(folder_engine, tmp_path / "engine")
    tmp_path.chmod(0o700)


def test_a_file_where_the_folder_should_be_is_named(folder_engine: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("taken")
    with pytest.raises(IndexLocationError, match="file"):
        open_engine(folder_engine, tmp_path / "file")


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # whoosh leaves open files to the garbage collector
@pytest.mark.parametrize("damage", ["cut", "noise", "empty", "gone"])
def test_damaged_files_raise_an_engine_error_or_do_no_harm(
    damage: str, folder_engine: str, tmp_path: Path, generate: Generate
) -> None:
    """With each file damaged in turn, the engine either works or raises an error that names the repair command."""
    corpus = list(generate(range(1, 8)))
    folder = tmp_path / "whole"
    engine = open_engine(folder_engine, folder)
    engine.replace_tracks(range(1, 8), corpus)
    engine.close()
    files = [file for file in folder.iterdir() if file.is_file() and "lock" not in file.name.lower()]
    failures = []
    for file in files:
        kept = file.read_bytes()
        _damage(file, damage)
        try:
            with closing(open_engine(folder_engine, folder, create=False)) as broken:
                found(broken, *corpus[0].tokens[:2])
                broken.find_candidates(PhraseQuery(corpus[3].tokens[:4]), limit=5)
        except EngineError as error:
            failures.append(str(error))
        replace_file(file, kept)
    assert failures
    assert all(message.endswith("`vidindex rebuild` creates it again") for message in failures)
    whole = open_engine(folder_engine, folder, create=False)
    assert whole.count_passages() == len(corpus)
    whole.close()


def _damage(file: Path, how: str) -> None:
    held = file.read_bytes()
    match how:
        case "cut":
            replace_file(file, held[: len(held) // 2])
        case "noise":
            replace_file(file, held[:8] + bytes(b ^ 0x5A for b in held[8:]))
        case "empty":
            replace_file(file, b"")
        case _:
            file.unlink()


def test_auto_chooses_the_fastest_installed_engine() -> None:
    assert choose_local_engine() == installed_engines()[0]
    assert choose_local_engine("whoosh") == "whoosh"


def test_an_engine_that_is_not_installed_names_its_extra(tmp_path: Path) -> None:
    hidden = f"""
import sys
sys.modules["tantivy"] = None
from pathlib import Path
from vidindex.engines import choose_local_engine, installed_engines, open_engine
from vidindex.errors import EngineNotInstalledError
assert installed_engines() == ["whoosh"]
assert choose_local_engine() == "whoosh"
try:
    open_engine("tantivy", Path({str(tmp_path)!r}))
except EngineNotInstalledError as error:
    print(error)
"""
    output = subprocess.run([sys.executable, "-c", hidden], check=True, capture_output=True, text=True).stdout
    assert "vidindex[fast]" in output


def test_an_unknown_engine_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="sphinx"):
        open_engine("sphinx", tmp_path)
    assert issubclass(EngineNotInstalledError, EngineError)


def test_choosing_an_engine_does_not_import_one() -> None:
    loaded = (
        "import sys, vidindex.engines as e; e.choose_local_engine();"
        "print('tantivy' in sys.modules, 'whoosh' in sys.modules)"
    )
    output = subprocess.run([sys.executable, "-c", loaded], check=True, capture_output=True, text=True).stdout
    assert output.split() == ["False", "False"]
