"""The SQLite file of an index that another person prepared: an error with the next step, in bounded memory and time."""

from __future__ import annotations

import os
import shutil
import sqlite3
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

import vidindex
from vidindex.config import STORE_FILE
from vidindex.errors import EngineError, IndexLocationError, VidindexError
from vidindex.library import rebuild_index
from vidindex.store import open_store
from vidindex.store.sqlite import schema
from vidindex.store.sqlite.run_locks import SqliteRun, live_runs

WORDS = "the moment in which the roof of the old market hall came down"


@pytest.fixture
def folder(tmp_path: Path, write: Callable[..., Path]) -> Path:
    """The folder of an honest index of one talk."""
    with vidindex.open(tmp_path / "index", engine="whoosh") as index:
        index.add(write("talk.en.vtt", *[WORDS] * 30))
    return tmp_path / "index"


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """A file of the user."""
    path = tmp_path / "precious.txt"
    path.write_text("precious " * 1_000)
    return path


def execute(folder: Path, *statements: str, values: tuple[object, ...] = ()) -> None:
    sql = sqlite3.connect(folder / STORE_FILE)
    for statement in statements:
        sql.execute(statement, values)
    sql.commit()
    sql.close()


def use(folder: Path) -> None:
    """Read all of an index."""
    with vidindex.open(folder, create=False) as index:
        index.search(WORDS)
        for video in index.videos():
            index.transcript(video.id)
            index.tracks(video.id)
        index.stats()
        index.status()
        list(index.tasks())
        for article in index.articles():
            index.article(article.url)
            index.embeds(article=article.url)


needs_proc = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")

# Schema

