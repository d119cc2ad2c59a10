"""The limits of one outgoing operation, and the response bodies that count against them."""

from __future__ import annotations

import io
import math
import time
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ..errors import TooLargeError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


@dataclass(slots=True)
class RequestContext:
    """The limits of one outgoing operation: private hosts, local folder, deadline, byte budget.

    *deadline* is a `time.monotonic()` value.  *bytes_left* decreases with every byte that is read, after
    decompression.  *referer* is sent to *referer_host* with requests that do not state a referer.  *original_url* is
    the URL of the current request before any redirect.
    """

    allowed_private_hosts: frozenset[str] = frozenset()
    allowed_folder: Path | None = None
    deadline: float = math.inf
    bytes_left: int = 1 << 62
    referer: str = ""
    referer_host: str = ""
    original_url: str = ""
    open_bodies: set[LimitedBody] = field(default_factory=set, repr=False)

    def close(self) -> None:
        """Close the responses that were not read to their end: yt-dlp often reads only the start."""
        for body in list(self.open_bodies):
            body.close()

    def seconds_left(self) -> float:
        """Return the time until the deadline, in seconds.

        Raises `TimeoutError` if the deadline has passed.
        """
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out: the operation exceeded its time limit")
        return left

    def count_bytes(self, count: int) -> None:
        """Subtract *count* bytes from the byte budget.

        Raises `TooLargeError` if the budget is exceeded.
        """
        self.bytes_left -= count
        if self.bytes_left < 0:
            raise TooLargeError("the response is larger than the limit")


class LimitedBody(io.RawIOBase):
    """The body of the response *source*, decompressed if *coding* requires it, with its bytes counted in *context*."""

    def __init__(self, source: Any, context: RequestContext, coding: str) -> None:
        self._source = source
        self._context = context
        self._coding = coding
        self._decompressor: Any = None
        context.open_bodies.add(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer)
        if self not in self._context.open_bodies:
            return 0
        try:
            self._context.seconds_left()
            block = self._decompress_block(len(view)) if self._coding in _WINDOW_BITS else self._read_block(len(view))
        except OSError:
            # Nothing more can be read, and yt-dlp does not close responses that failed.
            self._close_source()
            raise
        if not block:
            self._close_source()
        view[: len(block)] = block
        return len(block)

    def close(self) -> None:
        self._close_source()
        super().close()

    def _close_source(self) -> None:
        self._source.close()
        self._context.open_bodies.discard(self)

    def _read_block(self, size: int) -> bytes:
        block = cast("bytes", self._source.read(size))
        if not block and getattr(self._source, "length", None):
            raise OSError("the connection closed before the response was complete")
        self._context.count_bytes(len(block))
        return block

    def _decompress_block(self, size: int) -> bytes:
        while self._decompressor is None or not self._decompressor.eof:
            tail = self._decompressor.unconsumed_tail if self._decompressor else b""
            raw = tail or self._read_block(size)
            if self._decompressor is None:
                self._decompressor = zlib.decompressobj(_window_bits(self._coding, raw))
            try:
                block = cast("bytes", self._decompressor.decompress(raw, size))
            except zlib.error as exc:
                raise OSError(f"the response has invalid {self._coding} data") from exc
            if block or not raw:
                self._context.count_bytes(len(block))
                return block
        return b""


_WINDOW_BITS = {"gzip": 31, "x-gzip": 31, "deflate": 15}


def _window_bits(coding: str, start: bytes) -> int:
    """Return the `wbits` argument for zlib; servers send deflate with and without its two-byte header."""
    is_raw = coding == "deflate" and not (start[:1] == b"\x78" and int.from_bytes(start[:2], "big") % 31 == 0)
    return -15 if is_raw else _WINDOW_BITS[coding]
