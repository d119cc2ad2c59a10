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

    The default one comes with the extra; the folder of another is `VIDINDEX_GIST_MODEL`, since an index, which another
    person may have written, must not name the files to load.

    Raises `GistModelError` if it is not there, or another one, `GistNotInstalledError`.
    """
    name = "" if setting.model == DEFAULT_MODEL else find_gist_model()
    if not name and setting.model != DEFAULT_MODEL:
        raise GistModelError(
            setting.model, "this index was indexed with it: set VIDINDEX_GIST_MODEL to the folder of this model"
        )
    model = load_cached_model(name)
    if model.digest != setting.digest:
        raise GistModelError(
            model.id,
            f"this index was indexed with {setting.model}, or another version of it: use that, or index the vectors "
            "again with `vidindex rebuild --gist`",
        )
    return model


@lru_cache(maxsize=2)
def load_cached_model(name: str) -> GistModel:
    """Return the model *name*, as `load_gist_model` does, and keep it: it takes a third of a second to load."""
    return load_gist_model(name)
