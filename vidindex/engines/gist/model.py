"""The models that turn text into vectors: static word vectors from a wheel by default, or a sentence model."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

from ...errors import GistModelError, GistNotInstalledError
from .base import DEFAULT_MODEL, GistModel

__all__ = ["DEFAULT_MODEL", "GistModel", "check_gist_installed", "load_gist_model"]


def load_gist_model(name: str = "", *, offline: bool = True) -> GistModel:
    """Return the model *name*: "" for the static vectors in the wheel of wordllama, else the folder of a model.

    Nothing is downloaded.  *offline* only changes the message if *name* is neither a folder nor a known model.

    Raises `GistNotInstalledError` if the extra is missing, and `GistModelError` if *name* cannot be used.
    """
    check_gist_installed()
    if name in ("", DEFAULT_MODEL, "wordllama"):
        from .static_model import StaticModel

        return StaticModel.from_wheel()
    from .sentence_model import SentenceModel

    folder = Path(name).expanduser()
    if not folder.is_dir():
        raise GistModelError(name, _missing_model_reason(name, offline=offline))
    return SentenceModel.from_folder(folder)


def check_gist_installed() -> None:
    """Raise `GistNotInstalledError` if a library of the extra is missing; nothing is imported."""
    for library in ("numpy", "tokenizers", "wordllama"):
        if find_spec(library) is None:
            raise GistNotInstalledError(library)


def _missing_model_reason(name: str, *, offline: bool) -> str:
    if os.sep in name or name.startswith((".", "~")):
        return "there is no such folder; give the folder of a sentence model with model.onnx and tokenizer.json"
    hint = "download it first" if offline else "vidindex downloads no models; download it"
    return (
        f"{hint}, then give the folder with its model.onnx and tokenizer.json; without a name, {DEFAULT_MODEL} is used"
    )
