"""Folders that others have prepared: what leads out of them, or is no file, is reported and never opened."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from vidindex.resolve.folder_walk import MAX_FOLDER_DEPTH, MAX_REPORTED_FILES, SkippedFiles, walk_files

Skipped = list[tuple[str, str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "folder"
    made.mkdir()
    return made


def walk(folder: Path) -> tuple[list[str], Skipped]:
    """Return the paths of the `.vtt` files, and the skipped paths with their reasons, relative to *folder*."""
    seen: Skipped = []
    skipped = SkippedFiles(lambda path, reason: seen.append((str(path.relative_to(folder)), reason)))
    walked = walk_files(folder, lambda name: name.endswith(".vtt"), skipped)
    found = [str((directory / name).relative_to(folder)) for directory, names in walked for name in names]
    skipped.report_rest(folder)
    return found, seen


def test_files_are_found_in_sorted_order_with_those_of_a_folder_before_its_subfolders(folder: Path) -> None:
    for name in ("b/x/1.vtt", "b/2.vtt", "a/y/z/3.vtt", "a/4.vtt", "c.vtt", "a/other.mp4"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")

    assert walk(folder) == (["c.vtt", "a/4.vtt", "a/y/z/3.vtt", "b/2.vtt", "b/x/1.vtt"], [])


def test_a_link_to_a_file_inside_is_a_file(folder: Path) -> None:
    (folder / "objects").mkdir()
    (folder / "objects" / "1f4d").write_text("")
    (folder / "talk.vtt").symlink_to("objects/1f4d")

    assert walk(folder) == (["talk.vtt"], [])


def test_a_folder_may_be_given_through_a_link(folder: Path, tmp_path: Path) -> None:
    (folder / "talk.vtt").write_text("")
    (folder / "link.vtt").symlink_to(folder / "talk.vtt")
    (tmp_path / "given").symlink_to(folder)

    assert walk(tmp_path / "given") == (["link.vtt", "talk.vtt"], [])


def test_links_out_of_the_folder_are_reported(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "folder-2"  # starts with the name of the folder
    (outside / "inner").mkdir(parents=True)
    for name in ("secret.txt", "inner/secret.vtt"):
        (outside / name).write_text("secret")
    (folder / "absolute.vtt").symlink_to(outside / "secret.txt")
    (folder / "relative.vtt").symlink_to("../folder-2/secret.txt")
    (folder / "twice.vtt").symlink_to("absolute.vtt")
    (folder / "subfolder").symlink_to(outside)
    (folder / "picture.jpg").symlink_to(outside / "secret.txt")  # nobody would have read it

    found, skipped = walk(folder)

    assert found == []
    assert sorted(name for name, _ in skipped) == ["absolute.vtt", "relative.vtt", "subfolder", "twice.vtt"]
    assert {reason for _, reason in skipped} == {"it leads out of the folder; add it by its own path"}


def test_pipes_sockets_devices_and_dangling_links_are_reported(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(folder / "pipe.vtt")
    (folder / "dangling.vtt").symlink_to("nowhere")
    (folder / "itself.vtt").symlink_to("itself.vtt")
    (folder / "to-pipe.vtt").symlink_to("pipe.vtt")
    (folder / "zero.vtt").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as listener:
        monkeypatch.chdir(folder)  # the path of a socket is limited to 108 characters
        listener.bind("socket.vtt")
        found, skipped = walk(folder)

    assert found == []
    assert sorted(name for name, _ in skipped) == [
        "dangling.vtt", "itself.vtt", "pipe.vtt", "socket.vtt", "to-pipe.vtt", "zero.vtt"
    ]  # fmt: skip


def test_loops_of_folders_end(folder: Path) -> None:
    (folder / "a").mkdir()
    (folder / "a" / "talk.vtt").write_text("")
    (folder / "a" / "up").symlink_to("..")
    (folder / "a" / "same").symlink_to(".")

    assert walk(folder) == (["a/talk.vtt"], [])


def make_deep(folder: Path, levels: int) -> int:
    """Make nested folders, beyond the limit for the length of a path, and return a descriptor of the innermost one."""
    inner = os.open(folder, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir("d", dir_fd=inner)
        outer, inner = inner, os.open("d", os.O_RDONLY, dir_fd=inner)
        os.close(outer)
    return inner


@pytest.fixture
def deep(folder: Path) -> Iterator[Path]:
    """A folder that is too deep for pytest to remove it."""
    os.close(make_deep(folder, 5000))
    yield folder
    subprocess.run(["rm", "-rf", folder], check=True, timeout=120)


def test_folders_that_are_nested_too_deeply_are_reported(deep: Path) -> None:
    (deep / "talk.vtt").write_text("")

    found, ((name, reason),) = walk(deep)

    assert found == ["talk.vtt"]
    assert name == "/".join("d" * MAX_FOLDER_DEPTH)
    assert "100 levels deep" in reason


def test_only_so_many_skipped_files_are_reported_one_by_one(folder: Path) -> None:
    for number in range(MAX_REPORTED_FILES + 1234):
        (folder / f"{number}.vtt").symlink_to("/etc/passwd")

    found, skipped = walk(folder)

    assert found == []
    assert len(skipped) == MAX_REPORTED_FILES + 1
    assert skipped[-1] == (".", "1,234 more files in it were skipped")


def test_a_subfolder_that_vanishes_is_reported_and_the_others_are_read(folder: Path) -> None:
    for name in ("a", "b"):
        (folder / name).mkdir()
        (folder / name / "talk.vtt").write_text("")
    (folder / "first.vtt").write_text("")
    seen: list[str] = []
    walked = walk_files(
        folder, lambda name: name.endswith(".vtt"), SkippedFiles(lambda path, _: seen.append(path.name))
    )

    assert next(walked)[1] == ["first.vtt"]
    (folder / "a" / "talk.vtt").unlink()
    (folder / "a").rmdir()

    assert [names for _, names in walked] == [[], ["talk.vtt"]]
    assert seen == ["a"]


def test_a_folder_with_too_many_names_is_reported(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is made small, because to write a million files takes minutes."""
    monkeypatch.setattr("vidindex.resolve.folder_walk._MAX_NAMES_MEMORY_BYTES", 10_000)
    (folder / "few").mkdir()
    (folder / "few" / "talk.vtt").touch()
    (folder / "many").mkdir()
    for number in range(200):
        (folder / "many" / f"{number}.vtt").touch()

    found, skipped = walk(folder)

    assert found == ["few/talk.vtt"]
    assert skipped == [("many", "it has too many files for one folder; distribute them over subfolders")]
