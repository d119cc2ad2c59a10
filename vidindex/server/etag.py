"""ETags: a response stays valid until the index is written to."""

from __future__ import annotations

import hashlib
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from ..config import STORE_FILE
from ..store.sqlite.run_locks import RUNS_FOLDER

_CACHE_CONTROL = "private, no-cache"
"""Browsers may store a response, but must revalidate it before each use."""


def make_etag(path: Path | str, request: Request) -> str:
    """Return the ETag of the response to *request*, valid until something is written to the index at *path*,
    or a run of the queue begins or ends.

    Returns an empty string if the index is on a cluster: other machines may write to it at any time.
    """
    if isinstance(path, str):
        return ""
    state = [_file_state(path / name) for name in (STORE_FILE, f"{STORE_FILE}-wal", RUNS_FOLDER)]
    key = f"{request.url.path}?{request.url.query} {state}"
    return f'W/"{hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=12).hexdigest()}"'


def is_etag_match(request: Request, tag: str) -> bool:
    """Check whether the client already has the response with the ETag *tag*."""
    return bool(tag) and tag in (each.strip() for each in request.headers.get("if-none-match", "").split(","))


def not_modified_response(tag: str) -> Response:
    """Return a 304 response."""
    return Response(status_code=304, headers={"ETag": tag, "Cache-Control": _CACHE_CONTROL})


def add_etag(response: Response, tag: str) -> Response:
    """Add the ETag *tag* to a successful *response*."""
    if tag and response.status_code == 200:
        response.headers["ETag"] = tag
        response.headers["Cache-Control"] = _CACHE_CONTROL
    return response


def _file_state(file: Path) -> tuple[int, int]:
    try:
        status = file.stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size
