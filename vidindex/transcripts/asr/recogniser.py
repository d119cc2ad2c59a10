"""Sound → what is said in it, as Whisper's JSON."""

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
from .audio_segments import SAMPLE_RATE_HZ, split_audio
from .model import check_model_folder, check_model_language, find_model_folder, load_model
from .options import AsrOptions, base_language, is_model_folder

if TYPE_CHECKING:
    from .audio_segments import AudioSamples


@dataclass(frozen=True, slots=True)
class RecognitionResult:
    """What was heard: *raw* is JSON as Whisper writes it, which `vidindex.transcripts.formats` reads."""

    language: str
    raw: bytes
    word_count: int
    duration_ms: int


@lru_cache(maxsize=1)
def get_recognizer(options: AsrOptions) -> SpeechRecognizer:
    """Give the one recogniser of *options*: a model is large."""
    return SpeechRecognizer(options)


class SpeechRecognizer:
    """Hears what is said; may be shared by threads, which take turns.

    Raises `AsrNotInstalledError`, and `AsrModelError` where the model is a folder that cannot be one.
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
        """Load the model; *tell* is told before it is downloaded.  Raises `AsrModelError`."""
        with self._lock:
            if self._model is None:
                model = load_model(find_model_folder(self._options.model, notify), self._options)
                check_model_language(model, self._options)
                self._model = model

    def recognize(
        self, path: Path, *, name: str = "", on_progress: Callable[[int], None] = lambda done_ms: None
    ) -> RecognitionResult:
        """Hear what is said in the file *path*, which errors call *name*; *tell* is told how far it is.

        Raises `AsrError` where there is no sound that can be read.
        """
        self.load(lambda says: None)
        with self._lock:
            return self._recognize_locked(path, name or str(path), on_progress)

    def _recognize_locked(self, path: Path, name: str, on_progress: Callable[[int], None]) -> RecognitionResult:
        segments: list[dict[str, object]] = []
        language, at = base_language(self._options.language), 0.0
        for start_s, sound in split_audio(path, name):
            at = start_s + len(sound) / SAMPLE_RATE_HZ
            language = self._recognize_segment(sound, start_s, language, segments, on_progress) or language
            on_progress(round(at * 1000))
        content = {"language": language, "model": self._options.name, "duration": round(at, 3), "segments": segments}
        raw = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        words = sum(len(words) for segment in segments if isinstance(words := segment["words"], list))
        return RecognitionResult(language, raw, words, round(at * 1000))

    def _recognize_segment(
        self,
        samples: AudioSamples,
        start_s: float,
        language: str,
        segments: list[dict[str, object]],
        on_progress: Callable[[int], None],
    ) -> str:
        """Hear one piece that starts at *start_s* into *segments*; give its language, empty where nobody speaks."""
        heard, about = self._model.transcribe(
            samples,
            language=language or None,
            word_timestamps=True,
            vad_filter=True,
            condition_on_previous_text=False,  # else one mistake is repeated to the end
            language_detection_segments=4,  # music often comes first
        )
        said = False
        for segment in heard:
            words = [_format_word(word, start_s) for word in segment.words or ()]
            if words:
                said = True
                segments.append(
                    {"start": words[0]["start"], "end": words[-1]["end"], "text": segment.text, "words": words}
                )
            on_progress(round((start_s + segment.end) * 1000))
        return str(about.language) if said else ""


def _format_word(word: Any, start_s: float) -> dict[str, object]:
    start, end = (round(start_s + float(time), 3) for time in (word.start, word.end))
    # The space before it is how Whisper writes words.
    return {
        "start": start,
        "end": end,
        "word": " " + word.word.strip(),
        "probability": round(float(word.probability), 3),
    }
