"""Compression in the zlib format.

ISA-L writes it in half the time of zlib, and less, if it is installed; what it wrote is read without it.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import cache

_ISAL_LEVEL = 3


def compress(data: bytes, *, zlib_level: int = 4) -> bytes:
    """Compress *data*; without ISA-L, zlib does it with *zlib_level*."""
    compress_fast = _load_isal()
    return zlib.compress(data, zlib_level) if compress_fast is None else compress_fast(data, _ISAL_LEVEL)


@cache
def _load_isal() -> Callable[[bytes, int], bytes] | None:
    try:
        from isal import isal_zlib  # only what writes needs it
    except ImportError:
        return None
    return isal_zlib.compress


def decompress_bounded(data: bytes, max_bytes: int) -> bytes:
    """Return the decompressed *data*, which another person may have written.

    Raises `ValueError` if it is not compressed data, is damaged or has more than *max_bytes* bytes.
    """
    stream = zlib.decompressobj()
    try:
        plain = stream.decompress(data, max_bytes)
    except (zlib.error, TypeError) as exc:
        raise ValueError("compressed data is damaged") from exc
    if not stream.eof:
        raise ValueError("compressed data is cut or too large")
    return plain
