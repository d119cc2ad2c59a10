"""Text for terminals: control characters are removed, times and sizes are formatted."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ..transcripts.timecode import format_clock as format_clock

if TYPE_CHECKING:
    from ..store.tasks import SitePause

# C0 and C1 controls (escape sequences), bidirectional marks, and lone surrogates, which cannot be encoded: JSON and
# file names may contain them.
_CONTROL_CHARS = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_LINE_BREAKS = re.compile(r"(?:(?<![ \t])[ \t]+)?[\r\n\x85\u2028\u2029]+[ \t]*")


def one_line(text: str) -> str:
    """Return *text* as one line without control characters."""
    return _CONTROL_CHARS.sub("", _LINE_BREAKS.sub(" ", text)).replace("\t", " ").strip()


def strip_controls(text: str) -> str:
    """Return *text* without control characters; line breaks stay."""
    return _CONTROL_CHARS.sub("", text.replace("\r\n", "\n"))


def format_bytes(count: int) -> str:
    """Return a number of bytes as `1.2 MB`."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def json_line(value: Any) -> str:
    """Return *value* as one line of JSON in which control characters are escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=(", ", ": "))
    return _CONTROL_CHARS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def pluralize(count: int, noun: str) -> str:
    """Return `1 video`, `2 videos`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def format_due(seconds: float) -> str:
    """Return a time in the near future as `03:40`, with the seconds or the day if they matter."""
    due, now = datetime.fromtimestamp(seconds).astimezone(), datetime.now().astimezone()
    if due - now < timedelta(minutes=10):
        return f"{due:%H:%M:%S}"
    return f"{due:%H:%M}" if due - now < timedelta(hours=20) else f"{due:%Y-%m-%d %H:%M}"


def format_pause(pause: SitePause) -> str:
    """Return a line about a site that refuses requests."""
    reason = f" ({one_line(pause.reason)})" if pause.reason else ""
    waits = "waits" if pause.waiting == 1 else "wait"
    until = f"until {format_due(pause.until)}" if pause.until > datetime.now().timestamp() else "for one that tries it"
    return f"{pluralize(pause.waiting, 'link')} of {one_line(pause.site)} {waits} {until}{reason}"


def escape_cell(value: object) -> str:
    """Return *value* as a CSV cell.  A leading `'` stops spreadsheets from running it as a formula."""
    text = one_line(str(value))
    return f"'{text}" if text[:1] in tuple("=+-@") else text
