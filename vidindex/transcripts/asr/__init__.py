"""Speech → transcripts: everything faster-whisper, which is imported at the first use."""

from .options import DEFAULT_MODEL, AsrOptions
from .recogniser import Heard, Recogniser, recogniser

__all__ = ["DEFAULT_MODEL", "AsrOptions", "Heard", "Recogniser", "recogniser"]
