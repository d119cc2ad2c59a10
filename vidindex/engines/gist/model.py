"""The models that turn text into vectors: static word vectors from a wheel by default, or a sentence model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from ...config import find_hub_cache
from ...errors import GistModelError, GistNotInstalledError
from .base import DEFAULT_MODEL, GistModel

__all__ = ["DEFAULT_MODEL", "GistModel", "check_gist_installed", "find_model_folder", "load_gist_model"]

_HUB_NAME = re.compile(r"(?:[\w-][\w.-]{0,95}/)?[\w-][\w.-]{0,95}", re.ASCII)
_DEFAULT_OWNER = "sentence-transformers"
_REVISION = re.compile(r"[0-9a-f]{40}")


def load_gist_model(name: str = "", *, may_be_folder: bool = True) -> GistModel:
    """Return the model *name*: "" for the static vectors in the wheel of wordllama, else that of `find_model_folder`.

    Raises `GistNotInstalledError` if the extra is missing, and `GistModelError` if *name* cannot be used.
    """
    check_gist_installed()
    if name in ("", DEFAULT_MODEL, "wordllama"):
        from .static_model import StaticModel

        return StaticModel.from_wheel()
    from .sentence_model import SentenceModel

    folder = find_model_folder(name, may_be_folder=may_be_folder)
    is_folder = may_be_folder and _is_path(name)
    return SentenceModel.from_folder(folder, name=folder.resolve().name if is_folder else name)


def check_gist_installed() -> None:
    """Raise `GistNotInstalledError` if a library of the extra is missing; nothing is imported."""
    for library in ("numpy", "tokenizers", "wordllama"):
        if find_spec(library) is None:
            raise GistNotInstalledError(library)


def find_model_folder(model: str, *, may_be_folder: bool = True) -> Path:
    """Return the folder of the sentence model *model*: that folder, or the one of a model of this name on this machine.

    A name is that of a model in the cache of Hugging Face, or of a Python package with a model.  Nothing is downloaded.
    Raises `GistModelError` if there is none.
    """
    if may_be_folder and _is_path(model):
        folder = Path(model).expanduser()
        if not folder.is_dir():
            raise GistModelError(
                model, "there is no such folder; give that of a sentence model, or a name such as all-MiniLM-L6-v2"
            )
        return folder
    found = next(_find_by_name(model), None) if _HUB_NAME.fullmatch(model) else None
    if found is None and may_be_folder and Path(model).is_dir():
        return Path(model)  # `from_folder` says what it lacks
    if found is None:
        raise GistModelError(model, f"it is not on this machine, and vidindex downloads none: {_how_to_get(model)}")
    return found


def _is_path(model: str) -> bool:
    looks_like_path = model.startswith(("/", ".", "~")) or model.endswith("/") or model.count("/") > 1
    return looks_like_path or (Path(model) / "tokenizer.json").is_file()


def _find_by_name(name: str) -> Iterator[Path]:
    """Yield the folders in which a model *name* is: those of the hub's cache, then that of a package."""
    cache = find_hub_cache()
    for each in (name, *(() if "/" in name else (f"{_DEFAULT_OWNER}/{name}",))):
        folder = cache / f"models--{each.replace('/', '--')}"
        if (snapshot := _find_snapshot(folder)) is not None:
            yield snapshot
    for location in () if "/" in name else _package_folders(re.sub(r"[-.]+", "_", name)):
        if (location / "tokenizer.json").is_file():
            yield location


def _package_folders(name: str) -> Iterator[Path]:
    """Yield the folders of an installed Python package, which is not imported."""
    try:
        spec = find_spec(name)
    except ValueError:  # __main__
        return
    if spec is not None:
        yield from map(Path, spec.submodule_search_locations or ())


def _find_snapshot(folder: Path) -> Path | None:
    """Return the current revision of a model in the hub's cache."""
    try:
        revision = (folder / "refs" / "main").read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return None
    snapshot = folder / "snapshots" / revision
    return snapshot if _REVISION.fullmatch(revision) and snapshot.is_dir() else None


def _how_to_get(name: str) -> str:
    if not _HUB_NAME.fullmatch(name):
        return "give a folder, or a name such as all-MiniLM-L6-v2"
    full = name if "/" in name else f"{_DEFAULT_OWNER}/{name}"
    return (
        f"`hf download {full} --include '*.json' --include onnx/model.onnx` downloads it once from huggingface.co; "
        f"or give a folder; without a name, {DEFAULT_MODEL} is used"
    )
