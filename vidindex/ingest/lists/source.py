"""Open a list in a file, on standard input or on the web, and read its text in chunks, decompressed and decoded."""

from __future__ import annotations

import codecs
import io
import re
import sys
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, cast

from ...errors import FetchError, ListError
from ...net.fetch import FetchedPage, FetchOptions, fetch_page
from ...net.text import split_byte_order_mark
from ..targets import file_url_to_path

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAX_LIST_BYTES = 100_000_000
"""Maximum size of a list after decompression."""

MAX_FETCHED_BYTES = 55_000_000
"""Maximum size of a list on the web; sitemaps may have 50 MiB."""

HEAD_BYTES = 1 << 16
_MAX_CONTENT_IN_MEMORY = 1 << 20
_MIN_FETCH_TOTAL_S = 300.0
_MAX_LINE_CHARS = 1 << 16
_MAX_GZIP_MEMBERS = 10_000
_GZIP_MAGIC = b"\x1f\x8b"
_ACCEPTED_TYPES = (
    "application/rss+xml", "application/atom+xml", "application/feed+json", "application/xml", "text/*", "*/*",
)  # fmt: skip
_XML_ENCODING = re.compile(rb"""\A\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']""")
_KNOWN_ENCODINGS = re.compile(
    r"(?i)(iso-?8859-?\d+|latin-?\d|windows-\d+|cp\d+|koi8-[ru]|gb[k\d]\w*|big5|euc[-_]\w+|shift[-_]jis)"
)
_ESCAPED_BYTES = re.compile("[\udc80-\udcff]+")


class NameLimit:
    """Limits the different names in markup, because the parser keeps every name until the process ends."""

    def __init__(self, max_chars: int = 1 << 20) -> None:
        self._names: set[str] = set()
        self._chars_left = max_chars

    def allows(self, names: Iterable[str]) -> bool:
        """Add *names*, and return whether all names together are within the limit."""
        new = set(names) - self._names
        self._chars_left -= sum(map(len, new))
        if self._chars_left >= 0:
            self._names |= new
        return self._chars_left >= 0


@dataclass(frozen=True, slots=True)
class ListSource:
    """A list that is open and can be read once.

    *url* is the URL that it was fetched from, "" for a file.  Paths in a file are relative to *folder*.  *head* is the
    start of the text.  *markup_names* may be shared with the list that names this one.
    """

    name: str
    url: str
    folder: Path
    head: str
    rest: IO[str]
    markup_names: NameLimit = field(default_factory=NameLimit)

    @property
    def address(self) -> str:
        """The URL by which the list can be read again, "" for standard input."""
        if self.url:
            return self.url
        path = Path(self.name)
        return path.absolute().as_uri() if path.is_file() else ""

    def read_chunks(self) -> Iterator[str]:
        """Yield the text from the start in chunks; lines end with `\\n`."""
        yield self.head
        try:
            while piece := self.rest.read(HEAD_BYTES):
                yield _repair_text(piece)
        except (OSError, EOFError, zlib.error) as exc:
            raise ListError(self.name, f"it is damaged or cannot be read further ({exc}): download it again") from exc

    def read_lines(self) -> Iterator[str]:
        """Yield the lines; a line that is too long is split."""
        carry = ""
        for piece in self.read_chunks():
            *whole, carry = (carry + piece).split("\n")
            yield from whole
            if len(carry) > _MAX_LINE_CHARS:
                yield carry
                carry = ""
        if carry:
            yield carry

    def read_text(self, max_chars: int) -> str:
        """Return the whole text.  Raises `ListError` if it has more than *max_chars* characters."""
        parts: list[str] = []
        for piece in self.read_chunks():
            parts.append(piece)
            max_chars -= len(piece)
            if max_chars < 0:
                raise ListError(self.name, "it is too large for one JSON document: write one object per line")
        return "".join(parts)


@contextmanager
def open_list(given: str | Path, *, fetching: FetchOptions) -> Iterator[ListSource]:
    """Open the list *given*: a URL, a path, or `-` for standard input.  Raises `ListError`."""
    if given == "-":
        yield _open_source("standard input", sys.stdin.buffer)
    elif isinstance(given, str) and given.strip().lower().startswith(("http://", "https://")):
        page = _fetch_list(given.strip(), fetching)
        address, charset = page.url, page.charset
        with _store_content(page.content) as file:
            del page  # the content may be large, and this list may name others
            yield _open_source(given.strip(), file, url=address, charset=charset)
    else:
        path = file_url_to_path(given) if isinstance(given, str) and given.startswith("file:") else Path(given)
        with _open_file(path) as file:
            yield _open_source(str(path), file, folder=path.parent)


