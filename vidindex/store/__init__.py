"""The source of truth of an index: articles, embeds, videos, tracks with their caption files, and transcripts.

An engine can be rebuilt from the store at any time.  Each stage writes its output to the store before the next stage
runs, and a track that the engine has not indexed yet is marked as pending.  A run that was killed at any moment is
completed by the next one.

A store is a folder (`sqlite`) or lives on a cluster (`opensearch`); `base.Store` is the interface of both.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import EngineNotInstalledError

if TYPE_CHECKING:  # a search does not import them
    from .base import Store
    from .opensearch.endpoint import Location

__all__ = ["open_store"]


def open_store(location: Location, *, create: bool = True, choose_engine: Callable[[], str] | None = None) -> Store:
    """Open the store at *location*; without *create* it must exist.

    *choose_engine* returns the engine of a new store in a folder, which is recorded as the store is created: a run that
    is killed before its first commit does not forget it.

    Raises `IndexLocationError`, `IndexVersionError`, `EngineNotInstalledError`.
    """
    if isinstance(location, Path):
        from .sqlite.store import SqliteStore

        return SqliteStore(location, create=create, choose_engine=choose_engine)
    if find_spec("opensearchpy") is None:
        raise EngineNotInstalledError("opensearch", "opensearch")
    from .opensearch.store import OpenSearchStore

    return OpenSearchStore(location, create=create)
