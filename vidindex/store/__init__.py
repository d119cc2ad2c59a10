"""The record of everything: articles, embeds, videos, tracks with their raw bytes, transcripts.

The store is the truth; an engine can be made again from it at any time.  Every stage's output is in it before
the next stage runs.  What the engine does not hold yet is marked (`pending`), so that a run killed at any
moment is completed by the next.

It is kept in a folder (`folder`) or on a cluster (`cluster`); what both can do is `base.Store`.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import EngineNotInstalledError

if TYPE_CHECKING:  # a search need not pay for what they say
    from .base import Store
    from .opensearch.endpoint import Location

__all__ = ["open_store"]


def open_store(location: Location, *, create: bool = True) -> Store:
    """Open the store at *place*; without *create* it must be there already.

    Raises `IndexLocationError`, `IndexVersionError`, `EngineNotInstalledError`.
    """
    if isinstance(location, Path):
        from .sqlite.store import SqliteStore

        return SqliteStore(location, create=create)
    if find_spec("opensearchpy") is None:
        raise EngineNotInstalledError("opensearch", "opensearch")
    from .opensearch.store import OpenSearchStore

    return OpenSearchStore(location, create=create)
