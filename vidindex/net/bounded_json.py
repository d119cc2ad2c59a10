"""Parse untrusted JSON, whose values can take thirty times the memory of its text."""

from __future__ import annotations

import json
import re

MAX_JSON_MEMORY_BYTES = 150_000_000

_BASE_BYTES = 10_000  # of the parser itself
# What CPython allocates at most for each of these characters outside strings.
_BYTES_PER_CHAR = (("{", 190), ("[", 90), (",", 40), (":", 40))
_BYTES_PER_QUOTE = 30
# A string without end extends to the end of the text: else the search would start again at each escaped quote in it.
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)


def load_bounded_json(text: str, *, max_memory_bytes: int = MAX_JSON_MEMORY_BYTES, strict: bool = True) -> object:
    """Return the value of the JSON document *text*.

    Raises `ValueError` if it is not JSON, its values may take more than *max_memory_bytes*, or it is nested too deeply.
    """
    if estimate_json_memory(text, max_memory_bytes) > max_memory_bytes:
        raise ValueError("its JSON has too many values")
    try:
        return json.loads(text, strict=strict)
    except RecursionError as exc:
        raise ValueError("its JSON is nested too deeply") from exc


def estimate_json_memory(text: str, enough: int = MAX_JSON_MEMORY_BYTES) -> int:
    """Return an upper estimate of the memory that the values in *text* take, in bytes, without parsing it.

    The estimate is precise, which takes longer, only if a rough one exceeds *enough*.
    """
    # One wide character widens all characters of its string; an escape also splits the string into parts.
    char_size = 6 if "\\u" in text else 1 if text.isascii() else 4
    strings = _BASE_BYTES + char_size * len(text) + _BYTES_PER_QUOTE * text.count('"')
    rough = strings + _count_bytes(text)
    if rough <= enough or strings > enough:
        return rough
    return strings + _count_bytes(_STRING.sub('""', text))


def _count_bytes(text: str) -> int:
    return sum(text.count(char) * size for char, size in _BYTES_PER_CHAR)
