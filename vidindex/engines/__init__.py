"""Passages → an index: one protocol (`base`), one engine a file or folder."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from ..errors import EngineError, EngineNotInstalledError
from .base import Candidate, Engine

__all__ = ["Candidate", "Engine", "choose", "installed", "open_engine"]

_EXTRAS = {"tantivy": "fast", "whoosh": ""}
"""Engines, the one to prefer first, with the extra that installs each."""


def installed() -> list[str]:
    """Name the engines that can be used here, the one to prefer first."""
    return [name for name in _EXTRAS if find_spec(name) is not None]


def choose(name: str = "auto") -> str:
    """Resolve an engine's name: `auto` is the fastest that is installed."""
    if name == "auto":
        return installed()[0]
    if name not in _EXTRAS:
        raise EngineError(name, f"there is no such engine, only {' and '.join(_EXTRAS)}")
    if find_spec(name) is None:
        raise EngineNotInstalledError(name, _EXTRAS[name])
    return name


def open_engine(name: str, place: Path | str, *, create: bool = True) -> Engine:
    """Open the index of engine *name* at *place*; without *create* it must be there already.

    The place of an index is a folder, that of engine `opensearch` the address of a cluster (see `Endpoint`).
    """
    if name == "opensearch":
        return _on_cluster(str(place), create=create)
    return _load(choose(name))(place, create=create)


def _on_cluster(address: str, *, create: bool) -> Engine:
    if find_spec("opensearchpy") is None:
        raise EngineNotInstalledError("opensearch", "opensearch")
    from ..cluster.endpoint import parse
    from .opensearch import OpenSearchEngine

    return OpenSearchEngine(parse(address), create=create)


def _load(name: str) -> Callable[..., Engine]:
    try:
        if name == "tantivy":
            from .tantivy import TantivyEngine

            return TantivyEngine
        from .whoosh import WhooshEngine
    except ImportError as error:
        raise EngineNotInstalledError(name, _EXTRAS[name]) from error
    return WhooshEngine
