"""Track bytes to cues: one format per file, told apart by content."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from ..errors import CaptionError
from ..model import Cue
from .detect import tell_format
from .encoding import decode
from .parsed import Notes, Parsed, as_warnings

__all__ = ["FORMATS", "Parsed", "parse", "read_captions"]

FORMATS = {"vtt": "webvtt", "srt": "srt", "ttml": "ttml"}
"""Each format that can be read, and the module that reads it."""


def read_captions(source: str | Path | bytes, *, format: str | None = None, name: str = "") -> list[Cue]:
    """Read the cues of a caption file, or of its bytes; see `parse`."""
    return parse(source, format=format, name=name).cues


def parse(source: str | Path | bytes, *, format: str | None = None, name: str = "") -> Parsed:
    """Read captions, and tell what had to be dropped or mended.

    *source* is a path, or the bytes themselves, then *name* is what errors call them.  *format* and the
    name's ending are hints: what the content says wins.  Raises `CaptionError` and nothing else.
    """
    raw, called = _open(source, name)
    notes = Notes()
    text = decode(raw, notes)
    hint = (format or called.rpartition(".")[2]).lower()
    found = tell_format(text, hint)
    if found not in FORMATS:
        raise CaptionError(called, _unknown(text))
    try:
        cues = _reader(found)(text, notes)
    except ValueError as error:
        raise CaptionError(called, f"{error}; check what the site delivers, or convert the file to WebVTT") from error
    return Parsed(cues, found, as_warnings(notes))


def _open(source: str | Path | bytes, name: str) -> tuple[bytes, str]:
    if isinstance(source, bytes):
        return source, name or "captions"
    try:
        return Path(source).read_bytes(), name or str(source)
    except OSError as error:
        raise CaptionError(name or str(source), f"{error.strerror or error}; check the path") from error
    except ValueError as error:  # a path with a NUL
        raise CaptionError(name or repr(source), f"{error}; check the path") from error


def _reader(format: str) -> Callable[[str, Notes], list[Cue]]:
    module = import_module(f".{FORMATS[format]}", __package__)
    read: Callable[[str, Notes], list[Cue]] = module.read
    return read


def _unknown(text: str) -> str:
    if not text.strip("\0\ufeff \t\r\n"):
        return "it is empty; download it again"
    return f"it is in no caption format known here ({', '.join(sorted(FORMATS))}); convert it to WebVTT"
