"""The engine that an index was created with is kept: by a killed run, by `migrate`, by `rebuild`."""

from __future__ import annotations

import signal
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import vidindex
from tests.processes import HANG_S, start_process, start_vidindex
from vidindex.config import STORE_FILE
from vidindex.engines import installed_engines

pytestmark = pytest.mark.skipif(len(installed_engines()) < 2, reason="needs two engines")

WORDS = "the roof of the old market hall came down"

_KILLED_AT = """
import os, signal, sys
import vidindex
from vidindex.store.sqlite.store import SqliteStore

def die(*args, **options):
    os.kill(os.getpid(), signal.SIGKILL)

setattr(SqliteStore, sys.argv[2], die)
vidindex.open(sys.argv[1], engine="whoosh").add(*sys.argv[3:])
"""


def kill_first_run(folder: Path, captions: Path, *, at: str) -> None:
    """Add *captions* to a new Whoosh index, and kill the process when it calls the method *at* of the store."""
    with start_process([sys.executable, "-c", _KILLED_AT, folder, at, captions]) as process:
        assert process.wait(HANG_S) == -signal.SIGKILL


def run_vidindex(*words: str | Path) -> str:
    with start_vidindex(*words) as process:
        output, errors = process.communicate(timeout=HANG_S)
        assert process.returncode == 0, errors
    return output


def forget_engine(folder: Path) -> None:
    """Make the store as older versions left it when they were killed before the first commit."""
    with sqlite3.connect(folder / STORE_FILE) as sql:
        sql.execute("DELETE FROM meta WHERE key = 'engine'")
    sql.close()


@pytest.mark.parametrize(
    "point", ["get_video", "put_video", "put_packed_track", "claim_for_indexing", "register_engine"]
)
def test_a_run_killed_before_its_first_commit_does_not_forget_the_engine(
    point: str, tmp_path: Path, write: Callable[..., Path]
) -> None:
    captions = write("talk.en.vtt", WORDS)
    kill_first_run(tmp_path / "index", captions, at=point)
    run_vidindex("--index", tmp_path / "index", "add", "-q", captions)
    with vidindex.open(tmp_path / "index", create=False) as index:
        assert (index.engine, len(index.search(WORDS)), index.find_damage()) == ("whoosh", 1, [])


def test_a_killed_rebuild_keeps_the_engine_that_was_never_written(tmp_path: Path, write: Callable[..., Path]) -> None:
    kill_first_run(tmp_path / "index", write("talk.en.vtt", WORDS), at="claim_for_indexing")
    assert "rebuilt with whoosh" in run_vidindex("--index", tmp_path / "index", "rebuild")


def test_an_option_records_the_engine_that_an_older_version_forgot(tmp_path: Path) -> None:
    vidindex.open(tmp_path / "index").close()
    forget_engine(tmp_path / "index")
    vidindex.open(tmp_path / "index", engine="whoosh").close()
    with vidindex.open(tmp_path / "index") as index:
        assert index.engine == "whoosh"


def test_a_missing_engine_leaves_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vidindex.engines.find_spec", lambda name: None if name == "tantivy" else object())
    with pytest.raises(vidindex.EngineError, match="not installed"):
        vidindex.open(tmp_path / "index", engine="tantivy")
    assert not (tmp_path / "index").exists()


@pytest.mark.parametrize(("wanted", "copied"), [("auto", "whoosh"), ("tantivy", "tantivy")])
def test_a_copy_has_the_engine_of_its_source(
    wanted: str, copied: str, tmp_path: Path, write: Callable[..., Path]
) -> None:
    with vidindex.open(tmp_path / "source", engine="whoosh") as index:
        index.add(write("talk.en.vtt", WORDS))
    for _ in range(2):  # the second continues the first
        assert vidindex.migrate(tmp_path / "source", tmp_path / "copy", engine=wanted).verified
    with vidindex.open(tmp_path / "copy") as copy:
        assert (copy.engine, len(copy.search(WORDS))) == (copied, 1)


def test_a_copy_that_continues_keeps_its_own_engine(tmp_path: Path) -> None:
    vidindex.open(tmp_path / "source", engine="whoosh").close()
    vidindex.open(tmp_path / "copy", engine="tantivy").close()
    assert vidindex.migrate(tmp_path / "source", tmp_path / "copy").verified
    with vidindex.open(tmp_path / "copy") as copy:
        assert copy.engine == "tantivy"


def test_a_copy_continues_where_an_older_version_forgot_the_engine(tmp_path: Path) -> None:
    vidindex.open(tmp_path / "source", engine="whoosh").close()
    vidindex.open(tmp_path / "copy").close()
    forget_engine(tmp_path / "copy")
    vidindex.migrate(tmp_path / "source", tmp_path / "copy")
    with vidindex.open(tmp_path / "copy") as copy:
        assert copy.engine == "whoosh"
