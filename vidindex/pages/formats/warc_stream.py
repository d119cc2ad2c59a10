"""Read the records of a WARC file one after the other, however damaged it is, without ever keeping a whole record.

The libraries for this keep header lines of any length, and end at the first record whose length is wrong.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from ...errors import TargetError
from ...net.optional_codecs import INSTALL_STEP, ZSTD_MAGIC, has_zstd, open_zstd

GZIP_MAGIC = b"\x1f\x8b"
ZSTD_DICTIONARY_MAGIC = b"\x5d\x2a\x4d\x18"
"""What the dictionary of a zstd file starts with, see https://iipc.github.io/warc-specifications/specifications/warc-zstd/."""

RECORD_MARK = b"WARC/"

MAX_HEADER_BYTES = 64_000
MAX_LISTED_PROBLEMS = 20
_INPUT_BYTES = 1 << 15
_BLOCK_BYTES = 1 << 18
_GZIP_MEMBER_START = b"\x1f\x8b\x08"
_MAX_DICTIONARY_BYTES = 10_000_000
_HEAD_BYTES = 4096
_MAX_DAMAGES = 1_000
_MAX_LENGTH_DIGITS = 15
_MAX_START_LINE = 16
_BLANK_LINES_BYTES = 4
"""What ends a record."""

_NEEDED_HEADER = re.compile(
    rb"(?i)\n(content-(?:type|length)|warc-(?:type|date|target-uri|payload-digest|refers-to-(?:target-uri|date)))"
    rb"[ \t]*:[ \t]*([^\r\n]*)"
)
_RECORD_START = re.compile(rb"(?<![^\n])WARC/[01]\.\d{1,2}\r?\n")
_MAX_RATIO = 50
"""What a file may contain for each of its bytes; pages compress to a tenth, and hostile data to a thousandth."""

_FREE_BYTES = 256_000_000


