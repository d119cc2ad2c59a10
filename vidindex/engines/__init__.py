"""Passages → an index: one protocol (`base`), one engine a file or folder."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import EngineError, EngineNotInstalledError
from .base import Candidate, Engine

if TYPE_CHECKING:
    from ..store.opensearch.endpoint import Place

__all__ = ["Candidate", "Engine", "choose", "choose_at", "drop_engine", "installed", "open_engine"]

CLUSTER = "opensearch"
"""The engine of an index on a cluster, and the extra that installs its client."""

_EXTRAS = {"tantivy": "fast", "whoosh": ""}
"""Engines, the one to prefer first, with the extra that installs each."""


def installed() -> list[str]:
    """Name the engines that can be used here, the one to prefer first."""
    return [name for name in _EXTRAS if find_spec(name) is not None]


def choose(name: str = "auto") -> str:
    """Resolve the name of an engine in a folder: `auto` is the fastest that is installed."""
    if name == "auto":
        return installed()[0]
    if name not in _EXTRAS:
        raise EngineError(name, f"there is no such engine, only {' and '.join(_EXTRAS)}")
    if find_spec(name) is None:
        raise EngineNotInstalledError(name, _EXTRAS[name])
    return name


def choose_at(place: Place, name: str = "auto") -> str:
    """Resolve the name of an engine at *place*: on a cluster it is the cluster itself."""
    if isinstance(place, Path):
        return choose(name)
    if name not in ("auto", CLUSTER):
        raise EngineError(name, f"there is no such engine on a cluster, only {CLUSTER}")
    return CLUSTER


def open_engine(name: str, place: Place | str, *, create: bool = True) -> Engine:
    """Open the index of engine *name* at *place*; without *create* it must be there already.

    The place of an index is a folder, that of engine `opensearch` on a cluster: an `Endpoint`, or the address of one.
    """
    if name == CLUSTER:
        return _on_cluster(place, create=create)
    return _load(choose(name))(place, create=create)


def drop_engine(place: Place) -> None:
    """Delete the index of an engine at *place*, where there is one."""
    if isinstance(place, Path):
        from shutil import rmtree

        rmtree(place, ignore_errors=True)
        return
    from .opensearch.engine import drop

    drop(place)


def _on_cluster(place: Place | str, *, create: bool) -> Engine:
    if find_spec("opensearchpy") is None:
        raise EngineNotInstalledError(CLUSTER, CLUSTER)
    from ..store.opensearch.endpoint import Endpoint, parse
    from .opensearch.engine import OpenSearchEngine

    return OpenSearchEngine(place if isinstance(place, Endpoint) else parse(str(place)), create=create)


def _load(name: str) -> Callable[..., Engine]:
    try:
        if name == "tantivy":
            from .tantivy import TantivyEngine

            return TantivyEngine
        from .whoosh.engine import WhooshEngine
    except ImportError as error:
        raise EngineNotInstalledError(name, _EXTRAS[name]) from error
    return WhooshEngine
