"""`doctor` finds a changed byte in any file of an index that changes answers, and nothing in a healthy index."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

import vidindex
from tests.conftest import webvtt
from tests.processes import HANG_S, start_process, start_vidindex
from vidindex.cli.doctor import run_checks
from vidindex.config import STORE_FILE
from vidindex.engines.checksums import CHECKSUMS_FILE
from vidindex.engines.folders import delete_folder
from vidindex.transcripts import build

pytestmark = pytest.mark.filterwarnings(  # Whoosh leaves files open that it cannot parse
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)

WORDS = "the moment in which the roof of the old market hall came down"
PAGE_BYTES = 4096
TALKS = 3


@pytest.fixture
def made(tmp_path: Path, engine: str) -> Path:
    """An index of some talks, with deletions."""
    for number in range(TALKS + 1):
        lines = [f"talk {number} line {at} {WORDS}" for at in range(40)]
        (tmp_path / f"talk{number}.en.vtt").write_text(webvtt(lines), encoding="utf-8")
    with vidindex.open(tmp_path / "index", engine=engine) as index:
        index.add(*(tmp_path / f"talk{number}.en.vtt" for number in range(TALKS + 1)))
        index.remove("file:talk0")
    return tmp_path / "index"


def find_engine(folder: Path) -> Path:
    (engine,) = (path for path in folder.iterdir() if path.name.partition("-")[0] in ("tantivy", "whoosh"))
    return engine


def list_files(folder: Path) -> list[Path]:
    """List the files with content, without those of locks."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size)


def flip_byte(path: Path, at: int) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        (byte,) = file.read(1)
        file.seek(at)
        file.write(bytes([byte ^ 0x11]))


def diagnose(folder: Path) -> list[str]:
    """Return what `doctor` finds bad about the index."""
    return [finding.message for finding in run_checks(folder) if finding.name == "index" and finding.state == "bad"]


def read_answers(folder: Path) -> str:
    """Return everything that readers see; the class of the error if the index cannot be read."""
    try:
        with vidindex.open(folder, create=False) as index:
            videos = list(index.videos())
            transcripts = [index.transcript(video.id) for video in videos]
            return repr((videos, transcripts, index.search(WORDS), list(index.tasks()), index.embeds()))
    except vidindex.VidindexError as exc:
        return type(exc).__name__


@pytest.fixture
def copies(made: Path, tmp_path: Path) -> Callable[[], Path]:
    """A function that returns a fresh copy of the index."""

    def copy() -> Path:
        delete_folder(tmp_path / "copy")
        return Path(shutil.copytree(made, tmp_path / "copy"))

    return copy


def test_a_healthy_index_has_no_damage(made: Path) -> None:
    assert diagnose(made) == []


def test_a_flipped_byte_in_any_file_of_an_engine_is_found(made: Path, copies: Callable[[], Path]) -> None:
    for file in list_files(find_engine(made)):
        for at in (0, file.stat().st_size // 2, file.stat().st_size - 1):
            copy = copies()
            flip_byte(copy / file.relative_to(made), at)
            (message,) = diagnose(copy)
            assert "vidindex rebuild" in message, (file.name, at)


@pytest.mark.parametrize("damage", ["missing", "empty", "truncated"])
def test_a_broken_file_of_an_engine_is_found_and_a_rebuild_mends_it(
    damage: str, made: Path, copies: Callable[[], Path]
) -> None:
    for file in list_files(find_engine(made)):
        broken = copies() / file.relative_to(made)
        if damage == "missing":
            if file.name == CHECKSUMS_FILE:
                continue  # as an older version leaves an index
            broken.unlink()
        else:
            os.truncate(broken, 0 if damage == "empty" else file.stat().st_size - 1)
        (message,) = diagnose(broken.parents[1])
        assert "vidindex rebuild" in message, file.name
    vidindex.library.rebuild_index(broken.parents[1])
    assert diagnose(broken.parents[1]) == []


def test_a_changed_byte_of_the_store_is_found_if_it_changes_answers(made: Path, copies: Callable[[], Path]) -> None:
    healthy = read_answers(made)
    size = (made / STORE_FILE).stat().st_size
    changed = 0
    for at in range(PAGE_BYTES // 3, size, 1900):
        copy = copies()
        flip_byte(copy / STORE_FILE, at)
        if read_answers(copy) != healthy:
            changed += 1
            assert diagnose(copy), at
    assert changed > 2


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE video SET title = 'another'",
        "UPDATE track SET words = words + 1",
        "UPDATE track SET raw = x'00'",
        "UPDATE block SET body = substr(body, 1, length(body) - 2) || x'0000'",
        "DELETE FROM block WHERE id = (SELECT max(id) FROM block)",
    ],
)
def test_a_changed_value_is_found(change: str, made: Path) -> None:
    with sqlite3.connect(made / STORE_FILE) as sql:  # it has no triggers that record checksums
        sql.execute(change)
    sql.close()
    assert diagnose(made)


