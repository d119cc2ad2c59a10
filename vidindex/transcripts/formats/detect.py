"""Detection of the format of captions, by their content."""

from __future__ import annotations

import re

from .parse_result import CaptionFormat

_ARROW_TIMING = re.compile(r"\d[ \t]*-{1,3}>[ \t]*\d")
_BRACE_TIMING = re.compile(r"\{\d+\}\{\d*\}")
_LYRIC_TIMESTAMP = re.compile(r"^[ \t]*\[\d{1,4}:\d{1,2}(?:[.:]\d{1,3})?\]", re.MULTILINE)
_SBV_TIMING = re.compile(
    r"^[ \t]*\d{1,6}:\d{1,2}:\d{1,2}\.\d{1,3},\d{1,6}:\d{1,2}:\d{1,2}\.\d{1,3}[ \t]*\r?$", re.MULTILINE
)
_MAX_HEAD_CHARS = 8192
_Marks = tuple[tuple[str, CaptionFormat], ...]
_XML_MARKS: _Marks = (
    ("<sami", "sami"),
    ("<timedtext", "srv"),
    ("<transcript", "srv"),
    ("<tt", "ttml"),
    (":tt", "ttml"),
)
_JSON_MARKS: _Marks = (
    ('"tStartMs"', "json3"),
    ('"events"', "json3"),
    ('"segments"', "whisper"),
    ('"transcription"', "whisper"),
    ('"chunks"', "whisper"),
    ('"word_segments"', "whisper"),
    ('"start"', "whisper"),
)
_PLAIN_TEXT_HINTS = frozenset({"txt", "text", "plain"})


def detect_format(text: str, hint: str) -> CaptionFormat | None:
    """Return the format of *text*, or None if it is not captions.

    The *hint* matters only for plain text, because any text could be that.
    """
    head = text[:_MAX_HEAD_CHARS].lstrip("\ufeff \t\r\n")
    if head.startswith("WEBVTT") and head[6:7] in ("", " ", "\t", "\n", "\r"):
        return "vtt"
    marked: CaptionFormat | None = None
    if head.startswith("<"):
        marked = _first_marked_format(_XML_MARKS, head.lower())
    elif head.startswith(("{", "[")):
        marked = _detect_bracketed_format(head, text)
    if marked:
        return marked
    if "->" in text and _ARROW_TIMING.search(text):
        return "srt"
    if _SBV_TIMING.search(head):
        return "sbv"
    return "plain" if hint in _PLAIN_TEXT_HINTS and head else None


def _detect_bracketed_format(head: str, text: str) -> CaptionFormat | None:
    if _BRACE_TIMING.match(head):
        return "microdvd"
    if head.lower().startswith(("[script info]", "[v4+ styles]", "[events]")):
        return "ass"
    if head.startswith("[") and _LYRIC_TIMESTAMP.search(head):
        return "lrc"
    return _first_marked_format(_JSON_MARKS, text)


def _first_marked_format(marks: _Marks, text: str) -> CaptionFormat | None:
    return next((name for mark, name in marks if mark in text), None)
