"""Where a list is read: a file, standard input, the web; its text a piece at a time, unpacked and decoded."""

from __future__ import annotations

import codecs
import gzip
import io
import re
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from ...errors import FetchError, ListError
from ...net import FetchOptions, fetch
from ..targets import local_path

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MOST_BYTES = 100_000_000
"""What is read of one list, unpacked."""

MOST_FETCHED = 55_000_000
"""What is fetched of one list: sitemaps may have 50 MiB."""

HEAD = 1 << 16
_PATIENCE_S = 300.0
_LONGEST_LINE = 1 << 16
_GZIP = b"\x1f\x8b"
_ACCEPT = (
    "application/rss+xml", "application/atom+xml", "application/feed+json", "application/xml", "text/*", "*/*",
)  # fmt: skip
_DECLARED = re.compile(rb"""\A\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']""")
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_KNOWN = re.compile(
    r"(?i)(iso-?8859-?\d+|latin-?\d|windows-\d+|cp\d+|koi8-[ru]|gb[k\d]\w*|big5|euc[-_]\w+|shift[-_]jis)"
)
_ESCAPED = re.compile("[\udc80-\udcff]+")


@dataclass(frozen=True, slots=True)
class Source:
    """A list that is open for reading, once.

    *url* is where it was read on the web, empty for a file.  *folder* is what a file's paths are relative to.
    *head* is the start of the text.
    """

    name: str
    url: str
    folder: Path
    head: str
    rest: IO[str]

    def pieces(self) -> Iterator[str]:
        """Give the text from its start, piece by piece, with `\\n` at the end of lines."""
        yield self.head
        try:
            while piece := self.rest.read(HEAD):
                yield _mended(piece)
        except (OSError, EOFError, zlib.error) as exc:
            raise ListError(self.name, f"it is broken or cannot be read on ({exc}): get it again") from exc

    def lines(self) -> Iterator[str]:
        """Give the lines, one that is too long in parts."""
        carry = ""
        for piece in self.pieces():
            *whole, carry = (carry + piece).split("\n")
            yield from whole
            if len(carry) > _LONGEST_LINE:
                yield carry
                carry = ""
        if carry:
            yield carry

    def text(self, most: int) -> str:
        """Give all of the text.  Raises: ListError where it has more than *most* characters."""
        parts: list[str] = []
        for piece in self.pieces():
            parts.append(piece)
            most -= len(piece)
            if most < 0:
                raise ListError(self.name, "it is too large for JSON in one piece: write one object a line")
        return "".join(parts)


@contextmanager
def opened(given: str | Path, *, fetching: FetchOptions) -> Iterator[Source]:
    """Open the list *given*: an address, a path, or `-` for standard input.  Raises: ListError."""
    if given == "-":
        yield _source("standard input", sys.stdin.buffer)
    elif isinstance(given, str) and given.strip().lower().startswith(("http://", "https://")):
        yield _fetched(given.strip(), fetching)
    else:
        path = local_path(given) if isinstance(given, str) and given.startswith("file:") else Path(given)
        with _file(path) as file:
            yield _source(str(path), file, folder=path.parent)


def _file(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except FileNotFoundError as exc:
        raise ListError(
            str(path), "there is no such file: give a file, an http(s) address, or - to read links"
        ) from exc
    except (OSError, ValueError) as exc:  # ValueError: a null byte in its name
        reason = getattr(exc, "strerror", None) or str(exc)
        raise ListError(str(path)[:200], f"it cannot be read ({reason}): give a file or an http(s) address") from exc


def _fetched(url: str, fetching: FetchOptions) -> Source:
    try:
        patience = max(fetching.total_s, _PATIENCE_S)
        page = fetch(url, options=replace(fetching, accept=_ACCEPT, max_bytes=MOST_FETCHED, total_s=patience))
    except FetchError as exc:
        raise ListError(url, exc.reason) from exc
    return _source(url, io.BytesIO(page.content), url=page.url, charset=page.charset)


def _source(name: str, file: IO[bytes], *, folder: Path = Path(), url: str = "", charset: str = "") -> Source:
    """Unpack and decode *file* as far as its head; the rest follows as it is read."""
    try:
        start, unpacked = _unpacked(name, file)
        encoding = _encoding(start, charset)
        errors = "surrogateescape" if encoding.startswith("utf-8") else "replace"
        raw = io.BufferedReader(_Chained(name, start, unpacked))
        rest = io.TextIOWrapper(raw, encoding, errors, newline=None)
        return Source(name, url, folder, _mended(rest.read(HEAD)), rest)
    except (OSError, EOFError, zlib.error) as exc:
        raise ListError(name, f"it is broken or cannot be read ({exc}): get it again") from exc


def _unpacked(name: str, file: IO[bytes]) -> tuple[bytes, IO[bytes]]:
    """Give the first bytes of *file*, and what to read the others from."""
    start = file.read(HEAD)
    if not start.startswith(_GZIP):
        return start, file
    packed = gzip.GzipFile(fileobj=io.BufferedReader(_Chained(name, start, file)))
    return packed.read(HEAD), cast("IO[bytes]", packed)


class _Chained(io.RawIOBase):
    """What was read of *file* already, and then the rest of it, up to `MOST_BYTES`."""

    def __init__(self, name: str, start: bytes, file: IO[bytes]) -> None:
        self._name = name
        self._start = start
        self._file = file
        self._left = MOST_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer)
        block, self._start = self._start[: len(view)], self._start[len(view) :]
        block = block or self._file.read(len(view))
        self._left -= len(block)
        if self._left < 0:
            raise ListError(self._name, f"it is larger than {MOST_BYTES // 1_000_000} MB: split it")
        view[: len(block)] = block
        return len(block)


def _encoding(start: bytes, charset: str) -> str:
    """Tell the encoding: by its mark, by where zero bytes stand, UTF-8 if it is valid, what it declares."""
    for mark, name in _MARKS:
        if start.startswith(mark):
            return name
    even, odd = start[:400:2].count(0), start[1:400:2].count(0)
    if max(even, odd) * 4 > len(start[:400]) // 2:
        return "utf-16-le" if odd > even else "utf-16-be"
    return "utf-8" if not start.isascii() and _is_utf8(start) else _declared(start, charset)


def _is_utf8(start: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return False
    return True


def _declared(start: bytes, charset: str) -> str:
    match = _DECLARED.match(start)
    name = match[1].decode("ascii", "replace") if match else charset
    try:
        return codecs.lookup(name).name if _KNOWN.fullmatch(name) else "utf-8"
    except LookupError:
        return "utf-8"


def _mended(text: str) -> str:
    """Read bytes that are no UTF-8 as what they most often are, Windows-1252."""
    return _ESCAPED.sub(_western, text)


def _western(match: re.Match[str]) -> str:
    return match[0].encode("utf-8", "surrogateescape").decode("cp1252", "replace")
