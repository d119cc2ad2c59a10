"""Vectors of 8-bit integers, and the search for those nearest to another, which compares all of them.

The rows of a matrix have unit length before they are quantized.  All use one scale, `SCALE`, so that the product of two
rows divided by its square is their cosine.  The caller stores the rows; see `pack_key` for what names them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from numpy.typing import NDArray

SCALE = 127.0 * 2.5
"""No component of a unit vector of 256 dimensions is expected to exceed 1 / 2.5; a greater one is cut."""

_TOKEN_BITS = 20
_ROWS_PER_BLOCK = 16_384


class VectorSource(Protocol):
    """The vectors of the windows of an index, which a store keeps."""

    def nearest(
        self, vector: NDArray[Any], *, limit: int, tracks: Collection[int] | None = None
    ) -> list[tuple[int, float]]:
        """Return the keys and cosines of the *limit* windows nearest to *vector*, best first, only those of *tracks*.

        None as *tracks* means all of them.
        """


def pack_key(track: int, first_token: int) -> int:
    """Return the key of the window of *track* that starts at *first_token*, which is below `MAX_TOKENS`."""
    return track << _TOKEN_BITS | first_token


def unpack_key(key: int) -> tuple[int, int]:
    """Return the track and the first token of a window: the inverse of `pack_key`."""
    return key >> _TOKEN_BITS, key & ((1 << _TOKEN_BITS) - 1)


def quantize(vectors: NDArray[Any]) -> NDArray[Any]:
    """Return rows of unit length as int8, of the same shape."""
    import numpy as np

    return np.clip(np.rint(vectors * SCALE), -127, 127).astype(np.int8)


def search_exact(
    rows: NDArray[Any], keys: NDArray[Any], vector: NDArray[Any], *, limit: int, mask: NDArray[Any] | None = None
) -> list[tuple[int, float]]:
    """Return the keys and cosines of the *limit* of *rows* nearest to *vector*, best first.

    *rows* may be mapped from a file: a block of them is read at a time.  *mask* selects rows.  Equal cosines are
    ordered by key.
    """
    import numpy as np

    if not len(rows) or limit < 1:
        return []
    scores = np.empty(len(rows), np.float32)
    weights = (vector / SCALE).astype(np.float32)
    for start in range(0, len(rows), _ROWS_PER_BLOCK):
        block = rows[start : start + _ROWS_PER_BLOCK]
        scores[start : start + len(block)] = block.astype(np.float32) @ weights
    if mask is not None:
        scores[~mask] = -np.inf
    return take_best(scores, keys, limit=limit)


def take_best(scores: NDArray[Any], keys: NDArray[Any], *, limit: int) -> list[tuple[int, float]]:
    """Return the *limit* greatest of *scores* with their *keys*, best first; minus infinity is left out."""
    import numpy as np

    size = min(limit, len(scores))
    best = np.argpartition(-scores, size - 1)[:size]
    best = best[np.isfinite(scores[best])]
    ordered: Sequence[int] = best[np.lexsort((keys[best], -scores[best]))]
    return [(int(keys[at]), float(scores[at])) for at in ordered]
