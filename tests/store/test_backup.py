"""A backup restores the same index, and whatever goes wrong changes nothing."""

from __future__ import annotations

import gzip
import os
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

import vidindex
from vidindex.config import STORE_FILE
from vidindex.errors import BackupError, IndexLocationError
from vidindex.ingest.batch import make_link_task

WORDS = "the moment in which the roof of the old market hall came down"


@pytest.fixture
def folder(tmp_path: Path, engine: str, write: Callable[..., Path]) -> Path:
    """An index of one talk, with a link that waits."""
    with vidindex.open(tmp_path / "index", engine=engine) as index:
        index.add(write("talk.en.vtt", *[WORDS] * 30))
        index._store.queue.add_tasks([make_link_task("https://a.example/waiting")])
    return tmp_path / "index"


@pytest.fixture
def file(tmp_path: Path, folder: Path) -> Path:
    """A backup of it, in a folder of its own."""
    (tmp_path / "backups").mkdir()
    vidindex.backup(folder, tmp_path / "backups" / "index.backup")
    return tmp_path / "backups" / "index.backup"


def describe(folder: Path) -> list[object]:
    with vidindex.open(folder, create=False) as index:
        assert index.find_damage() == []
        transcripts = [index.transcript(video.id) for video in index.videos() if index.tracks(video.id)]
        return [list(index.videos()), transcripts, index.search(WORDS), list(index.tasks()), index.engine]


def list_names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_restored_index_equals_the_original(folder: Path, file: Path, tmp_path: Path) -> None:
    vidindex.restore(file, tmp_path / "restored")
    assert describe(tmp_path / "restored") == describe(folder)
    assert list_names(file.parent) == ["index.backup"]


def test_an_index_is_restored_into_an_empty_folder_with_another_engine(file: Path, tmp_path: Path) -> None:
    (tmp_path / "restored").mkdir()
    vidindex.restore(file, tmp_path / "restored", engine="whoosh")
    with vidindex.open(tmp_path / "restored") as index:
        assert (index.engine, len(index.search(WORDS, limit=1))) == ("whoosh", 1)


def test_a_backup_is_a_compressed_database(file: Path, tmp_path: Path) -> None:
    (tmp_path / "store").write_bytes(gzip.decompress(file.read_bytes()))
    with sqlite3.connect(tmp_path / "store") as sql:
        assert sql.execute("SELECT count(*) FROM video").fetchone() == (1,)
    sql.close()


def test_a_backup_is_consistent_while_the_index_is_written_to(
    folder: Path, tmp_path: Path, write: Callable[..., Path]
) -> None:
    captions = [write(f"more/talk{number}.en.vtt", f"{WORDS} {number}") for number in range(20)]
    with vidindex.open(folder) as index:
        adder = threading.Thread(target=lambda: index.add(*captions))
        adder.start()
        for number in range(3):
            vidindex.backup(folder, tmp_path / "backup")
            vidindex.restore(tmp_path / "backup", tmp_path / f"restored{number}")
            describe(tmp_path / f"restored{number}")
        adder.join()
        vidindex.backup(folder, tmp_path / "backup")
    vidindex.restore(tmp_path / "backup", tmp_path / "restored")
    assert describe(tmp_path / "restored") == describe(folder)


def test_an_earlier_backup_is_replaced(folder: Path, file: Path, tmp_path: Path) -> None:
    with vidindex.open(folder) as index:
        index.remove("file:talk")
    vidindex.backup(folder, file)
    vidindex.restore(file, tmp_path / "restored")
    with vidindex.open(tmp_path / "restored") as index:
        assert list(index.videos()) == []


@pytest.mark.parametrize(
    "content",
    [b"", b"precious", gzip.compress(b"precious", mtime=0), b"\x1f\x8b\x08\x04" + bytes(90)],
    ids=["empty", "text", "gzip", "gzip with a field"],
)
def test_no_other_file_is_replaced(content: bytes, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "precious").write_bytes(content)
    (tmp_path / "link").symlink_to("precious")
    for name in ("precious", "link"):
        with pytest.raises(BackupError, match="another file has this name"):
            vidindex.backup(folder, tmp_path / name)
    assert (tmp_path / "precious").read_bytes() == content


