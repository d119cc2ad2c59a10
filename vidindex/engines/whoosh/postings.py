"""The terms of a segment and their documents, in two files.

Whoosh's own terms file takes about 150 bytes per term and a Python call per posting, but word pairs are millions of
mostly rare terms.  Here, a compressed block (`.trm`) contains 64 terms in order, each with its documents if they are
few; long lists of documents are in a second file (`.pst`).  C code decodes a whole block at a time.
"""

from __future__ import annotations

import struct
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate
from operator import itemgetter, sub
from typing import Any

from ...store.compression import compress, decompress_bounded

_TERMS_PER_BLOCK = 64
_MAX_INLINE_BYTES = 128
_BLOCK_HEADER = struct.Struct("<HI")  # number of terms, bytes of their keys
_EXTERNAL_POINTER = struct.Struct("<QII")  # offset of a long list, its bytes, its documents
_FILE_FOOTER = struct.Struct("<QQQ4s")  # offset of the offsets, of the first keys, bytes of the latter
_FILE_MAGIC = b"vix1"
_EXTERNAL_CODE = b"X"[0]

_MAX_BLOCKS = 500_000
"""Maximum number of blocks, whose first keys are held in memory: 32 million terms."""

_MAX_FIRST_KEYS_BYTES = 64_000_000
_MAX_BLOCK_BYTES = 2_000_000
"""Maximum size of a block: 64 terms of 16 tokens of 200 characters."""


def encode_gaps(ids: Sequence[int]) -> bytes:
    """Encode ascending document numbers as gaps, in the narrowest integer type that fits."""
    return _encode_single(ids[0]) if len(ids) == 1 else _encode_several(ids)


def _encode_several(ids: Sequence[int]) -> bytes:
    return _encode_numbers([ids[0], *map(sub, ids[1:], ids)])


@lru_cache(maxsize=1 << 14)
def _encode_single(number: int) -> bytes:
    """Encode the only document of a term: more than half of all terms have one."""
    return _encode_numbers([number])


def _encode_numbers(numbers: Sequence[int]) -> bytes:
    top = max(numbers)
    if top < 1 << 8:
        return b"B" + bytes(numbers)
    code = "H" if top < 1 << 16 else "I"
    return code.encode() + array(code, numbers).tobytes()


def decode_gaps(value: bytes) -> list[int]:
    """Decode the result of `encode_gaps`.

    Raises `ValueError` if it is damaged.
    """
    if value[0] not in _ITEM_BYTES:
        raise ValueError("a list of documents is damaged")
    gaps = array(chr(value[0]))
    gaps.frombytes(value[1:])
    return list(accumulate(gaps))


class TermsWriter:
    """Writes terms in the order of their keys; *terms* and *postings* are open Whoosh files."""

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
        """Write the term *key* with its documents *ids*, in ascending order."""
        if b"\n" in key:
            return  # the separator of keys; no token contains one
        self._keys.append(key)
        self._values.append(encode_gaps(ids))
        if len(self._keys) == _TERMS_PER_BLOCK:
            self._flush_block()

    def add_field(self, prefix: str, documents: Mapping[str, Sequence[int]]) -> None:
        """Write the terms of a field, whose keys start with *prefix*; *documents* are those of each text, ascending."""
        self._flush_block()
        # In this order, the lists lie side by side in memory, which takes a third less time than in that of the texts.
        terms = [
            (text, _encode_single(ids[0]) if len(ids) == 1 else _encode_several(ids))
            for text, ids in documents.items()
            if "\n" not in text
        ]
        terms.sort(key=itemgetter(0))  # strings are ordered as their bytes in UTF-8
        for first in range(0, len(terms), _TERMS_PER_BLOCK):
            texts, values = zip(*terms[first : first + _TERMS_PER_BLOCK], strict=True)
            keys = (prefix + f"\n{prefix}".join(texts)).encode()
            self._write_block(keys, values)

    def close(self) -> None:
        """Write the directory of blocks and close both files."""
        self._flush_block()
        firsts = b"\n".join(self._first_keys)
        if len(self._offsets) > _MAX_BLOCKS or len(firsts) > _MAX_FIRST_KEYS_BYTES:
            raise ValueError("it has too many terms for whoosh: switch with `vidindex rebuild --engine tantivy`")
        self._terms.write(self._offsets.tobytes())
        self._terms.write(firsts)
        offsets_at = self._block_offset
        firsts_at = offsets_at + 8 * len(self._offsets)
        self._terms.write(_FILE_FOOTER.pack(offsets_at, firsts_at, len(firsts), _FILE_MAGIC))
        self._terms.close()
        self._postings.close()

    def _write_external_list(self, value: bytes) -> bytes:
        count = (len(value) - 1) // _ITEM_BYTES[value[0]]
        self._postings.write(value)
        far = _EXTERNAL_POINTER.pack(self._external_offset, len(value), count)
        self._external_offset += len(value)
        return bytes([_EXTERNAL_CODE]) + far

    def _flush_block(self) -> None:
        if self._keys:
            self._write_block(b"\n".join(self._keys), self._values)
            self._keys, self._values = [], []

    def _write_block(self, keys: bytes, encoded: Sequence[bytes]) -> None:
        values = [value if len(value) <= _MAX_INLINE_BYTES else self._write_external_list(value) for value in encoded]
        ends = array("H", accumulate(map(len, values)))
        plain = b"".join((_BLOCK_HEADER.pack(len(values), len(keys)), keys, ends.tobytes(), *values))
        block = compress(plain, zlib_level=1)
        self._first_keys.append(keys.partition(b"\n")[0])
        self._offsets.append(self._block_offset)
        self._terms.write(block)
        self._block_offset += len(block)


