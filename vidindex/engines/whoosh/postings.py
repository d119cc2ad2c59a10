"""Terms and the documents that hold them, in two files of one segment.

Whoosh's own term file costs some 150 bytes a term and a Python call a posting; word pairs are mostly rare
terms by the million.  Here 64 terms in order make a compressed block (`.trm`), with the documents of a rare
term beside it; long lists stand apart (`.pst`).  Everything is decoded a block at a time by C code.
"""

from __future__ import annotations

import struct
import zlib
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from operator import sub
from typing import Any

_BLOCK_TERMS = 64
_INLINE_BYTES = 128
_HEAD = struct.Struct("<HI")  # terms in the block, bytes of their keys
_FAR = struct.Struct("<QII")  # where a long list stands, its bytes, its documents
_FOOT = struct.Struct("<QQQ4s")  # where offsets and first keys stand, bytes of the latter
_MAGIC = b"vix1"
_FAR_CODE = b"X"[0]


def encode(ids: Sequence[int]) -> bytes:
    """Write rising document numbers as the gaps between them, in the narrowest type that holds all."""
    gaps = [ids[0], *map(sub, ids[1:], ids)] if len(ids) > 1 else ids
    top = max(gaps)
    code = "B" if top < 1 << 8 else "H" if top < 1 << 16 else "I"
    return code.encode() + array(code, gaps).tobytes()


def decode(value: bytes) -> list[int]:
    """Undo `encode`."""
    gaps = array(chr(value[0]))
    gaps.frombytes(value[1:])
    return list(accumulate(gaps))


class TermsWriter:
    """Writes terms in the order of their keys; *terms* and *postings* are open whoosh files."""

    def __init__(self, terms: Any, postings: Any) -> None:
        self._terms = terms
        self._postings = postings
        self._offsets = array("Q")
        self._firsts: list[bytes] = []
        self._keys: list[bytes] = []
        self._values: list[bytes] = []
        self._at = 0
        self._far_at = 0

    def add(self, key: bytes, ids: Sequence[int]) -> None:
        """Write that the documents *ids* (rising) hold the term *key*."""
        if b"\n" in key:
            return  # it would part two terms of a block; no token holds one
        value = encode(ids)
        self._keys.append(key)
        self._values.append(value if len(value) <= _INLINE_BYTES else self._apart(value, len(ids)))
        if len(self._keys) == _BLOCK_TERMS:
            self._flush()

    def close(self) -> None:
        """Write the directory of blocks and close both files."""
        if self._keys:
            self._flush()
        firsts = b"\n".join(self._firsts)
        self._terms.write(self._offsets.tobytes())
        self._terms.write(firsts)
        offsets_at = self._at
        firsts_at = offsets_at + 8 * len(self._offsets)
        self._terms.write(_FOOT.pack(offsets_at, firsts_at, len(firsts), _MAGIC))
        self._terms.close()
        self._postings.close()

    def _apart(self, value: bytes, count: int) -> bytes:
        self._postings.write(value)
        far = _FAR.pack(self._far_at, len(value), count)
        self._far_at += len(value)
        return bytes([_FAR_CODE]) + far

    def _flush(self) -> None:
        keys = b"\n".join(self._keys)
        ends = array("H", accumulate(map(len, self._values)))
        plain = b"".join((_HEAD.pack(len(self._keys), len(keys)), keys, ends.tobytes(), *self._values))
        block = zlib.compress(plain, 1)
        self._firsts.append(self._keys[0])
        self._offsets.append(self._at)
        self._terms.write(block)
        self._at += len(block)
        self._keys, self._values = [], []


class Block:
    """Up to 64 terms in order, with what is written of each."""

    __slots__ = ("_base", "_ends", "_plain", "keys")

    def __init__(self, plain: bytes) -> None:
        count, length = _HEAD.unpack_from(plain)
        at = _HEAD.size + length
        self.keys = plain[_HEAD.size : at].split(b"\n")
        self._ends = array("H")
        self._ends.frombytes(plain[at : at + 2 * count])
        self._base = at + 2 * count
        self._plain = plain

    def value(self, number: int) -> bytes:
        """Give what is written of the term *number*."""
        start = self._ends[number - 1] if number else 0
        return self._plain[self._base + start : self._base + self._ends[number]]


class Postings:
    """One term of one segment: how many documents hold it, and which."""

    __slots__ = ("_reader", "_value", "count")

    def __init__(self, reader: TermsFile, value: bytes) -> None:
        self._reader = reader
        self._value = value
        if value[0] == _FAR_CODE:
            self.count = int(_FAR.unpack_from(value, 1)[2])
        else:
            self.count = (len(value) - 1) // _SIZES[value[0]]

    def ids(self) -> list[int]:
        """Read the documents, deleted ones included, rising."""
        if self._value[0] == _FAR_CODE:
            return decode(self._reader.far(self._value))
        return decode(self._value)


_SIZES = {ord(code): array(code).itemsize for code in "BHI"}


class TermsFile:
    """Reads what `TermsWriter` wrote; *length* is the size of *terms*."""

    def __init__(self, terms: Any, length: int, postings: Any) -> None:
        self._terms = terms
        self._postings = postings
        offsets_at, firsts_at, firsts_length, magic = _FOOT.unpack(terms.get(length - _FOOT.size, _FOOT.size))
        if magic != _MAGIC:
            raise ValueError("a term file is damaged")
        self._offsets = array("Q")
        self._offsets.frombytes(terms.get(offsets_at, firsts_at - offsets_at))
        self._offsets.append(offsets_at)
        firsts = terms.get(firsts_at, firsts_length)
        self._firsts = firsts.split(b"\n") if firsts else []

    def get(self, key: bytes) -> Postings | None:
        """Find one term."""
        place = bisect_right(self._firsts, key) - 1
        if place < 0:
            return None
        block = self._block(place)
        number = bisect_left(block.keys, key)
        if number == len(block.keys) or block.keys[number] != key:
            return None
        return Postings(self, block.value(number))

    def since(self, key: bytes) -> Iterator[tuple[bytes, Postings]]:
        """Give every term from *key* on, in order."""
        place = max(0, bisect_right(self._firsts, key) - 1)
        for each in range(place, len(self._firsts)):
            block = self._block(each)
            start = bisect_left(block.keys, key) if each == place else 0
            for number in range(start, len(block.keys)):
                yield block.keys[number], Postings(self, block.value(number))

    def starting(self, stem: bytes) -> Iterator[tuple[bytes, Postings]]:
        """Give every term that starts with *stem*, in order."""
        for key, postings in self.since(stem):
            if not key.startswith(stem):
                return
            yield key, postings

    def far(self, value: bytes) -> bytes:
        """Read a list that stands apart."""
        at, length, _ = _FAR.unpack_from(value, 1)
        return bytes(self._postings.get(at, length))

    def close(self) -> None:
        """Close both files."""
        self._terms.close()
        self._postings.close()

    def _block(self, place: int) -> Block:
        start, end = self._offsets[place], self._offsets[place + 1]
        return Block(zlib.decompress(self._terms.get(start, end - start)))
