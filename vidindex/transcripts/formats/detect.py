"""Detection of the format of captions, by their content."""

from __future__ import annotations

import re

from .ebu_stl import EBU_STL_HEAD
from .mcc import MCC_HEAD
from .mpl2 import MPL2_LINE
from .parse_result import CaptionFormat
from .pjs import PJS_LINE
from .qttext import QTTEXT_HEAD
from .scc import SCC_LINE
from .spruce_stl import SPRUCE_LINE
from .subviewer import SUBVIEWER_START
from .table import is_timed_table
from .timed_text import is_timed_text
from .tmplayer import is_tmplayer

_ARROW_TIMING = re.compile(r"\d[ \t]*-{1,3}>[ \t]*\d")
_BRACKETED_TIMING = re.compile(r"\[[\d:.,]{4,13} *--> *[\d:.,]{4,13}\]")  # what the command line of Whisper prints
_OTHER_ARROW_TIMING = re.compile(
    r":\d{1,2}(?:[.,:]\d{1,3})?[ \t]{0,8}(?:(?:-[- ]{0,3}|[=\u2013\u2014])(?:>{1,2}|&gt;)|\u2192)[ \t]{0,8}-?\d"
    r"|:\d{2}[.,]\d{1,3}[ \t]{0,8}-{2}>"
)
_BRACE_TIMING = re.compile(r"(?:\{[A-Za-z][^\n]*\n\s{0,20}){0,4}\{ ?\d+ ?\}[ \t]?\{ ?\d* ?\}")
_SYNC_TAG = re.compile(r"<sync\s+start\s*=", re.IGNORECASE)
_ALMOST_WEBVTT = re.compile(r"[\"'\u201c]?web[ _-]?vtt", re.IGNORECASE)
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
    ("<sync", "sami"),
)
_JSON_MARKS: _Marks = (
    ('"tStartMs"', "json3"),
    ('"segs"', "json3"),
    ('"wireMagic"', "json3"),
    ('"alternatives"', "json"),
    ('"utterances"', "json"),
    ('"speaker_labels"', "json"),
    ('"startTime"', "json"),
    ('"snippet"', "json"),
    ('"entries"', "json"),
    ('"segments"', "whisper"),
    ('"transcription"', "whisper"),
    ('"chunks"', "whisper"),
    ('"word_segments"', "whisper"),
    ('"events"', "json3"),
)
_JSON_START = re.compile(r'(?:[\[{]\s*+)++(?:"[^"\\]{1,100}+"\s*+:|\]|\})')
_HTML_TRANSCRIPT = re.compile(r"(?:<!--[^<>]{0,500}-->\s{0,20})?<(?:cite|time)[\s>]", re.IGNORECASE)
_HTML_PAGE = re.compile(r"(?:<!--[^<>]{0,500}-->\s{0,20})?<(?:!doctype html|(?:[a-z]{1,9}|h[1-6])[\s>])", re.IGNORECASE)
_HTML_HINTS = frozenset({"html", "htm"})
_PLAIN_TEXT_HINTS = frozenset({"txt", "text", "plain"})
_TIMED_TEXT_HINTS = _PLAIN_TEXT_HINTS | {"md", "transcript"}
_LYRIC_MARK = re.compile(
    r"^[ \t]*\[(?:ti|ar|al|au|by|la|re|ve|tool|offset|length)[ \t]*:|\[\d{1,4}:\d{1,2}(?:\.\d{1,3}|:[6-9]\d)\]",
    re.MULTILINE | re.IGNORECASE,
)


def detect_format(text: str, hint: str) -> CaptionFormat | None:
    """Return the format of *text*, or None if it is not captions.

    The *hint* matters only for plain text, because any text could be that.
    """
    head = text[:_MAX_HEAD_CHARS].lstrip("\ufeff \t\r\n")
    if head.startswith("WEBVTT") and head[6:7] in ("", " ", "\t", "\n", "\r"):
        return "vtt"
    if _ALMOST_WEBVTT.match(head) and _has_arrow_timing(text):
        return "vtt"
    marked: CaptionFormat | None = None
    if _is_html_transcript(head, hint):
        return "srt" if _has_arrow_timing(text) else "html"
    if head.startswith("<"):
        marked = _first_marked_format(_XML_MARKS, head.lower())
    elif head.startswith(("{", "[")):
        marked = _detect_bracketed_format(head, text, hint)
    return marked or _detect_time_codes(head) or _detect_timed_lines(head, text, hint)


def _is_html_transcript(head: str, hint: str) -> bool:
    """Return whether *head*, the start of a text, is that of HTML which may be a transcript."""
    return bool(_HTML_TRANSCRIPT.match(head)) or (hint in _HTML_HINTS and bool(_HTML_PAGE.match(head)))


def _detect_timed_lines(head: str, text: str, hint: str) -> CaptionFormat | None:
    """Return the format of *text*, which has no mark of one at its start, by its times."""
    if is_timed_table(head):
        return "table"
    if "<" in head and _SYNC_TAG.search(head):
        return "sami"
    if _has_arrow_timing(text, allow_others=not head.startswith("<")):
        return "srt"
    if _SBV_TIMING.search(head):
        return "sbv"
    if is_tmplayer(head):
        return "tmplayer"
    if PJS_LINE.match(head.partition("\n")[0].rstrip("\r")):
        return "pjs"
    if hint in _TIMED_TEXT_HINTS and is_timed_text(head):
        return "timed text"
    return "plain" if hint in _PLAIN_TEXT_HINTS and head else None


def _has_arrow_timing(text: str, *, allow_others: bool = True) -> bool:
    """Look for a timing line; a web page may show one with an escaped arrow."""
    if "->" in text and _ARROW_TIMING.search(text):
        return True
    return allow_others and _OTHER_ARROW_TIMING.search(text) is not None


def _detect_time_codes(head: str) -> CaptionFormat | None:
    """Return the format of lines that begin with time codes, or of the binary format with them."""
    if EBU_STL_HEAD.match(head):
        return "ebu stl"
    if head.startswith("Scenarist_SCC") or SCC_LINE.match(head):
        return "scc"
    if MCC_HEAD.match(head):
        return "mcc"
    if "," in head and SPRUCE_LINE.search(head):
        return "spruce stl"
    return "timed text" if _BRACKETED_TIMING.match(head) else None


def _detect_bracketed_format(head: str, text: str, hint: str) -> CaptionFormat | None:
    if _BRACE_TIMING.match(head):
        return "microdvd"
    if QTTEXT_HEAD.match(head):
        return "qttext"
    if head.lower().startswith(("[script info]", "[v4+ styles]", "[events]")):
        return "ass"
    if MPL2_LINE.match(head):
        return "mpl2"
    if SUBVIEWER_START.search(head) and _LYRIC_TIMESTAMP.search(head):
        return "subviewer"
    if head.startswith("[") and _LYRIC_TIMESTAMP.search(head):
        is_lyrics = hint not in _TIMED_TEXT_HINTS or _LYRIC_MARK.search(head)
        return "lrc" if is_lyrics or not is_timed_text(head) else "timed text"
    return (_first_marked_format(_JSON_MARKS, text) or "json") if _JSON_START.match(head) else None


def _first_marked_format(marks: _Marks, text: str) -> CaptionFormat | None:
    return next((name for mark, name in marks if mark in text), None)
