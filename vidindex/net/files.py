"""Read local files that others may have prepared: regular files only, and never more than a limit."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO


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


def is_inside_folder(path: Path, folder: Path) -> bool:
    """Return whether *path* is inside *folder* once the links in both are resolved."""
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError):  # RuntimeError: a link that leads to itself
        return False
