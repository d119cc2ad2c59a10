"""Folders in which a file or an index is prepared, so that it gets its name only when it is complete."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_SUFFIX = ".vidindex.tmp"
_MAX_NAME_CHARS = 100
_DELETE_AFTER_S = 60.0
"""A folder that is younger may be about to be locked."""


@contextmanager
def temporary_folder(target: Path) -> Iterator[Path]:
    """Create a folder beside *target*, on the same file system, and delete it at the end.

    It is locked: the next call deletes what killed processes left.  Raises `OSError` if it cannot be created.
    """
    _delete_abandoned(target)
    folder = target.parent / f"{_make_prefix(target)}{uuid.uuid4().hex}{_SUFFIX}"
    folder.mkdir()
    try:
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            with suppress(OSError):  # not every file system has locks
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder
        finally:
            os.close(lock)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sync_folder(folder: Path) -> None:
    """Make the names of the files in *folder* survive a power failure."""
    with suppress(OSError):  # not every file system can do this
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _make_prefix(target: Path) -> str:
    return f".{target.name[:_MAX_NAME_CHARS]}."


def _delete_abandoned(target: Path) -> None:
    """Delete the folders of earlier calls for *target* whose processes have ended."""
    pattern = re.compile(re.escape(_make_prefix(target)) + "[0-9a-f]{32}" + re.escape(_SUFFIX))
    with suppress(OSError), os.scandir(target.parent) as entries:
        for entry in entries:
            if pattern.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False):
                with suppress(OSError):
                    if time.time() - entry.stat(follow_symlinks=False).st_mtime > _DELETE_AFTER_S:
                        _delete_unlocked(Path(entry.path))


def _delete_unlocked(folder: Path) -> None:
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(lock)
