"""Detect live runs: each run holds a lock of the operating system, which is released if its process is killed."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import uuid
from contextlib import suppress
from pathlib import Path

from ...errors import IndexLocationError
from ..base import WorkerRun
from ..lock_files import open_lock_file

RUNS_FOLDER = "runs"
"""The folder of an index in which each live run has a file."""

_RUN_SUFFIX = ".run"
_RUN_TOKEN = re.compile(r"[0-9a-f]{32}")


class SqliteRun(WorkerRun):
    """A run on the index in *folder*, which holds a locked file until it ends."""

    def __init__(self, folder: Path) -> None:
        self.token = uuid.uuid4().hex
        self._lock_path = folder / RUNS_FOLDER / f"{self.token}{_RUN_SUFFIX}"
        try:
            _make_runs_folder(self._lock_path.parent)
            self._lock_fd = _create_locked_file(self._lock_path)
        except OSError as exc:
            raise IndexLocationError(str(folder), f"the folder is not writable ({exc.strerror})") from exc

    def end(self) -> None:
        self._lock_path.unlink(missing_ok=True)
        os.close(self._lock_fd)


def _make_runs_folder(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    if folder.is_symlink():  # it could lead to files of others
        raise OSError(errno.EINVAL, "runs is a link", str(folder))


def _create_locked_file(path: Path) -> int:
    """Create a file that is already locked when other processes see it."""
    hidden = path.with_suffix(".new")
    handle = os.open(hidden, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644)
    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    hidden.rename(path)
    return handle


def live_runs(folder: Path) -> set[str]:
    """Return the tokens of live runs, and delete the files of dead ones.

    Only files with the name of a run are opened or deleted, never those in a folder that a link leads to.
    """
    alive: set[str] = set()
    runs = folder / RUNS_FOLDER
    if runs.is_symlink():
        return alive
    for path in runs.glob(f"*{_RUN_SUFFIX}"):
        if not _RUN_TOKEN.fullmatch(path.stem):
            continue
        if _is_locked(path):
            alive.add(path.stem)
        else:
            with suppress(OSError):
                path.unlink()
    return alive


def _is_locked(path: Path) -> bool:
    try:
        handle = open_lock_file(path, flags=os.O_RDONLY)
    except FileNotFoundError:
        return False
    except PermissionError:  # not readable by this user: assume that it is alive
        return True
    except OSError as exc:  # not a file of a run, unless this process can open no more files
        return exc.errno in (errno.EMFILE, errno.ENFILE)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(handle)
    return False