class DecodedFile:
    """The bytes of a file, decompressed if it is gzipped or compressed with zstd.

    A place in it is that of a gzip member or a zstd frame in the file, and a number of decompressed bytes in it; files
    that are not compressed have one member.  Raises `TargetError` if the library for zstd is missing.
    """

    def __init__(self, file: BinaryIO, size: int, *, start: int = 0) -> None:
        self._file = file
        self._size = size
        self._decoded_left = _MAX_RATIO * size + _FREE_BYTES
        self._dictionary, first = _read_dictionary(file)
        self.member = start = start or first
        self.buffer = b""
        self.at = 0
        self._buffer_place = 0
        self.is_damaged = False
        file.seek(start)
        self._input = file.read(_INPUT_BYTES)
        self._input_end = start + len(self._input)
        self._member_start = ZSTD_MAGIC if self._input.startswith(ZSTD_MAGIC) else _GZIP_MEMBER_START
        self.is_packed = self._input.startswith((GZIP_MAGIC, ZSTD_MAGIC))
        self._decompressor = self._start_member() if self.is_packed else None

    @property
    def place(self) -> tuple[int, int]:
        """Where the next byte is: its member, and the number of bytes before it there."""
        return self.member, self._buffer_place + self.at

    def _start_member(self) -> Any:
        is_zstd = self._member_start == ZSTD_MAGIC
        return open_zstd(self._dictionary) if is_zstd else zlib.decompressobj(zlib.MAX_WBITS | 16)

    def _read_input(self) -> bool:
        block = self._file.read(_INPUT_BYTES)
        self._input += block
        self._input_end += len(block)
        return bool(block)

    def _next_block(self) -> bytes:
        """Return the next bytes of the member; b"" at its end.  Raises `TargetError` if there are too many."""
        block = self._decompress() if self.is_packed else self._take_plain()
        self._decoded_left -= len(block)
        if self._decoded_left < 0:
            raise TargetError("the archive", "it contains too much for its size")
        return block

    def _take_plain(self) -> bytes:
        if not self._input and not self._read_input():
            return b""
        block, self._input = self._input, b""
        return block

    def _decompress(self) -> bytes:
        while self._decompressor is not None and not self._decompressor.eof:
            if not self._input and not self._read_input():
                break
            try:
                block: bytes = self._decompressor.decompress(self._input, _BLOCK_BYTES)
            except zlib.error:
                break
            self._input = self._decompressor.unused_data or self._decompressor.unconsumed_tail
            if block:
                return block
        if self._decompressor is None or not self._decompressor.eof:
            self.is_damaged, self._decompressor = True, None
        return b""

    def next_member(self) -> bool:
        """Go to the next member, after damage to the next that looks like one; return whether there is one."""
        if not self.is_packed:
            return False
        while self._decompressor is not None and not self._decompressor.eof:
            self._next_block()
        if self._decompressor is None:
            self._file.seek(self.member + 2)
            self._input, self._input_end = b"", self.member + 2
        self.buffer, self.at, self._buffer_place = b"", 0, 0
        if not self._find_magic():
            return False
        self.member = self._input_end - len(self._input)
        self._decompressor = self._start_member()
        return True

    def _find_magic(self) -> bool:
        while (at := self._input.find(self._member_start)) < 0:
            self._input = self._input[-3:]
            if not self._read_input():
                return False
        self._input = self._input[at:]
        return True

    def need(self, count: int) -> bool:
        """Have at least *count* bytes in the buffer; return false if the member ends before."""
        missing = count - (len(self.buffer) - self.at)
        if missing <= 0:
            return True
        blocks = [self.buffer[self.at :]]
        while missing > 0 and (block := self._next_block()):
            blocks.append(block)
            missing -= len(block)
        self._buffer_place += self.at
        self.buffer, self.at = b"".join(blocks), 0
        return missing <= 0

    def more(self) -> bool:
        """Read on, and keep what is left of the buffer; return whether there was more."""
        return self.need(len(self.buffer) - self.at + 1)

    def take_head(self, max_bytes: int) -> bytes:
        """Return the bytes up to an empty line, without it, or b"" if there is none within *max_bytes*."""
        while True:
            end = self.buffer.find(b"\n\r\n", self.at, self.at + max_bytes)
            bare = self.buffer.find(b"\n\n", self.at, end if end >= 0 else self.at + max_bytes)
            if end >= 0 or bare >= 0:
                stop, size = (bare, 2) if bare >= 0 else (end, 3)
                head = self.buffer[self.at : stop]
                self.at = stop + size
                return head
            if len(self.buffer) - self.at >= max_bytes or not self.more():
                return b""

    def skip(self, count: int) -> int:
        """Skip *count* bytes, and return how many there were in the member."""
        available = len(self.buffer) - self.at
        if count <= available:
            self.at += count
            return count
        if not self.is_packed:
            start = self.place[1]
            count = min(count, self._size - self.member - start)
            self.go_to(start + count)
            return count
        skipped = available
        self._buffer_place += len(self.buffer)
        self.buffer, self.at = b"", 0
        while skipped < count and (block := self._next_block()):
            used = min(len(block), count - skipped)
            skipped += used
            self._buffer_place += used
            self.buffer = block[used:]
        return skipped

    def go_to(self, place: int) -> None:
        """Go to a place in a file that is not gzipped."""
        self._file.seek(self.member + place)
        self._input, self._input_end = b"", self.member + place
        self.buffer, self.at, self._buffer_place = b"", 0, place

    def read(self, count: int) -> bytes:
        """Return at most *count* bytes of the member; b"" at its end."""
        if self.at >= len(self.buffer) and not self.more():
            return b""
        block = self.buffer[self.at : self.at + count]
        self.at += len(block)
        return block


