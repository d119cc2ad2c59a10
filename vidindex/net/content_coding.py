"""Decode the content codings of responses (`Content-Encoding`) in blocks of limited size.

Codings that need another library are not requested, and are refused if a server uses them all the same.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from email.message import Message
from typing import Any, cast

from ..errors import ContentCodingError
from .optional_codecs import has_brotli, has_zstd, open_brotli, open_zstd

ACCEPTED_CODINGS = "gzip, deflate"
"""The value of `Accept-Encoding` in all requests."""

_MAX_CODINGS = 2
_MAX_GZIP_MEMBERS = 10_000
_MAX_NAME_LENGTH = 40
_ALIASES = {"x-gzip": "gzip"}
_GZIP_MAGIC = b"\x1f\x8b"

ReadBlock = Callable[[int], bytes]
"""Reads at least one byte, at most as many as the argument says; no byte at the end."""


def accepts_only_supported(accept_encoding: str) -> bool:
    """Return whether the value of an `Accept-Encoding` header asks for no coding but those that are decoded here."""
    supported = {"gzip", "deflate", "identity"}
    return {coding.strip().lower() for coding in accept_encoding.split(",")} <= supported


def parse_content_codings(headers: Message) -> tuple[str, ...]:
    """Return the content codings of a response in the order in which the server applied them, without `identity`.

    Raises `ContentCodingError` if one is not supported, or there are too many.
    """
    names = ",".join(map(str, headers.get_all("Content-Encoding", []))).lower().split(",")
    codings = [_ALIASES.get(name, name) for name in map(str.strip, names) if name not in ("", "identity")]
    for coding in codings:
        if coding not in _DECODERS:
            raise ContentCodingError(f"content coding {coding[:_MAX_NAME_LENGTH]!r}")
    if len(codings) > _MAX_CODINGS:
        raise ContentCodingError(f"content coding {', '.join(codings)[:_MAX_NAME_LENGTH]!r}")
    return tuple(codings)


def check_transfer_coding(headers: Message) -> None:
    """Check that `http.client` decodes the transfer coding of a response.

    Raises `ContentCodingError` if it does not.
    """
    codings = [str(value).lower() for value in headers.get_all("Transfer-Encoding", [])]
    if codings and set(codings) not in ({"chunked"}, {"identity"}):
        raise ContentCodingError(f"transfer coding {', '.join(codings)[:_MAX_NAME_LENGTH]!r}")


def decode_blocks(read_block: ReadBlock, codings: tuple[str, ...], count_bytes: Callable[[int], None]) -> ReadBlock:
    """Return a function that reads what *read_block* reads without its *codings*; the last one is removed first.

    *count_bytes* is called with the size of each decoded block of each coding, and raises an error to stop.
    """
    for coding in reversed(codings):
        read_block = _Decoder(coding, read_block, count_bytes).read
    return read_block


class _Decoder:
    """Removes one coding."""

    def __init__(self, coding: str, read_block: ReadBlock, count_bytes: Callable[[int], None]) -> None:
        self._coding = coding
        self._read_block = read_block
        self._count_bytes = count_bytes
        self._decompressor: Any = None
        self._pending = b""
        self._members = 0
        self._is_ended = False

    def read(self, size: int) -> bytes:
        while not self._is_ended:
            if self._decompressor is None and not self._start_member(size):
                break
            raw = self._pending or self._read_block(size)
            block = self._decompress(raw, size)
            self._count_bytes(len(block))
            if block:
                return block
            if not raw and self._decompressor is not None:
                raise OSError(f"the connection closed before the response was complete: its {self._coding} data end")
        return b""

    def _start_member(self, size: int) -> bool:
        """Start to decompress; return whether there are data.  A gzip file has one or more members."""
        self._fill_pending(2, size)
        is_first = self._members == 0
        if not self._pending or not (is_first or self._pending.startswith(_GZIP_MAGIC)):
            self._is_ended = True  # other data after the end are ignored, as browsers do
            return False
        self._members += 1
        if self._members > _MAX_GZIP_MEMBERS:
            raise OSError("the response has invalid gzip data: too many members")
        if self._coding in _DECODERS:
            self._decompressor = zlib.decompressobj(_DECODERS[self._coding](self._pending))
        else:
            self._decompressor = _OPTIONAL_DECODERS[self._coding][1]()
        return True

    def _fill_pending(self, count: int, size: int) -> None:
        while len(self._pending) < count and (raw := self._read_block(size)):
            self._pending += raw

    def _decompress(self, raw: bytes, size: int) -> bytes:
        try:
            block = cast("bytes", self._decompressor.decompress(raw, size))
        except zlib.error as exc:
            raise OSError(f"the response has invalid {self._coding} data") from exc
        if self._decompressor.eof:
            self._pending = self._decompressor.unused_data
            self._decompressor = None
            self._is_ended = self._coding != "gzip"
        else:
            self._pending = self._decompressor.unconsumed_tail
        return block


def _gzip_window_bits(start: bytes) -> int:
    return 31


def _deflate_window_bits(start: bytes) -> int:
    """Return the `wbits` argument for zlib; servers send deflate with and without its two-byte header."""
    has_header = len(start) > 1 and start[0] & 0x0F == 8 and start[0] >> 4 <= 7 and (start[0] << 8 | start[1]) % 31 == 0
    return 15 if has_header else -15


_DECODERS = {"gzip": _gzip_window_bits, "deflate": _deflate_window_bits}
_OPTIONAL_DECODERS: dict[str, tuple[Callable[[], bool], Callable[[], Any]]] = {
    "br": (has_brotli, open_brotli),
    "zstd": (has_zstd, open_zstd),
}
"""Codings in archives, whose responses were requested by other programs, that need another library."""


def is_optional_coding(coding: str) -> bool:
    """Return whether *coding* needs a library of the extra `archives`."""
    return coding in _OPTIONAL_DECODERS


def is_decodable(coding: str) -> bool:
    """Return whether the library for *coding*, an optional one, is there."""
    return coding in _OPTIONAL_DECODERS and _OPTIONAL_DECODERS[coding][0]()
