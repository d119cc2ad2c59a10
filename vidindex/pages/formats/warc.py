"""Read WARC files: pages with their addresses and times, and the responses that they need."""

from __future__ import annotations

import codecs
import io
import re
import zlib
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, cast

from ...errors import ContentCodingError, TargetError
from ...net.content_coding import decode_blocks, is_decodable, is_optional_coding
from ...net.files import open_regular_file
from ...net.optional_codecs import INSTALL_STEP
from ...net.saved_responses import SavedResponse
from .archive import (
    HTML_TYPES,
    MAX_ARCHIVED_PAGE_BYTES,
    ArchivedPage,
    is_caption_response,
    is_player_url,
    names_video,
    with_declared_charset,
)
from .capture_dates import parse_iso_time
from .frames import find_frame_urls
from .record_index import RecordIndex, key_of, number_of
from .warc_stream import BlockReader, DecodedFile, RecordReader, WarcRecord, parse_headers

_MAX_FRAME_SEARCH_BYTES = 1_000_000
_MAX_CAPTION_URLS = 20_000
_MAX_HEADERS = 200
_OK, _PARTIAL, _FIRST_REDIRECT, _FIRST_ERROR, _NOT_MODIFIED = 200, 206, 300, 400, 304
_REVISIT = 0
_MAX_REVISITS = 5_000
_PART, _OPENED, _LISTED = 1, 2, 4
"""Marks of addresses: a frame or what a script requested, opened by itself, in the list of pages."""

_INDEXED_TYPES = (b"response", b"resource", b"revisit")
_USELESS_TYPE = re.compile(rb"(?:image|font)/|text/css\b|application/(?:font|x-font)")
_STATUS_LINE = re.compile(rb"HTTP/\d(?:\.\d)? +(\d{3})")
_CHARSET = re.compile(r"""(?i)\bcharset\s*=\s*["']?([\w.:-]{1,40})""")
_WHOLE_RANGE = re.compile(r"bytes 0-(\d{1,15})/(\d{1,15})\s*$")
_FETCH_TARGET = re.compile(rb"(?im)^sec-fetch-dest:[ \t]*([\w-]{1,20})")
_SCRIPT_REQUEST = re.compile(rb"(?im)^x-requested-with:[ \t]*xmlhttprequest")
_CHUNK_SIZE = re.compile(rb"([0-9a-fA-F]{1,12})[ \t]*(?:;[^\r\n]{0,1000})?\r?\n")


@dataclass(frozen=True, slots=True)
class WarcSource:
    """A WARC file: *open* opens it, *name* is for messages."""

    name: str
    size: int
    open: Callable[[], BinaryIO]


