"""Recognize an archive by the start of its file and by its name, and open it."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from ...errors import TargetError
from ...net.optional_codecs import INSTALL_STEP, ZSTD_MAGIC, has_zstd
from .archive import PartArchive, SavedArchive
from .har import is_har, read_har
from .mhtml import is_mhtml, read_mhtml
from .wacz import is_wacz, open_wacz
from .warc import open_warc
from .warc_stream import GZIP_MAGIC, RECORD_MARK, ZSTD_DICTIONARY_MAGIC
from .webarchive import is_webarchive, read_webarchive

ArchiveFormat = Literal["", "mhtml", "webarchive", "har", "warc", "wacz", "arc", "multi-wacz"]

MAX_PART_ARCHIVE_BYTES = 80_000_000
"""The maximum size of an archive that is read as a whole."""

_READERS: Mapping[str, Callable[[Path, bytes], PartArchive]] = {
    "mhtml": read_mhtml,
    "webarchive": read_webarchive,
    "har": read_har,
}


_STEPS: Mapping[str, str] = {
    "arc": "it is an ARC file, the format before WARC: convert it with `warcio recompress OLD.arc.gz NEW.warc.gz`",
    "multi-wacz": "it only names other WACZ files: download those, and add each, or the folder with them",
}
"""What to do about archives that are not read."""

_ARC_START = re.compile(rb"filedesc://\S{1,2000} \d")
_MULTI_WACZ = re.compile(rb"\s*\{(?=[\s\S]{0,4000}\"multi-wacz-package\")")
_MAX_MARK_BYTES = 4096


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
    if _ARC_START.match(_plain_start(head)):
        return "arc"
    if _MULTI_WACZ.match(head):
        return "multi-wacz"
    return "mhtml" if is_mhtml(head) else ""


def is_warc(head: bytes, name: str) -> bool:
    """Return whether *head* is the start of a WARC file that is called *name*."""
    if head.startswith((ZSTD_MAGIC, ZSTD_DICTIONARY_MAGIC)):
        return name.lower().endswith(".warc.zst")
    return _plain_start(head).startswith(RECORD_MARK)


def _plain_start(head: bytes) -> bytes:
    """Return the start of a file that may be gzipped."""
    if not head.startswith(GZIP_MAGIC):
        return head
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(head, _MAX_MARK_BYTES)
    except zlib.error:
        return b""


def open_archive_file(path: Path, head: bytes) -> SavedArchive | None:
    """Open the archive in the file *path*, which starts with *head*, if it is of a format that is not read as a whole.

    Raises `TargetError` if it is damaged.
    """
    kind = detect_archive(head, path.name)
    if kind in _STEPS:
        raise TargetError(str(path), _STEPS[kind])
    if kind == "wacz":
        return open_wacz(path)
    if kind != "warc":
        return None
    if head.startswith((ZSTD_MAGIC, ZSTD_DICTIONARY_MAGIC)) and not has_zstd():
        step = f"{INSTALL_STEP}, or run `zstd -d {path.name}` and add the result"
        raise TargetError(str(path), f"it is compressed with zstd: {step}")
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
