"""Speech recognition through faster-whisper, which is imported at its first use."""

from .options import DEFAULT_MODEL, AsrOptions
from .recognizer import RecognitionResult, SpeechRecognizer, get_recognizer

__all__ = ["DEFAULT_MODEL", "AsrOptions", "RecognitionResult", "SpeechRecognizer", "get_recognizer"]
