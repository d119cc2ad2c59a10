"""Tell by the first bytes of a file that it is captions, whatever its name."""

from __future__ import annotations

import re

from ...net.text import split_byte_order_mark
from .mpl2 import MPL2_LINE
from .table import is_timed_table
from .timed_text import is_timed_text
from .tmplayer import is_tmplayer

_PROLOGUE = re.compile(
    r"\s*+(?:<\?[^<>]*+>\s*+|<!--(?:[^-]|-(?!->))*+-->\s*+|<!DOCTYPE\s[^<>\[]*+(?:\[[^\]]*+\]\s*+)?>\s*+)*+",
    re.IGNORECASE,
)
"""What may come before the root of an XML document."""
_XML_ROOT = re.compile(
    r"<(?:sami|timedtext|transcript)[\s>]|<(?:[\w.-]{1,40}:)?tt(?:\s[^<>]{0,4000}?xmlns|\s*>\s*<(?:head|body|\w+:body))",
    re.IGNORECASE,
)
_PLAIN_START = re.compile(
    r"\s*+(?:WEBVTT(?=\s|$)|Scenarist_SCC V|\[Script Info\]|\d{1,6}\s{1,4}\d{1,3}:\d\d:\d\d[,.]\d{1,3}[ \t]*-->)"
)
_SYNC_TAG = re.compile(r"<sync\s+start\s*=", re.IGNORECASE)
_HTML_ROOT = re.compile(r"<html[\s>]", re.IGNORECASE)
_EBU_STL_HEAD = re.compile(rb"[\d ]{3}STL\d\d\.\d\d")


def starts_as_captions(head: bytes) -> bool:
    """Return whether *head*, the start of a file, can only be that of captions.

    An HTML page may have each of the tags of TTML and SAMI, so that the root of the document decides.
    """
    if _EBU_STL_HEAD.match(head):
        return True
    text = _decode(head)
    if _PLAIN_START.match(text):
        return True
    prologue = _PROLOGUE.match(text)
    if prologue and _XML_ROOT.match(text, prologue.end()):
        return True
    return bool(_SYNC_TAG.search(text)) and not _HTML_ROOT.search(text)


def has_times(head: bytes) -> bool:
    """Return whether *head*, the start of a plain text or a table, has times like those of a transcript."""
    text = _decode(head)
    return bool(MPL2_LINE.match(text)) or is_timed_table(text) or is_tmplayer(text) or is_timed_text(text)


def _decode(head: bytes) -> str:
    codec, content = split_byte_order_mark(head)
    return content.decode(codec or "utf-8", "replace").replace("\0", "")
