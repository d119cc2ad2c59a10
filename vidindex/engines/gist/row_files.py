"""A file of vectors: a header, the key of each row, the rows, and sketches of many ones; it never changes once written.

Another person may have written it, so its header is compared with its size before anything is mapped into memory.
"""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from .sketches import count_words, make_sketch

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HEADER = struct.Struct("<8sQQ")
_MAGIC = b"vidgist1"
_SKETCHED_MAGIC = b"vidgist2"
_MAX_DIM = 65_536
_DIGEST_BYTES = 16
_ROWS_PER_BLOCK = 16_384  # a mapped file need not be in memory as a whole

MIN_SKETCHED_ROWS = 300_000
"""Rows from which on a file has sketches; to compare fewer ones takes little longer, and is exact."""


class VectorRows(NamedTuple):
    """The *keys* (int64, see `pack_key`) of vectors, the vectors as *rows* of int8, and the *sketch* of many ones."""

    keys: NDArray[Any]
    rows: NDArray[Any]
    sketch: NDArray[Any] | None = None


def write_rows(path: Path, parts: Iterable[tuple[VectorRows, NDArray[Any] | None]], *, dim: int) -> int:
    """Write all rows of *parts* to a new file at *path*, and return their number; the caller makes it known.

    A part has an array of booleans that selects rows, or None.
    """
    parts = list(parts)
    keys = [part.keys if is_live is None else part.keys[is_live] for part, is_live in parts]
    count = sum(map(len, keys))
    with path.open("w+b") as file:
        file.write(_HEADER.pack(_SKETCHED_MAGIC if count >= MIN_SKETCHED_ROWS else _MAGIC, dim, count))
        for each in keys:
            file.write(each.astype("<i8").tobytes())
        for part, is_live in parts:
            for start in range(0, len(part.rows), _ROWS_PER_BLOCK):
                block = part.rows[start : start + _ROWS_PER_BLOCK]
                selected = block if is_live is None else block[is_live[start : start + _ROWS_PER_BLOCK]]
                file.write(selected.astype("i1").tobytes())
        if count >= MIN_SKETCHED_ROWS:
            _write_sketch(file, dim, count)
        file.flush()
        os.fsync(file.fileno())
    return count


def _write_sketch(file: BinaryIO, dim: int, count: int) -> None:
    """Append the sketches of the rows in *file*."""
    import numpy as np

    first_row, first_word = _HEADER.size + 8 * count, _HEADER.size + (8 + dim) * count
    for start in range(0, count, _ROWS_PER_BLOCK):
        file.seek(first_row + start * dim)
        rows = np.frombuffer(file.read(min(_ROWS_PER_BLOCK, count - start) * dim), "i1").reshape(-1, dim)
        for column, words in enumerate(make_sketch(rows).reshape(-1, len(rows))):
            file.seek(first_word + 8 * (column * count + start))
            file.write(words.tobytes())


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
    if magic not in (_MAGIC, _SKETCHED_MAGIC) or found != dim or dim > _MAX_DIM:
        raise ValueError(f"{path.name} has other rows than its header says")
    words = count_words(dim) if magic == _SKETCHED_MAGIC else 0
    first_word = _HEADER.size + count * (8 + dim)
    if size != first_word + 2 * 8 * words * count:
        raise ValueError(f"{path.name} has other rows than its header says")
    if not count:
        return VectorRows(np.empty(0, np.int64), np.empty((0, dim), np.int8))
    keys = np.fromfile(path, "<i8", count, offset=_HEADER.size)
    rows = np.memmap(path, "i1", "r", _HEADER.size + 8 * count, (count, dim))
    return VectorRows(keys, rows, np.memmap(path, "<u8", "r", first_word, (2, words, count)) if words else None)


def hash_rows(path: Path) -> str:
    """Return the checksum of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=_DIGEST_BYTES)).hexdigest()
