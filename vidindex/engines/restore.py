"""Restore a backup into a new folder: the store from the file, the engine from the store."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import IndexLocationError, VidindexError
from ..model import Progress
from ..store import open_store
from ..store.temporary_folder import sync_folder, temporary_folder
from . import resolve_engine_name
from .sync import build_engine


def restore_store(
    file: Path,
    folder: Path,
    read_backup: Callable[[Path, Path], None],
    *,
    engine: str,
    notify: Callable[[Progress], None],
    gist: str | bool | None = None,
) -> None:
    """Restore the backup *file*, which *read_backup* reads into a folder, as the index *folder*.

    Everything is prepared in a folder beside it, which gets the name *folder* when it is complete.
    Raises `IndexLocationError` if *folder* is not empty or cannot be written, and what *read_backup* raises.
    """
    folder = Path(os.path.realpath(folder))
    _check_is_free(folder)
    with _translate_errors(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with temporary_folder(folder) as prepared:
            read_backup(file, prepared)
            _build_engine(prepared, engine, notify, gist)
            _check_is_free(folder)
            prepared.rename(folder)  # replaces an empty folder
            sync_folder(folder.parent)


def _build_engine(folder: Path, wanted: str, notify: Callable[[Progress], None], gist: str | bool | None) -> None:
    store = open_store(folder, create=False)
    try:
        recorded = store.get_setting("engine")
        name = resolve_engine_name(folder, recorded if wanted == "auto" and recorded else wanted)
        build_engine(store, folder, name, notify, gist=gist)
    finally:
        store.close()


def _check_is_free(folder: Path) -> None:
    with _translate_errors(folder):
        is_free = not os.path.lexists(folder) or (folder.is_dir() and not any(folder.iterdir()))
    if not is_free:
        raise IndexLocationError(str(folder), "it is not an empty folder; restore into another one")


@contextmanager
def _translate_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except VidindexError:
        raise
    except OSError as exc:
        reason = f"it cannot be written ({exc.strerror or exc})"
        if exc.errno in (errno.ENOSPC, errno.EDQUOT):
            reason = "the disk is full; free some space and run the same command again"
        raise IndexLocationError(str(folder), reason) from exc
    except ValueError as exc:  # a null byte in the name
        raise IndexLocationError(str(folder), str(exc)) from exc
