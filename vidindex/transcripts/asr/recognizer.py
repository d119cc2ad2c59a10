"""Recognition of the speech in an audio or video file."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...config import disable_telemetry
from ...errors import AsrNotInstalledError
from ..languages import base_language
from .audio_segments import SAMPLE_RATE_HZ, split_audio
from .model import check_model_folder, check_model_language, find_model_folder, load_model
from .options import AsrOptions, is_model_folder

if TYPE_CHECKING:
    from .audio_segments import AudioSamples


@dataclass(frozen=True, slots=True)
class RecognitionResult:
    """The recognized speech; *raw* is JSON in the format of Whisper, which `vidindex.transcripts.formats` parses."""

    language: str
    raw: bytes
    word_count: int
    duration_ms: int


@lru_cache(maxsize=1)
def get_recognizer(options: AsrOptions) -> SpeechRecognizer:
    """Return the recognizer for *options*; only the last one is kept, because models are large.

    Raises `AsrNotInstalledError` if faster-whisper is missing.  Raises `AsrModelError` if the model is a folder without
    a model.
    """
    return SpeechRecognizer(options)


class SpeechRecognizer:
    """A speech recognizer; threads may share it, and use it one after the other.

    Raises `AsrNotInstalledError` if faster-whisper is missing.  Raises `AsrModelError` if the model is a folder without
    a model.
    """

    def __init__(self, options: AsrOptions) -> None:
        if find_spec("faster_whisper") is None:
            raise AsrNotInstalledError
        disable_telemetry()
        if is_model_folder(options.model):
            check_model_folder(options.model)
        self._options = options
        self._lock = threading.Lock()
        self._model: Any = None

    def load(self, notify: Callable[[str], None]) -> None:
        """Load the model; *notify* is called before it is downloaded.

        Raises `AsrModelError` if it cannot be downloaded or loaded, or does not support the language.
        """
        with self._lock:
            if self._model is None:
                model = load_model(find_model_folder(self._options.model, notify), self._options)
                check_model_language(model, self._options)
                self._model = model

    def recognize(
        self, path: Path, *, name: str = "", on_progress: Callable[[int], None] = lambda done_ms: None
    ) -> RecognitionResult:
        """Recognize the speech in the file *path*, which errors call *name*.

        *on_progress* is called with the position in the file, in milliseconds.

        Raises `AsrError` if the file has no readable audio.  Raises `AsrModelError` if the model cannot be loaded.
        """
        self.load(lambda message: None)
        with self._lock:
            return self._recognize_locked(path, name or str(path), on_progress)

    def _recognize_locked(self, path: Path, name: str, on_progress: Callable[[int], None]) -> RecognitionResult:
        segments: list[dict[str, object]] = []
        language, end_s = base_language(self._options.language), 0.0
        for start_s, samples in split_audio(path, name):
            end_s = start_s + len(samples) / SAMPLE_RATE_HZ
            language = self._recognize_segment(samples, start_s, language, segments, on_progress) or language
            on_progress(round(end_s * 1000))
        content = {"language": language, "model": self._options.name, "duration": round(end_s, 3), "segments": segments}
        raw = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        word_count = sum(len(words) for segment in segments if isinstance(words := segment["words"], list))
        return RecognitionResult(language, raw, word_count, round(end_s * 1000))

    def _recognize_segment(
        self,
        samples: AudioSamples,
        start_s: float,
        language: str,
        segments: list[dict[str, object]],
        on_progress: Callable[[int], None],
    ) -> str:
        """Append the speech of one part, which starts at *start_s*, to *segments*.

        Return its language, or an empty string if it has no speech.
        """
        recognized, info = self._model.transcribe(
            samples,
            language=language or None,
            word_timestamps=True,
            vad_filter=True,
            condition_on_previous_text=False,  # otherwise one mistake may be repeated to the end
            language_detection_segments=4,  # recordings often start with music
        )
        has_speech = False
        for segment in recognized:
            words = [_format_word(word, start_s) for word in segment.words or ()]
            if words:
                has_speech = True
                segments.append(
                    {"start": words[0]["start"], "end": words[-1]["end"], "text": segment.text, "words": words}
                )
            on_progress(round((start_s + segment.end) * 1000))
        return str(info.language) if has_speech else ""


def _format_word(word: Any, start_s: float) -> dict[str, object]:
    start, end = (round(start_s + float(time), 3) for time in (word.start, word.end))
    # Whisper writes a space before each word.
    return {
        "start": start,
        "end": end,
        "word": " " + word.word.strip(),
        "probability": round(float(word.probability), 3),
    }
