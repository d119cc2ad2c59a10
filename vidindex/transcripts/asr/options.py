"""What a person may ask of speech recognition."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

DEFAULT_MODEL = "base"


@dataclass(frozen=True, slots=True)
class AsrOptions:
    """How speech is recognised.

    *model* is a name that faster-whisper knows (`tiny.en`, `base`, `small`, `large-v3` …), a model on Hugging Face
    (`owner/name`), or a folder that holds one.  *language* is the spoken one, heard from the sound where it is empty.
    *most_bytes* bounds what is fetched of one video.
    """

    model: str = DEFAULT_MODEL
    language: str = ""
    device: Literal["cpu", "cuda", "auto"] = "cpu"
    max_audio_bytes: int = 1_000_000_000

    @property
    def name(self) -> str:
        """What tracks made with it are called."""
        return f"faster-whisper {Path(self.model).resolve().name if is_model_folder(self.model) else self.model}"


def is_model_folder(model: str) -> bool:
    """Tell a folder from a name: it is written as no name is, or a model is in it."""
    written = model.startswith(("/", ".", "~")) or model.endswith("/") or model.count("/") > 1
    return written or (Path(model) / "model.bin").is_file()


def base_language(language: str) -> str:
    """Give the language alone of a code such as `pt-BR`."""
    return language.lower().replace("_", "-").partition("-")[0]
