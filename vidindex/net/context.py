"""The limits of one outgoing operation, and the response bodies that count against them."""

from __future__ import annotations

import io
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ..errors import HostilePageError, NetworkError, TooLargeError
from .content_coding import decode_blocks
from .saved_responses import ResponseArchive

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


_MAX_BLOCK_BYTES = 1 << 16
"""How much is read at once.  Limits are checked for each block."""

_MAX_PARSING_BYTES = 240_000_000


@dataclass(slots=True)
class RequestContext:
    """The limits of one outgoing operation: private hosts, local folder, deadline, byte budget, memory.

    *deadline* is a `time.monotonic()` value.  *bytes_left* decreases with every byte that is read, before and after
    each decompression.  *parsing_bytes_left* decreases with the estimated memory of each document that yt-dlp parses;
    the operation may keep them all.  *referer* is sent to *referer_host* with requests that do not state a referer.
    *original_url* is the URL of the current request before any redirect.  What *archive* has is not requested.
    """

    allowed_private_hosts: frozenset[str] = frozenset()
    allowed_folder: Path | None = None
    deadline: float = math.inf
    bytes_left: int = 1 << 62
    parsing_bytes_left: int = _MAX_PARSING_BYTES
    referer: str = ""
    referer_host: str = ""
    original_url: str = ""
    archive: ResponseArchive | None = None
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

    def count_parsing(self, count: int) -> None:
        """Subtract *count* bytes, the estimated memory of a document, from the memory of the operation.

        Raises `HostilePageError` if it is exceeded.
        """
        self.parsing_bytes_left -= count
        if self.parsing_bytes_left < 0:
            raise HostilePageError


class LimitedBody(io.RawIOBase):
    """The body of the response *source* without its content *codings*, with its bytes counted in *context*.

    If *refusal* is not None, reading it raises that, unless the body is empty.
    """

    def __init__(
        self,
        source: Any,
        context: RequestContext,
        codings: tuple[str, ...] = (),
        *,
        refusal: NetworkError | None = None,
    ) -> None:
        self._source = source
        self._context = context
        self._refusal = refusal
        self._read_decoded: Callable[[int], bytes] = decode_blocks(self._read_block, codings, self._count_decoded)
        context.open_bodies.add(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer)
        if self not in self._context.open_bodies:
            return 0
        try:
            self._context.seconds_left()
            block = self._read_decoded(min(len(view), _MAX_BLOCK_BYTES))
            if block and self._refusal is not None:
                raise self._refusal
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

    def _count_decoded(self, count: int) -> None:
        self._context.count_bytes(count)
        self._context.seconds_left()
