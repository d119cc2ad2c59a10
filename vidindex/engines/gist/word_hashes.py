"""Hashes of the words of a text, which arrays hold: to compare a word as a string takes ten times as long."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PIECE_BYTES = 65_536
"""A text is hashed in pieces, which fit into the cache of a processor core; of a longer word, only its start counts."""

_FACTOR = 8 * int.from_bytes(os.urandom(7), "little") + 5
"""The factor of each next byte: another one in each process, so that nobody can choose short words of equal hashes.

Words of a thousand bytes exist whose hashes are equal for every factor; they only make sentences look alike.
"""

_NO_WORD = 0  # the hash of an empty word


class HashedWords(NamedTuple):
    """The *hashes* (uint64) of words, which *data* has between *starts* and *ends*.

    They are taken for the words themselves: with 64 bits, those of two words are practically never the same.
    """

    hashes: NDArray[Any]
    data: bytes
    starts: NDArray[Any]
    ends: NDArray[Any]

    def select(self, places: slice | NDArray[Any]) -> HashedWords:
        """Return the words at *places*."""
        return HashedWords(self.hashes[places], self.data, self.starts[places], self.ends[places])

    def without(self, places: Sequence[int]) -> HashedWords:
        """Return the words with empty ones at *places*."""
        hashes, ends = self.hashes.copy(), self.ends.copy()
        hashes[places], ends[places] = _NO_WORD, self.starts[places]
        return self._replace(hashes=hashes, ends=ends)

    def spell(self, places: NDArray[Any]) -> Sequence[str]:
        """Return the words at *places* themselves."""
        ranges = zip(self.starts[places].tolist(), self.ends[places].tolist(), strict=True)
        return [self.data[start:end].decode("utf-8", "surrogatepass") for start, end in ranges]


def hash_words(text: str, separator: str) -> HashedWords:
    """Return the words of *text* between separators, which are a character of ASCII; there is one word at least."""
    import numpy as np

    data = text.encode("utf-8", "surrogatepass")
    hashed = [_hash_piece(data, start, end, ord(separator)) for start, end in _cut(data, separator.encode())]
    hashes, starts, ends = (np.concatenate(column) for column in zip(*hashed, strict=True))
    return HashedWords(hashes, data, starts, ends)


def hash_list(words: Sequence[str]) -> HashedWords:
    """Return *words*, none of which has a newline."""
    return hash_words("\n".join(words), "\n").select(slice(len(words)))


def _cut(data: bytes, separator: bytes) -> Iterator[tuple[int, int]]:
    """Yield where the pieces of *data* start and end: between two words, or at last within a long one."""
    start = 0
    while start <= len(data):
        rest = len(data) - start
        end = len(data) if rest <= _PIECE_BYTES else data.rfind(separator, start, start + _PIECE_BYTES)
        if end >= 0:
            yield start, end
        else:
            yield start, _find_character(data, start + _PIECE_BYTES)
            end = data.find(separator, start)
        start = end + 1 if end >= 0 else len(data) + 1


def _find_character(data: bytes, at: int) -> int:
    """Return the start of the character around *at*."""
    while data[at] & 0xC0 == 0x80:
        at -= 1
    return at


def _hash_piece(data: bytes, start: int, end: int, separator: int) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return the hashes of the words from *start* to *end*, where they start, and where they end."""
    import numpy as np

    powers, inverse = _list_powers()
    piece = np.frombuffer(data, np.uint8, end - start, start)
    ends = np.append(np.flatnonzero(piece == separator), len(piece))
    starts = np.append(0, ends[:-1] + 1)
    # A hash is the sum of the bytes of a word times powers of the factor, which begin with 1 for each word.
    sums = np.zeros(len(piece) + 1, np.uint64)
    np.add(piece, 256, out=sums[1:], dtype=np.uint64)
    sums[1:] *= powers[: len(piece)]
    np.cumsum(sums, out=sums)
    return (sums[ends] - sums[starts]) * inverse[starts], starts + start, ends + start


@lru_cache(maxsize=1)
def _list_powers() -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the powers of the factor modulo 2 ** 64, and their inverses, for each byte of a piece."""
    return _multiply(_FACTOR), _multiply(pow(_FACTOR, -1, 1 << 64))


def _multiply(factor: int) -> NDArray[Any]:
    import numpy as np

    factors = np.full(_PIECE_BYTES + 1, factor, np.uint64)
    factors[0] = 1
    return np.multiply.accumulate(factors)
