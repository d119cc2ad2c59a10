"""JSON from strangers."""

from __future__ import annotations

import json


def load(text: str) -> object:
    """Parse *text* as JSON; raise ValueError where it is none, or nested beyond measure."""
    try:
        value: object = json.loads(text.lstrip("\ufeff"))
    except RecursionError as error:
        raise ValueError("its JSON is nested too deep") from error
    except ValueError as error:
        raise ValueError(f"its JSON is broken: {error}") from error
    return value


def load_object(text: str) -> dict[str, object]:
    """Parse *text* as a JSON object."""
    value = load(text)
    if not isinstance(value, dict):
        raise ValueError("its JSON is no object")
    return value


def as_list(value: object) -> list[object]:
    """Take *value* if it is a list, else none."""
    return value if isinstance(value, list) else []
