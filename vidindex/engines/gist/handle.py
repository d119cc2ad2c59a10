"""The vectors and the model of an open index: opened at first use, and again after a rebuild."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from ...errors import EngineError, GistError
from .base import GistModel
from .setting import SETTING, GistSetting, load_index_model, parse_gist_setting
from .writer import VectorIndex, open_vectors

if TYPE_CHECKING:
    from ...store.base import Store
    from ...store.opensearch.endpoint import Location


class OpenGist(NamedTuple):
    """What a search by meaning needs."""

    vectors: VectorIndex
    model: GistModel


class GistHandle:
    """Provides the current vectors of the index at *location*.  Threads may share it."""

    def __init__(self, store: Store, location: Location) -> None:
        self._store = store
        self._location = location
        self._opened: tuple[str, VectorIndex] | None = None
        self._lock = threading.Lock()

    def current(self) -> OpenGist | None:
        """Return the vectors and the model; None if the index has no vectors.

        Raises `GistModelError`, `GistNotInstalledError`, `EngineError`.
        """
        with self._lock:
            opened = self._open(check=load_index_model)
            return None if opened is None else OpenGist(opened[1], load_index_model(opened[0]))

    def vectors(self) -> VectorIndex | None:
        """Return the vectors without the model, which takes a third of a second to load; None if there are none.

        Raises `EngineError`.
        """
        with self._lock:
            opened = self._open()
            return None if opened is None else opened[1]

    def usable(self) -> OpenGist | None:
        """Return the vectors and the model; None if there are none, or if they cannot be used here."""
        try:
            return self.current()
        except (GistError, EngineError):
            return None

    def close(self) -> None:
        """Close the vectors."""
        with self._lock:
            opened, self._opened = self._opened, None
        if opened is not None:
            opened[1].close()

    def _open(
        self, check: Callable[[GistSetting], object] = lambda setting: None
    ) -> tuple[GistSetting, VectorIndex] | None:
        """Return the current vectors with their setting, for which *check* is called first; None if there are none."""
        text = self._store.get_setting(SETTING)
        while (setting := parse_gist_setting(text)) is not None:
            check(setting)
            if self._opened is not None and self._opened[0] == text:
                return setting, self._opened[1]
            try:
                self._opened = text, open_vectors(self._location, setting)
            except EngineError:
                current = self._store.get_setting(SETTING)
                if current in ("", text):
                    raise
                text = current  # a rebuild replaced them at this very moment
        return None
