"""Read WACZ: a ZIP file with WARC files, and a list of the pages in them.

Nothing is written to where a name in the file says, and the index in the file is not used, which may be wrong: the WARC
files are read where they are.
"""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, BinaryIO, cast

from ...errors import TargetError
from ...net.files import open_regular_file
from .record_index import key_of
from .warc import WarcArchive, WarcSource

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

ZIP_MAGIC = b"PK\x03\x04"
_MAX_MEMBERS = 50_000
_MAX_DIRECTORY_BYTES = 8_000_000
_MAX_WARCS = 5_000
_MAX_PAGES = 1_000_000
_MAX_LINE_BYTES = 1_000_000
_MAX_LIST_BYTES = 200_000_000
_MAX_UNPACKED_BYTES = 1_000_000_000
_MAX_PACKED_RATIO = 200
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_MAX_COMMENT_BYTES = 1 << 16
_LOCAL_HEADER = struct.Struct("<4s5H3L2H")
_FIRST_NAMES = (b"archive/", b"datapackage", b"pages/", b"indexes/", b"fuzzy.json")


def is_wacz(head: bytes, suffix: str) -> bool:
    """Return whether *head* is the start of a WACZ file whose name ends with *suffix*."""
    if not head.startswith(ZIP_MAGIC):
        return False
    return suffix == ".wacz" or head[30:].startswith(_FIRST_NAMES)


def open_wacz(path: Path) -> WarcArchive:
    """Open the WACZ file *path*.  Raises `TargetError` if it is damaged or contains no WARC file."""
    sources: list[WarcSource] = []
    problems: list[str] = []
    listed = frozenset[int]()
    members: list[zipfile.ZipInfo] = []
    try:
        with open_regular_file(path) as file:
            size = _check_directory(file)
            with zipfile.ZipFile(file) as packed:
                members = [each for each in packed.infolist() if not each.is_dir()]
                for member in members:
                    if _is_warc_name(member.filename) and len(sources) < _MAX_WARCS:
                        sources.append(_open_member(path, packed, member, file, size))
                listed = frozenset(_read_page_lists(packed, members, problems))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, struct.error, zlib.error, EOFError) as exc:
        raise TargetError(str(path), "it is a damaged WACZ file (a ZIP file that cannot be read)") from exc
    except (OSError, ValueError) as exc:
        raise TargetError(str(path), f"it cannot be read ({getattr(exc, 'strerror', None) or exc})") from exc
    inner = [member.filename for member in members if member.filename.lower().endswith(".wacz")]
    if inner:
        step = f"run `unzip {path.name}` and add the folder with them"
        problems.append(f"it contains {len(inner):,} other WACZ files, which are not read: {step}")
    if not sources:
        raise TargetError(str(path), next(iter(problems), "it contains no WARC file"))
    return WarcArchive(path, sources, listed=listed, problems=problems)


def _check_directory(file: BinaryIO) -> int:
    """Return the size of *file*.  Raises `ValueError` if the directory of the ZIP file is too large to be read."""
    size = file.seek(0, io.SEEK_END)
    start = max(size - _END.size - _MAX_COMMENT_BYTES, 0)
    file.seek(start)
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        raise zipfile.BadZipFile("no end of the directory")
    _, _, _, _, count, directory_size, _, _ = _END.unpack_from(tail, at)
    at64 = tail.rfind(b"PK\x06\x06", 0, at)
    if at64 >= 0 and len(tail) - at64 >= _END64.size:
        fields = _END64.unpack_from(tail, at64)
        count, directory_size = max(count, fields[7]), max(directory_size, fields[8])
        count, directory_size = _without_marks(count, directory_size, fields)
    if count > _MAX_MEMBERS or directory_size > _MAX_DIRECTORY_BYTES:
        raise ValueError(f"it has more than {_MAX_MEMBERS:,} files")
    file.seek(0)
    return size


def _without_marks(count: int, directory_size: int, fields: tuple[int, ...]) -> tuple[int, int]:
    """Return the sizes of a large ZIP file, whose old fields are all ones."""
    return (fields[7] if count == 0xFFFF else count), (fields[8] if directory_size == 0xFFFFFFFF else directory_size)


