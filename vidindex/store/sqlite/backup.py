"""Backups of a store: one file, compressed, with a checksum.

A backup is a gzip file whose content is a SQLite database: the store, without the engine.  The header of the gzip file
has the size and the checksum of the content.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ...config import STORE_FILE
from ...errors import BackupError, explain_too_many_files
from ..temporary_folder import sync_folder, temporary_folder
from .connection import SqliteDatabase

_GZIP_START = b"\x1f\x8b\x08\x04" + bytes(4) + b"\x00\xff"
"""The start of a gzip file with an extra field, without a name or a time."""

_EXTRA_ID = b"VI"
_EXTRA_VERSION = b"\x01"
_DIGEST_BYTES = 32
_FIELD_BYTES = len(_EXTRA_VERSION) + 8 + _DIGEST_BYTES
_HEADER_BYTES = len(_GZIP_START) + 2 + len(_EXTRA_ID) + 2 + _FIELD_BYTES
_FOOTER_BYTES = 8  # the checksum and the size that gzip has

_ZLIB_LEVEL = 1
"""Captions and transcripts are compressed already."""

_CHUNK_BYTES = 1 << 20
_PAGES_PER_STEP = 2000
_MAX_COMPRESSION = 1100
"""Deflate makes nothing smaller than by this factor, so a larger size in a header is wrong."""

ReportProgress = Callable[[int, int], None]
"""Is called with the bytes that are done, and all bytes."""


def write_backup(store: SqliteDatabase, path: Path, report: ReportProgress) -> int:
    """Write a backup of *store*, which may be written to meanwhile, to *path*, and return its size in bytes.

    An earlier backup at *path* is replaced when the new one is complete; no other file is.

    Raises `BackupError`.
    """
    path = Path(os.path.realpath(path))
    with _translate_errors(path):
        _check_target(path)
        with temporary_folder(path) as folder:
            copy, packed = folder / STORE_FILE, folder / "packed"
            with store.translate_errors():
                _copy_database(store.connection, copy, report)
            size = _compress_file(copy, packed)
            packed.replace(path)
            sync_folder(path.parent)
    return size


def read_backup(path: Path, folder: Path, report: ReportProgress) -> None:
    """Write the store in the backup *path* into *folder*, and verify it.

    Raises `BackupError` if the file is damaged or not a backup.
    """
    with _translate_errors(path):
        if not path.is_file():
            raise BackupError(str(path), "it is not a file" if path.exists() else "there is no such file")
        with path.open("rb") as packed:
            size, digest = _read_header(path, packed)
            free = shutil.disk_usage(folder).free
            if size > free:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            with (folder / STORE_FILE).open("xb") as file:
                found = _decompress(path, packed, file, size, report)
                file.flush()
                os.fsync(file.fileno())
            if found != digest:
                raise _damaged(path)


def _check_target(path: Path) -> None:
    if path.is_dir():
        raise BackupError(str(path), "it is a folder; name the file to write")
    if not path.parent.is_dir():
        raise BackupError(str(path), f"there is no folder {path.parent}")
    if path.exists() and not _is_backup(path):
        raise BackupError(str(path), "another file has this name, which is not a backup; choose another name")


def _is_backup(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return _parse_header(file.read(_HEADER_BYTES)) is not None


def _copy_database(source: sqlite3.Connection, path: Path, report: ReportProgress) -> None:
    """Copy the database of *source* to *path*, as it is now: a read transaction keeps out what is written meanwhile."""
    page_bytes = int(source.execute("PRAGMA page_size").fetchone()[0])
    target = sqlite3.connect(path, isolation_level=None)
    try:
        target.execute("PRAGMA synchronous = OFF")  # the copy is temporary
        source.execute("BEGIN")
        try:
            source.execute("SELECT count(*) FROM sqlite_master").fetchone()
            source.backup(
                target,
                pages=_PAGES_PER_STEP,
                progress=lambda _, remaining, total: report((total - remaining) * page_bytes, total * page_bytes),
            )
        except sqlite3.OperationalError as exc:
            if "full" not in str(exc):
                raise
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from exc  # of the copy, not of the index
        finally:
            source.execute("COMMIT")
        target.execute("PRAGMA journal_mode = DELETE")  # one file: it needs no other to be read
    finally:
        target.close()


def _compress_file(source: Path, path: Path) -> int:
    """Compress *source* to *path*, and return the size of the result."""
    compressor = zlib.compressobj(_ZLIB_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    total = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    crc = size = 0
    with source.open("rb") as plain, path.open("wb") as packed:
        packed.write(bytes(_HEADER_BYTES))
        while chunk := plain.read(_CHUNK_BYTES):
            total.update(chunk)
            crc = zlib.crc32(chunk, crc)
            size += len(chunk)
            packed.write(compressor.compress(chunk))
        packed.write(compressor.flush())
        packed.write(crc.to_bytes(4, "little") + (size % 2**32).to_bytes(4, "little"))
        written = packed.tell()
        packed.seek(0)
        packed.write(_make_header(size, total.digest()))
        packed.flush()
        os.fsync(packed.fileno())
    return written


def _make_header(size: int, digest: bytes) -> bytes:
    field = _EXTRA_VERSION + size.to_bytes(8, "little") + digest
    length = _FIELD_BYTES.to_bytes(2, "little")
    return _GZIP_START + (len(_EXTRA_ID) + 2 + _FIELD_BYTES).to_bytes(2, "little") + _EXTRA_ID + length + field


def _parse_header(header: bytes) -> tuple[int, bytes] | None:
    """Return the size and the checksum of the content; None if *header* is not exactly that of a backup."""
    size = int.from_bytes(header[-_DIGEST_BYTES - 8 : -_DIGEST_BYTES], "little")
    digest = header[-_DIGEST_BYTES:]
    is_header = len(header) == _HEADER_BYTES and header == _make_header(size, digest)
    return (size, digest) if is_header else None


def _read_header(path: Path, packed: BinaryIO) -> tuple[int, bytes]:
    """Return the size and the checksum of the content."""
    parsed = _parse_header(packed.read(_HEADER_BYTES))
    if parsed is None:
        raise BackupError(str(path), "it is not a backup of vidindex")
    if parsed[0] > _MAX_COMPRESSION * os.fstat(packed.fileno()).st_size:
        raise _damaged(path)
    return parsed


def _decompress(path: Path, packed: BinaryIO, file: BinaryIO, size: int, report: ReportProgress) -> bytes:
    """Write the content of *packed*, at most *size* bytes, to *file*, and return its checksum."""
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    total = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    crc = done = 0
    while not stream.eof:
        data = stream.unconsumed_tail or packed.read(_CHUNK_BYTES)
        if not data:
            raise _damaged(path)
        try:
            chunk = stream.decompress(data, _CHUNK_BYTES)
        except zlib.error as exc:
            raise _damaged(path) from exc
        done += len(chunk)
        if done > size:
            raise _damaged(path)
        total.update(chunk)
        crc = zlib.crc32(chunk, crc)
        file.write(chunk)
        report(done, size)
    footer = crc.to_bytes(4, "little") + (size % 2**32).to_bytes(4, "little")
    if done != size or stream.unused_data + packed.read(_FOOTER_BYTES + 1) != footer:
        raise _damaged(path)
    return total.digest()


def _damaged(path: Path) -> BackupError:
    return BackupError(str(path), "it is damaged or incomplete; use another backup")


@contextmanager
def _translate_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except BackupError:
        raise
    except sqlite3.Error as exc:
        raise BackupError(str(path), f"its temporary copy cannot be written ({exc}); free some space") from exc
    except OSError as exc:
        reason = explain_too_many_files((exc.strerror or str(exc)).lower())
        if exc.errno in (errno.ENOSPC, errno.EDQUOT):
            reason = "the disk is full; free some space and run the same command again"
        raise BackupError(str(path), reason) from exc
    except ValueError as exc:  # a null byte in the name
        raise BackupError(str(path), str(exc)) from exc
