"""Read saved pages from files."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import TargetError

MAX_PAGE_BYTES = 20_000_000


def load_page(source: bytes | str | os.PathLike[str], url: str | None = None) -> tuple[bytes | str, str | None]:
    """Return the HTML of *source* and its URL; the URL of a file is its `file:` URL unless *url* is given.

    Bytes are HTML.  A string is HTML if it is empty or contains `<`, otherwise a path.

    Raises `TargetError` if the file cannot be read.
    """
    if isinstance(source, bytes) or (isinstance(source, str) and (not source or "<" in source)):
        return source, url
    path = Path(source)
    return read_file_bytes(path, MAX_PAGE_BYTES), url or path.absolute().as_uri()


def read_file_bytes(path: Path, max_bytes: int) -> bytes:
    """Return the content of *path*.

    Raises `TargetError` if it cannot be read or has more than *max_bytes*.
    """
    try:
        with path.open("rb") as file:
            content = file.read(max_bytes + 1)
    except (OSError, ValueError) as exc:  # ValueError: a null byte in the path
        reason = getattr(exc, "strerror", None) or str(exc)
        raise TargetError(str(path)[:200], f"it cannot be read ({reason})") from exc
    if len(content) > max_bytes:
        raise TargetError(str(path), f"it is larger than {max_bytes // 1_000_000} MB")
    return content
