"""Bytes of a caption file, to text: told by marks, by what is valid, and last by likelihood."""

from __future__ import annotations

import codecs
import re

from .parse_result import ParseWarnings

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_XML_ENCODING = re.compile(rb"""\A\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_SAMPLE_BYTES = 16 * 1024
_COMMON_ENCODINGS = ("cp1252", "cp1250", "cp1251", "cp1254", "cp1256")  # the ones that look alike, the most used first
_RARE_ENCODINGS = frozenset(
    {
        "cp437",
        "cp775",
        "cp850",
        "cp858",
        "cp1257",
        "iso8859_4",
        "iso8859_10",
        "iso8859_13",
        "iso8859_14",
        "hp_roman8",
        "mac_iceland",
    }
)
_MAX_CHAOS_DIFFERENCE = 0.08


def decode_captions(raw: bytes, notes: ParseWarnings) -> str:
    """Decode *raw* whatever it is written in; never fails."""
    for mark, name in _BYTE_ORDER_MARKS:
        if raw.startswith(mark):
            return raw[len(mark) :].decode(name, "replace")
    if b"\0" in raw[:400] and (wide := _detect_utf16(raw[:400])):
        return raw.decode(wide, "replace")
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        if _is_damaged_utf8(raw, error):
            notes["damaged UTF-8 replaced"] += 1
            return raw.decode(errors="replace")
    return _decode_legacy(raw, notes)


def _detect_utf16(head: bytes) -> str:
    """Tell UTF-16 without a mark by where its zero bytes stand."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    if odd > 4 * even and odd * 4 > len(head) // 2:
        return "utf-16-le"
    return "utf-16-be" if even > 4 * odd and even * 4 > len(head) // 2 else ""


def _is_damaged_utf8(raw: bytes, error: UnicodeDecodeError) -> bool:
    """Check for UTF-8 with a few bad bytes, or cut short: nothing else has that many valid sequences."""
    if error.start >= len(raw) - 3 and not raw[: error.start].isascii():
        return True
    text = raw[: 16 * _SAMPLE_BYTES].decode(errors="replace")
    bad = text.count("\ufffd")
    good = sum(1 for char in text if char > "\x7f") - bad
    return good > 8 * bad


def _decode_legacy(raw: bytes, notes: ParseWarnings) -> str:
    name = _declared_encoding(raw) or _guess_encoding(raw[:_SAMPLE_BYTES])
    notes[f"text read as {name}"] += 1
    return raw.decode(name, "replace")


def _declared_encoding(raw: bytes) -> str:
    match = _XML_ENCODING.match(raw[:400])
    try:
        return codecs.lookup(match[1].decode()).name if match else ""
    except LookupError:
        return ""


def _guess_encoding(sample: bytes) -> str:
    """Name the encoding that fits best, but a common one that fits about as well before a rare one."""
    from charset_normalizer import from_bytes

    whole = sample[: sample.rfind(b"\n") + 1] or sample  # half a letter at the end rules an encoding out
    found = from_bytes(whole)
    best = found.best()
    if best is None or best.encoding not in _RARE_ENCODINGS:
        return best.encoding if best else "cp1252"
    near = [
        match
        for match in found
        if match.encoding in _COMMON_ENCODINGS and match.chaos <= best.chaos + _MAX_CHAOS_DIFFERENCE
    ]
    near.sort(key=lambda match: (-match.coherence, _COMMON_ENCODINGS.index(match.encoding)))
    return near[0].encoding if near else best.encoding