def _open_file(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except FileNotFoundError as exc:
        raise ListError(
            str(path), "there is no such file: give a file, an http(s) address, or - for standard input"
        ) from exc
    except (OSError, ValueError) as exc:  # ValueError: a null byte in its name
        reason = getattr(exc, "strerror", None) or str(exc)
        raise ListError(str(path)[:200], f"it cannot be read ({reason}): give a file or an http(s) address") from exc


def _fetch_list(url: str, fetching: FetchOptions) -> FetchedPage:
    try:
        total_s = max(fetching.total_s, _MIN_FETCH_TOTAL_S)
        return fetch_page(
            url, options=replace(fetching, accept=_ACCEPTED_TYPES, max_bytes=MAX_FETCHED_BYTES, total_s=total_s)
        )
    except FetchError as exc:
        raise ListError(url, exc.reason) from exc


def _store_content(content: bytes) -> IO[bytes]:
    """Return a file with *content*: on disk if it is large, since several lists may be open at once."""
    if len(content) > _MAX_CONTENT_IN_MEMORY:
        with suppress(OSError):  # no space on the disk, or none that is writable
            file = TemporaryFile()  # noqa: SIM115 - the caller closes it
            file.write(content)
            file.seek(0)
            return file
    return io.BytesIO(content)


def _open_source(name: str, file: IO[bytes], *, folder: Path = Path(), url: str = "", charset: str = "") -> ListSource:
    """Decompress and decode the head of *file*; the rest follows when it is read."""
    try:
        start, unpacked = _unpack_head(name, file)
        encoding = _detect_encoding(start, charset)
        errors = "surrogateescape" if encoding.startswith("utf-8") else "replace"
        raw = io.BufferedReader(_ChainedReader(name, start, unpacked))
        rest = io.TextIOWrapper(raw, encoding, errors, newline=None)
        return ListSource(name, url, folder, _repair_text(rest.read(HEAD_BYTES)), rest)
    except (OSError, EOFError, zlib.error) as exc:
        raise ListError(name, f"it is damaged or cannot be read ({exc}): download it again") from exc


def _unpack_head(name: str, file: IO[bytes]) -> tuple[bytes, IO[bytes]]:
    """Return the first decompressed bytes of *file*, and a file with the rest."""
    start = file.read(HEAD_BYTES)
    if not start.startswith(_GZIP_MAGIC):
        return start, file
    packed = io.BufferedReader(_GzipReader(_ChainedReader(name, start, file)))
    return packed.read(HEAD_BYTES), cast("IO[bytes]", packed)


class _GzipReader(io.RawIOBase):
    """Decompresses the gzip members of *packed*, one after the other.

    Unlike `gzip.GzipFile`, it reads headers and padding of any length without calls per byte.
    """

    def __init__(self, packed: io.RawIOBase) -> None:
        self._packed = packed
        self._input = b""
        self._member: zlib._Decompress | None = None
        self._members_left = _MAX_GZIP_MEMBERS

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Read at least one byte, or return 0 at the end.

        Raises `EOFError` if the last member is incomplete, and `zlib.error` if a member is damaged.
        """
        view = memoryview(buffer)
        while (member := self._member or self._start_member()) is not None:
            block = member.decompress(self._input, len(view))
            self._input = member.unconsumed_tail
            self._member = member
            if member.eof:
                self._input, self._member = member.unused_data, None
            if block:
                view[: len(block)] = block
                return len(block)
            if not member.eof and not self._input and not self._read_input():
                raise EOFError("it ends too early")
        return 0

    def _start_member(self) -> zlib._Decompress | None:
        """Return a decompressor for the next member; None if only padding is left."""
        self._input = self._input.lstrip(b"\0")
        while not self._input:
            if not self._read_input():
                return None
            self._input = self._input.lstrip(b"\0")
        self._members_left -= 1
        if self._members_left < 0:
            raise zlib.error("it has too many parts")
        return zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)

    def _read_input(self) -> bool:
        self._input = self._packed.read(HEAD_BYTES) or b""
        return bool(self._input)


class _ChainedReader(io.RawIOBase):
    """Reads the bytes *start*, then the rest of *file*, up to `MAX_LIST_BYTES`."""

    def __init__(self, name: str, start: bytes, file: IO[bytes]) -> None:
        self._name = name
        self._start = start
        self._file = file
        self._bytes_left = MAX_LIST_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer)
        block, self._start = self._start[: len(view)], self._start[len(view) :]
        block = block or self._file.read(len(view))
        self._bytes_left -= len(block)
        if self._bytes_left < 0:
            raise ListError(self._name, f"it is larger than {MAX_LIST_BYTES // 1_000_000} MB: split it")
        view[: len(block)] = block
        return len(block)


def _detect_encoding(start: bytes, charset: str) -> str:
    """Return the encoding: by a byte-order mark, by the position of zero bytes, UTF-8 if valid, else as declared."""
    encoding, _ = split_byte_order_mark(start)
    if encoding:  # the codecs without an endianness skip the mark
        return "utf-8-sig" if encoding == "utf-8" else encoding[:6]
    if start.startswith(b"bplist"):  # binary: each byte is kept as a character
        return "latin-1"
    even, odd = start[:400:2].count(0), start[1:400:2].count(0)
    if max(even, odd) * 4 > len(start[:400]) // 2:
        return "utf-16-le" if odd > even else "utf-16-be"
    return "utf-8" if not start.isascii() and _is_utf8(start) else _declared_encoding(start, charset)


def _is_utf8(start: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return False
    return True


def _declared_encoding(start: bytes, charset: str) -> str:
    match = _XML_ENCODING.match(start)
    name = match[1].decode("ascii", "replace") if match else charset
    try:
        return codecs.lookup(name).name if _KNOWN_ENCODINGS.fullmatch(name) else "utf-8"
    except LookupError:
        return "utf-8"


def _repair_text(text: str) -> str:
    """Decode bytes that are not UTF-8 as Windows-1252, the most common other encoding."""
    return _ESCAPED_BYTES.sub(_decode_windows_1252, text)


def _decode_windows_1252(match: re.Match[str]) -> str:
    return match[0].encode("utf-8", "surrogateescape").decode("cp1252", "replace")
