"""Tell the format of captions by what they say, not only by how they are called."""

from __future__ import annotations

import re

_TIMED_BRACES = re.compile(r"^\{\d+\}\{\d*\}", re.MULTILINE)
_LYRIC = re.compile(r"^\[\d{1,3}:\d{1,2}(?:[.:]\d{1,3})?\]", re.MULTILINE)
_SBV = re.compile(r"^\d{1,4}:\d{1,2}:\d{1,2}\.\d{1,3},\d{1,4}:\d{1,2}:\d{1,2}\.\d{1,3}[ \t]*\r?$", re.MULTILINE)
_HEAD = 8192
_NAMES = {
    "webvtt": "vtt",
    "dfxp": "ttml",
    "smi": "sami",
    "ssa": "ass",
    "xml": "ttml",
    "sub": "microdvd",
    "txt": "plain",
}


def tell_format(text: str, hint: str) -> str:
    """Name the format of *text*; empty where it is no captions.  *hint* decides only where content is silent."""
    head = text[:_HEAD].lstrip("\ufeff \t\r\n")
    if head.startswith("WEBVTT") and head[6:7] in ("", " ", "\t", "\n", "\r"):
        return "vtt"
    if head.startswith("<"):
        return _xml_format(head)
    if head.startswith(("{", "[")) and (found := _bracketed(head)):
        return found
    if "-->" in text:
        return "srt"
    if _SBV.search(head):
        return "sbv"
    return _NAMES.get(hint, hint) if _NAMES.get(hint, hint) == "plain" else ""


def _xml_format(head: str) -> str:
    low = head.lower()
    for mark, name in (
        ("<sami", "sami"),
        ("<timedtext", "srv"),
        ("<transcript", "srv"),
        ("<tt", "ttml"),
        (":tt", "ttml"),
    ):
        if mark in low:
            return name
    return "srt" if "-->" in head else ""


def _bracketed(head: str) -> str:
    if _TIMED_BRACES.match(head):
        return "microdvd"
    if head.lower().startswith("[script info]"):
        return "ass"
    if _LYRIC.search(head):
        return "lrc"
    return "json" if head.startswith("{") else "json" if head.startswith("[{") else ""
