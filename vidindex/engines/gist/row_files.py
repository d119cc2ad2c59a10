"""A file of vectors: a header, the key of each row, and the rows; it never changes once it is written.

Another person may have written it, so its header is compared with its size before anything is mapped into memory.
"""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HEADER = struct.Struct("<8sQQ")
_MAGIC = b"vidgist1"
_MAX_DIM = 65_536
_DIGEST_BYTES = 16


class VectorRows(NamedTuple):
    """The *keys* (int64, see `pack_key`) of vectors, and the vectors as *rows* of int8."""

    keys: NDArray[Any]
    rows: NDArray[Any]


def write_rows(path: Path, parts: Iterable[VectorRows], *, dim: int) -> int:
    """Write all rows of *parts* to a new file at *path*, and return their number; the caller makes it known."""
    parts = list(parts)
    count = sum(len(part.keys) for part in parts)
    with path.open("wb") as file:
        file.write(_HEADER.pack(_MAGIC, dim, count))
        for part in parts:
            file.write(part.keys.astype("<i8").tobytes())
        for part in parts:
            for start in range(0, len(part.rows), 16_384):  # a mapped file need not be in memory as a whole
                file.write(part.rows[start : start + 16_384].astype("i1").tobytes())
        file.flush()
        os.fsync(file.fileno())
    return count


def map_rows(path: Path, *, dim: int) -> VectorRows:
    """Return the rows of a file, mapped into memory.

    Raises `ValueError` if it has none of *dim* dimensions, `FileNotFoundError`.
    """
    import numpy as np

    with path.open("rb") as file:
        header = file.read(_HEADER.size)
        size = os.fstat(file.fileno()).st_size
    if len(header) != _HEADER.size:
        raise ValueError(f"{path.name} is too short")
    magic, found, count = _HEADER.unpack(header)
    if magic != _MAGIC or found != dim or dim > _MAX_DIM or size != _HEADER.size + count * (8 + dim):
        raise ValueError(f"{path.name} has other rows than its header says")
    if not count:
        return VectorRows(np.empty(0, np.int64), np.empty((0, dim), np.int8))
    keys = np.fromfile(path, "<i8", count, offset=_HEADER.size)
    return VectorRows(keys, np.memmap(path, "i1", "r", _HEADER.size + 8 * count, (count, dim)))


def hash_rows(path: Path) -> str:
    """Return the checksum of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=_DIGEST_BYTES)).hexdigest()
