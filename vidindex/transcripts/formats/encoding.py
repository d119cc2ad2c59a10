"""Decoding of caption files: by their byte-order mark, then by validity, then by likelihood."""

from __future__ import annotations

import codecs
import re

from ...net.text import split_byte_order_mark
from ..limits import MAX_TEXT_BYTES
from .legacy_encodings import guess_cased_encoding
from .mojibake import strip_read_mark, undo_double_utf8
from .parse_result import ParseWarnings

_XML_ENCODING = re.compile(rb"""\A\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_EBU_STL_HEAD = re.compile(rb"[\d ]{3}STL\d\d\.\d\d")
_ISO_2022_JP = re.compile(rb"\x1b\$[@B][!-~\s]{2,2000}?\x1b\([BJ]")
_SAMPLE_BYTES = 16 * 1024
_COMMON_ENCODINGS = ("cp1252", "cp1250", "cp1251", "cp1254", "cp1256")  # similar ones, the most frequent first
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
_UNUSUAL_CODECS = frozenset({"idna", "punycode", "raw-unicode-escape", "unicode-escape", "undefined"})
_MAX_CHAOS_DIFFERENCE = 0.08


def decode_captions(raw: bytes, warnings: ParseWarnings) -> str:
    """Decode *raw* from any encoding; undecodable bytes are replaced, and UTF-8 that was encoded twice is decoded."""
    if _EBU_STL_HEAD.match(raw):
        return raw.decode("latin-1")  # a binary format, whose parser gets each byte as a character
    text = strip_read_mark(_decode(raw, warnings))
    if text.isascii() or len(text) > MAX_TEXT_BYTES // 4:
        return text
    undone = undo_double_utf8(text)
    if undone != text:
        warnings["UTF-8 that was encoded twice decoded"] += 1
    return undone


def _decode(raw: bytes, warnings: ParseWarnings) -> str:
    codec, content = split_byte_order_mark(raw)
    if codec:
        return content.decode(codec, "replace")
    if b"\0" in raw[:400] and (codec := _detect_utf16(raw[:400])):
        return raw.decode(codec, "replace")
    try:
        return raw.decode("iso2022_jp_2" if _ISO_2022_JP.search(raw) else "utf-8")
    except UnicodeDecodeError as error:
        if _is_damaged_utf8(raw, error):
            warnings["damaged UTF-8 replaced"] += 1
            return raw.decode(errors="replace")
    return _decode_legacy(raw, warnings)


def _detect_utf16(head: bytes) -> str:
    """Detect UTF-16 without a byte-order mark by the positions of its zero bytes."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    if odd > 4 * even and odd * 4 > len(head) // 2:
        return "utf-16-le"
    return "utf-16-be" if even > 4 * odd and even * 4 > len(head) // 2 else ""


def _is_damaged_utf8(raw: bytes, error: UnicodeDecodeError) -> bool:
    """Check for UTF-8 with a few bad bytes or a missing end: no other encoding has as many valid sequences."""
    if error.start >= len(raw) - 3 and not raw[: error.start].isascii():
        return True
    text = raw[: 16 * _SAMPLE_BYTES].decode(errors="replace")
    bad = text.count("\ufffd")
    good = sum(1 for char in text if char > "\x7f") - bad
    return good > 8 * bad


def _decode_legacy(raw: bytes, warnings: ParseWarnings) -> str:
    name = _declared_encoding(raw) or _guess_encoding(raw[:_SAMPLE_BYTES])
    warnings[f"text read as {name}"] += 1
    return raw.decode(name, "replace")


def _declared_encoding(raw: bytes) -> str:
    match = _XML_ENCODING.match(raw[:400])
    try:
        name = codecs.lookup(match[1].decode()).name if match else ""
        b"a".decode(name or "ascii")  # fails for codecs that are not of text, such as zlib
    except (LookupError, UnicodeError):
        return ""
    return "" if name in _UNUSUAL_CODECS else name


def _guess_encoding(sample: bytes) -> str:
    """Return the encoding that fits best; a common one that fits nearly as well is preferred to a rare one."""
    # An incomplete character at the end would rule out its encoding.
    whole = sample[: sample.rfind(b"\n") + 1] or sample
    if encoding := guess_cased_encoding(whole):
        return encoding
    from charset_normalizer import from_bytes

    matches = from_bytes(whole)
    best = matches.best()
    if best is None or best.encoding not in _RARE_ENCODINGS:
        return best.encoding if best else "cp1252"
    near = [
        match
        for match in matches
        if match.encoding in _COMMON_ENCODINGS and match.chaos <= best.chaos + _MAX_CHAOS_DIFFERENCE
    ]
    near.sort(key=lambda match: (-match.coherence, _COMMON_ENCODINGS.index(match.encoding)))
    return near[0].encoding if near else best.encoding
