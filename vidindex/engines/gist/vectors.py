"""Vectors of 8-bit integers, and the search for those nearest to another, which compares all of them.

The rows of a matrix have unit length before they are quantized.  All use one scale, `SCALE`, so that the product of two
rows divided by its square is their cosine.  The caller stores the rows; see `pack_key` for what names them.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from numpy.typing import NDArray

SCALE = 127.0 * 2.5
"""No component of a unit vector of 256 dimensions is expected to exceed 1 / 2.5; a greater one is cut."""

_TOKEN_BITS = 20
_ROWS_PER_BLOCK = 2_048  # as float32, they fit into the cache of a processor core
_MIN_ROWS_FOR_THREADS = 50_000
"""From this number on, two threads compare a half each: what a thread costs is a small part of their time then."""


Number = TypeVar("Number", int, "NDArray[Any]")
"""A number, or an array of several."""


class VectorSource(Protocol):
    """The vectors of the windows of an index, which a store keeps."""

    def nearest(
        self, vector: NDArray[Any], *, limit: int, tracks: Collection[int] | None = None
    ) -> list[tuple[int, float]]:
        """Return the keys and cosines of the *limit* windows nearest to *vector*, best first, only those of *tracks*.

        None as *tracks* means all of them.
        """

    def count_rows(self) -> int:
        """Return the number of vectors."""


def pack_key(track: Number, first_token: Number) -> Number:
    """Return the key of the window of *track* that starts at *first_token*, which is below `MAX_TOKENS`."""
    key: Number = track << _TOKEN_BITS | first_token
    return key


def unpack_key(key: Number) -> tuple[Number, Number]:
    """Return the track and the first token of a window: the inverse of `pack_key`."""
    return key >> _TOKEN_BITS, key & ((1 << _TOKEN_BITS) - 1)


def quantize(vectors: NDArray[Any]) -> NDArray[Any]:
    """Return rows of unit length as int8, of the same shape."""
    import numpy as np

    return np.clip(np.rint(vectors * SCALE), -127, 127).astype(np.int8)


def search_exact(
    rows: NDArray[Any], keys: NDArray[Any], vector: NDArray[Any], *, limit: int, places: NDArray[Any] | None = None
) -> list[tuple[int, float]]:
    """Return the keys and cosines of the *limit* of *rows* nearest to *vector*, best first.

    *rows* may be mapped from a file: a block of them is read at a time, or two if there are many rows.  *places* are
    the only ones to compare, in order.  Equal cosines are ordered by key.
    """
    import numpy as np

    count = len(rows) if places is None else len(places)
    if not count or limit < 1:
        return []
    scores = np.empty(count, np.float32)
    weights = (vector / SCALE).astype(np.float32)

    def compare(first: int, end: int) -> None:
        block = np.empty((min(end - first, _ROWS_PER_BLOCK), rows.shape[1]), np.float32)
        for start in range(first, end, _ROWS_PER_BLOCK):
            part = slice(start, min(start + _ROWS_PER_BLOCK, end))
            held = block[: part.stop - start]
            held[...] = rows[part] if places is None else rows[places[part]]
            # Not `held @ weights`, which OpenBLAS divides among threads, where waiting for each other takes longer.
            np.vecdot(held, weights, out=scores[part])

    if count < _MIN_ROWS_FOR_THREADS:
        compare(0, count)
    else:
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(1) as other:
            rest = other.submit(compare, count // 2, count)
            compare(0, count // 2)
            rest.result()
    return _take_best(scores, keys if places is None else keys[places], limit=limit)


def _take_best(scores: NDArray[Any], keys: NDArray[Any], *, limit: int) -> list[tuple[int, float]]:
    """Return the *limit* greatest of *scores* with their *keys*, best first."""
    import numpy as np

    size = min(limit, len(scores))
    best = np.argpartition(-scores, size - 1)[:size]
    ordered = best[np.lexsort((keys[best], -scores[best]))]
    return list(zip(keys[ordered].tolist(), scores[ordered].tolist(), strict=True))
