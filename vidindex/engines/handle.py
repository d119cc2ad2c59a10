"""The engine of an open index: opened at first use, replaced after a rebuild, closed with the index."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar

from ..errors import EngineError
from .base import Engine
from .sync import open_index_engine, rebuild_from_store, resolve_index_engine

if TYPE_CHECKING:  # they cost a search time to import
    from ..model import Progress
    from ..store.base import Store
    from ..store.opensearch.endpoint import Location

RETIRED_CLOSE_AFTER_S = 60.0
"""How long a replaced engine stays open: another thread may still be searching it."""

CacheT = TypeVar("CacheT")


class EngineHandle(Generic[CacheT]):
    """Provides the current engine of the index at *location*.  Threads may share it.

    *wanted* is the name of an engine, or `auto`.  *make_cache* makes the object that `cache` returns.
    Raises `EngineError` if another engine than *wanted* made the index, `EngineNotInstalledError`.
    """

    def __init__(self, store: Store, location: Location, *, wanted: str, make_cache: Callable[[], CacheT]) -> None:
        self._store = store
        self._location = location
        self._make_cache = make_cache
        self._name = resolve_index_engine(store, location, wanted)
        self._engine: Engine | None = None
        self._engine_folder = self._transcripts_version = ""
        self._store_stamp: tuple[int, ...] = ()
        self._retired: list[tuple[float, Engine]] = []
        self._cache: tuple[tuple[str, str], CacheT] | None = None
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The name of the engine."""
        return self._name

    def current(self, *, create: bool = False) -> Engine | None:
        """Return the engine, opened again if another process has rebuilt it.

        Returns None if nothing has been indexed and *create* is false.  Raises `EngineError`.
        """
        with self._lock:
            folder, self._transcripts_version = self._store.get_settings("engine_folder", "renewed")
            if self._engine is None or folder != self._engine_folder:
                self._name = self._store.get_setting("engine") or self._name  # a rebuild may have changed it
                opened, folder = self._open(folder, create=create)
                self._retire(self._engine)
                self._engine, self._engine_folder = opened, folder
            return self._engine

    def cache(self) -> CacheT:
        """Return the object that *make_cache* made; a new one once the engine or a transcript has been replaced.

        `current` notices such a change, so call that first.
        """
        with self._lock:
            version = self._engine_folder, self._transcripts_version
            if self._cache is None or self._cache[0] != version:
                self._cache = version, self._make_cache()
            return self._cache[1]

    def commit_stamp(self, store_stamp: tuple[int, ...]) -> tuple[int, ...]:
        """Return a value that differs after each commit of the current engine; *store_stamp* is that of the store."""
        if store_stamp != self._store_stamp:
            self.current()  # the store names the engine, so that only a write to it can have replaced the engine
            self._store_stamp = store_stamp
        engine = self._engine
        return engine.commit_stamp() if engine is not None else ()

    def rebuild(
        self,
        name: str,
        notify: Callable[[Progress], None],
        *,
        gist: str | bool | None = None,
        jobs: int | None = None,
    ) -> list[str]:
        """Rebuild the index with the engine *name* (`auto`: the current one) from the bytes in the store.

        *gist* selects the vectors: `create_gist_writer`.  *jobs* is the number of processes.

        Returns a line for each track that cannot be parsed any more; such a track keeps its transcript.
        """
        name = self._name if name == "auto" else name
        with self._lock:
            self._retire(self._engine)
            self._engine = None
        failed = rebuild_from_store(self._store, self._location, name, notify, gist=gist, jobs=jobs)
        self._name = name
        return failed

    def close(self) -> None:
        """Close the engine and those that it has replaced."""
        with self._lock:
            engines = [engine for _, engine in self._retired]
            if self._engine is not None:
                engines.append(self._engine)
            self._engine, self._retired, self._cache = None, [], None
        for engine in engines:
            engine.close()

    def _open(self, folder: str, *, create: bool) -> tuple[Engine | None, str]:
        """Open the engine in *folder*, or the one that replaced it meanwhile; return it with its folder."""
        while True:
            try:
                return open_index_engine(self._store, self._location, self._name, folder, create=create)
            except EngineError:
                current = self._store.get_setting("engine_folder")
                if current == folder:
                    raise
                folder = current  # a rebuild replaced it at this very moment
                self._name = self._store.get_setting("engine")

    def _retire(self, engine: Engine | None) -> None:
        """Close the engines that were replaced some time ago, and keep *engine* open for a while."""
        now = time.monotonic()
        kept: list[tuple[float, Engine]] = [] if engine is None else [(now, engine)]
        for retired_at, old in self._retired:
            if now - retired_at > RETIRED_CLOSE_AFTER_S:
                old.close()
            else:
                kept.append((retired_at, old))
        self._retired = kept
