"""A model's name or folder → the model, loaded."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...errors import AsrModelError
from .options import AsrOptions, code_of, is_folder

_MOST_THREADS = 8
_NEEDED = ("model.bin", "tokenizer.json")


def check_folder(model: str) -> None:
    path = Path(model).expanduser()
    if not path.is_dir():
        raise AsrModelError(model, "there is no such folder: give one that holds a model, or a name such as base")
    missing = [name for name in _NEEDED if not (path / name).is_file()]
    if missing:
        raise AsrModelError(
            model, f"the folder has no {' and no '.join(missing)}: give one that holds a CTranslate2 Whisper model"
        )


def model_folder(model: str, tell: Callable[[str], None]) -> str:
    if is_folder(model):
        return str(Path(model).expanduser())
    return _kept(model) or _downloaded(model, tell)


def _kept(model: str) -> str:
    """Give the folder of a model that was downloaded before, empty where none was."""
    from faster_whisper import available_models
    from faster_whisper.utils import download_model

    try:
        folder = str(download_model(model, local_files_only=True))
    except OSError:  # before the other: the hub's own is both
        return ""
    except ValueError as exc:
        if Path(model).is_dir():
            check_folder(model)
        names = ", ".join(available_models())
        raise AsrModelError(model, f"there is no such model or folder; models are {names}") from exc
    return folder if all((Path(folder) / name).is_file() for name in _NEEDED) else ""


def _downloaded(model: str, tell: Callable[[str], None]) -> str:
    from faster_whisper.utils import download_model

    tell("downloading it from huggingface.co: once, it is kept")
    try:
        return str(download_model(model))
    except Exception as exc:  # the hub, its HTTP client and the disk fail each in a tree of its own
        raise AsrModelError(
            model,
            f"it is not on this machine and could not be downloaded ({_brief(exc)}): "
            "connect to the internet once, or give a folder that holds a model with --model",
        ) from exc


def load_model(folder: str, options: AsrOptions) -> Any:
    from faster_whisper import WhisperModel

    logging.getLogger("faster_whisper").setLevel(logging.ERROR)
    missing = [name for name in _NEEDED if not (Path(folder) / name).is_file()]
    if missing:  # it would be looked for on the web
        raise AsrModelError(options.model, f"it has no {missing[0]}: give a folder that holds the whole model")
    threads = min(os.cpu_count() or 1, _MOST_THREADS)
    try:
        return WhisperModel(folder, device=options.device, compute_type="int8", cpu_threads=threads)
    except Exception as exc:  # CTranslate2, the tokenizer and JSON fail each in their own way
        raise AsrModelError(options.model, f"it cannot be loaded ({_brief(exc)}): get the model again") from exc


def check_language(model: Any, options: AsrOptions) -> None:
    language, known = code_of(options.language), list(model.supported_languages)
    if language and language not in known:
        shown = ", ".join(known) if len(known) < 10 else f"{len(known)} languages, by their codes: en, de, fr …"
        raise AsrModelError(options.model, f"it does not know the language {options.language}, but {shown}")


def _brief(exc: Exception) -> str:
    return str(exc).strip().partition("\n")[0][:120].rstrip(".: ") or type(exc).__name__
