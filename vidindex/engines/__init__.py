"""Full-text engines: one protocol (`base`), one engine per module or package."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import EngineError, EngineNotInstalledError
from .base import Engine, PassageCandidate
from .folders import delete_folder, is_deletable

if TYPE_CHECKING:
    from ..store.opensearch.endpoint import Location

__all__ = [
    "Engine",
    "PassageCandidate",
    "choose_local_engine",
    "delete_engine",
    "find_damaged_files",
    "installed_engines",
    "open_engine",
    "resolve_engine_name",
]

CLUSTER_ENGINE = "opensearch"
"""The engine of an index on a cluster, and the extra that installs its client library."""

_ENGINE_EXTRAS = {"tantivy": "fast", "whoosh": ""}
"""Engines in order of preference, with the extra that installs each."""


def installed_engines() -> list[str]:
    """Return the names of the installed engines, in order of preference."""
    return [name for name in _ENGINE_EXTRAS if find_spec(name) is not None]


def choose_local_engine(name: str = "auto") -> str:
    """Return the name of an engine for a folder; `auto` is the fastest installed one."""
    if name == "auto":
        return installed_engines()[0]
    if name not in _ENGINE_EXTRAS:
        raise EngineError(name, f"no such engine; available are {' and '.join(_ENGINE_EXTRAS)}")
    if find_spec(name) is None:
        raise EngineNotInstalledError(name, _ENGINE_EXTRAS[name])
    return name


def resolve_engine_name(location: Location, name: str = "auto") -> str:
    """Return the name of an engine for *location*; a cluster is its own engine."""
    if isinstance(location, Path):
        return choose_local_engine(name)
    if name not in ("auto", CLUSTER_ENGINE):
        raise EngineError(name, f"no such engine on a cluster; available is {CLUSTER_ENGINE}")
    return CLUSTER_ENGINE


def open_engine(name: str, location: Location | str, *, create: bool = True) -> Engine:
    """Open the index of engine *name* at *location*: a folder, or a `ClusterEndpoint` or its URL.

    Raises `EngineError` if there is no index and *create* is false.
    """
    if name == CLUSTER_ENGINE:
        return _open_cluster_engine(location, create=create)
    return _load_engine_class(choose_local_engine(name))(location, create=create)


def find_damaged_files(name: str, location: Location, *, is_confirmed: bool) -> list[str]:
    """Return the names of the files of engine *name* that are damaged or missing.

    A cluster checks its own files.  Without *is_confirmed*, lists of files are not compared with their checksums.
    Raises `EngineError` if the list of the files is damaged, so that nothing else can be checked.
    """
    if not isinstance(location, Path):
        return []
    _load_engine_class(choose_local_engine(name))  # raises if it is not installed
    if name == "tantivy":
        from .tantivy import find_damaged_files
    else:
        from .whoosh.engine import find_damaged_files
    return list(find_damaged_files(location, is_confirmed=is_confirmed))


def delete_engine(location: Location) -> None:
    """Delete the index of an engine at *location*, if there is one; nothing else is ever deleted.

    On a cluster, its vectors are deleted with it.
    """
    if not is_deletable(location):
        return
    if isinstance(location, Path):
        delete_folder(location)
        return
    from .opensearch.cluster_vectors import delete_engine_index

    delete_engine_index(location)


def _open_cluster_engine(location: Location | str, *, create: bool) -> Engine:
    if find_spec("opensearchpy") is None:
        raise EngineNotInstalledError(CLUSTER_ENGINE, CLUSTER_ENGINE)
    from ..store.opensearch.endpoint import ClusterEndpoint, parse_endpoint
    from .opensearch.engine import OpenSearchEngine

    return OpenSearchEngine(
        location if isinstance(location, ClusterEndpoint) else parse_endpoint(str(location)), create=create
    )


def _load_engine_class(name: str) -> Callable[..., Engine]:
    try:
        if name == "tantivy":
            from .tantivy import TantivyEngine

            return TantivyEngine
        from .whoosh.engine import WhooshEngine
    except ImportError as error:
        if os.strerror(errno.EMFILE) in str(error):
            raise EngineError(name, str(error)) from error
        raise EngineNotInstalledError(name, _ENGINE_EXTRAS[name]) from error
    return WhooshEngine
