"""EBU STL (EBU Tech 3264): a header and blocks of 128 bytes, as broadcasters exchange subtitles."""

from __future__ import annotations

import re
import unicodedata

from ...model import Cue
from ..limits import check_cue_size
from .open_ends import TimedText, TimedTexts, close_cues
from .parse_result import ParseWarnings

EBU_STL_HEAD = re.compile(r"[\d ]{3}STL(\d\d)\.\d\d")
_HEADER_BYTES = 1024
_BLOCK_BYTES = 128
_USER_DATA = 0xFE
_LAST_EXTENSION = 0xFF
_NEW_LINE = 0x8A
_END = 0x8F
_CODECS = {"01": "iso8859-5", "02": "iso8859-6", "03": "iso8859-7", "04": "iso8859-8"}
_ACCENTS = {
    0xC1: "\u0300", 0xC2: "\u0301", 0xC3: "\u0302", 0xC4: "\u0303", 0xC5: "\u0304", 0xC6: "\u0306", 0xC7: "\u0307",
    0xC8: "\u0308", 0xCA: "\u030a", 0xCB: "\u0327", 0xCD: "\u030b", 0xCE: "\u0328", 0xCF: "\u030c",
}  # fmt: skip
_LATIN_UPPER = (
    "\xa0¡¢£$¥#§¤‘“«←↑→↓°±²³×µ¶·÷’”»¼½¾¿" + "\0" * 16 + "―¹®©™♪¬¦\0\0\0\0⅛⅜⅝⅞ΩÆĐªĦ\0ĲĿŁØŒºÞŦŊŉĸæđðħıĳŀłøœßþŧŋ\xad"
)


def parse_cues(text: str, warnings: ParseWarnings) -> list[Cue]:
    """Parse the blocks; *text* has a character for each byte of the file."""
    match = EBU_STL_HEAD.match(text)
    if match is None:
        raise ValueError("it has no header of EBU STL")
    rate = int(match[1]) or 25
    codec = _CODECS.get(text[12:14], "")
    texts, parts, size = TimedTexts(), list[str](), 0
    for at in range(_HEADER_BYTES, len(text) - _BLOCK_BYTES + 1, _BLOCK_BYTES):
        block = text[at : at + _BLOCK_BYTES].encode("latin-1", "replace")
        if block[3] == _USER_DATA or block[15]:  # data of a program, or a comment
            continue
        field = block[16:]
        end = field.find(_END)
        parts.append(_decode_field(field if end < 0 else field[:end], codec))
        size += len(parts[-1])
        check_cue_size(size)
        if block[3] == _LAST_EXTENSION:
            texts.add(TimedText(_parse_ms(block[5:9], rate), _parse_ms(block[9:13], rate), _join_lines(parts)))
            parts, size = [], 0
    if (len(text) - _HEADER_BYTES) % _BLOCK_BYTES:
        warnings["incomplete block at the end left out"] += 1
    return close_cues(_count_from_start(texts, _parse_start_ms(text[256:264], rate), warnings), warnings)


def _parse_ms(time: bytes, rate: int) -> int:
    hours, minutes, seconds, frame = time
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + round(frame * 1000 / rate)


def _parse_start_ms(stated: str, rate: int) -> int:
    if not re.fullmatch(r"[0-9]{8}", stated):
        return 0
    return _parse_ms(bytes([int(stated[at : at + 2]) for at in range(0, 8, 2)]), rate)


def _count_from_start(texts: TimedTexts, start_ms: int, warnings: ParseWarnings) -> list[TimedText]:
    """Return *texts* with times since the start of the programme, if their times count so."""
    shown = [text for text in texts if text.start_ms >= start_ms]
    if not start_ms or len(shown) * 2 <= len(texts):
        return texts
    if len(shown) < len(texts):
        warnings["cue before the start of the programme left out"] += len(texts) - len(shown)
    return [text._replace(start_ms=text.start_ms - start_ms, end_ms=text.end_ms - start_ms) for text in shown]


def _join_lines(parts: list[str]) -> str:
    lines = [" ".join(line.split()) for line in "".join(parts).split("\n")]
    return "\n".join([line for line in lines if line])


def _decode_field(field: bytes, codec: str) -> str:
    """Decode a text field; codes of teletext stand for a space, and those of styles for nothing."""
    if not codec:
        return _decode_latin(field)
    chars = []
    for code in field:
        if code < 0x20 or code == _NEW_LINE:
            chars.append("\n" if code == _NEW_LINE else " ")
        elif not 0x7F <= code < 0xA0:
            chars.append(bytes([code]).decode(codec, "replace"))
    return "".join(chars)


def _decode_latin(field: bytes) -> str:
    """Decode ISO 6937, in which an accent comes before its letter."""
    chars, accent = [], ""
    for code in field:
        if code in _ACCENTS:
            accent = _ACCENTS[code]
        elif code == _NEW_LINE or code < 0x20:
            chars.append("\n" if code == _NEW_LINE else " ")
        elif code < 0x7F or code >= 0xA0:
            char = chr(code) if code < 0x7F else _LATIN_UPPER[code - 0xA0].strip("\0")
            chars.append(unicodedata.normalize("NFC", char + accent) if accent else char)
            accent = ""
    return "".join(chars)
