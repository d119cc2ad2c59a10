"""Track bytes to cues: one format per file, told apart by content."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from ...errors import CaptionError
from ...model import Cue
from ..track_choice import choose_tracks
from .cue_text import strip_invisible
from .detect import detect_format
from .encoding import decode_captions
from .parse_result import ParseResult, ParseWarnings, format_warnings

__all__ = ["FORMAT_MODULES", "ParseResult", "choose_tracks", "parse_captions", "read_captions"]

FORMAT_MODULES = {
    "vtt": "webvtt",
    "srt": "srt",
    "sbv": "sbv",
    "ttml": "ttml",
    "json3": "json3",
    "srv": "srv",
    "ass": "ass",
    "lrc": "lrc",
    "sami": "sami",
    "microdvd": "microdvd",
    "whisper": "whisper",
    "plain": "plain",
}
"""Each format that can be read, and the module that reads it."""

MAX_CAPTION_BYTES = 16 << 20
"""No captions are larger: a day of speech takes 4 MB in the most wordy format."""


def read_captions(source: str | Path | bytes, *, format: str | None = None, name: str = "") -> list[Cue]:  # noqa: A002
    """Read the cues of a caption file, or of its bytes; see `parse`."""
    return parse_captions(source, format=format, name=name).cues


def parse_captions(source: str | Path | bytes, *, format: str | None = None, name: str = "") -> ParseResult:  # noqa: A002
    """Read captions, and tell what had to be dropped or mended.

    *source* is a path, or the bytes themselves, then *name* is what errors call them.  *format* and the
    name's ending are hints: what the content says wins.  Raises `CaptionError` and nothing else.
    """
    raw, called = _read_source(source, name)
    if len(raw) > MAX_CAPTION_BYTES:
        raise CaptionError(called, f"it is larger than {MAX_CAPTION_BYTES >> 20} MB; split it, or check what it is")
    notes = ParseWarnings()
    text = decode_captions(raw, notes)
    found = detect_format(text, (format or called.rpartition(".")[2]).lower())
    if not found:
        raise CaptionError(called, _describe_unknown_format(text))
    try:
        cues = _load_parser(found)(strip_invisible(text), notes)
    except ValueError as error:
        raise CaptionError(called, f"{error}; download it again, or convert it to WebVTT") from error
    if not cues and found != "vtt":
        raise CaptionError(called, f"it looks like {found}, but no cue can be read; convert it to WebVTT")
    return ParseResult(cues, found, format_warnings(notes))


def _read_source(source: str | Path | bytes, name: str) -> tuple[bytes, str]:
    if isinstance(source, bytes):
        return source, name or "captions"
    called = name or str(source)
    try:
        with Path(source).open("rb") as file:
            return file.read(MAX_CAPTION_BYTES + 1), called
    except OSError as error:
        raise CaptionError(called, f"{error.strerror or error}; check the path") from error
    except ValueError as error:  # a NUL in the path
        raise CaptionError(repr(called), f"{error}; check the path") from error


def _load_parser(format_name: str) -> Callable[[str, ParseWarnings], list[Cue]]:
    module = import_module(f".{FORMAT_MODULES[format_name]}", __package__)
    read: Callable[[str, ParseWarnings], list[Cue]] = module.parse_cues
    return read


def _describe_unknown_format(text: str) -> str:
    head = text[:2000].strip("\0\ufeff \t\r\n").lower()
    if not head:
        return "it is empty; download it again"
    if head.startswith(("<!doctype html", "<html")):
        return "it is a web page; the site may want a login, see the option for cookies"
    if head.startswith("#extm3u"):
        return "it is a playlist of segments; give the segments, joined in order"
    return f"it is in no format known here ({', '.join(FORMAT_MODULES)}); convert it to WebVTT"
