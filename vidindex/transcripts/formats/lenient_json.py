"""JSON from untrusted sources."""

from __future__ import annotations

import json
import re

_SURROGATES = re.compile(r"[\ud800-\udfff]")


def load_json(text: str) -> object:
    """Parse *text* as JSON.

    Raises `ValueError` if it is not JSON, or is nested too deep.
    """
    try:
        value: object = json.loads(text.lstrip("\ufeff"))
    except RecursionError as error:
        raise ValueError("its JSON is nested too deeply") from error
    except ValueError as error:
        raise ValueError(f"its JSON is broken: {error}") from error
    return _replace_surrogates(value) if "\\ud" in text or "\\uD" in text else value


def _replace_surrogates(value: object) -> object:
    """Replace lone surrogates, which escapes can state but which cannot be encoded."""
    cleaned: object = json.loads(_SURROGATES.sub("\ufffd", json.dumps(value, ensure_ascii=False)))
    return cleaned


def load_json_object(text: str) -> dict[str, object]:
    """Parse *text* as a JSON object.

    Raises `ValueError` if it is not one.
    """
    value = load_json(text)
    if not isinstance(value, dict):
        raise ValueError("its JSON is not an object")
    return value


def list_or_empty(value: object) -> list[object]:
    """Return *value* if it is a list, otherwise an empty list."""
    return value if isinstance(value, list) else []