FOREIGN = {
    "trigger": "CREATE TRIGGER t AFTER INSERT ON video BEGIN DELETE FROM track; END",
    "view": "CREATE VIEW v AS SELECT load_extension('x')",
    "index": "CREATE INDEX i ON video (length(hex(zeroblob(1000000))))",
    "virtual table": "CREATE VIRTUAL TABLE f USING fts5(words)",
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_what_vidindex_did_not_create_is_refused(kind: str, folder: Path) -> None:
    try:
        execute(folder, FOREIGN[kind])
    except sqlite3.OperationalError:
        pytest.skip("this SQLite has no such objects")
    for create in (False, True):
        with pytest.raises(IndexLocationError, match="vidindex did not create"):
            open_store(folder, create=create)


def test_a_view_instead_of_a_table_is_refused(folder: Path) -> None:
    """The view would never end."""
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x AS key, x AS value FROM n"
    execute(folder, "ALTER TABLE meta RENAME TO old", f"CREATE VIEW meta AS {endless} WHERE x < 0")
    with pytest.raises(IndexLocationError, match="not a vidindex store"):
        open_store(folder)


@pytest.mark.parametrize(
    "table",
    [
        "CREATE TABLE dropped (track INTEGER PRIMARY KEY, x AS (hex(zeroblob(9))))",
        "CREATE TABLE dropped (track INTEGER PRIMARY KEY CHECK (length(hex(zeroblob(9)))))",
        "CREATE TABLE dropped (track INTEGER PRIMARY KEY DEFAULT (random()))",
        "CREATE TABLE dropped (track INTEGER PRIMARY KEY REFERENCES video ON DELETE CASCADE)",
    ],
)
def test_a_changed_table_is_refused(table: str, folder: Path) -> None:
    execute(folder, "DROP TABLE dropped", table)
    with pytest.raises(IndexLocationError, match="table dropped"):
        open_store(folder)


def test_a_missing_table_is_refused(folder: Path) -> None:
    execute(folder, "DROP TABLE task")
    with pytest.raises(IndexLocationError, match="not a vidindex store"):
        open_store(folder)


def test_an_additional_table_and_statistics_are_ignored(folder: Path) -> None:
    """Tools for backups add tables."""
    execute(folder, "CREATE TABLE _backup_seq (id INTEGER)", "ANALYZE")
    use(folder)


@pytest.mark.parametrize("version", range(1, schema.SCHEMA_VERSION + 1))
def test_the_expected_definitions_are_those_that_sqlite_records(version: int) -> None:
    sql = sqlite3.connect(":memory:")
    schema._run_steps(sql, 0, version)
    found = schema._list_objects(sql)
    sql.close()
    expected = schema._expected_objects(version)
    assert {key: found[key] for key in expected} == expected
    assert {name for _, name in found.keys() - expected.keys() if not name.startswith("sqlite_")} == set()


@pytest.mark.parametrize("version", [-1, 0, 1])
def test_a_wrong_format_number_is_refused(version: int, folder: Path) -> None:
    execute(folder, f"PRAGMA user_version = {version}")
    with pytest.raises(IndexLocationError):
        open_store(folder)


# Values

DAMAGES = [
    "UPDATE video SET title = x'ff00'",
    "UPDATE video SET title = CAST(x'ff41' AS TEXT)",
    "UPDATE video SET duration_ms = 'long'",
    "UPDATE video SET duration_ms = 9223372036854775807",
    "UPDATE video SET categories = '{\"a\": 1}'",
    "UPDATE video SET tags = '[[]]'",
    f"UPDATE video SET tags = '{'[' * 100_000}'",
    "UPDATE video SET chapters = '[[1]]'",
    "UPDATE video SET chapters = '[[\"a\", 3]]'",
    f"UPDATE video SET chapters = '[[1{'0' * 30}, \"a\"]]'",
    "UPDATE video SET kind = 7, site = x'00'",
    "UPDATE track SET origin = x'00'",
    "UPDATE track SET origin = 'other'",
    "UPDATE block SET body = 7",
    "UPDATE block SET body = 'text'",
    "UPDATE block SET body = x''",
    "UPDATE meta SET value = x'ff' WHERE key = 'engine'",
    "INSERT INTO task (url, kind, host, state) VALUES ('http://a.example/', 'other', '', 'waiting')",
    "INSERT INTO task (url, kind, host, state, tries) VALUES ('http://a.example/', 'link', '', 'later', 'x')",
    "INSERT INTO task (url, kind, host, state, next_try) VALUES ('http://a.example/', 'link', '', 'later', 9e999)",
    "INSERT INTO article VALUES (9, 'http://a.example/', '', '', '', '', '', '', x'0102', '')",
    "INSERT INTO article VALUES (9, 'http://a.example/', '', x'00', '', '', '', '', x'', '')",
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_value_of_the_wrong_type_is_an_error_of_the_index(damage: str, folder: Path) -> None:
    execute(folder, damage)
    with pytest.raises(VidindexError):
        use(folder)


def test_an_id_that_is_too_large_is_an_error_of_the_index(folder: Path) -> None:
    execute(
        folder,
        "INSERT INTO track (id, video, language, origin, format, url, name, digest, words) "
        "VALUES (9223372036854775806, 1, 'q', 'manual', '', '', '', '', 5)",
    )
    with vidindex.open(folder) as index, pytest.raises(IndexLocationError):
        index.flush()


def pack(tokens: str, words: str, annotations: str = "") -> bytes:
    """Return a block with these texts."""
    texts = "\0".join((tokens, words, annotations)).encode()
    stream = zlib.compress(len(texts).to_bytes(4, "little") + texts + b"B\0", 9)
    return len(stream).to_bytes(4, "little") + stream + bytes(8) + b"B"


@cache
def bomb() -> bytes:
    """Return 400 MB of zeros, compressed."""
    stream = zlib.compressobj(9)
    return b"".join(stream.compress(bytes(1_000_000)) for _ in range(400)) + stream.flush()


BLOCKS = {
    "zeros": lambda: len(bomb()).to_bytes(4, "little") + bomb(),
    "words": lambda: pack("a", "a\n" * 15_000_000),
    "tokens": lambda: pack("a " * 15_000_000, "a"),
    "long-token": lambda: pack("a" * 30_000_000, "a"),
    "lists": lambda: pack("a", "a", f"[{'[],' * 9_000_000}[]]"),
    "nesting": lambda: pack("a", "a", "[" * 1_000_000),
}


@needs_proc
@pytest.mark.parametrize("name", BLOCKS)
def test_a_hostile_block_takes_little_memory(name: str, folder: Path) -> None:
    execute(folder, "UPDATE block SET body = ?", values=(BLOCKS[name](),))
    assert_error_in_little_memory(folder, "index.transcript(next(iter(index.videos())).id)")
    if name in ("tokens", "long-token"):
        assert_error_in_little_memory(folder, f"index.search({WORDS!r})")


def test_a_hostile_caption_file_takes_little_memory(folder: Path) -> None:
    execute(folder, "UPDATE track SET raw = ?", values=(bomb(),))
    (failed,) = rebuild_index(folder)
    assert "damaged" in failed


@needs_proc
def test_a_hostile_article_takes_little_memory(folder: Path) -> None:
    row = "INSERT INTO article VALUES (9, 'http://a.example/', '', '', '', '', '', '', ?, '')"
    execute(folder, row, values=(bomb(),))
    assert_error_in_little_memory(folder, "index.article('http://a.example/')")


@needs_proc
def test_a_long_list_takes_little_memory(folder: Path) -> None:
    execute(folder, "UPDATE video SET tags = ?", values=(f"[{'[],' * 9_000_000}[]]",))
    assert_error_in_little_memory(folder, "list(index.videos())")


@needs_proc
def test_a_huge_value_is_not_read(folder: Path) -> None:
    execute(folder, "UPDATE video SET description = zeroblob(300000000)")
    assert_error_in_little_memory(folder, "list(index.videos())")


def assert_error_in_little_memory(folder: Path, expression: str) -> None:
    """Evaluate *expression* for the index in a new process, and check that it is an error and takes little memory."""
    code = (
        "import sys, vidindex\n"
        "from vidindex.errors import IndexLocationError\n"
        "index = vidindex.open(sys.argv[1], create=False)\n"
        "try:\n"
        "    eval(sys.argv[2])\n"
        "except IndexLocationError as error:\n"
        "    print('error')\n"
        "print(open('/proc/self/status').read().partition('VmHWM:')[2].split()[0])\n"
    )
    done = subprocess.run([sys.executable, "-c", code, folder, expression], capture_output=True, text=True, check=True)
    outcome, peak_kb = done.stdout.splitlines()
    assert outcome == "error"
    assert int(peak_kb) < 300_000


# Files


@pytest.mark.parametrize("suffix", ["-wal", "-shm", "-journal"])
@pytest.mark.parametrize("kind", ["link", "fifo"])
def test_sqlite_does_not_open_links_and_fifos_beside_the_store(
    suffix: str, kind: str, folder: Path, victim: Path
) -> None:
    beside = folder / f"{STORE_FILE}{suffix}"
    before = victim.read_bytes()
    if kind == "link":
        beside.symlink_to(victim)
    else:
        os.mkfifo(beside)
    with pytest.raises(IndexLocationError, match="not a regular file"):
        open_store(folder)
    assert victim.read_bytes() == before


def write_journal(folder: Path, second: Path) -> None:
    """Write a journal of an interrupted transaction that names a second journal, which SQLite deletes afterwards."""
    store = folder / STORE_FILE
    sql = sqlite3.connect(store)
    sql.execute("PRAGMA journal_mode = delete")
    sql.close()
    magic, page_bytes = bytes.fromhex("d9d505f920a163d7"), 4096
    pages = store.stat().st_size // page_bytes
    head = (magic + struct.pack(">IIIII", 0, 0, pages, 512, page_bytes)).ljust(512, b"\0")
    name = os.fsencode(second)
    tail = struct.pack(">I", 0x40000000 // page_bytes + 1) + name + struct.pack(">II", len(name), sum(name)) + magic
    (folder / f"{STORE_FILE}-journal").write_bytes(head + tail)


def test_a_journal_does_not_delete_files_elsewhere(folder: Path, victim: Path) -> None:
    write_journal(folder, victim)
    with pytest.raises(IndexLocationError, match="not part of the store"):
        open_store(folder, create=False)
    assert victim.exists()


def test_the_journal_of_an_interrupted_transaction_is_rolled_back(folder: Path, victim: Path) -> None:
    write_journal(folder, victim)
    journal = folder / f"{STORE_FILE}-journal"
    journal.write_bytes(journal.read_bytes()[:512])
    use(folder)
    assert not journal.exists()


@pytest.mark.parametrize("size", [None, 0])
def test_a_store_is_not_created_through_a_link(size: int | None, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    if size is not None:
        target.write_bytes(b"")
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / STORE_FILE).symlink_to(target)
    with pytest.raises(IndexLocationError, match="link"):
        open_store(tmp_path / "index")
    assert not target.exists() or target.stat().st_size == 0


def test_a_store_may_be_a_link_to_a_store(folder: Path, tmp_path: Path) -> None:
    shutil.move(folder / STORE_FILE, tmp_path / "moved.sqlite3")
    (folder / STORE_FILE).symlink_to(tmp_path / "moved.sqlite3")
    use(folder)


@pytest.mark.parametrize("kind", ["fifo", "device"])
def test_a_store_that_is_not_a_file_is_refused(kind: str, folder: Path) -> None:
    (folder / STORE_FILE).unlink()
    if kind == "fifo":
        os.mkfifo(folder / STORE_FILE)
    else:
        (folder / STORE_FILE).symlink_to("/dev/zero")
    with pytest.raises(IndexLocationError):
        open_store(folder)


def test_the_files_of_runs_are_not_looked_for_through_a_link(folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / f"{'0' * 32}.run").write_text("a file of the user")
    (folder / "runs").symlink_to(elsewhere)
    assert live_runs(folder) == set()
    with pytest.raises(IndexLocationError, match="link"):
        SqliteRun(folder)
    assert len(list(elsewhere.iterdir())) == 1


def test_only_files_of_runs_are_opened_and_deleted(folder: Path) -> None:
    runs = folder / "runs"
    runs.mkdir(exist_ok=True)
    (runs / "install.run").write_text("a file of the user")
    (runs / f"{'0' * 32}.run").write_text("")
    os.mkfifo(runs / f"{'1' * 32}.run")
    assert live_runs(folder) == set()
    assert [path.name for path in runs.iterdir()] == ["install.run"]


def test_a_track_that_stays_pending_does_not_keep_the_writer_forever(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a damaged file, an index may go on listing what its table does not."""
    with vidindex.open(folder) as index:
        monkeypatch.setattr(index._store, "has_pending", lambda: True)
        monkeypatch.setattr(index._store, "pending_tracks", lambda **_: ([1], []))
        with pytest.raises(EngineError, match="doctor"):
            index.flush()