class WarcArchive:
    """The pages and responses in *sources*, which are read once to index them.

    *listed* are the keys of the pages that the archive lists; if it lists none, all HTML counts that is not known to be
    a frame or a part of a page.
    """

    is_single = False

    def __init__(
        self,
        path: Path,
        sources: Sequence[WarcSource],
        *,
        listed: frozenset[int] = frozenset(),
        problems: Sequence[str] = (),
    ) -> None:
        self.path = path
        self._sources = tuple(sources)
        self._near = 0
        indexer = _Indexer()
        for number, source in enumerate(self._sources):
            indexer.read(number, source)
        self._index = indexer.index
        self._documents = indexer.documents
        self._is_listed = bool(listed)
        self._marks = indexer.mark_records(listed)
        self._caption_urls = tuple(indexer.caption_urls)
        self._problems = [*problems, *indexer.problems]
        self._revisits_left = _MAX_REVISITS

    def at(self, captured: str) -> WarcArchive:
        """Return this archive as it was at a time: of several responses, the nearest counts."""
        view = object.__new__(WarcArchive)
        view.__dict__.update(self.__dict__, _near=_parse_seconds(captured))
        return view

    def problems(self) -> list[str]:
        """Return what is damaged."""
        return list(self._problems)

    def caption_urls(self, video_id: str) -> list[str]:
        """Return the addresses of caption files that name *video_id*."""
        return [url for url in self._caption_urls if names_video(url, video_id)]

    def pages(self) -> Iterator[ArchivedPage]:
        """Yield the pages in the order in which they were captured in each file."""
        for number in self._documents:
            mark = self._marks[next(self._index.find(self._index.keys[number]))]
            if mark & (_PART | _OPENED) == _PART or (self._is_listed and not mark & _LISTED):
                continue
            found = self._open_record(number)
            if found is not None and (self._is_listed or not is_player_url(found.url)):
                yield _read_page(found)

    def find(self, url: str) -> SavedResponse | None:
        """Return the response for *url*: one with content before a redirect, then the nearest in time."""
        key = key_of(url)
        for number in sorted(self._index.find(key), key=self._rank)[:5]:
            found = self._open_record(number)
            if found is not None and key_of(found.url) == key:
                return found
        return None

    def _rank(self, number: int) -> tuple[int, int]:
        status, time = self._index.statuses[number], self._index.times[number]
        kind = 0 if status in (_OK, _REVISIT) else 1 if status < _FIRST_REDIRECT else 2
        return kind, abs(time - self._near) if self._near else -time

    def _open_record(self, number: int) -> SavedResponse | None:
        """Return the response that is record *number*, or None if it cannot be read, or its content is not here."""
        record = self._read_head(number)
        if record is None:
            return None
        return self._open_revisit(record) if record.type == b"revisit" else self._make_response(record, number)

    def _make_response(self, record: WarcRecord, number: int) -> SavedResponse | None:
        headers, status = _response_headers(record), self._index.statuses[number]
        if status == _PARTIAL:
            if not _is_whole(headers):
                return None
            status = _OK
        names = {name.lower() for name, _ in headers}
        is_chunked = any(n.lower() == "transfer-encoding" and "chunked" in v.lower() for n, v in headers)
        response = SavedResponse(
            url=record.url,
            status=status or _OK,
            headers=headers,
            open_body=lambda: self._open_body(number, is_chunked=is_chunked),
            captured=parse_iso_time(record.get(b"warc-date")),
        )
        return _decode_optional(_without_undone_coding(response)) if "content-encoding" in names else response

    def _open_revisit(self, record: WarcRecord) -> SavedResponse | None:
        """Return the response whose content a revisit record refers to, at the address and time of the record."""
        original = self._find_original(record)
        if original is None:
            return None
        found = self._open_record(original)
        if found is None:
            return None
        return replace(found, url=record.url, captured=parse_iso_time(record.get(b"warc-date")) or found.captured)

    def _find_original(self, record: WarcRecord) -> int | None:
        url = record.get(b"warc-refers-to-target-uri").strip("<>") or record.url
        time = _parse_seconds(record.get(b"warc-refers-to-date"))
        digest = _digest_of(record)
        originals = [number for number in self._index.find(key_of(url)) if self._index.statuses[number] != _REVISIT]
        same = [number for number in originals if digest and self._index.digests[number] == digest]
        if same or (originals and (time or not digest)):
            return min(same or originals, key=lambda number: abs(self._index.times[number] - time))
        self._revisits_left -= 1
        return self._index.find_digest(digest) if self._revisits_left > 0 else None

    def _read_head(self, number: int) -> WarcRecord | None:
        source, file = self._decoded(number)
        with file:
            return RecordReader(source, wants_body=lambda record: 0).read_first()

    def _decoded(self, number: int) -> tuple[DecodedFile, BinaryIO]:
        of = self._sources[self._index.files[number]]
        file = of.open()
        source = DecodedFile(file, of.size, start=self._index.places[number])
        source.skip(self._index.skips[number])
        return source, file

    def _open_body(self, number: int, *, is_chunked: bool) -> BinaryIO:
        source, file = self._decoded(number)
        head = parse_headers(source.take_head(64_000))
        length = self._index.lengths[number]
        if head.get(b"content-type", b"").startswith(b"application/http"):
            before = source.place[1]
            source.take_head(64_000)
            length -= source.place[1] - before
        body = BlockReader(source, max(length, 0), file)
        return cast("BinaryIO", _ChunkedReader(body) if is_chunked else body)


