"""Names of engines in the settings of an index, and their folders: another person may have written both."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import EngineError
from ..transcripts.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from ..store.opensearch.endpoint import Location

MAX_ENGINE_NUMBER = 999_999_999

_FOLDER_NAME = lazy_pattern(r"(?:whoosh|tantivy)-[0-9]{1,9}")
_CLUSTER_NAME = lazy_pattern(r"opensearch-[0-9]{1,9}")
_CLUSTER_INDEX = lazy_pattern(r"[^*,?\s/]+-opensearch-[0-9]{1,9}")
_TEMPORARY_FOLDER = "MAIN.tmp"
"""The folder in which Whoosh prepares a segment."""

_MAX_DELETE_ATTEMPTS = 5


def is_engine_name(location: Location, name: object) -> bool:
    """Return whether *name*, a setting of the index at *location*, can name a folder or index of an engine.

    Anything else could lead to another folder, which must not be opened, and never be deleted.
    """
    pattern = _FOLDER_NAME if isinstance(location, Path) else _CLUSTER_NAME
    return isinstance(name, str) and pattern.fullmatch(name) is not None


def is_deletable(location: Location) -> bool:
    """Return whether *location* has the name of an engine, and is not a link."""
    if isinstance(location, Path):
        return bool(_FOLDER_NAME.fullmatch(location.name)) and not location.is_symlink()
    return bool(_CLUSTER_INDEX.fullmatch(location.name))


def delete_folder(folder: Path) -> None:
    """Delete *folder* as far as possible.

    A reader that has just opened an index of tantivy may create a lock file there meanwhile, and then once more is
    enough.
    """
    from shutil import rmtree  # a search does not import it

    for _ in range(_MAX_DELETE_ATTEMPTS):
        rmtree(folder, ignore_errors=True)
        if not os.path.lexists(folder):
            return


def check_engine_folder(engine: str, folder: Path) -> None:
    """Check that *folder*, if it is one, is not a link and contains only regular files.

    A link could lead the engine to files of others, which it would overwrite or delete; a FIFO would block it.

    Raises `EngineError` if that is not so.
    """
    if folder.is_symlink():
        raise EngineError(engine, f"{folder} is a link")
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if not _is_own_entry(entry):
                    raise EngineError(engine, f"{entry.path} is not a regular file")
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as exc:
        raise EngineError(engine, f"{folder} cannot be read ({exc.strerror})") from exc


def _is_own_entry(entry: os.DirEntry[str]) -> bool:
    if entry.is_file(follow_symlinks=False):
        return True
    if entry.is_dir(follow_symlinks=False):
        return entry.name == _TEMPORARY_FOLDER
    return not os.path.lexists(entry.path)  # another process has just deleted it
