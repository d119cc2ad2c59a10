"""Name local files by URL, and read those that others may have prepared: regular ones only, up to a limit."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

from ..errors import OutsideFolderError


def to_url(name: str) -> str:
    """Return *name* if it is a URL, else the `file:` URL of the path *name*, which need not exist.

    A name with half of a surrogate pair, which no file has, is returned as it is.
    """
    if "://" in name:
        return name
    try:
        return Path(name).absolute().as_uri()
    except UnicodeEncodeError:
        return name


def open_regular_file(path: Path) -> BinaryIO:
    """Open *path* for reading in binary mode; links are followed.

    Opening never waits: a FIFO without a writer would block an ordinary open forever.

    Raises `OSError` if *path* cannot be opened, or is not a regular file but a FIFO, a device or a socket.
    Raises `ValueError` if *path* contains a null byte.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    try:
        mode = os.fstat(handle).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "not a regular file", str(path))
        return open(handle, "rb")  # noqa: PTH123 - a descriptor, and the caller closes the file
    except BaseException:
        os.close(handle)
        raise


def read_regular_file(path: Path, max_bytes: int) -> bytes:
    """Return the first *max_bytes* bytes of *path* and one more, which tells the caller that the file is larger.

    Raises what `open_regular_file` raises.
    """
    with open_regular_file(path) as file:
        return file.read(max_bytes + 1)


def resolve_inside_folder(path: Path, folder: Path) -> Path:
    """Return *path* with all links resolved; nothing is opened, because opening a device can have effects.

    Raises `OutsideFolderError` if it leads out of *folder*, whose links are resolved, too.
    Raises `OSError` if a link leads to itself, `ValueError` if *path* contains a null byte.
    """
    try:
        real_path, real_folder = path.resolve(), folder.resolve()
    except RuntimeError as exc:  # how Python before 3.13 reports a loop
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path)) from exc
    if not real_path.is_relative_to(real_folder):
        raise OutsideFolderError(f"{path} leads out of the folder {folder}")
    return real_path


def open_real_file(real_path: Path) -> BinaryIO:
    """Open the regular file *real_path*, a path that `resolve_inside_folder` returned.

    The file that was opened is checked, too: a part of the path may have become a link since it was resolved.

    Raises `OSError` if a link is found, and what `open_regular_file` raises.
    """
    file = open_regular_file(real_path)
    try:
        is_same = os.path.samestat(os.fstat(file.fileno()), real_path.lstat())
        if is_same and resolve_inside_folder(real_path, real_path.parent) == real_path:
            return file
        raise OSError(errno.ELOOP, "replaced by a link while it was opened", str(real_path))
    except BaseException:
        file.close()
        raise


def open_file_inside(path: Path, folder: Path) -> BinaryIO:
    """Open the regular file that *path* leads to, which must be inside *folder* once the links in both are resolved.

    Raises `OutsideFolderError` if it is outside, and what `open_regular_file` raises.
    """
    return open_real_file(resolve_inside_folder(path, folder))


def is_inside_folder(path: Path, folder: Path) -> bool:
    """Return whether *path* is inside *folder* once the links in both are resolved."""
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError):  # RuntimeError: a link that leads to itself
        return False
