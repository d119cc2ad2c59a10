"""Tell the format of captions by what they say, not only by how they are called."""

from __future__ import annotations

import re

_ARROW_TIMING = re.compile(r"\d[ \t]*-{1,3}>[ \t]*\d")
_BRACE_TIMING = re.compile(r"\{\d+\}\{\d*\}")
_LYRIC_TIMESTAMP = re.compile(r"^[ \t]*\[\d{1,4}:\d{1,2}(?:[.:]\d{1,3})?\]", re.MULTILINE)
_SBV_TIMING = re.compile(
    r"^[ \t]*\d{1,6}:\d{1,2}:\d{1,2}\.\d{1,3},\d{1,6}:\d{1,2}:\d{1,2}\.\d{1,3}[ \t]*\r?$", re.MULTILINE
)
_MAX_HEAD_CHARS = 8192
_XML_MARKS = (
    ("<sami", "sami"),
    ("<timedtext", "srv"),
    ("<transcript", "srv"),
    ("<tt", "ttml"),
    (":tt", "ttml"),
)
_JSON_MARKS = (
    ('"tStartMs"', "json3"),
    ('"events"', "json3"),
    ('"segments"', "whisper"),
    ('"transcription"', "whisper"),
    ('"chunks"', "whisper"),
    ('"word_segments"', "whisper"),
    ('"start"', "whisper"),
)
_PLAIN_TEXT_HINTS = frozenset({"txt", "text", "plain"})


def detect_format(text: str, hint: str) -> str:
    """Name the format of *text*; empty where it is no captions.

    Only plain text needs the *hint*: it could be anything.
    """
    head = text[:_MAX_HEAD_CHARS].lstrip("\ufeff \t\r\n")
    if head.startswith("WEBVTT") and head[6:7] in ("", " ", "\t", "\n", "\r"):
        return "vtt"
    found = ""
    if head.startswith("<"):
        found = _first_marked_format(_XML_MARKS, head.lower())
    elif head.startswith(("{", "[")):
        found = _detect_bracketed_format(head, text)
    if found:
        return found
    if "->" in text and _ARROW_TIMING.search(text):
        return "srt"
    if _SBV_TIMING.search(head):
        return "sbv"
    return "plain" if hint in _PLAIN_TEXT_HINTS and head else ""


def _detect_bracketed_format(head: str, text: str) -> str:
    if _BRACE_TIMING.match(head):
        return "microdvd"
    if head.lower().startswith(("[script info]", "[v4+ styles]", "[events]")):
        return "ass"
    if head.startswith("[") and _LYRIC_TIMESTAMP.search(head):
        return "lrc"
    return _first_marked_format(_JSON_MARKS, text)


def _first_marked_format(marks: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for mark, name in marks if mark in text), "")
