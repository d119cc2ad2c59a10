"""Check the files of a store before SQLite opens them: another person may have prepared them."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path

_JOURNAL_MAGIC = bytes.fromhex("d9d505f920a163d7")
"""The last bytes of a journal that names a second one; SQLite deletes the file of that name, wherever it is."""


def check_store_files(path: Path) -> None:
    """Check the store file *path*, if it exists, and the files that SQLite keeps beside it.

    *path* may be a link to the store of another folder.  SQLite would create or overwrite the target of any other link.

    Raises `OSError` if there are files that SQLite must not open.
    """
    if path.is_symlink() and not _has_content(path):
        raise _refuse("its store is a link to no store", path)
    with suppress(FileNotFoundError):
        if not stat.S_ISREG(path.stat().st_mode):
            raise _refuse("its store is not a regular file", path)
    real_path = path.resolve()
    for suffix in ("-wal", "-shm", "-journal"):
        beside = real_path.with_name(real_path.name + suffix)
        with suppress(FileNotFoundError):
            if not stat.S_ISREG(beside.lstat().st_mode):
                raise _refuse(f"{beside.name} is not a regular file", beside)
            if suffix == "-journal" and _names_second_journal(beside):
                raise _refuse(f"{beside.name} names a file that is not part of the store", beside)


def _has_content(path: Path) -> bool:
    with suppress(FileNotFoundError):
        return path.stat().st_size > 0
    return False


def _names_second_journal(path: Path) -> bool:
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - len(_JOURNAL_MAGIC)))
        # A journal also starts with these bytes.
        return size > len(_JOURNAL_MAGIC) and file.read() == _JOURNAL_MAGIC


def _refuse(reason: str, path: Path) -> OSError:
    return OSError(errno.EINVAL, reason, str(path))
