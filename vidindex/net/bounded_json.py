"""Parse untrusted JSON, whose values can take thirty times the memory of its text."""

from __future__ import annotations

import json

MAX_JSON_MEMORY_BYTES = 150_000_000

_BASE_BYTES = 10_000  # of the parser itself
# What CPython allocates at most for each of these characters outside strings.  Those inside strings are counted too:
# the estimate may be too high, but never too low.
_BYTES_PER_CHAR = (("{", 190), ("[", 90), ('"', 30), (",", 40), (":", 40))


def load_bounded_json(text: str, *, max_memory_bytes: int = MAX_JSON_MEMORY_BYTES, strict: bool = True) -> object:
    """Return the value of the JSON document *text*.

    Raises `ValueError` if it is not JSON, its values may take more than *max_memory_bytes*, or it is nested too deeply.
    """
    if estimate_json_memory(text) > max_memory_bytes:
        raise ValueError("its JSON has too many values")
    try:
        return json.loads(text, strict=strict)
    except RecursionError as exc:
        raise ValueError("its JSON is nested too deeply") from exc


def estimate_json_memory(text: str) -> int:
    """Return an upper estimate of the memory that the values in *text* take, in bytes, without parsing it."""
    # One wide character widens all characters of its string; an escape also splits the string into parts.
    char_size = 6 if "\\u" in text else 1 if text.isascii() else 4
    return _BASE_BYTES + char_size * len(text) + sum(text.count(char) * size for char, size in _BYTES_PER_CHAR)
