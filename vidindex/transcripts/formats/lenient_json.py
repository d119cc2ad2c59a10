"""JSON from strangers."""

from __future__ import annotations

import json
import re

_SURROGATES = re.compile(r"[\ud800-\udfff]")


def load_json(text: str) -> object:
    """Parse *text* as JSON; raise ValueError where it is none, or nested beyond measure."""
    try:
        value: object = json.loads(text.lstrip("\ufeff"))
    except RecursionError as error:
        raise ValueError("its JSON is nested too deep") from error
    except ValueError as error:
        raise ValueError(f"its JSON is broken: {error}") from error
    return _replace_surrogates(value) if "\\ud" in text or "\\uD" in text else value


def _replace_surrogates(value: object) -> object:
    """Put a mark in place of half characters: an escape may state one, but nothing can be done with it."""
    found: object = json.loads(_SURROGATES.sub("\ufffd", json.dumps(value, ensure_ascii=False)))
    return found


def load_json_object(text: str) -> dict[str, object]:
    """Parse *text* as a JSON object."""
    value = load_json(text)
    if not isinstance(value, dict):
        raise ValueError("its JSON is no object")
    return value


def list_or_empty(value: object) -> list[object]:
    """Take *value* if it is a list, else none."""
    return value if isinstance(value, list) else []
