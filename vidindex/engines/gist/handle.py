"""The vectors and the model of an open index: opened at first use, and again after a rebuild."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, NamedTuple

from ...errors import EngineError, GistError
from .base import GistModel
from .setting import SETTING, load_index_model, parse_gist_setting
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
        self._opened: tuple[str, OpenGist] | None = None
        self._lock = threading.Lock()

    def current(self) -> OpenGist | None:
        """Return the vectors and the model; None if the index has no vectors.

        Raises `GistModelError`, `GistNotInstalledError`, `EngineError`.
        """
        with self._lock:
            text = self._store.get_setting(SETTING)
            if not text:
                return None
            if self._opened is None or self._opened[0] != text:
                self._opened = self._open(text)
            return self._opened[1]

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
            opened[1].vectors.close()

    def _open(self, text: str) -> tuple[str, OpenGist]:
        while True:
            setting = parse_gist_setting(text)
            assert setting is not None  # noqa: S101 - only an empty text has none
            try:
                model = load_index_model(setting)
                return text, OpenGist(open_vectors(self._location, setting), model)
            except EngineError:
                current = self._store.get_setting(SETTING)
                if current in ("", text):
                    raise
                text = current  # a rebuild replaced them at this very moment