def _is_warc_name(name: str) -> bool:
    return name.lower().endswith((".warc", ".warc.gz", ".warc.zst"))


def _open_member(path: Path, packed: zipfile.ZipFile, member: zipfile.ZipInfo, file: BinaryIO, size: int) -> WarcSource:
    if member.flag_bits & 1:
        raise zipfile.BadZipFile("it is encrypted")
    if member.compress_type != zipfile.ZIP_STORED:
        return _unpack(packed, member)
    file.seek(member.header_offset)
    header = _LOCAL_HEADER.unpack(file.read(_LOCAL_HEADER.size))
    start = member.header_offset + _LOCAL_HEADER.size + header[9] + header[10]
    length = min(member.file_size, max(size - start, 0))
    return WarcSource(member.filename, length, partial(_open_window, path, start, length))


def _open_window(path: Path, start: int, length: int) -> BinaryIO:
    return cast("BinaryIO", io.BufferedReader(_Window(open_regular_file(path), start, length), 1 << 15))


def _unpack(packed: zipfile.ZipFile, member: zipfile.ZipInfo) -> WarcSource:
    """Return a WARC file that is compressed in the ZIP file, although it should not be: it needs to be unpacked."""
    limit = min(_MAX_UNPACKED_BYTES, _MAX_PACKED_RATIO * member.compress_size + 1_000_000)
    unpacked = TemporaryFile()  # noqa: SIM115 - it lives as long as the archive
    length = 0
    with packed.open(member) as source:
        while block := source.read(1 << 16):
            length += len(block)
            if length > limit:
                unpacked.close()
                raise ValueError("a WARC file in it is compressed and too large; store it without compression")
            unpacked.write(block)
    unpacked.flush()
    return WarcSource(member.filename, length, _SharedFile(unpacked, length).open)


class _SharedFile:
    """A temporary file that several readers share."""

    def __init__(self, file: BinaryIO, length: int) -> None:
        self._file = file
        self._length = length

    def open(self) -> BinaryIO:
        copy = open(f"/dev/fd/{self._file.fileno()}", "rb")  # noqa: PTH123, SIM115 - the reader closes it
        return cast("BinaryIO", io.BufferedReader(_Window(copy, 0, self._length), 1 << 15))


class _Window(io.RawIOBase):
    """The part of *file* from *start* with *length* bytes."""

    def __init__(self, file: BinaryIO, start: int, length: int) -> None:
        self._file = file
        self._start = start
        self._length = length
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._length}[whence]
        self._at = max(base + offset, 0)
        return self._at

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer)
        count = max(min(len(view), self._length - self._at), 0)
        self._file.seek(self._start + self._at)
        block = self._file.read(count)
        view[: len(block)] = block
        self._at += len(block)
        return len(block)

    def close(self) -> None:
        self._file.close()
        super().close()


def _read_page_lists(packed: zipfile.ZipFile, members: list[zipfile.ZipInfo], problems: list[str]) -> Iterator[int]:
    """Yield the keys of the pages that the file lists."""
    lists = [each for each in members if each.filename.startswith("pages/") and each.filename.endswith(".jsonl")]
    count = 0
    for member in lists[:10]:
        for line in _read_lines(packed, member):
            url = _page_url(line)
            if url and count < _MAX_PAGES:
                count += 1
                yield key_of(url)
    if count >= _MAX_PAGES:
        problems.append(f"it lists more than {_MAX_PAGES:,} pages")


def listed_keys(lines: Iterable[bytes]) -> Iterator[int]:
    """Yield the keys of the pages in the *lines* of a list of pages."""
    return (key_of(url) for url in map(_page_url, lines) if url)


def _read_lines(packed: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    left = min(_MAX_LIST_BYTES, _MAX_PACKED_RATIO * member.compress_size + 1_000_000)
    with packed.open(member) as file:
        while left > 0 and (line := file.readline(_MAX_LINE_BYTES)):
            left -= len(line)
            yield line


def _page_url(line: bytes) -> str:
    """Return the address in a line of a list of pages, or "" if it has none."""
    if len(line) >= _MAX_LINE_BYTES:
        return ""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return ""
    url = value.get("url") if isinstance(value, dict) else None
    return url if isinstance(url, str) and url.startswith(("http://", "https://")) else ""
