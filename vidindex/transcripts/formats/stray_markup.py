"""Markup in text that should have none: formatting tags and character references, escaped once or more often.

Downloads keep the formatting of captions in JSON, and tools escape text that is escaped already.
"""

from __future__ import annotations

import re
from html import unescape

from .cue_text import strip_invisible

_MAX_ROUNDS = 3  # nobody escapes a text more often
# Only complete references: `&copy` may be a part of a URL.
_REFERENCE = re.compile(r"&(?:#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,7}|[A-Za-z][A-Za-z0-9]{1,31});")
_RUBY_TEXT = re.compile(r"<rt[^<>]*>[^<]*</rt>|<rp>[^<]*</rp>", re.IGNORECASE)
_LINE_BREAK_TAG = re.compile(r"<br[ \t]*/?>", re.IGNORECASE)
_FORMATTING_TAG = re.compile(
    r"</?(?:[biuscv]|em|strong|font|span|ruby|rt|rp|rb|bdi|bdo|small|big|sub|sup|lang)(?:[\s.][^<>]*)?/?>",
    re.IGNORECASE,
)
_OVERRIDE_TAG = re.compile(r"\{\\[^{}\n]*\}")


def strip_stray_markup(text: str) -> str:
    """Return *text* without formatting tags, and with its character references decoded.

    Other text in angle brackets stays: somebody may have said it.
    """
    if "{\\" in text:
        text = _OVERRIDE_TAG.sub("", text)
    for _ in range(_MAX_ROUNDS):
        if "<" in text:
            text = _LINE_BREAK_TAG.sub("\n", _RUBY_TEXT.sub("", text))
            text = _FORMATTING_TAG.sub("", text)
        decoded = _REFERENCE.sub(lambda match: unescape(match[0]), text) if "&" in text else text
        if decoded == text:
            break
        text = decoded
    else:
        text = _FORMATTING_TAG.sub("", text)
    return strip_invisible(text)
