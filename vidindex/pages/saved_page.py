"""Read saved pages from files."""

from __future__ import annotations

import os
import zlib
from pathlib import Path

from ..errors import OutsideFolderError, TargetError
from ..net.files import open_file_inside, open_regular_file

MAX_PAGE_BYTES = 20_000_000
GZIP_MAGIC = b"\x1f\x8b\x08"


def load_page(source: bytes | str | os.PathLike[str], url: str | None = None) -> tuple[bytes | str, str | None]:
    """Return the HTML of *source* and its URL; the URL of a file is its `file:` URL unless *url* is given.

    Bytes are HTML.  A string is HTML if it is empty or contains `<`, otherwise a path.

    Raises `TargetError` if the file cannot be read.
    """
    if isinstance(source, bytes) or (isinstance(source, str) and (not source or "<" in source)):
        return source, url
    path = Path(source)
    return read_saved_page(path), url or path.absolute().as_uri()


def read_saved_page(path: Path) -> bytes:
    """Return the HTML of the file *path*, which may be gzipped.

    Raises `TargetError` if it cannot be read, is damaged, or is larger than `MAX_PAGE_BYTES`.
    """
    content = read_file_bytes(path, MAX_PAGE_BYTES)
    return _unpack(content, path) if content.startswith(GZIP_MAGIC) else content


def _unpack(content: bytes, path: Path) -> bytes:
    try:
        plain = decompress_start(content, MAX_PAGE_BYTES + 1)
    except zlib.error as exc:
        raise TargetError(str(path), "it is damaged gzip data") from exc
    if len(plain) > MAX_PAGE_BYTES:
        raise TargetError(str(path), f"it is larger than {MAX_PAGE_BYTES // 1_000_000} MB")
    return plain


def decompress_start(content: bytes, max_bytes: int) -> bytes:
    """Return at most *max_bytes* of the gzipped *content*, which may be cut.  Raises `zlib.error` if it is damaged."""
    return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(content, max_bytes)


def read_file_bytes(path: Path, max_bytes: int, *, folder: Path | None = None) -> bytes:
    """Return the content of the regular file *path*, which may be a link.

    Raises `TargetError` if it cannot be read, is not a regular file, has more than *max_bytes*, or leads out of
    *folder*, if that is given.
    """
    try:
        with open_regular_file(path) if folder is None else open_file_inside(path, folder) as file:
            content = file.read(max_bytes + 1)
    except OutsideFolderError as exc:
        raise TargetError(str(path)[:200], "it leads out of the folder; add it by its own path") from exc
    except (OSError, ValueError) as exc:  # ValueError: a null byte in the path
        reason = getattr(exc, "strerror", None) or str(exc)
        raise TargetError(str(path)[:200], f"it cannot be read ({reason})") from exc
    if len(content) > max_bytes:
        raise TargetError(str(path), f"it is larger than {max_bytes // 1_000_000} MB")
    return content
