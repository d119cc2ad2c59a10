"""Files that others have prepared: regular files only, never more than the limit."""

import os
from pathlib import Path

import pytest

from vidindex.errors import OutsideFolderError
from vidindex.net.files import (
    is_inside_folder,
    open_file_inside,
    open_real_file,
    open_regular_file,
    read_regular_file,
    resolve_inside_folder,
)


def test_a_regular_file_is_read_up_to_one_byte_more_than_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_bytes(b"x" * 100)

    assert read_regular_file(path, 200) == b"x" * 100
    assert len(read_regular_file(path, 10)) == 11


def test_a_link_to_a_regular_file_is_followed(tmp_path: Path) -> None:
    (tmp_path / "target.txt").write_bytes(b"text")
    (tmp_path / "link.txt").symlink_to("target.txt")

    with open_regular_file(tmp_path / "link.txt") as file:
        assert file.read() == b"text"


def test_a_fifo_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "captions.vtt")

    with pytest.raises(OSError, match="not a regular file"):
        open_regular_file(tmp_path / "captions.vtt")


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null"])
def test_a_device_is_refused_even_behind_a_link(tmp_path: Path, device: str) -> None:
    (tmp_path / "captions.vtt").symlink_to(device)

    with pytest.raises(OSError, match="not a regular file"):
        read_regular_file(tmp_path / "captions.vtt", 10)


def test_a_folder_and_a_missing_file_raise_their_own_errors(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        open_regular_file(tmp_path)
    with pytest.raises(FileNotFoundError):
        open_regular_file(tmp_path / "missing.vtt")


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts the descriptors in /proc")
def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    path = tmp_path / "captions.vtt"
    os.mkfifo(path)
    with pytest.raises(OSError, match="not a regular file"):
        open_regular_file(path)

    # Another thread may close a file meanwhile, for which `realpath` returns the path of the link.
    assert str(path) not in {os.path.realpath(each) for each in Path("/proc/self/fd").iterdir()}


def test_a_link_out_of_a_folder_is_outside(tmp_path: Path) -> None:
    folder = tmp_path / "videos"
    folder.mkdir()
    (tmp_path / "secret.mp4").touch()
    (folder / "talk.mp4").symlink_to(tmp_path / "secret.mp4")
    (folder / "own.mp4").touch()
    (folder / "loop.mp4").symlink_to("loop.mp4")
    alias = tmp_path / "alias"
    alias.symlink_to(folder)

    assert is_inside_folder(folder / "own.mp4", folder)
    assert is_inside_folder(alias / "own.mp4", folder)
    assert not is_inside_folder(folder / "talk.mp4", folder)
    assert not is_inside_folder(folder / ".." / "secret.mp4", folder)


def test_a_link_inside_a_folder_is_opened_and_one_out_of_it_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "videos"
    (folder / "inner").mkdir(parents=True)
    (folder / "talk.vtt").write_bytes(b"words")
    (tmp_path / "secret.txt").write_bytes(b"secret")
    (folder / "inner" / "link.vtt").symlink_to("../talk.vtt")
    (folder / "out.vtt").symlink_to(tmp_path / "secret.txt")
    (tmp_path / "given").symlink_to(folder)

    for given in (folder, tmp_path / "given"):
        with open_file_inside(given / "inner" / "link.vtt", folder) as file:
            assert file.read() == b"words"
        for path in (given / "out.vtt", given / "../secret.txt", tmp_path / "secret.txt", given / "talk.vtt/../../x"):
            with pytest.raises(OutsideFolderError):
                open_file_inside(path, given)


def test_a_pipe_a_loop_and_a_missing_file_inside_a_folder_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.vtt")
    (tmp_path / "loop.vtt").symlink_to("loop.vtt")

    for name in ("pipe.vtt", "loop.vtt", "missing.vtt"):
        with pytest.raises(OSError, match=name):
            open_file_inside(tmp_path / name, tmp_path)


def test_a_file_that_becomes_a_link_before_it_is_opened_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "videos"
    (folder / "inner").mkdir(parents=True)
    for name in ("talk.vtt", "inner/talk.vtt"):
        (folder / name).write_bytes(b"words")
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "talk.vtt").write_bytes(b"secret")
    direct, nested = (resolve_inside_folder(folder / name, folder) for name in ("talk.vtt", "inner/talk.vtt"))

    direct.unlink()
    direct.symlink_to(tmp_path / "secret" / "talk.vtt")
    (folder / "inner").rename(folder / "before")
    (folder / "inner").symlink_to(tmp_path / "secret")

    for path in (direct, nested):
        with pytest.raises(OSError, match="replaced by a link"):
            open_real_file(path)
