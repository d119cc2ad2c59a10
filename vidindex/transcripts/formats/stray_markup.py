"""Markup in text that should have none: formatting tags and character references, escaped once or more often.

Downloads keep the formatting of captions in JSON, and tools escape text that is escaped already.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from html import unescape

KNOWN_TAG = re.compile(
    r"<(?P<close>/?)(?P<name>b|i|u|s|br|p|a|c|em|tt|rb|rt|rp|bdi|bdo|big|del|div|sub|sup|font|ruby|span|small|center"
    r"|strike|strong)"
    r"(?P<attributes>(?:\.[\w-]+)*(?:[ \t\n]+[\w-]+[ \t]*=[ \t]*(?:\"[^\"<>]*\"|'[^'<>]*'|[^\s\"'<>]+))*)[ \t]*/?>",
    re.IGNORECASE,
)
_VOICE_TAG = re.compile(r"<(?:v|lang)(?:\.[\w-]+)*[ \t]+[^<>]{1,200}>|</(?:v|lang)>")
# Only complete references: `&copy` may be a part of a URL.
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_RUBY_TEXT = re.compile(r"<rt[^<>]*>[^<]*</rt>|<rp>[^<]*</rp>", re.IGNORECASE)
_OVERRIDE_TAG = re.compile(r"\{\\[^{}\n]*\}")
_MAX_ESCAPES = 3  # nobody escapes a text more often


def strip_stray_markup(text: str) -> str:
    """Return *text* without formatting tags, and with its character references decoded.

    A tag goes if it is one of a few, and has its other half, attributes or a place at the edge of a line: "the <p> tag"
    may have been said.
    """
    return strip_stray_markup_of_pieces([text])[0]


def strip_stray_markup_of_pieces(pieces: Iterable[str]) -> list[str]:
    """Return what `strip_stray_markup` does with a text that consists of *pieces*: a tag may end in another piece."""
    decoded = [_decode_references(_OVERRIDE_TAG.sub("", piece) if "{\\" in piece else piece) for piece in pieces]
    if not any("<" in piece and ">" in piece for piece in decoded):
        return decoded
    plain = [_VOICE_TAG.sub("", _RUBY_TEXT.sub("", piece)) for piece in decoded]
    paired = _find_paired_names(plain)
    last = len(plain) - 1
    return [_strip_known_tags(piece, paired, is_first=at == 0, is_last=at == last) for at, piece in enumerate(plain)]


def _decode_references(text: str) -> str:
    for _ in range(_MAX_ESCAPES if "&" in text else 0):
        decoded = _REFERENCE.sub(_decode_reference, text)
        if decoded == text:
            break
        text = decoded
    return text


def _decode_reference(match: re.Match[str]) -> str:
    return unescape(match[0])


def _find_paired_names(pieces: Iterable[str]) -> Set[str]:
    sides: dict[bool, set[str]] = {False: set(), True: set()}
    for piece in pieces:
        for tag in KNOWN_TAG.finditer(piece):
            sides[tag["close"] != ""].add(tag["name"].lower())
    return sides[False] & sides[True]


def _strip_known_tags(text: str, paired: Set[str], *, is_first: bool, is_last: bool) -> str:
    def replace_tag(tag: re.Match[str]) -> str:
        name = tag["name"].lower()
        if name == "br":
            return "\n"
        if tag["attributes"] or name in paired:
            return ""
        if tag["close"]:
            is_edge = is_last if tag.end() == len(text) else text[tag.end()] == "\n"
        else:
            is_edge = is_first if tag.start() == 0 else text[tag.start() - 1] == "\n"
        return "" if is_edge else tag[0]

    return KNOWN_TAG.sub(replace_tag, text)