def test_a_backup_needs_the_name_of_a_file(folder: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for name in (".", "none/backup", "fifo"):
        with pytest.raises(BackupError, match=r"folder|another file"):
            vidindex.backup(folder, tmp_path / name)


def test_a_cluster_has_no_backup(file: Path, tmp_path: Path) -> None:
    with pytest.raises(IndexLocationError, match="only a folder has backups"):
        vidindex.backup("opensearch+https://anna@h.example/clips", tmp_path / "backup")
    with pytest.raises(IndexLocationError, match="only a folder has backups"):
        vidindex.restore(file, "opensearch+https://anna@h.example/clips")


def test_a_folder_that_is_not_empty_is_not_restored_into(file: Path, folder: Path) -> None:
    before = describe(folder)
    for target in (folder, file, file.parent):
        with pytest.raises(IndexLocationError, match="not an empty folder"):
            vidindex.restore(file, target)
    assert describe(folder) == before


@pytest.mark.parametrize("place", [0.0, 0.002, 0.01, 0.999])
def test_a_flipped_byte_is_found_before_anything_is_changed(place: float, file: Path, tmp_path: Path) -> None:
    flip_byte(file, place)
    check_refused(file, tmp_path)


@pytest.mark.parametrize("place", [0.3, 0.5, 0.7])
def test_a_flipped_byte_of_the_content_is_found_unless_it_changes_nothing(
    place: float, file: Path, folder: Path, tmp_path: Path
) -> None:
    """Compressed data may say the same in two ways: which of several equal runs of bytes is repeated."""
    flip_byte(file, place)
    try:
        vidindex.restore(file, tmp_path / "restored")
    except BackupError:
        check_refused(file, tmp_path)
    else:
        assert describe(tmp_path / "restored") == describe(folder)


def flip_byte(file: Path, place: float) -> None:
    content = bytearray(file.read_bytes())
    content[int(place * len(content))] ^= 0x41
    file.write_bytes(content)


@pytest.mark.parametrize("size", [0, 10, 57, 1000, -1])
def test_a_truncated_backup_is_refused(size: int, file: Path, tmp_path: Path) -> None:
    file.write_bytes(file.read_bytes()[:size])
    check_refused(file, tmp_path)


def test_bytes_behind_a_backup_are_refused(file: Path, tmp_path: Path) -> None:
    file.write_bytes(file.read_bytes() + b"\0")
    check_refused(file, tmp_path)


@pytest.mark.parametrize("size", [1, 10**9, 2**63])
def test_a_backup_with_another_size_is_refused(size: int, file: Path, tmp_path: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content[:17] + size.to_bytes(8, "little") + content[25:])
    check_refused(file, tmp_path)


def check_refused(file: Path, tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    with pytest.raises(BackupError, match=r"damaged or incomplete|not a backup"):
        vidindex.restore(file, tmp_path / "target" / "restored")
    assert list_names(tmp_path / "target") == []


def test_a_foreign_database_is_refused(folder: Path, tmp_path: Path) -> None:
    with sqlite3.connect(folder / STORE_FILE) as sql:
        sql.execute("CREATE TRIGGER evil AFTER INSERT ON video BEGIN DELETE FROM video; END")
    sql.close()
    with pytest.raises(IndexLocationError, match="did not create"):
        vidindex.backup(folder, tmp_path / "backup")
    assert not (tmp_path / "backup").exists()


def test_what_killed_processes_left_is_deleted(folder: Path, tmp_path: Path) -> None:
    left = tmp_path / f".backup.{'a' * 32}.vidindex.tmp"
    left.mkdir()
    (left / "packed").write_bytes(b"half")
    os.utime(left, (0, 0))
    vidindex.backup(folder, tmp_path / "backup")
    assert not left.exists()
