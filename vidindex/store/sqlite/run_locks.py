"""Who works on the queue: each run holds a lock of the operating system, which goes with a killed process."""

from __future__ import annotations

import fcntl
import os
import uuid
from contextlib import suppress
from pathlib import Path

from ...errors import IndexLocationError

_RUNS_FOLDER = "runs"
_RUN_SUFFIX = ".run"


class SqliteRun:
    """A run's sign of life in the index *folder*, under the name *token*."""

    def __init__(self, folder: Path) -> None:
        self.token = uuid.uuid4().hex
        self._lock_path = folder / _RUNS_FOLDER / f"{self.token}{_RUN_SUFFIX}"
        try:
            self._lock_path.parent.mkdir(exist_ok=True)
            self._lock_fd = _create_locked_file(self._lock_path)
        except OSError as exc:
            raise IndexLocationError(str(folder), f"it cannot be written to ({exc.strerror})") from exc

    def end(self) -> None:
        """Take the sign back."""
        self._lock_path.unlink(missing_ok=True)
        os.close(self._lock_fd)


def _create_locked_file(path: Path) -> int:
    """Make a file that is locked from the moment in which others see it."""
    unseen = path.with_suffix(".new")
    handle = os.open(unseen, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644)
    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    unseen.rename(path)
    return handle


def live_runs(folder: Path) -> set[str]:
    """Name the runs that are alive, and clear away after those that are not."""
    alive: set[str] = set()
    for path in (folder / _RUNS_FOLDER).glob(f"*{_RUN_SUFFIX}"):
        if _is_locked(path):
            alive.add(path.stem)
        else:
            with suppress(OSError):
                path.unlink()
    return alive


def _is_locked(path: Path) -> bool:
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    except OSError:  # not ours to open: whose it is may live
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(handle)
    return False
