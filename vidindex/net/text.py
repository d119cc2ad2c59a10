"""Text as it arrives from the web: byte-order marks, and characters and entities that XML does not know."""

from __future__ import annotations

import codecs
import re
from html.entities import name2codepoint

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is the start of this one
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Byte-order marks with the codec that each stands for, in the order in which to test them."""

XML_FORBIDDEN_CHARS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
"""Characters that an XML document must not contain."""

_XML_ENTITIES = frozenset({"amp", "lt", "gt", "quot", "apos"})


def split_byte_order_mark(raw: bytes) -> tuple[str, bytes]:
    """Return the codec that the byte-order mark of *raw* stands for, and the bytes after it; `""` without a mark."""
    for mark, codec in BYTE_ORDER_MARKS:
        if raw.startswith(mark):
            return codec, raw[len(mark) :]
    return "", raw


def resolve_entity(match: re.Match[str]) -> str:
    """Return the XML text for an HTML entity, whose name is the first group of *match*, or for a lone ampersand."""
    name = match[1]
    if name in _XML_ENTITIES:
        return match[0]
    return chr(name2codepoint[name]) if name in name2codepoint else f"&amp;{match[0][1:]}"
