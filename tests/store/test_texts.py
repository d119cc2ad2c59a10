"""The file of texts follows the store: after changes, kills, damage, and when one of the two files is replaced."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from vidindex.errors import IndexLocationError, TooBusyError
from vidindex.model import Article, Embed, PhraseQuery, TextQuery, Track, Transcript, Video
from vidindex.store.sqlite.store import SqliteStore
from vidindex.store.sqlite.text_database import TEXTS_FILE


def video(number: int, title: str) -> Video:
    return Video(f"x:{number}", f"https://x.example/{number}", title=title)


def found(store: SqliteStore, word: str) -> list[str]:
    return [match.name for match in store.find_texts(TextQuery(PhraseQuery((word,))), offset=0, limit=100)]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """A store of two videos whose texts are indexed."""
    opened = SqliteStore(tmp_path / "index")
    opened.put_video(video(1, "liquid helium"))
    opened.put_video(video(2, "liquid nitrogen"))
    opened.index_texts()
    yield opened
    opened.close()


def test_only_changes_of_texts_and_filters_make_them_stale(store: SqliteStore) -> None:
    assert store.count_stale_texts() == 0
    store.put_video(video(1, "liquid helium"))
    store.mark_unavailable("https://elsewhere.example")
    store.claim_for_indexing(store.list_track_ids())
    assert store.count_stale_texts() == 0
    store.put_video(video(1, "solid helium"))
    store.put_track("x:2", Track("en", "manual"), b"", Transcript((), (), ()))
    assert store.count_stale_texts() == 2
    assert found(store, "solid") == []
    store.index_texts()
    assert (store.count_stale_texts(), found(store, "solid"), found(store, "liquid")) == (0, ["x:1"], ["x:2"])


def test_a_changed_article_makes_the_videos_stale_that_it_filters(store: SqliteStore) -> None:
    embeds = [Embed(video(1, "").url, "x", "1")]
    store.put_article(Article("https://news.example/1", title="Old"), embeds)
    store.set_embed_state("https://news.example/1", embeds[0].url, state="done", video="x:1")
    store.index_texts()
    store.put_article(Article("https://news.example/1", title="New"), embeds)
    assert store.count_stale_texts() == 2
    store.index_texts()
    store.remove_article("https://news.example/1")
    assert store.count_stale_texts() == 2


def test_a_kill_between_the_two_commits_loses_nothing(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.put_video(video(1, "solid helium"))
    with monkeypatch.context() as patch:
        patch.setattr(store._db, "transaction", lambda: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            store.index_texts()
    assert store.count_stale_texts() == 1
    assert found(store, "helium") == ["x:1"]
    store.index_texts()
    assert (store.count_stale_texts(), found(store, "solid"), found(store, "liquid")) == (0, ["x:1"], ["x:2"])


def test_a_lost_file_is_built_again(store: SqliteStore) -> None:
    store._texts.delete()
    assert (store.count_stale_texts(), found(store, "liquid")) == (2, [])
    store.index_texts()
    assert found(store, "liquid") == ["x:1", "x:2"]


def test_a_file_of_another_state_of_the_store_is_not_used(store: SqliteStore, tmp_path: Path) -> None:
    with closing(SqliteStore(tmp_path / "other")) as other:
        other.put_video(video(1, "liquid krypton"))
        other.index_texts()
        other._texts.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store._texts.delete()
    shutil.copy(tmp_path / "other" / TEXTS_FILE, tmp_path / "index" / TEXTS_FILE)
    assert (store.count_stale_texts(), found(store, "krypton")) == (2, [])
    store.index_texts()
    assert (found(store, "liquid"), found(store, "krypton")) == (["x:1", "x:2"], [])


@pytest.mark.parametrize("damage", ["bytes", "tables", "trigger"])
def test_a_damaged_file_is_built_again_by_the_next_write(store: SqliteStore, tmp_path: Path, damage: str) -> None:
    path = tmp_path / "index" / TEXTS_FILE
    store._texts.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store._texts.delete() if damage != "trigger" else store._texts.close()
    if damage == "bytes":
        path.write_bytes(b"no database" * 1000)
    else:
        with closing(sqlite3.connect(path)) as sql:
            if damage == "trigger":
                sql.execute("CREATE TRIGGER evil AFTER INSERT ON text BEGIN DELETE FROM item; END")
            else:
                sql.execute("CREATE TABLE state (current)")
    store._texts._checked = False
    if damage == "bytes":
        with pytest.raises(IndexLocationError, match="vidindex rebuild"):
            found(store, "liquid")
    else:
        assert found(store, "liquid") == []
    store.put_video(video(3, "liquid air"))
    store.index_texts()
    assert sorted(found(store, "liquid")) == ["x:1", "x:2", "x:3"]


def test_a_full_disk_is_no_damage(tmp_path: Path) -> None:
    """A limit of the size of a file, which is like a full disk to SQLite, applies to a whole process."""
    code = """
import resource, sys, pathlib
from vidindex.store.sqlite.text_database import TextDatabase
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
with TextDatabase(pathlib.Path(sys.argv[1])).transaction():
    pass
"""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    command = [sys.executable, "-c", code, str(tmp_path)]
    said = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert "IndexLocationError" in said.stderr
    assert "full; indexed videos are safe" in said.stderr


def test_texts_that_change_often_do_not_fill_the_file(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vidindex.store.sqlite.texts._MAX_DEAD_TEXTS", 5)
    for number in range(20):
        store.put_video(video(1, f"title {number}"))
        store.index_texts()
    (rows,) = store._texts.connection.execute("SELECT count(*) FROM words_docsize").fetchone()
    assert rows < 10
    assert found(store, "nineteen") == ["x:1"]


def test_words_are_never_syntax(store: SqliteStore) -> None:
    store.put_video(video(3, 'AND "quoted" NEAR'))
    store.index_texts()
    assert found(store, "and") == ["x:3"]
    for token in ('"', "''", "a OR b", "tokens:x", "*", "", "\x00"):
        assert found(store, token) == []


def test_a_query_that_takes_too_long_is_stopped(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vidindex.store.sqlite.text_database._MAX_QUERY_S", -1.0)
    monkeypatch.setattr("vidindex.store.sqlite.text_database._INSTRUCTIONS_PER_CHECK", 1)
    with pytest.raises(TooBusyError, match="takes too long"):
        found(store, "liquid")
    monkeypatch.undo()
    assert found(store, "liquid") == ["x:1", "x:2"]