class _Indexer:
    """Indexes the responses of WARC files, and finds out which are pages.

    *documents* are the records of HTML, *parts* the addresses of frames and of what scripts requested, *opened* those
    that a browser opened by themselves.
    """

    def __init__(self) -> None:
        self.index = RecordIndex()
        self.documents = array("L")
        self.parts = array("Q")
        self.opened = array("Q")
        self.caption_urls: dict[str, None] = {}
        self.problems: list[str] = []

    def read(self, number: int, source: WarcSource) -> None:
        """Index a file; what is damaged is noted, and does not stop the rest."""
        with source.open() as file:
            try:
                reader = RecordReader(DecodedFile(file, source.size), self._wanted_body)
            except TargetError as exc:
                self.problems.append(f"{source.name}: {exc.reason}")
                return
            try:
                for record in reader.records():
                    self._add(record, number)
            except TargetError as exc:
                reader.problems.append(f"it was not read to its end: {exc.reason}")
        self.problems += [f"{source.name}: {problem}" for problem in reader.problems]

    def _wanted_body(self, record: WarcRecord) -> int:
        return _MAX_FRAME_SEARCH_BYTES if record.type == b"response" and _is_html_head(record.head) else 0

    def _add(self, record: WarcRecord, file: int) -> None:
        kind = record.type
        if kind == b"request":
            self._note_request(record)
            return
        if kind not in _INDEXED_TYPES:
            return
        status, content_type = _describe(record)
        is_useless = _USELESS_TYPE.match(content_type) or not (status == _REVISIT or _OK <= status < _FIRST_ERROR)
        if is_useless or (status == _NOT_MODIFIED and kind != b"revisit"):
            return
        url = record.url
        if not url.startswith(("http://", "https://")):
            return
        number = self.index.add(
            key_of(url),
            record.place,
            file=file,
            length=record.length,
            time=_parse_seconds(record.get(b"warc-date")),
            status=status,
            digest=0 if status == _REVISIT else _digest_of(record),
        )
        self._note_content(record, url, number, status, content_type)

    def _note_content(self, record: WarcRecord, url: str, number: int, status: int, content_type: bytes) -> None:
        media_type = content_type.partition(b";")[0].strip().decode("latin-1").lower()
        if media_type in HTML_TYPES and status in (_OK, _REVISIT) and not url.endswith("/robots.txt"):
            self.documents.append(number)
            self.parts.extend(key_of(frame) for frame in find_frame_urls(_plain_start(record), url))
        elif is_caption_response(url, media_type) and len(self.caption_urls) < _MAX_CAPTION_URLS:
            self.caption_urls[url] = None

    def _note_request(self, record: WarcRecord) -> None:
        target = _FETCH_TARGET.search(record.head)
        if target is None and not _SCRIPT_REQUEST.search(record.head):
            return
        is_opened = target is not None and target[1].lower() == b"document"
        (self.opened if is_opened else self.parts).append(key_of(record.url))

    def mark_records(self, listed: Iterable[int]) -> bytearray:
        """Return the marks of each record: those of an address are at the first that `RecordIndex.find` yields."""
        marks = bytearray(len(self.index))
        for keys, mark in ((self.parts, _PART), (self.opened, _OPENED), (listed, _LISTED)):
            for key in keys:
                if (number := next(self.index.find(key), None)) is not None:
                    marks[number] |= mark
        return marks


def _describe(record: WarcRecord) -> tuple[int, bytes]:
    """Return the status and the content type of a response; the status is 0 for a revisit."""
    head = record.head
    if record.type == b"revisit":
        headers = parse_headers(head)
        # Without a head, it may be anything.
        return _REVISIT, headers.get(b"content-type", b"").lower()
    if record.type == b"resource":
        return _OK, record.headers.get(b"content-type", b"").lower()
    status = _STATUS_LINE.match(head)
    return (int(status[1]) if status else 999), _content_type(head)


def _content_type(head: bytes) -> bytes:
    match = re.search(rb"(?im)^content-type:[ \t]*([^\r\n]{0,200})", head)
    return match[1].lower() if match else b""


def _is_html_head(head: bytes) -> bool:
    return _content_type(head).startswith((b"text/html", b"application/xhtml"))


def _plain_start(record: WarcRecord) -> bytes:
    """Return the start of the body of a page, decoded as far as it is there."""
    if b"\ncontent-encoding:" not in record.head.lower():
        return record.body
    coded = record.body
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(coded, _MAX_FRAME_SEARCH_BYTES)
    except zlib.error:
        return coded


def _digest_of(record: WarcRecord) -> int:
    digest = record.headers.get(b"warc-payload-digest")
    return number_of(digest.decode("latin-1").lower()) if digest else 0


def _parse_seconds(text: str) -> int:
    """Return the seconds from 1970 to an ISO 8601 time; 0 if it is not one."""
    try:
        moment = datetime.fromisoformat(text)
        return max(int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()), 0)
    except (ValueError, OverflowError):
        time = parse_iso_time(text)
        return _parse_seconds(time) if time and time != text else 0


def _response_headers(record: WarcRecord) -> tuple[tuple[str, str], ...]:
    if record.type == b"resource":
        return (("Content-Type", record.get(b"content-type")),)
    lines = record.head.decode("utf-8", "replace").splitlines()[1:_MAX_HEADERS]
    parts = (line.partition(":") for line in lines)
    return tuple((name.strip(), value.strip()) for name, mark, value in parts if mark and name.strip().isascii())


def _is_whole(headers: tuple[tuple[str, str], ...]) -> bool:
    """Return whether a partial response has all there is."""
    ranges = [_WHOLE_RANGE.match(value) for name, value in headers if name.lower() == "content-range"]
    return any(match is not None and int(match[1]) + 1 == int(match[2]) for match in ranges)