class PostingBlock:
    """Up to 64 terms in order, each with its value."""

    __slots__ = ("_base", "_ends", "_plain", "keys")

    def __init__(self, plain: bytes) -> None:
        count, length = _BLOCK_HEADER.unpack_from(plain)
        at = _BLOCK_HEADER.size + length
        self.keys = plain[_BLOCK_HEADER.size : at].split(b"\n")
        if len(self.keys) != count:
            raise ValueError("a block of terms is damaged")
        self._ends = array("H")
        self._ends.frombytes(plain[at : at + 2 * count])
        self._base = at + 2 * count
        self._plain = plain

    def read_value(self, number: int) -> bytes:
        """Return the value of the term *number*."""
        start = self._ends[number - 1] if number else 0
        return self._plain[self._base + start : self._base + self._ends[number]]


class Postings:
    """The documents of one term in one segment, and their number."""

    __slots__ = ("_reader", "_value", "count")

    def __init__(self, reader: TermsFile, value: bytes) -> None:
        self._reader = reader
        self._value = value
        if value[0] == _EXTERNAL_CODE:
            self.count = int(_EXTERNAL_POINTER.unpack_from(value, 1)[2])
        else:
            self.count = (len(value) - 1) // _ITEM_BYTES[value[0]]

    def read_documents(self) -> list[int]:
        """Return the documents in ascending order, including deleted ones."""
        is_external = self._value[0] == _EXTERNAL_CODE
        documents = decode_gaps(self._reader.read_external_list(self._value) if is_external else self._value)
        if len(documents) != self.count or documents[-1] >= self._reader.max_documents:
            raise ValueError("a list of documents is damaged")
        return documents


_ITEM_BYTES = {ord(code): array(code).itemsize for code in "BHI"}


class TermsFile:
    """Reads the files of a `TermsWriter`; *length* is the size of *terms* in bytes.

    Other people may have written the files: sizes and positions are checked before they are used.

    Raises `ValueError` if they are damaged, also while terms are read.
    """

    def __init__(self, terms: Any, length: int, postings: Any, *, max_documents: int = 1 << 32) -> None:
        self._terms = terms
        self._postings = postings
        self.max_documents = max_documents
        if length < _FILE_FOOTER.size:
            raise ValueError("a term file is damaged")
        offsets_at, firsts_at, firsts_length, magic = _FILE_FOOTER.unpack(
            terms.get(length - _FILE_FOOTER.size, _FILE_FOOTER.size)
        )
        is_complete = offsets_at <= firsts_at and firsts_at + firsts_length + _FILE_FOOTER.size == length
        if magic != _FILE_MAGIC or not is_complete:
            raise ValueError("a term file is damaged")
        if firsts_at - offsets_at > 8 * _MAX_BLOCKS or firsts_length > _MAX_FIRST_KEYS_BYTES:
            raise ValueError("a term file is too large")
        self._offsets = array("Q")
        self._offsets.frombytes(terms.get(offsets_at, firsts_at - offsets_at))
        self._offsets.append(offsets_at)
        firsts = terms.get(firsts_at, firsts_length)
        if (firsts.count(b"\n") + 1 if firsts else 0) != len(self._offsets) - 1:
            raise ValueError("a term file is damaged")
        self._first_keys = firsts.split(b"\n") if firsts else []

    def get(self, key: bytes) -> Postings | None:
        """Return the postings of one term; None if there is no such term."""
        place = bisect_right(self._first_keys, key) - 1
        if place < 0:
            return None
        block = self._read_block(place)
        number = bisect_left(block.keys, key)
        if number == len(block.keys) or block.keys[number] != key:
            return None
        return Postings(self, block.read_value(number))

    def iterate_from(self, key: bytes) -> Iterator[tuple[bytes, Postings]]:
        """Yield all terms from *key* on, in order."""
        place = max(0, bisect_right(self._first_keys, key) - 1)
        for each in range(place, len(self._first_keys)):
            block = self._read_block(each)
            start = bisect_left(block.keys, key) if each == place else 0
            for number in range(start, len(block.keys)):
                yield block.keys[number], Postings(self, block.read_value(number))

    def iterate_prefix(self, stem: bytes) -> Iterator[tuple[bytes, Postings]]:
        """Yield all terms that start with *stem*, in order."""
        for key, postings in self.iterate_from(stem):
            if not key.startswith(stem):
                return
            yield key, postings

    def read_external_list(self, value: bytes) -> bytes:
        """Return a list of the second file."""
        at, length, count = _EXTERNAL_POINTER.unpack_from(value, 1)
        if count > self.max_documents or length > 1 + 4 * count:
            raise ValueError("a list of documents is damaged")
        return bytes(self._postings.get(at, length))

    def close(self) -> None:
        """Close both files."""
        self._terms.close()
        self._postings.close()

    def _read_block(self, place: int) -> PostingBlock:
        start, end = self._offsets[place], self._offsets[place + 1]
        if not 0 <= end - start <= _MAX_BLOCK_BYTES:
            raise ValueError("a term file is damaged")
        return PostingBlock(decompress_bounded(self._terms.get(start, end - start), _MAX_BLOCK_BYTES))
