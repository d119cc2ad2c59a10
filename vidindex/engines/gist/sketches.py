"""Sketches of vectors: two bits for each component, by which a search finds the few that may be nearest to another.

A component counts as -3, -1, 1 or 3: one bit is its sign, the other one tells whether the number is the greater one of
its sign.  The vector of a query has four bits for each component, so that its product with a sketch is a sum of numbers
of common bits, which processors count quickly.  The vectors that are likely are then compared exactly.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Any

from .vectors import SCALE

if TYPE_CHECKING:
    from numpy.typing import NDArray

_QUERY_BITS = 4
_MAX_QUERY_VALUE = (1 << (_QUERY_BITS - 1)) - 1
_COLUMNS_PER_BLOCK = 8_192  # with what is computed from them, they fit into the cache of a processor core
_SIGNS_KEPT = 0.1  # the share of the vectors that is also compared by the second bit
_MIN_LIKELY = 8_000
_LIKELY_PER_RESULT = 16
_MAX_SAMPLE = 65_536


def count_words(dim: int) -> int:
    """Return the number of 64-bit words that have a bit for each of *dim* components."""
    return -(-dim // 64)


def make_sketch(rows: NDArray[Any]) -> NDArray[Any]:
    """Return the sketches of quantized *rows* as columns: first the words of the signs, then those of the other bit."""
    import numpy as np

    threshold = round(0.9 * SCALE / sqrt(rows.shape[1]))
    is_positive = rows >= 0
    is_greater = is_positive == ((rows > threshold) | (rows < -threshold))
    return np.stack([_pack_bits(is_positive).T, _pack_bits(is_greater).T])


def find_likely(
    sketch: NDArray[Any], vector: NDArray[Any], *, limit: int, places: NDArray[Any] | None = None
) -> NDArray[Any]:
    """Return in order the places of some thousands of the columns of *sketch*, with nearly all of the *limit* nearest.

    *places* are the only columns to compare, in order.
    """
    query = _quantize_query(vector)
    scores = _multiply(sketch[0], query)
    if places is not None:
        scores = scores[places]
    count = max(_MIN_LIKELY, _LIKELY_PER_RESULT * limit)
    kept = _select_greatest(scores, max(count, round(_SIGNS_KEPT * len(scores))))
    columns = kept if places is None else places[kept]
    likely: NDArray[Any] = columns[_select_greatest(2 * scores[kept] + _multiply(sketch[1][:, columns], query), count)]
    return likely


def _pack_bits(bits: NDArray[Any]) -> NDArray[Any]:
    """Return rows of *bits* as rows of 64-bit words."""
    import numpy as np

    packed = np.zeros((len(bits), 8 * count_words(bits.shape[1])), np.uint8)
    octets = np.packbits(bits, axis=1)
    packed[:, : octets.shape[1]] = octets
    return packed.view("<u8")


def _quantize_query(vector: NDArray[Any]) -> NDArray[Any]:
    """Return the bits of the components of *vector*, in two's complement: the words of the lowest ones first."""
    import numpy as np

    greatest = float(np.abs(vector).max()) or 1.0
    values = np.rint(vector * (_MAX_QUERY_VALUE / greatest)).astype(np.int8).view(np.uint8)
    return np.concatenate([_pack_bits(((values >> bit) & 1).astype(bool)[None]) for bit in range(_QUERY_BITS)])


def _multiply(words: NDArray[Any], query: NDArray[Any]) -> NDArray[Any]:
    """Return for each column of *words* the sum of the components of *query* whose bit is set."""
    import numpy as np

    greatest = 64 * len(words) << _QUERY_BITS
    sums = np.zeros(words.shape[1], np.int16 if greatest < 1 << 14 else np.int32)  # two such sums are added
    for start in range(0, len(sums), _COLUMNS_PER_BLOCK):
        block = words[:, start : start + _COLUMNS_PER_BLOCK]
        total: NDArray[Any] = sums[start : start + _COLUMNS_PER_BLOCK]
        for bit in reversed(range(_QUERY_BITS)):
            counts = np.bitwise_count(block & query[bit][:, None]).sum(axis=0, dtype=sums.dtype)
            np.add(2 * total, counts, out=total)
            if bit == _QUERY_BITS - 1:
                np.negative(total, out=total)
    return sums


def _select_greatest(scores: NDArray[Any], count: int) -> NDArray[Any]:
    """Return the places of about *count* of the greatest *scores*, in order."""
    import numpy as np

    if count >= len(scores):
        return np.arange(len(scores))
    sample = scores[:: -(-len(scores) // _MAX_SAMPLE)]
    rank = len(sample) - 1 - len(sample) * count // len(scores)
    return np.flatnonzero(scores >= np.partition(sample, rank)[rank])
