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

_TERMS_PER_BLOCK = 64
_MAX_INLINE_BYTES = 128
_BLOCK_HEADER = struct.Struct("<HI")  # terms in the block, bytes of their keys
_EXTERNAL_POINTER = struct.Struct("<QII")  # where a long list stands, its bytes, its documents
_FILE_FOOTER = struct.Struct("<QQQ4s")  # where offsets and first keys stand, bytes of the latter
_FILE_MAGIC = b"vix1"
_EXTERNAL_CODE = b"X"[0]


def encode_gaps(ids: Sequence[int]) -> bytes:
    """Write rising document numbers as the gaps between them, in the narrowest type that holds all."""
    gaps = [ids[0], *map(sub, ids[1:], ids)] if len(ids) > 1 else ids
    top = max(gaps)
    code = "B" if top < 1 << 8 else "H" if top < 1 << 16 else "I"
    return code.encode() + array(code, gaps).tobytes()


def decode_gaps(value: bytes) -> list[int]:
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
        self._first_keys: list[bytes] = []
        self._keys: list[bytes] = []
        self._values: list[bytes] = []
        self._block_offset = 0
        self._external_offset = 0

    def add_term(self, key: bytes, ids: Sequence[int]) -> None:
        """Write that the documents *ids* (rising) hold the term *key*."""
        if b"\n" in key:
            return  # it would part two terms of a block; no token holds one
        value = encode_gaps(ids)
        self._keys.append(key)
        self._values.append(value if len(value) <= _MAX_INLINE_BYTES else self._write_external_list(value, len(ids)))
        if len(self._keys) == _TERMS_PER_BLOCK:
            self._flush_block()

    def close(self) -> None:
        """Write the directory of blocks and close both files."""
        if self._keys:
            self._flush_block()
        firsts = b"\n".join(self._first_keys)
        self._terms.write(self._offsets.tobytes())
        self._terms.write(firsts)
        offsets_at = self._block_offset
        firsts_at = offsets_at + 8 * len(self._offsets)
        self._terms.write(_FILE_FOOTER.pack(offsets_at, firsts_at, len(firsts), _FILE_MAGIC))
        self._terms.close()
        self._postings.close()

    def _write_external_list(self, value: bytes, count: int) -> bytes:
        self._postings.write(value)
        far = _EXTERNAL_POINTER.pack(self._external_offset, len(value), count)
        self._external_offset += len(value)
        return bytes([_EXTERNAL_CODE]) + far

    def _flush_block(self) -> None:
        keys = b"\n".join(self._keys)
        ends = array("H", accumulate(map(len, self._values)))
        plain = b"".join((_BLOCK_HEADER.pack(len(self._keys), len(keys)), keys, ends.tobytes(), *self._values))
        block = zlib.compress(plain, 1)
        self._first_keys.append(self._keys[0])
        self._offsets.append(self._block_offset)
        self._terms.write(block)
        self._block_offset += len(block)
        self._keys, self._values = [], []


class PostingBlock:
    """Up to 64 terms in order, with what is written of each."""

    __slots__ = ("_base", "_ends", "_plain", "keys")

    def __init__(self, plain: bytes) -> None:
        count, length = _BLOCK_HEADER.unpack_from(plain)
        at = _BLOCK_HEADER.size + length
        self.keys = plain[_BLOCK_HEADER.size : at].split(b"\n")
        self._ends = array("H")
        self._ends.frombytes(plain[at : at + 2 * count])
        self._base = at + 2 * count
        self._plain = plain

    def read_value(self, number: int) -> bytes:
        """Give what is written of the term *number*."""
        start = self._ends[number - 1] if number else 0
        return self._plain[self._base + start : self._base + self._ends[number]]


class Postings:
    """One term of one segment: how many documents hold it, and which."""

    __slots__ = ("_reader", "_value", "count")

    def __init__(self, reader: TermsFile, value: bytes) -> None:
        self._reader = reader
        self._value = value
        if value[0] == _EXTERNAL_CODE:
            self.count = int(_EXTERNAL_POINTER.unpack_from(value, 1)[2])
        else:
            self.count = (len(value) - 1) // _ITEM_BYTES[value[0]]

    def read_documents(self) -> list[int]:
        """Read the documents, deleted ones included, rising."""
        if self._value[0] == _EXTERNAL_CODE:
            return decode_gaps(self._reader.read_external_list(self._value))
        return decode_gaps(self._value)


_ITEM_BYTES = {ord(code): array(code).itemsize for code in "BHI"}


class TermsFile:
    """Reads what `TermsWriter` wrote; *length* is the size of *terms*."""

    def __init__(self, terms: Any, length: int, postings: Any) -> None:
        self._terms = terms
        self._postings = postings
        offsets_at, firsts_at, firsts_length, magic = _FILE_FOOTER.unpack(
            terms.get(length - _FILE_FOOTER.size, _FILE_FOOTER.size)
        )
        if magic != _FILE_MAGIC:
            raise ValueError("a term file is damaged")
        self._offsets = array("Q")
        self._offsets.frombytes(terms.get(offsets_at, firsts_at - offsets_at))
        self._offsets.append(offsets_at)
        firsts = terms.get(firsts_at, firsts_length)
        self._first_keys = firsts.split(b"\n") if firsts else []

    def get(self, key: bytes) -> Postings | None:
        """Find one term."""
        place = bisect_right(self._first_keys, key) - 1
        if place < 0:
            return None
        block = self._read_block(place)
        number = bisect_left(block.keys, key)
        if number == len(block.keys) or block.keys[number] != key:
            return None
        return Postings(self, block.read_value(number))

    def iterate_from(self, key: bytes) -> Iterator[tuple[bytes, Postings]]:
        """Give every term from *key* on, in order."""
        place = max(0, bisect_right(self._first_keys, key) - 1)
        for each in range(place, len(self._first_keys)):
            block = self._read_block(each)
            start = bisect_left(block.keys, key) if each == place else 0
            for number in range(start, len(block.keys)):
                yield block.keys[number], Postings(self, block.read_value(number))

    def iterate_prefix(self, stem: bytes) -> Iterator[tuple[bytes, Postings]]:
        """Give every term that starts with *stem*, in order."""
        for key, postings in self.iterate_from(stem):
            if not key.startswith(stem):
                return
            yield key, postings

    def read_external_list(self, value: bytes) -> bytes:
        """Read a list that stands apart."""
        at, length, _ = _EXTERNAL_POINTER.unpack_from(value, 1)
        return bytes(self._postings.get(at, length))

    def close(self) -> None:
        """Close both files."""
        self._terms.close()
        self._postings.close()

    def _read_block(self, place: int) -> PostingBlock:
        start, end = self._offsets[place], self._offsets[place + 1]
        return PostingBlock(zlib.decompress(self._terms.get(start, end - start)))
