"""What the settings of an index say about its vectors: their folder, and the model that made them."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from ...config import find_gist_model
from ...errors import EngineError, GistModelError
from .base import DEFAULT_MODEL, GistModel
from .model import load_gist_model

if TYPE_CHECKING:
    from ...store.base import Store

SETTING = "gist"
"""The key of the setting; it is empty if an index has no vectors."""

_FOLDER_NAME = re.compile(r"gist-[0-9]{1,9}")
_MAX_DIM = 65_536


@dataclass(frozen=True, slots=True)
class GistSetting:
    """The *folder* (or index) of the vectors, and the id, digest and dimensions of the model that made them."""

    folder: str
    model: str
    digest: str
    dim: int

    def dump(self) -> str:
        """Return the setting as the store keeps it."""
        return json.dumps(asdict(self))


def read_gist_setting(store: Store) -> GistSetting | None:
    """Return the setting of the index; None if it has no vectors.  Raises `EngineError` if it is damaged."""
    return parse_gist_setting(store.get_setting(SETTING))


def parse_gist_setting(text: str) -> GistSetting | None:
    """Return a setting as `GistSetting.dump` wrote it; None if it is empty.

    Another person may have written it: it can only lead to a folder of vectors.  Raises `EngineError`.
    """
    if not text:
        return None
    try:
        value = json.loads(text)
        found = GistSetting(str(value["folder"]), str(value["model"]), str(value["digest"]), int(value["dim"]))
    except (ValueError, KeyError, TypeError, RecursionError) as exc:
        raise EngineError("gist", "the settings of the index are damaged") from exc
    if not is_vector_folder(found.folder) or not 0 < found.dim <= _MAX_DIM:
        raise EngineError("gist", f"the settings of the index name {found.folder!r} as its folder")
    return found


def is_vector_folder(name: str) -> bool:
    """Return whether *name* can name a folder of vectors; no other is ever opened or deleted."""
    return _FOLDER_NAME.fullmatch(name) is not None


def load_index_model(setting: GistSetting) -> GistModel:
    """Return the model that made the vectors of an index.

    The default one comes with the extra.  Another is the one that this process has built the vectors with, else the one
    in `VIDINDEX_GIST_MODEL`, else one of this name on this machine.  An index, which another person may have written,
    must not name the files to load, so that its name is never that of a folder.

    Raises `GistModelError` if it is not there, or another one, `GistNotInstalledError`.
    """
    model = _load_by_setting(setting)
    if model.digest != setting.digest:
        raise GistModelError(
            model.id,
            f"this index was indexed with {setting.model}, or another version of it: use that, or index the vectors "
            "again with `vidindex rebuild --gist`",
        )
    return model


def _load_by_setting(setting: GistSetting) -> GistModel:
    if setting.model == DEFAULT_MODEL:
        return load_cached_model("")
    if name := _CHOSEN.get(setting.digest) or find_gist_model():
        return load_cached_model(name)
    try:
        return load_cached_model(setting.model, may_be_folder=False)
    except GistModelError as exc:
        raise GistModelError(
            setting.model, "this index was indexed with it: set VIDINDEX_GIST_MODEL to the folder of this model"
        ) from exc


def choose_model(name: str) -> GistModel:
    """Return the model *name*, which the user has named, and use it for all indexes that were made with it."""
    model = load_cached_model(name)
    _CHOSEN[model.digest] = name
    return model


_CHOSEN: dict[str, str] = {}
"""The folders or names of models by their digests."""


@lru_cache(maxsize=2)
def load_cached_model(name: str, *, may_be_folder: bool = True) -> GistModel:
    """Return the model *name*, as `load_gist_model` does, and keep it: it takes a third of a second to load."""
    return load_gist_model(name, may_be_folder=may_be_folder)
