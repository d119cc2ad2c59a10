"""Speech → transcripts: everything faster-whisper, which is imported at the first use."""

from .options import DEFAULT_MODEL, AsrOptions
from .recogniser import RecognitionResult, SpeechRecognizer, get_recognizer

__all__ = ["DEFAULT_MODEL", "AsrOptions", "RecognitionResult", "SpeechRecognizer", "get_recognizer"]
