"""Limits of what a model is sent: clean text, short fields, and results of a bounded size.

A token has at least one byte, so that a result of fewer than 25,000 bytes has fewer than 25,000 tokens, whatever the
captions contain.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_Item = TypeVar("_Item")

MAX_RESULT_BYTES = 24_000
"""Maximum size of a result: both its text and its structured content, which repeat each other."""

_UNSEEN_CATEGORIES = ("Cc", "Cf", "Co", "Cs", "Cn")
_JOINERS = "\u200c\u200d"  # Persian, Indic scripts and emoji need them
_SPACES = re.compile(r"\s+")
_WEB_URL = re.compile(r"https?://[^\s<>\"'\\^`{|}]+", re.IGNORECASE)
_MAX_URL_BYTES = 500


def clean_text(text: str, max_bytes: int) -> str:
    """Return *text* as one line of at most *max_bytes*, without characters that nobody sees.

    Such characters can hide instructions from the people who read along.
    """
    line = _SPACES.sub(" ", text[: 4 * max_bytes]).strip()
    if not line.isascii() or not line.isprintable():
        line = "".join(
            char for char in line if char in _JOINERS or unicodedata.category(char) not in _UNSEEN_CATEGORIES
        )
    if len(line) <= max_bytes and len(line.encode()) <= max_bytes and len(text) <= 4 * max_bytes:
        return line
    return line.encode()[: max_bytes - len("…".encode())].decode(errors="ignore").rstrip() + "…"


def cut_name(name: str, max_bytes: int) -> str:
    """Return the start of an id; the start identifies a video as long as no other one has it."""
    return name[:max_bytes].encode(errors="replace")[:max_bytes].decode(errors="ignore")


def web_url(url: str) -> str:
    """Return *url* if it is on the web and short, else nothing: models must not see paths of this machine."""
    return url if len(url.encode(errors="replace")) <= _MAX_URL_BYTES and _WEB_URL.fullmatch(url) else ""


def drop_empty(value: Any) -> Any:
    """Return *value*, made of dicts and lists, without fields that are empty, because each costs tokens."""
    if isinstance(value, dict):
        return {name: drop_empty(field) for name, field in value.items() if not _is_empty(field)}
    return [drop_empty(item) for item in value] if isinstance(value, (list, tuple)) else value


def _is_empty(field: Any) -> bool:
    return field is None or field is False or (isinstance(field, (str, list, tuple, dict)) and not field)


def to_fields(result: DataclassInstance) -> dict[str, Any]:
    """Return the fields of *result* that are not empty."""
    fields: dict[str, Any] = drop_empty(asdict(result))
    return fields


def to_json(fields: Any) -> str:
    """Return *fields* as JSON without spaces."""
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def wire_bytes(fields: Any) -> int:
    """Return the size of a result with these *fields*: as structured content, and once more as escaped text."""
    text = to_json(fields)
    return len(text.encode(errors="replace")) + len(to_json(text).encode(errors="replace"))


def take_fitting(items: Iterable[_Item], make: Callable[[_Item], Any], max_bytes: int) -> tuple[list[_Item], bool]:
    """Return as many of *items* as fit into *max_bytes*, and at least one, and whether there are more.

    *make* returns the fields of an item.
    """
    taken: list[_Item] = []
    left = max_bytes
    for item in items:
        left -= wire_bytes(make(item)) + 4  # commas and brackets
        if left < 0 and taken:
            return taken, True
        taken.append(item)
    return taken, False
