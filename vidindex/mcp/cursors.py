"""Cursors: the place at which the next page of a result starts, as a short text that only this server reads."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from ..errors import BadRequestError
from .bounds import to_json

MAX_CURSOR_CHARS = 40
_CURSOR = re.compile(r"([0-9]{1,9})-([0-9a-f]{8})")


def make_cursor(place: int, request: Mapping[str, Any]) -> str:
    """Return the cursor of *place* in the results of *request*."""
    return f"{place}-{_digest(request)}"


def read_cursor(cursor: str, request: Mapping[str, Any]) -> int:
    """Return the place of *cursor*, 0 if it is empty.

    Raises `BadRequestError` if it does not belong to *request*.
    """
    if not cursor:
        return 0
    match = _CURSOR.fullmatch(cursor)
    if match is None or match[2] != _digest(request):
        raise BadRequestError("cursor", "it belongs to another request: repeat that request, or leave out the cursor")
    return int(match[1])


def _digest(request: Mapping[str, Any]) -> str:
    named = to_json(sorted((name, str(value)) for name, value in request.items() if name not in ("cursor", "limit")))
    return hashlib.blake2b(named.encode(errors="replace"), digest_size=4).hexdigest()
