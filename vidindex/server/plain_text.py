"""Plain text for terminals, pages and files: one line, one line of JSON, one cell of a table, a number of things."""

from __future__ import annotations

from typing import Any

from ..transcripts.lazy_pattern import lazy_pattern

# C0 and C1 controls (escape sequences), bidirectional marks, and lone surrogates, which cannot be encoded: JSON and
# file names may contain them.
CONTROL_CHARS = lazy_pattern(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_LINE_BREAKS = lazy_pattern(r"(?:(?<![ \t])[ \t]+)?[\r\n\x85\u2028\u2029]+[ \t]*")


def one_line(text: str) -> str:
    """Return *text* as one line without control characters."""
    return CONTROL_CHARS.sub("", _LINE_BREAKS.sub(" ", text)).replace("\t", " ").strip()


def json_line(value: Any) -> str:
    """Return *value* as one line of JSON in which control characters are escaped."""
    import json  # `--help` does not need it

    text = json.dumps(value, ensure_ascii=False, separators=(", ", ": "))
    return CONTROL_CHARS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def escape_cell(value: object) -> str:
    """Return *value* as a CSV cell.  A leading `'` stops spreadsheets from running it as a formula."""
    text = one_line(str(value))
    return f"'{text}" if text[:1] in tuple("=+-@") else text


def pluralize(count: int, noun: str) -> str:
    """Return `1 video`, `2 videos`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
