"""Speech recognition models: find, download, check and load them."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...errors import AsrModelError
from ..languages import base_language
from .options import AsrOptions, is_model_folder

_MAX_THREADS = 8
_REQUIRED_FILES = ("model.bin", "tokenizer.json")


def check_model_folder(model: str) -> None:
    """Check that the folder *model* contains a model.

    Raises `AsrModelError` if it does not.
    """
    path = Path(model).expanduser()
    if not path.is_dir():
        raise AsrModelError(model, "there is no such folder; give the folder of a model, or a name such as base")
    missing = [name for name in _REQUIRED_FILES if not (path / name).is_file()]
    if missing:
        raise AsrModelError(
            model, f"the folder has no {' and no '.join(missing)}; give the folder of a CTranslate2 Whisper model"
        )


def find_model_folder(model: str, notify: Callable[[str], None]) -> str:
    """Return the folder of *model*; *notify* is called before it is downloaded.

    Raises `AsrModelError` if the model does not exist or cannot be downloaded.
    """
    if is_model_folder(model):
        return str(Path(model).expanduser())
    return _cached_folder(model) or _download_model(model, notify)


def _cached_folder(model: str) -> str:
    """Return the folder of a model that was downloaded before, or `""`."""
    from faster_whisper import available_models
    from faster_whisper.utils import download_model

    try:
        folder = str(download_model(model, local_files_only=True))
    except OSError:  # before `ValueError`: the error of the hub is both
        return ""
    except ValueError as exc:
        if Path(model).is_dir():
            check_model_folder(model)
        names = ", ".join(available_models())
        raise AsrModelError(model, f"there is no such model or folder; the models are {names}") from exc
    return folder if all((Path(folder) / name).is_file() for name in _REQUIRED_FILES) else ""


def _download_model(model: str, notify: Callable[[str], None]) -> str:
    from faster_whisper.utils import download_model

    notify("downloading it from huggingface.co (once)")
    try:
        return str(download_model(model))
    except Exception as exc:  # the hub, its HTTP client and the disk each have their own error classes
        raise AsrModelError(
            model,
            f"it is not on this machine and could not be downloaded ({_short_message(exc)}); "
            "connect to the internet once, or give a folder with --model",
        ) from exc


def load_model(folder: str, options: AsrOptions) -> Any:
    """Load the model in *folder*.

    Raises `AsrModelError` if it is incomplete or damaged.
    """
    from faster_whisper import WhisperModel

    logging.getLogger("faster_whisper").setLevel(logging.ERROR)
    missing = [name for name in _REQUIRED_FILES if not (Path(folder) / name).is_file()]
    if missing:  # faster-whisper would try to download it
        raise AsrModelError(options.model, f"it has no {missing[0]}; give the folder of a complete model")
    threads = min(os.cpu_count() or 1, _MAX_THREADS)
    try:
        return WhisperModel(folder, device=options.device, compute_type="int8", cpu_threads=threads)
    except Exception as exc:  # CTranslate2, the tokenizer and JSON each have their own error classes
        raise AsrModelError(
            options.model, f"it cannot be loaded ({_short_message(exc)}); download the model again"
        ) from exc


def check_model_language(model: Any, options: AsrOptions) -> None:
    """Check that the loaded *model* supports the language of *options*.

    Raises `AsrModelError` if it does not.
    """
    language, supported = base_language(options.language), list(model.supported_languages)
    if language and language not in supported:
        count = len(supported)
        choices = ", ".join(supported) if count < 10 else f"the codes of {count} languages: en, de, fr …"
        raise AsrModelError(
            options.model, f"it does not support the language {options.language}; it supports {choices}"
        )


def _short_message(exc: Exception) -> str:
    return str(exc).strip().partition("\n")[0][:120].rstrip(".: ") or type(exc).__name__
