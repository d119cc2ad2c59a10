"""Tell the format of captions by what they say, not only by how they are called."""

from __future__ import annotations

import re

_ARROW = re.compile(r"\d[ \t]*-{1,3}>[ \t]*\d")
_BRACES = re.compile(r"\{\d+\}\{\d*\}")
_LYRIC = re.compile(r"^[ \t]*\[\d{1,4}:\d{1,2}(?:[.:]\d{1,3})?\]", re.MULTILINE)
_SBV = re.compile(r"^[ \t]*\d{1,6}:\d{1,2}:\d{1,2}\.\d{1,3},\d{1,6}:\d{1,2}:\d{1,2}\.\d{1,3}[ \t]*\r?$", re.MULTILINE)
_HEAD = 8192
_XML = (
    ("<sami", "sami"),
    ("<timedtext", "srv"),
    ("<transcript", "srv"),
    ("<tt", "ttml"),
    (":tt", "ttml"),
)
_JSON = (
    ('"tStartMs"', "json3"),
    ('"events"', "json3"),
    ('"segments"', "whisper"),
    ('"transcription"', "whisper"),
    ('"chunks"', "whisper"),
    ('"word_segments"', "whisper"),
    ('"start"', "whisper"),
)
_PLAIN_NAMES = frozenset({"txt", "text", "plain"})


def tell_format(text: str, hint: str) -> str:
    """Name the format of *text*; empty where it is no captions.

    Only plain text needs the *hint*: it could be anything.
    """
    head = text[:_HEAD].lstrip("\ufeff \t\r\n")
    if head.startswith("WEBVTT") and head[6:7] in ("", " ", "\t", "\n", "\r"):
        return "vtt"
    found = ""
    if head.startswith("<"):
        found = _first(_XML, head.lower())
    elif head.startswith(("{", "[")):
        found = _bracketed(head, text)
    if found:
        return found
    if "->" in text and _ARROW.search(text):
        return "srt"
    if _SBV.search(head):
        return "sbv"
    return "plain" if hint in _PLAIN_NAMES and head else ""


def _bracketed(head: str, text: str) -> str:
    if _BRACES.match(head):
        return "microdvd"
    if head.lower().startswith(("[script info]", "[v4+ styles]", "[events]")):
        return "ass"
    if head.startswith("[") and _LYRIC.search(head):
        return "lrc"
    return _first(_JSON, text)


def _first(marks: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for mark, name in marks if mark in text), "")