def _read_dictionary(file: BinaryIO) -> tuple[bytes, int]:
    """Return the dictionary at the start of a file that is compressed with zstd, and where its first frame is."""
    file.seek(0)
    magic = file.read(4)
    if magic not in (ZSTD_MAGIC, ZSTD_DICTIONARY_MAGIC):
        return b"", 0
    if not has_zstd():
        raise TargetError("the archive", f"it is compressed with zstd: {INSTALL_STEP}, or decompress it with `zstd -d`")
    if magic == ZSTD_MAGIC:
        return b"", 0
    length = int.from_bytes(file.read(4), "little")
    dictionary = file.read(min(length, _MAX_DICTIONARY_BYTES))
    try:
        if dictionary.startswith(ZSTD_MAGIC):
            dictionary = open_zstd().decompress(dictionary, _MAX_DICTIONARY_BYTES)
        open_zstd(dictionary)
    except (zlib.error, ValueError) as exc:
        raise TargetError("the archive", "the dictionary of its zstd data is damaged") from exc
    return dictionary, 8 + length


@dataclass(slots=True)
class WarcRecord:
    """A record: *place* is where it starts, *headers* are by names in lower case, *length* is that of its block."""

    place: tuple[int, int]
    headers: dict[bytes, bytes]
    length: int
    head: bytes = b""
    body: bytes = b""

    def get(self, name: bytes) -> str:
        """Return a header, or ""."""
        return self.headers.get(name, b"").decode("utf-8", "replace")

    @property
    def type(self) -> bytes:
        """`response`, `request`, `revisit`, `resource`…"""
        return self.headers.get(b"warc-type", b"").lower()

    @property
    def url(self) -> str:
        """The address that it is about."""
        return self.get(b"warc-target-uri").strip("<>")


