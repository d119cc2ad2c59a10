"""Text for terminals: what came from the web is made harmless, times and dates are made readable."""

from __future__ import annotations

import json
import re
from typing import Any

from ..transcripts.timecode import format_clock as format_clock
from ..transcripts.timecode import format_timestamp

# C0 and C1 controls (escape sequences), the marks that reorder what stands around them, and half characters,
# which no terminal can be sent: JSON and file names may hold them.
_CONTROL_CHARS = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_LINE_BREAKS = re.compile(r"[ \t]*[\r\n\x85\u2028\u2029]+[ \t]*")


def one_line(text: str) -> str:
    """Make *text* one harmless line."""
    return _CONTROL_CHARS.sub("", _LINE_BREAKS.sub(" ", text)).replace("\t", " ").strip()


def strip_controls(text: str) -> str:
    """Make *text* harmless, lines kept."""
    return _CONTROL_CHARS.sub("", text.replace("\r\n", "\n"))


def format_srt_time(time_ms: int) -> str:
    """Write a time as SubRip files do: `00:12:34,567`."""
    return format_timestamp(time_ms, ",")


def parse_time_argument(text: str) -> int | None:
    """Read `750`, `12:30`, `1:02:03` or `12:30.5` as milliseconds; None where it is none of these."""
    if not re.fullmatch(r"(\d{1,4}:){0,2}\d{1,7}(\.\d{1,3})?", text):
        return None
    seconds = 0.0
    for part in text.split(":"):
        seconds = seconds * 60 + float(part)
    return int(seconds * 1000)


def format_bytes(count: int) -> str:
    """Write a number of bytes: `1.2 MB`."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def json_line(value: Any) -> str:
    """Write *value* as one line of JSON that is harmless on a terminal too."""
    text = json.dumps(value, ensure_ascii=False, separators=(", ", ": "))
    return _CONTROL_CHARS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def pluralize(count: int, noun: str) -> str:
    """Write `1 video`, `2 videos`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def escape_cell(value: object) -> str:
    """Write *value* as a cell of a table: a spreadsheet would run one that starts like a formula."""
    text = one_line(str(value))
    return f"'{text}" if text[:1] in tuple("=+-@") else text
