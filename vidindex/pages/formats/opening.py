"""Recognize an archive by the start of its file and by its name, and open it."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from ...errors import TargetError
from .archive import PartArchive, SavedArchive
from .har import is_har, read_har
from .mhtml import is_mhtml, read_mhtml
from .wacz import is_wacz, open_wacz
from .warc import open_warc
from .warc_stream import GZIP_MAGIC, RECORD_MARK, ZSTD_MAGIC
from .webarchive import is_webarchive, read_webarchive

ArchiveFormat = Literal["", "mhtml", "webarchive", "har", "warc", "wacz"]

MAX_PART_ARCHIVE_BYTES = 80_000_000
"""The maximum size of an archive that is read as a whole."""

_READERS: Mapping[str, Callable[[Path, bytes], PartArchive]] = {
    "mhtml": read_mhtml,
    "webarchive": read_webarchive,
    "har": read_har,
}


def detect_archive(head: bytes, name: str) -> ArchiveFormat:
    """Return the format of the archive whose file starts with *head* and is called *name*; "" if it is not one."""
    suffix = Path(name).suffix.lower()
    if is_wacz(head, suffix):
        return "wacz"
    if is_warc(head, name):
        return "warc"
    if is_webarchive(head, suffix):
        return "webarchive"
    if is_har(head):
        return "har"
    return "mhtml" if is_mhtml(head) else ""


def is_warc(head: bytes, name: str) -> bool:
    """Return whether *head* is the start of a WARC file that is called *name*."""
    if head.startswith(GZIP_MAGIC):
        try:
            head = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(head, len(RECORD_MARK))
        except zlib.error:
            return False
    return head.startswith(RECORD_MARK) or (head.startswith(ZSTD_MAGIC) and name.lower().endswith(".warc.zst"))


def open_archive_file(path: Path, head: bytes) -> SavedArchive | None:
    """Open the archive in the file *path*, which starts with *head*, if it is of a format that is not read as a whole.

    Raises `TargetError` if it is damaged.
    """
    kind = detect_archive(head, path.name)
    if kind == "wacz":
        return open_wacz(path)
    if kind != "warc":
        return None
    if head.startswith(ZSTD_MAGIC):
        raise TargetError(str(path), f"it is compressed with zstd; run `zstd -d {path.name}` first")
    return open_warc(path)


def read_archive(content: bytes, path: Path = Path()) -> PartArchive | None:
    """Return the archive that *content* is, or None if it is not one.

    Raises `TargetError` if it is damaged or contains no page.
    """
    kind = detect_archive(content[:4096], path.name)
    if kind not in _READERS:
        return None
    try:
        return _READERS[kind](path, content)
    except ValueError as exc:
        raise TargetError(path.name or "the page", str(exc)) from exc