@pytest.mark.parametrize("damage", ["missing", "empty", "truncated"])
def test_a_broken_store_is_an_error_with_the_next_step(damage: str, made: Path) -> None:
    store = made / STORE_FILE
    if damage == "missing":
        store.unlink()
    else:
        os.truncate(store, 0 if damage == "empty" else 3 * PAGE_BYTES)
    (message,) = diagnose(made)
    assert "vidindex restore FILE INDEX" in message


def test_damage_of_the_store_is_repaired_from_a_backup(made: Path, tmp_path: Path) -> None:
    vidindex.backup(made, tmp_path / "backup")
    answers = read_answers(made)
    delete_folder(made)
    vidindex.restore(tmp_path / "backup", made)
    assert (diagnose(made), read_answers(made)) == ([], answers)


def test_an_index_of_an_older_version_is_healthy(made: Path) -> None:
    (find_engine(made) / CHECKSUMS_FILE).unlink()
    with sqlite3.connect(made / STORE_FILE) as sql:
        sql.execute("DROP TABLE review")
        sql.execute("DROP INDEX track_words")
        sql.execute("DROP TABLE stale_text")
        sql.execute("DROP TABLE checksum")
        sql.execute("ALTER TABLE track DROP COLUMN warnings")
        sql.execute("ALTER TABLE article DROP COLUMN captured")
        sql.execute("ALTER TABLE video DROP COLUMN medium")
        sql.execute("ALTER TABLE embed DROP COLUMN medium")
        sql.execute("PRAGMA user_version = 2")
    sql.close()
    assert diagnose(made) == []
    with vidindex.open(made) as index:
        index.remove("file:talk1")
    assert diagnose(made) == []


def test_an_index_is_healthy_while_others_write_to_it(made: Path, tmp_path: Path) -> None:
    with start_vidindex("--index", made, "add", "-q", *tmp_path.glob("*.vtt")) as process:
        while process.poll() is None:
            assert diagnose(made) == []
        assert process.returncode == 0, process.communicate()[1]
    assert diagnose(made) == []


def test_a_new_store_does_not_take_over_the_engine_of_a_lost_one(made: Path, tmp_path: Path) -> None:
    (made / STORE_FILE).unlink()
    with vidindex.open(made, engine=find_engine(made).name.partition("-")[0]) as index:
        index.add(tmp_path / "talk2.en.vtt")
        assert index.find_damage() == []


_USE_DAMAGED = """
import sys
import vidindex

damaged = 0
for folder in sys.argv[1:]:
    with vidindex.open(folder, create=False) as index:
        for call in (lambda: index.search("roof market hall"), lambda: index.remove("file:talk1")):
            try:
                call()
            except vidindex.VidindexError as error:
                damaged += "vidindex" in str(error)
print(damaged > 0)
"""


def test_a_panic_of_the_engine_never_reaches_the_user(made: Path, tmp_path: Path) -> None:
    copies: list[Path] = []
    for file in list_files(find_engine(made)):
        if file.name != CHECKSUMS_FILE:
            copy = Path(shutil.copytree(made, tmp_path / f"copy{len(copies)}"))
            content = file.read_bytes()
            damaged = content[:20] + b"\xff" * (len(content) - 130) + content[-110:]
            (copy / file.relative_to(made)).write_bytes(damaged)
            copies.append(copy)
    with start_process([sys.executable, "-c", _USE_DAMAGED, *copies]) as process:
        assert process.communicate(timeout=HANG_S) == ("True\n", "")


def test_an_index_of_a_version_that_spelled_words_otherwise_needs_a_rebuild(
    tmp_path: Path, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "talk.en.vtt").write_text(webvtt(["It was the twentieth of May."]), encoding="utf-8")

    def normalize_as_before(words: Sequence[str]) -> tuple[list[str], list[int]]:
        return [word.lower().strip(".") for word in words], [*range(len(words))]

    with vidindex.open(tmp_path / "index", engine=engine) as index:
        with monkeypatch.context() as older:
            older.setattr(build, "normalize_words", normalize_as_before)
            index.add(tmp_path / "talk.en.vtt", jobs=1)
        (problem,) = index.find_damage()
        assert problem.startswith("1 of 6 checked words have the spelling of another version of vidindex")
        assert "vidindex rebuild" in problem
        index.rebuild(jobs=1)
        assert not index.find_damage()
