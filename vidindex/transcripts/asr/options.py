"""Options of speech recognition."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

AsrDevice = Literal["cpu", "cuda", "auto"]

DEFAULT_MODEL = "base"


@dataclass(frozen=True, slots=True)
class AsrOptions:
    """Options of speech recognition.

    *model* is the name of a faster-whisper model (`tiny.en`, `base`, `small`, `large-v3` …), a model on Hugging Face
    (`owner/name`), or the folder of a model.  *language* is the spoken language; if it is empty, it is detected.
    *max_audio_bytes* limits the download for one video.
    """

    model: str = DEFAULT_MODEL
    language: str = ""
    device: AsrDevice = "cpu"
    max_audio_bytes: int = 1_000_000_000

    @property
    def name(self) -> str:
        """The name of the tracks that are made with these options."""
        return f"faster-whisper {Path(self.model).resolve().name if is_model_folder(self.model) else self.model}"


def is_model_folder(model: str) -> bool:
    """Check whether *model* is a folder: it looks like a path, or is a folder with a model."""
    looks_like_path = model.startswith(("/", ".", "~")) or model.endswith("/") or model.count("/") > 1
    return looks_like_path or (Path(model) / "model.bin").is_file()