@dataclass(slots=True)
class RecordReader:
    """Reads the records of *source*; *wants_body* tells from the head of a record how much of its body to keep."""

    source: DecodedFile
    wants_body: Callable[[WarcRecord], int]
    problems: list[str] = field(default_factory=list)
    _damages_left: int = _MAX_DAMAGES

    def records(self) -> Iterator[WarcRecord]:
        """Yield the records.  Damaged ones are skipped, and counted in *problems*."""
        while True:
            while self._go_to_record():
                if record := self._read_record():
                    yield record
            if self.source.is_damaged:
                self.source.is_damaged = False
                self._note(f"it is cut or damaged at byte {self.source.member:,}")
            if not self.source.next_member():
                return

    def read_first(self) -> WarcRecord | None:
        """Return the record at the start of the source without its body, or None if there is none."""
        if not self._go_to_record():
            return None
        place = self.source.place
        headers = parse_headers(self.source.take_head(MAX_HEADER_BYTES))
        record = WarcRecord(place, headers, MAX_HEADER_BYTES)
        self._read_http_head(record)
        return record

    def _note(self, problem: str) -> None:
        """Note a *problem*.  Raises `TargetError` if there are too many: to go on after each takes time."""
        if len(self.problems) < MAX_LISTED_PROBLEMS:
            self.problems.append(problem)
        self._damages_left -= 1
        if self._damages_left < 0:
            raise TargetError("the archive", f"it is damaged at more than {_MAX_DAMAGES:,} places")

    def _go_to_record(self) -> bool:
        """Go to the start of the next record in the member; return false if there is none."""
        source = self.source
        while source.need(len(RECORD_MARK)):
            if source.buffer.startswith(RECORD_MARK, source.at):
                return True
            if source.buffer[source.at] in b"\r\n":
                source.at += 1
                continue
            self._note(f"a record is damaged near byte {source.member + source.place[1]:,}")
            return self._find_record()
        return False

    def _find_record(self) -> bool:
        """Go to the next line that looks like the start of a record, or to the end of the member."""
        source = self.source
        while True:
            if match := _RECORD_START.search(source.buffer, source.at):
                source.at = match.start()
                return True
            source.at = max(len(source.buffer) - _MAX_START_LINE, source.at)
            if not source.more():
                source.at = len(source.buffer)
                return False

    def _read_record(self) -> WarcRecord | None:
        """Read a record, or return None if it has no length."""
        source, place = self.source, self.source.place
        head = source.take_head(MAX_HEADER_BYTES)
        headers = parse_headers(head)
        stated = headers.get(b"content-length", b"")
        if not stated.isdigit() or len(stated) > _MAX_LENGTH_DIGITS:
            self._note(f"a record has no length near byte {source.member + place[1]:,}")
            source.skip(0 if head else 1)
            self._find_record()
            return None
        record = WarcRecord(place, headers, int(stated))
        self._read_block(record)
        return record

    def _read_block(self, record: WarcRecord) -> None:
        """Read the start of the block, skip the rest, and correct its length if it is wrong."""
        source, start = self.source, self.source.place[1]
        self._read_http_head(record)
        if wanted := self.wants_body(record):
            end = min(len(record.head) + wanted, record.length)
            source.need(end)
            record.body = source.buffer[source.at + len(record.head) : source.at + end]
        skipped = source.skip(record.length)
        if skipped < record.length or not self._is_at_end():
            self._correct_length(record, start, skipped)

    def _read_http_head(self, record: WarcRecord) -> None:
        self.source.need(min(record.length, _HEAD_BYTES))
        if record.headers.get(b"content-type", b"").startswith(b"application/http"):
            record.head = self._peek_head(record.length)

    def _peek_head(self, length: int) -> bytes:
        """Return the head of an HTTP message at the start of a block, without taking it."""
        source = self.source
        window = source.buffer[source.at : source.at + min(length, _HEAD_BYTES)]
        end = _head_end(window)
        if end < 0 and len(window) < length:
            source.need(min(length, MAX_HEADER_BYTES))
            window = source.buffer[source.at : source.at + min(length, MAX_HEADER_BYTES)]
            end = _head_end(window)
        return window[:end] if end >= 0 else window

    def _is_at_end(self) -> bool:
        """Return whether the block is followed by an empty line, a record or the end."""
        source = self.source
        source.need(4)
        rest = source.buffer[source.at : source.at + 4]
        return not rest or rest.startswith((b"\r\n", b"\n", b"WARC"))

    def _correct_length(self, record: WarcRecord, start: int, skipped: int) -> None:
        """Correct the length of a record that is wrong: its block ends where the next record starts."""
        source = self.source
        if source.is_damaged:  # it is cut
            record.length = skipped
            return
        self._note(f"the length of a record is wrong: {record.url[:200]}")
        if not source.is_packed:
            source.go_to(start)
        is_followed = self._find_record()
        is_longer = source.is_packed and skipped < record.length
        end = start + skipped if is_longer else source.place[1]
        record.length = max(end - start - (_BLANK_LINES_BYTES if is_followed or source.is_packed else 0), 0)


def _head_end(window: bytes) -> int:
    """Return where the body of an HTTP message starts, or -1."""
    ends = [at + size for mark, size in ((b"\r\n\r\n", 4), (b"\n\n", 2)) if (at := window.find(mark)) >= 0]
    return min(ends, default=-1)


def parse_headers(head: bytes) -> dict[bytes, bytes]:
    """Return the headers in *head* that are needed here, by names in lower case; the first of each name counts."""
    headers: dict[bytes, bytes] = {}
    for name, value in _NEEDED_HEADER.findall(head):
        headers.setdefault(name.lower(), value.strip())
    return headers


class BlockReader(io.RawIOBase):
    """Reads *length* bytes of *source*, and closes *file* at the end."""

    def __init__(self, source: DecodedFile, length: int, file: BinaryIO) -> None:
        self._source = source
        self._left = length
        self._file = file

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if size < 0:
            return self.readall()
        block = self._source.read(min(size, self._left)) if self._left else b""
        self._left -= len(block)
        return block

    def readall(self) -> bytes:
        blocks = []
        while block := self.read(_BLOCK_BYTES):
            blocks.append(block)
        return b"".join(blocks)

    def close(self) -> None:
        self._file.close()
        super().close()
