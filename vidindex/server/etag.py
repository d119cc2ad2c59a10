"""Whether an answer is still true: the index has not been written to since."""

from __future__ import annotations

import hashlib
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from ..config import STORE_FILE

_CACHE_CONTROL = "private, no-cache"
"""An answer may be kept, if it is asked each time whether it is still true."""


def make_etag(path: Path | str, request: Request) -> str:
    """Name what the index at *path* answers to *request* as long as nothing is written to it.

    Empty for one on a cluster: others may write to it at any moment.
    """
    if isinstance(path, str):
        return ""
    state = [_file_state(path / name) for name in (STORE_FILE, f"{STORE_FILE}-wal")]
    asked = f"{request.url.path}?{request.url.query} {state}"
    return f'W/"{hashlib.blake2b(asked.encode("utf-8", "replace"), digest_size=12).hexdigest()}"'


def is_etag_match(request: Request, tag: str) -> bool:
    """Check whether the one who asks has the answer *tag* already."""
    return bool(tag) and tag in (each.strip() for each in request.headers.get("if-none-match", "").split(","))


def not_modified_response(tag: str) -> Response:
    """Say that the answer is still true."""
    return Response(status_code=304, headers={"ETag": tag, "Cache-Control": _CACHE_CONTROL})


def add_etag(response: Response, tag: str) -> Response:
    """Name what was answered."""
    if tag and response.status_code == 200:
        response.headers["ETag"] = tag
        response.headers["Cache-Control"] = _CACHE_CONTROL
    return response


def _file_state(file: Path) -> tuple[int, int]:
    try:
        found = file.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size
