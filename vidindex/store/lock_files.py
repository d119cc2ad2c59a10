"""Open lock files in the folder of an index, which another person may have prepared."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path


def open_lock_file(path: Path, *, flags: int = os.O_RDWR | os.O_CREAT) -> int:
    """Return a descriptor of the file *path*, created if *flags* say so.

    Links are not followed, so that no file elsewhere is created; opening a FIFO does not wait.

    Raises `OSError` if *path* cannot be opened or is not a regular file.
    """
    handle = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o644)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "a lock file is not a regular file", str(path))
    return handle
