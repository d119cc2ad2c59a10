"""Caption bytes, parsed into cues: one module for each format, chosen by the content."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from sys import getsizeof

from ...errors import CaptionError, EmptyCaptionsError
from ...model import Cue
from ...net.files import read_regular_file
from ..limits import MAX_TEXT_BYTES, refuse_more_than, take_turn
from ..track_choice import choose_tracks
from .cue_text import strip_invisible, strip_invisible_cues
from .cut_words import join_marked_cues, mark_spaced_cues
from .detect import detect_format
from .encoding import decode_captions
from .parse_result import NO_TIMES, CaptionFormat, ParseResult, ParseWarnings, format_warnings

__all__ = ["FORMAT_MODULES", "CaptionFormat", "ParseResult", "choose_tracks", "parse_captions", "read_captions"]

FORMAT_MODULES: dict[CaptionFormat, str] = {
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
    "whisper": "speech_json",
    "json": "speech_json",
    "mpl2": "mpl2",
    "tmplayer": "tmplayer",
    "pjs": "pjs",
    "subviewer": "subviewer",
    "scc": "scc",
    "mcc": "mcc",
    "ebu stl": "ebu_stl",
    "spruce stl": "spruce_stl",
    "qttext": "qttext",
    "table": "table",
    "timed text": "timed_text",
    "html": "html_transcript",
    "plain": "plain",
}
"""Each format that can be read, with the module whose `parse_cues` parses it."""

TRANSCRIPT_HINT = "transcript"
"""The hint for text that is captions only if it has times; with that of plain text, all of it would be at the start."""

_ESCAPING_FORMATS = frozenset({"json", "json3", "srv", "ttml", "whisper"})
MAX_CAPTION_BYTES = 16 << 20
"""Larger files are refused: a day of words with times takes 14 MB as json3 or TTML."""


def read_captions(source: str | Path | bytes, *, format: str | None = None, name: str = "") -> list[Cue]:  # noqa: A002
    """Read the cues of a caption file, or of its bytes; see `parse_captions` for the parameters.

    Raises `CaptionError` if the file cannot be read, or is not in a caption format.
    """
    return list(parse_captions(source, format=format, name=name).cues)


def parse_captions(source: str | Path | bytes, *, format: str | None = None, name: str = "") -> ParseResult:  # noqa: A002
    """Parse a caption file, or its bytes, and report what was dropped or repaired.

    *source* is a path, or the bytes themselves; then errors call them *name*.  *format* and the suffix of the name are
    hints: the content decides the format.

    Raises `CaptionError` if the file cannot be read, is not in a caption format, or exceeds a limit.
    """
    raw, source_name = _read_source(source, name)
    if len(raw) > MAX_CAPTION_BYTES:
        limit = f"it is larger than {MAX_CAPTION_BYTES >> 20} MB; split it, or check that it is a caption file"
        raise CaptionError(source_name, limit)
    hint = (format or source_name.rpartition(".")[2]).lower()
    with take_turn(len(raw)):
        holder = [raw]
        del raw
        try:
            return _parse_bytes(holder, hint)
        except CaptionError as error:
            raise type(error)(source_name, error.reason) from error
        except ValueError as error:
            raise CaptionError(source_name, f"{error}; download it again, or convert it to WebVTT") from error


def _parse_bytes(holder: list[bytes], hint: str) -> ParseResult:
    """Parse the bytes in *holder*, from which they are taken so that they can be freed."""
    warnings = ParseWarnings()
    texts = [decode_captions(holder.pop(), warnings)]
    if getsizeof(texts[0]) > MAX_TEXT_BYTES:
        raise refuse_more_than(MAX_TEXT_BYTES, "bytes as decoded text")
    detected = detect_format(texts[0], hint)
    if detected is None:
        if not texts[0].strip("\0\ufeff \t\r\n"):
            raise EmptyCaptionsError("", "it is empty; download it again")
        if hint == TRANSCRIPT_HINT and not texts[0].lstrip("\ufeff \t\r\n").startswith(("<", "{", "[", "#EXTM3U")):
            raise EmptyCaptionsError("", NO_TIMES)
        raise CaptionError("", _describe_unknown_format(texts[0]))
    has_escapes = detected in _ESCAPING_FORMATS and ("\\u" in texts[0] or "&" in texts[0])
    may_cut_words = detected in ("srt", "vtt")
    if may_cut_words:
        marked = mark_spaced_cues(texts[0])
        may_cut_words = marked is not texts[0]
        texts[0] = marked
        del marked
    # The text is taken out of the list so that the parser can free it.
    cues = _load_parser(detected)(strip_invisible(texts.pop()), warnings)
    if may_cut_words:
        cues = join_marked_cues(cues, warnings)
    if has_escapes:
        cues = strip_invisible_cues(cues)
    if not cues and detected != "vtt":
        if not warnings:
            raise EmptyCaptionsError("", f"it is {detected} without any cues; check that it is complete")
        raise CaptionError("", f"it looks like {detected}, but it has no readable cues; convert it to WebVTT")
    return ParseResult(cues, detected, format_warnings(warnings))


def _read_source(source: str | Path | bytes, name: str) -> tuple[bytes, str]:
    if isinstance(source, bytes):
        return source, name or "captions"
    source_name = name or str(source)
    try:
        return read_regular_file(Path(source), MAX_CAPTION_BYTES), source_name
    except OSError as error:
        raise CaptionError(source_name, f"{error.strerror or error}; check the path") from error
    except ValueError as error:  # a NUL in the path
        raise CaptionError(repr(source_name), f"{error}; check the path") from error


def _load_parser(format_name: CaptionFormat) -> Callable[[str, ParseWarnings], Sequence[Cue]]:
    module = import_module(f".{FORMAT_MODULES[format_name]}", __package__)
    parser: Callable[[str, ParseWarnings], Sequence[Cue]] = module.parse_cues
    return parser


def _describe_unknown_format(text: str) -> str:
    head = text[:2000].strip("\0\ufeff \t\r\n").lower()
    if head.startswith(("<!doctype html", "<html")):
        return "it is a web page; the site may require a login, see `--cookies`"
    if head.startswith("#extm3u"):
        return "it is a playlist of segments; download the segments and join them in order"
    return f"it is not in a supported format ({', '.join(FORMAT_MODULES)}); convert it to WebVTT"