def _without_undone_coding(response: SavedResponse) -> SavedResponse:
    """Return *response* without its content coding if the program that recorded it has removed that from the body."""
    with response.open_body() as body:
        start = body.read(64)
    if not _is_text(start):
        return response
    headers = tuple((name, value) for name, value in response.headers if name.lower() != "content-encoding")
    return replace(response, headers=headers)


def _decode_optional(response: SavedResponse) -> SavedResponse:
    """Return *response* without a coding that needs a library, if that is there."""
    coding = _coding_of(response)
    if not is_decodable(coding):
        return response
    headers = tuple((name, value) for name, value in response.headers if name.lower() != "content-encoding")
    open_body = response.open_body
    return replace(response, headers=headers, open_body=lambda: cast("BinaryIO", _CodedReader(open_body(), coding)))


def _coding_of(response: SavedResponse) -> str:
    return str(response.message.get("Content-Encoding", "")).strip().lower()


class _CodedReader(io.RawIOBase):
    """Reads *body* without its *coding*."""

    def __init__(self, body: BinaryIO, coding: str) -> None:
        self._body = body
        self._read_block = decode_blocks(body.read, (coding,), lambda count: None)
        self._pending = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if size < 0:
            return b"".join(iter(lambda: self.read(1 << 16), b""))
        block = self._pending or (self._read_block(1 << 16) if size else b"")
        self._pending = block[size:]
        return block[:size]

    def close(self) -> None:
        self._body.close()
        super().close()


def _is_text(start: bytes) -> bool:
    """Return whether *start*, the start of a body, is text: Brotli may begin with `[`, as JSON does."""
    if start.lstrip().startswith((b"<", b"\xef\xbb\xbf", b"WEBVTT")):
        return True
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return False
    return not any(char < " " and char not in "\t\r\n\f" for char in text)


def _read_page(found: SavedResponse) -> ArchivedPage:
    try:
        content = found.read(MAX_ARCHIVED_PAGE_BYTES)
    except ContentCodingError as exc:
        step = f": {INSTALL_STEP}" if is_optional_coding(_coding_of(found)) else ""
        return ArchivedPage(found.url, b"", found.captured, f"its {exc} cannot be decoded{step}")
    except OSError as exc:
        return ArchivedPage(found.url, b"", found.captured, f"the page is damaged ({exc})")
    except ValueError as exc:
        return ArchivedPage(found.url, b"", found.captured, str(exc))
    charset = _CHARSET.search(str(found.message.get("Content-Type", "")))
    return ArchivedPage(found.url, with_declared_charset(content, charset[1] if charset else ""), found.captured)


class _ChunkedReader(io.RawIOBase):
    """Reads *body*, which was recorded in chunks; if it was not, although its header says so, as it is."""

    def __init__(self, body: BlockReader) -> None:
        self._body = body
        self._pending = body.read(4096)
        self._is_chunked = _CHUNK_SIZE.match(self._pending) is not None
        self._left = 0
        self._is_ended = False

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if size < 0:
            return b"".join(iter(lambda: self.read(1 << 16), b""))
        if self._is_chunked and not self._left:
            self._start_chunk()
        if self._is_ended or not size:
            return b""
        if not self._pending:
            self._pending = self._body.read(1 << 16)
        count = min(size, self._left) if self._is_chunked else size
        block, self._pending = self._pending[:count], self._pending[count:]
        self._left -= len(block)
        return block

    def _start_chunk(self) -> None:
        """Read the size of the next chunk; the body ends with one of size 0, or where there is none."""
        self._pending = self._pending.removeprefix(b"\r\n").removeprefix(b"\n")
        while b"\n" not in self._pending[:1100] and (block := self._body.read(1100)):
            self._pending = (self._pending + block).removeprefix(b"\r\n")
        match = _CHUNK_SIZE.match(self._pending)
        self._left = int(match[1], 16) if match else 0
        self._pending = self._pending[match.end() :] if match else b""
        self._is_ended = not self._left

    def close(self) -> None:
        self._body.close()
        super().close()


def open_warc(path: Path) -> WarcArchive:
    """Open the WARC file *path*.  Raises `TargetError` if nothing in it can be read."""
    return open_warcs(path, [path])


def open_warcs(path: Path, files: Sequence[Path]) -> WarcArchive:
    """Open WARC *files* as one archive, that of *path*."""
    return WarcArchive(path, [file_source(file) for file in files])


def file_source(file: Path) -> WarcSource:
    """Return the WARC file at a path."""
    return WarcSource(file.name, file.stat().st_size, lambda: open_regular_file(file))
